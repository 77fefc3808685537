import { CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, enablePercpuIrq, Genirq, handlePercpuDevidIrq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendMask,
  requestPercpuIrq, setChainedHandler, setPercpuDevid, type IrqChip, type IrqDesc,
} from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import {
  genericHandleDomainIrq, irqCreateMapping, irqDomainCreateLinear, irqDomainSetInfo, IrqDomains,
} from '@irqchip/irqdomain';
import { CpuMask, PerCpu, Smp } from '@irqchip/smp';

/** One thing to time: `run(n)` does it n times. */
export interface Subject { readonly name: string; run(n: number): void }

/**
 * One muxed IPI from send to handler with the least hardware that can be: the doorbell is the parent's local interrupt,
 * delivered at once. Doorbell, root handler, chained handler, process, per-CPU flow, action.
 */
export function muxSubject(): Subject {
  const smp = new Smp({ nrCpus: 4 });
  const genirq = new Genirq(smp);
  const domains = new IrqDomains(genirq);
  const chip: IrqChip = { name: 'local', irqMask: () => undefined, irqUnmask: () => undefined, irqEoi: () => undefined };
  const local = irqDomainCreateLinear(domains, domains.allocNamedFwnode('local'), 64, {
    map: (domain, virq, hwirq) => {
      setPercpuDevid(genirq, virq);
      irqDomainSetInfo(domain, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
    },
  }, null);
  const parent = irqCreateMapping(local, 1);
  let level = false;
  const mux = new IpiMuxes(domains, new CpuHotplug(smp)).create({ nrIpi: 8, send: () => { level = true; } });
  setChainedHandler(genirq, parent, function ipiHandle(desc: IrqDesc): void {
    chainedIrqEnter(desc.irqData.chip, desc);
    level = false;
    mux.process();
    chainedIrqExit(desc.irqData.chip, desc);
  });
  genirq.setHandleIrq((cause) => { genericHandleDomainIrq(local, cause); });
  let runs = 0;
  requestPercpuIrq(genirq, mux.virq, () => { runs++; return IRQ_HANDLED; }, 'bench', new PerCpu((cpu) => cpu));
  enablePercpuIrq(genirq, mux.virq, IRQ_TYPE.NONE);
  const desc = irqToDesc(genirq, mux.virq)!;
  const self = CpuMask.of(4, 0);
  return {
    name: 'muxed IPI, bare doorbell',
    run(n) {
      const before = runs;
      for (let i = 0; i < n; i++) {
        rawIpiSendMask(desc, self);
        if (level) {
          smp.cpus.localIrqDisable();
          genirq.handleArchIrq(1);
          smp.cpus.trapReturn();
        }
      }
      if (runs - before !== n) throw new Error(`${runs - before} handler runs for ${n} sends`);
    },
  };
}
