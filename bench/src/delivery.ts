import {
  Genirq, handleEdgeIrq, handleFasteoiIrq, handleLevelIrq, IRQ_HANDLED, irqChipAckParent, irqChipEoiParent, irqChipMaskParent, irqChipUnmaskParent,
  requestIrq, type IrqChip, type IrqFlowHandler,
} from '@irqchip/genirq-core';
import {
  genericHandleDomainIrq, irqCreateMapping, irqDomainAllocIrqs, irqDomainAllocIrqsParent, irqDomainCreateHierarchy, irqDomainCreateLinear,
  irqDomainSetHwirqAndChip, irqDomainSetInfo, IrqDomains, type IrqDomain,
} from '@irqchip/irqdomain';
import { Smp } from '@irqchip/smp';
import type { Subject } from './rig.ts';

/** How many lines are requested and fire in turn, however many are mapped: what is measured is the way, not the cache. */
const WORKING = 64;

const nothing = (): void => undefined;
const chip: IrqChip = { name: 'pic', irqAck: nothing, irqMask: nothing, irqUnmask: nothing, irqEoi: nothing };
const upper: IrqChip = {
  name: 'upper', irqAck: irqChipAckParent, irqMask: irqChipMaskParent, irqUnmask: irqChipUnmaskParent, irqEoi: irqChipEoiParent,
};

export const FLOWS: Readonly<Record<string, IrqFlowHandler>> = { edge: handleEdgeIrq, level: handleLevelIrq, fasteoi: handleFasteoiIrq };

function machine(cpus: number): { smp: Smp; genirq: Genirq; domains: IrqDomains } {
  const smp = new Smp({ nrCpus: cpus });
  const genirq = new Genirq(smp);
  return { smp, genirq, domains: new IrqDomains(genirq) };
}

/** Traps that lead to one line after the other of `lines`, through the domain's reverse map, the flow and an action. */
function subject(name: string, smp: Smp, genirq: Genirq, domain: IrqDomain, lines: Int32Array, virqs: Int32Array): Subject {
  const { cpus } = smp;
  let runs = 0;
  for (const virq of virqs) requestIrq(genirq, virq, () => { runs++; return IRQ_HANDLED; }, 0, 'bench', virqs);
  return {
    name,
    run(n) {
      const before = runs;
      for (let i = 0; i < n; i++) {
        cpus.localIrqDisable();
        cpus.irqEnter();
        genericHandleDomainIrq(domain, lines[i & (WORKING - 1)]!);
        cpus.irqExit();
        cpus.trapReturn();
      }
      if (runs - before !== n) throw new Error(`${runs - before} handler runs for ${n} interrupts`);
    },
  };
}

/** One controller with `mapped` lines, all mapped. */
export function flowSubject(flow: string, mapped = WORKING, cpus = 2): Subject {
  const { smp, genirq, domains } = machine(cpus);
  const domain = irqDomainCreateLinear(domains, domains.allocNamedFwnode('pic'), mapped, {
    map: (self, virq, hwirq) => irqDomainSetInfo(self, virq, hwirq, chip, null, FLOWS[flow]!, null, null),
  }, null);
  const all = new Int32Array(mapped);
  for (let hwirq = 0; hwirq < mapped; hwirq++) {
    all[hwirq] = irqCreateMapping(domain, hwirq);
    smp.log.records.length = 0;
  }
  const lines = Int32Array.from({ length: WORKING }, (_, i) => Math.floor(i * mapped / WORKING));
  return subject(`${flow}, ${mapped} lines, ${cpus} CPUs`, smp, genirq, domain, lines, lines.map((hwirq) => all[hwirq]!));
}

/** Three controllers stacked: the flow completes through two parents. */
export function hierarchySubject(): Subject {
  const { smp, genirq, domains } = machine(2);
  const root = irqDomainCreateLinear(domains, domains.allocNamedFwnode('root'), WORKING, {
    alloc: (self, virq, _nr, arg) => irqDomainSetHwirqAndChip(self, virq, arg as number, chip, null),
  }, null);
  const middle = irqDomainCreateHierarchy(root, 0, WORKING, domains.allocNamedFwnode('middle'), {
    alloc: (self, virq, nr, arg) => {
      irqDomainSetHwirqAndChip(self, virq, arg as number, upper, null);
      irqDomainAllocIrqsParent(self, virq, nr, arg);
    },
  }, null, domains);
  const top = irqDomainCreateHierarchy(middle, 0, WORKING, domains.allocNamedFwnode('top'), {
    alloc: (self, virq, nr, arg) => {
      irqDomainSetInfo(self, virq, arg as number, upper, null, handleFasteoiIrq, null, null);
      irqDomainAllocIrqsParent(self, virq, nr, arg);
    },
  }, null, domains);
  const lines = Int32Array.from({ length: WORKING }, (_, hwirq) => hwirq);
  return subject('fasteoi, three stacked controllers', smp, genirq, root, lines, lines.map((hwirq) => irqDomainAllocIrqs(top, 1, -1, hwirq)));
}
