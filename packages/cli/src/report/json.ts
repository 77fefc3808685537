import { flowSymbol, type IrqDesc } from '@irqchip/genirq-core';
import type { IrqDomain } from '@irqchip/irqdomain';
import type { Machine, TrafficResult } from '@irqchip/machine';
import type { BootOptions } from '../args.ts';
import { isShown } from './text.ts';

/** What `--json` prints: plain data. */
export function report(machine: Machine, options: BootOptions, traffic: TrafficResult | null): object {
  const { smp, harts, genirq, domains, cpuhp } = machine;
  const ipis = traffic?.ipis;
  return {
    board: machine.board.model,
    linux: options.linux,
    mode: options.mode,
    cpus: harts.hartids.map((hartid, cpu) => ({ cpu, hartid, online: smp.cpus.online.test(cpu) })),
    log: smp.log.records.filter(isShown).map(({ text }) => text),
    interrupts: machine.procInterrupts(),
    irqs: [...genirq.descs].map(irq),
    domains: domains.list.map(domain),
    cpuhp: cpuhp.states(),
    ipis: { sent: ipis?.sent ?? 0, handled: ipis?.handled ?? 0, merged: ipis?.merged ?? 0, lost: ipis?.lost ?? 0 },
    diagnostics: smp.diagnostics.open.map(({ kind, message, cpu }) => ({ kind, message, cpu })),
  };
}

function irq(desc: IrqDesc): object {
  const { irqData, common, genirq } = desc;
  const actions: string[] = [];
  // A chained interrupt has an action that stands for its handler, and no name.
  for (let action = desc.action; action; action = action.next) if (action.name !== '') actions.push(action.name);
  return {
    virq: desc.irq,
    hwirq: irqData.hwirq,
    domain: irqData.domain?.name ?? null,
    chip: irqData.chip.name,
    handler: flowSymbol(desc.handleIrq),
    status: hex(desc.settings),
    istate: hex(desc.istate),
    depth: desc.depth,
    dstate: hex(common.state),
    actions,
    counts: Array.from({ length: genirq.smp.cpus.nrCpuIds }, (_, cpu) => desc.countOn(cpu)),
  };
}

function domain({ name, revmapSize, mapcount, flags, parent }: IrqDomain): object {
  return { name, size: revmapSize, mapped: mapcount, flags: hex(flags), parent: parent?.name ?? null };
}

function hex(word: number): string {
  return `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
}
