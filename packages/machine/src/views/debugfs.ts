import { irqDebugShow } from '@irqchip/genirq-core';
import { domainDebugFiles, domainIrqDebugShow } from '@irqchip/irqdomain';
import type { Machine } from '../machine.ts';

/** The files of /sys/kernel/debug/irq with their text, by name. */
export interface DebugIrqFiles {
  /** By domain name, `default` among them, in the order of names. */
  readonly domains: ReadonlyMap<string, string>;
  /** By Linux number, ascending. */
  readonly irqs: ReadonlyMap<string, string>;
}

/** What debugfs shows of the machine's interrupts. */
export function debugIrqFiles({ genirq, domains }: Machine): DebugIrqFiles {
  return {
    domains: new Map(domainDebugFiles(domains).map(({ name, text }) => [name, text])),
    irqs: new Map([...genirq.descs].map((desc) => [String(desc.irq), irqDebugShow(desc, domainIrqDebugShow)])),
  };
}
