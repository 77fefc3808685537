import { handleFasteoiIrq, type IrqChip } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  irqDomainAllocIrqsParent, irqDomainCreateHierarchy, irqDomainCreateTree, irqDomainFreeIrqsCommon, irqDomainFreeIrqsParent, irqDomainFreeIrqsTop,
  irqDomainSetHwirqAndChip, irqDomainSetInfo, ofFwnode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { bench, spyChip, type Bench } from './bench.ts';

export type Step = 'root' | 'middle' | 'device' | 'device, after its parent';

/** Three levels, root (tree), middle (linear), device (linear), each with a chip and hwirqs of its own, as careful drivers write them. */
export interface Tower extends Bench {
  root: IrqDomain;
  middle: IrqDomain;
  device: IrqDomain;
  domainsOutward: readonly IrqDomain[];
  chips: Record<'root' | 'middle' | 'device', IrqChip & { calls: string[] }>;
  /** Every alloc, free, activate and deactivate, in order. */
  trail: string[];
  /** Where alloc throws, and for which interrupt of the block. */
  fail: { step: Step | null; at: number };
  /** hwirqs of the root that are taken. */
  taken: Set<number>;
  activateFails: IrqDomain | null;
}

export function tower(nrIrqs: number = 64): Tower {
  const b = bench(4, nrIrqs);
  const t: Partial<Tower> & Bench = { ...b, trail: [], taken: new Set(), fail: { step: null, at: 0 }, activateFails: null };
  const full = t as Tower;
  full.chips = { root: spyChip('root chip'), middle: spyChip('middle chip'), device: spyChip('device chip') };
  full.root = irqDomainCreateTree(b.domains, ofFwnode('/root'), rootOps(full), null);
  full.middle = irqDomainCreateHierarchy(full.root, 0, 32, ofFwnode('/middle'), middleOps(full), null);
  full.device = irqDomainCreateHierarchy(full.middle, 0, 32, ofFwnode('/device'), deviceOps(full), null);
  full.domainsOutward = [full.root, full.middle, full.device];
  return full;
}

function at(t: Tower, step: Step, i: number): void {
  if (t.fail.step === step && t.fail.at === i) throw new IrqError('ENOSPC', `${step} refuses`);
}

function activation(t: Tower): IrqDomainOps {
  return {
    activate: (d, { hwirq }) => {
      if (t.activateFails === d) throw new IrqError('EIO', 'will not start');
      t.trail.push(`activate ${d.name} ${hwirq}`);
    },
    deactivate: (d, { hwirq }) => void t.trail.push(`deactivate ${d.name} ${hwirq}`),
  };
}

function rootOps(t: Tower): IrqDomainOps {
  const release = (d: IrqDomain, virq: number, nr: number): void => {
    for (let i = 0; i < nr; i++) t.taken.delete(1000 + virq + i);
    irqDomainFreeIrqsTop(d, virq, nr);
  };
  return {
    ...activation(t),
    alloc(d, virq, nr) {
      t.trail.push(`alloc ${d.name} ${nr}`);
      for (let i = 0; i < nr; i++) {
        try {
          at(t, 'root', i);
        } catch (error) {
          release(d, virq, i);
          throw error;
        }
        t.taken.add(1000 + virq + i);
        irqDomainSetInfo(d, virq + i, 1000 + virq + i, t.chips.root, null, handleFasteoiIrq, t, 'level name');
      }
    },
    free(d, virq, nr) { t.trail.push(`free ${d.name} ${nr}`); release(d, virq, nr); },
  };
}

function middleOps(t: Tower): IrqDomainOps {
  return {
    ...activation(t),
    alloc(d, virq, nr, arg) {
      t.trail.push(`alloc ${d.name} ${nr}`);
      irqDomainAllocIrqsParent(d, virq, nr, arg);
      try {
        for (let i = 0; i < nr; i++) {
          at(t, 'middle', i);
          irqDomainSetHwirqAndChip(d, virq + i, 10 + i, t.chips.middle, t);
        }
      } catch (error) {
        irqDomainFreeIrqsParent(d, virq, nr);
        throw error;
      }
    },
    free(d, virq, nr) { t.trail.push(`free ${d.name} ${nr}`); irqDomainFreeIrqsCommon(d, virq, nr); },
  };
}

function deviceOps(t: Tower): IrqDomainOps {
  return {
    ...activation(t),
    alloc(d, virq, nr, arg) {
      t.trail.push(`alloc ${d.name} ${nr} ${String(arg)}`);
      for (let i = 0; i < nr; i++) {
        at(t, 'device', i);
        irqDomainSetHwirqAndChip(d, virq + i, i, t.chips.device, null);
      }
      irqDomainAllocIrqsParent(d, virq, nr, arg);
      try {
        for (let i = 0; i < nr; i++) at(t, 'device, after its parent', i);
      } catch (error) {
        irqDomainFreeIrqsParent(d, virq, nr);
        throw error;
      }
    },
    free(d, virq, nr) { t.trail.push(`free ${d.name} ${nr}`); irqDomainFreeIrqsCommon(d, virq, nr); },
  };
}
