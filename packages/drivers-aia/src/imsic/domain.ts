import { dataUpdateEffectiveAffinity, handleEdgeIrq, handleSimpleIrq, irqSetAffinity, setNoprobe } from '@irqchip/genirq-core';
import {
  irqDomainFreeIrqsParent, irqDomainGetIrqData, irqDomainSetInfo, type IrqDomain, type IrqDomainOps, type IrqDomains,
} from '@irqchip/irqdomain';
import { msiLibIrqDomainSelect } from '@irqchip/msi';
import { CpuMask, errnoOf, IrqError } from '@irqchip/smp';
import { imsicBaseChip } from './chip.ts';
import type { ImsicState } from './state.ts';
import { IMSIC_IPI_ID, type ImsicVector } from './vector.ts';

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
      dataUpdateEffectiveAffinity(irqDomainGetIrqData(domain, virq)!, CpuMask.of(smp.cpus.nrCpuIds, vector.cpu));
      widenAffinity(domain, virq, smp.cpus.online);
    },
    free(domain, virq, nr) {
      state.free(irqDomainGetIrqData(domain, virq)!.chipData as ImsicVector);
      irqDomainFreeIrqsParent(domain, virq, nr);
    },
    select: msiLibIrqDomainSelect,
    debugShow(_domain, data, indent) {
      return data === null ? state.matrix.debugShow(indent, smp.cpus.online) : vectorLines(data.chipData as ImsicVector, indent);
    },
  };
}

/** Below a device's domain, whose chip is not there yet, this is refused, and the interrupt keeps the mask it was born with. */
function widenAffinity({ domains }: IrqDomain, virq: number, online: CpuMask): void {
  try {
    irqSetAffinity(domains.genirq, virq, online);
  } catch (error) {
    errnoOf(error);
  }
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
