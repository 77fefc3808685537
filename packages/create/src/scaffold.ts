import type { DriverSpec } from './options.ts';
import { commonFiles } from './templates/common.ts';
import { ipiParts } from './templates/ipi.ts';
import { msiParts } from './templates/msi.ts';
import type { Parts } from './templates/parts.ts';
import { wiredParts } from './templates/wired.ts';

const PARTS: Readonly<Record<DriverSpec['kind'], (spec: DriverSpec) => Parts>> = { wired: wiredParts, ipi: ipiParts, msi: msiParts };

/** The package of a driver: text by path. `version` is that of the packages it is to be built on. */
export function scaffold(spec: DriverSpec, version: string): Map<string, string> {
  const parts = PARTS[spec.kind](spec);
  return new Map([
    ...commonFiles(spec, parts, version),
    ['src/registers.ts', parts.registers],
    [`src/${spec.name}.ts`, parts.driver],
    [`hardware/${spec.name}.ts`, parts.model],
    [`test/${spec.name}.test.ts`, parts.suite],
  ]);
}
