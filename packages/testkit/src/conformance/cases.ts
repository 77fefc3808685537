import type { ConformanceCase } from './case.ts';
import { affinityCases } from './cases/affinity.ts';
import { bootCases } from './cases/boot.ts';
import { deliveryCases } from './cases/delivery.ts';
import { disableCases } from './cases/disable.ts';
import { firmwareCases } from './cases/firmware.ts';
import { gateCases } from './cases/gates.ts';
import { ipiCases } from './cases/ipi.ts';
import { ipiHotplugCases } from './cases/ipi-hotplug.ts';
import { mappingCases } from './cases/mapping.ts';
import { msiCases } from './cases/msi.ts';
import { percpuCases } from './cases/percpu.ts';
import { percpuGates } from './cases/percpu-gates.ts';
import { percpuHotplugCases } from './cases/percpu-hotplug.ts';
import { percpuRequestCases } from './cases/percpu-request.ts';
import { requestCases } from './cases/request.ts';
import { typeCases } from './cases/types.ts';

/** Every rule, in the order in which a driver meets them; the gates first. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...gateCases, ...percpuGates, ...firmwareCases, ...bootCases, ...typeCases, ...deliveryCases, ...disableCases, ...requestCases, ...affinityCases, ...mappingCases, ...msiCases, ...ipiCases, ...ipiHotplugCases,
  ...percpuCases, ...percpuRequestCases, ...percpuHotplugCases,
];
