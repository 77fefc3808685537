import { parseDts } from '@irqchip/devicetree';
import { riscvIntc } from '@irqchip/drivers-intc';
import { Genirq, enablePercpuIrq, IRQ_HANDLED, requestPercpuIrq } from '@irqchip/genirq-core';
import { irqCreateMapping, IrqDomains, makeProbeContext, ofFwnode, type IrqDomain } from '@irqchip/irqdomain';
import { Harts, type Csr } from '@irqchip/riscv';
import { PerCpu, Smp } from '@irqchip/smp';

const tree = parseDts(`/dts-v1/; / { cpus { #address-cells = <1>; #size-cells = <0>;
  cpu@0 { compatible = "riscv"; reg = <0>; riscv,isa = "rv64imafdc";
    interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; }; }; };`);
const node = tree.byPath('/cpus/cpu@0/interrupt-controller')!;

// A machine does all this: CPUs, the interrupt core, one hart's registers.
const smp = new Smp({ nrCpus: 1 });
const domains = new IrqDomains(new Genirq(smp));
const harts = new Harts({ mode: 'S', xlen: 64, hartids: [0], aia: false });
let sie = 0;
const csr: Csr = {
  read: () => sie, readHi: () => 0, write: (_csr, lo) => void (sie = lo), swap: (_csr, lo) => ([sie, lo] = [lo, sie])[1],
  set: (_csr, lo) => void (sie |= lo), clear: (_csr, lo) => void (sie &= ~lo),
};

const intc = riscvIntc.probe(makeProbeContext({ node, fwnode: ofFwnode(node.path), domains, regions: [], parents: [] }), [harts, csr]) as IrqDomain;
const timer = irqCreateMapping(intc, harts.irq.timer);
let ticks = 0;
requestPercpuIrq(domains.genirq, timer, () => { ticks++; return IRQ_HANDLED; }, 'tick', new PerCpu((cpu) => cpu));
enablePercpuIrq(domains.genirq, timer, 0); // sets bit 5 of sie

smp.cpus.localIrqDisable(); // as the trap does
domains.genirq.handleArchIrq(5);

export const result: readonly number[] = [ticks, sie]; // [1, 0x20]
export const line: string | undefined = smp.log.records.at(1)?.text; // 'riscv-intc: 64 local interrupts mapped'
