import { dataUpdateEffectiveAffinity, handleEdgeIrq, handleSimpleIrq, setNoprobe } from '@irqchip/genirq-core';
import {
  DOMAIN_BUS, irqDomainFreeIrqsParent, irqDomainGetIrqData, irqDomainSetInfo, type IrqDomainOps, type IrqDomains,
} from '@irqchip/irqdomain';
import { CpuMask, IrqError } from '@irqchip/smp';
import { imsicBaseChip } from './chip.ts';
import type { ImsicState } from './state.ts';
import { IMSIC_IPI_ID, type ImsicVector } from './vector.ts';

/** MSI domains of devices that may sit on top. */
const SELECT_MASK = (1 << DOMAIN_BUS.PCI_MSI) | (1 << DOMAIN_BUS.PLATFORM_MSI);

/** Operations of the base domain. Its hwirqs are the virqs: what counts is the vector. */
export function imsicBaseDomainOps({ genirq, smp }: IrqDomains, state: ImsicState): IrqDomainOps {
  const chip = imsicBaseChip(genirq, state);
  // Linux 6.12 takes the interrupt as it comes; later ones acknowledge it, which is where deferred moves happen.
  const flow = genirq.linux === '6.12' ? handleSimpleIrq : handleEdgeIrq;
  return {
    alloc(domain, virq, nr) {
      if (nr > 1) throw new IrqError('EOPNOTSUPP', `${domain.name} gives one interrupt at a time, not ${nr}: multi-MSI is not supported. Use MSI-X, or single messages.`);
      const vector = state.alloc(virq, smp.cpus.online);
      if (vector === null) throw new IrqError('ENOSPC', `${domain.name}: all ${state.config.nrIds} identities of every online CPU are in use.`);
      irqDomainSetInfo(domain, virq, virq, chip, vector, flow, null, null);
      setNoprobe(genirq, virq);
      const data = irqDomainGetIrqData(domain, virq)!;
      data.common.affinity.copy(smp.cpus.online);
      dataUpdateEffectiveAffinity(data, CpuMask.of(smp.cpus.nrCpuIds, vector.cpu));
    },
    free(domain, virq, nr) {
      state.free(irqDomainGetIrqData(domain, virq)!.chipData as ImsicVector);
      irqDomainFreeIrqsParent(domain, virq, nr);
    },
    select(domain, fwspec, busToken) {
      if (fwspec.fwnode !== domain.fwnode || fwspec.param.length !== 0) return false;
      return busToken === DOMAIN_BUS.NEXUS || (SELECT_MASK & (1 << busToken)) !== 0;
    },
    debugShow(_domain, data, indent) {
      return data === null ? state.matrix.debugShow(indent, smp.cpus.online) : vectorLines(data.chipData as ImsicVector, indent);
    },
  };
}

/** @kernel imsic_vector_debug_show */
function vectorLines({ cpu, localId, enable, movePrev }: ImsicVector, indent: number): string[] {
  const rows: [string, number][] = [
    ['target_cpu', cpu],
    ['target_local_id', localId],
    ['is_reserved', localId <= IMSIC_IPI_ID ? 1 : 0],
    ['is_enabled', enable ? 1 : 0],
    ['is_move_pending', movePrev === null ? 0 : 1],
  ];
  if (movePrev !== null) rows.push(['move_cpu', movePrev.cpu], ['move_local_id', movePrev.localId]);
  return rows.map(([name, value]) => `${' '.repeat(indent)}${name.padEnd(16)}: ${String(value).padStart(5)}`);
}
