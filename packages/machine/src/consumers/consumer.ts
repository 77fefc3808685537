import { IRQ_HANDLED } from '@irqchip/genirq-core';
import type { Wire } from '@irqchip/board';
import type { Cpus } from '@irqchip/smp';
import type { MsixTable } from '../pci/msix-table.ts';

/** How a device asks for attention: over a wire, or by a message. */
export type ConsumerLine = { readonly wire: Wire } | { readonly table: MsixTable; readonly vector: number; readonly cpus: Cpus };

/** A device that requested an interrupt. */
export class Consumer {
  /** How often its handler ran. */
  handled = 0;
  /** null: it has no wire, because it sends messages or its controller has no model. */
  readonly wire: Wire | null;

  /**
   * @param name - as it is in /proc/interrupts
   * @param irq - its Linux number
   */
  constructor(readonly name: string, readonly irq: number, private readonly line: ConsumerLine | null) {
    this.wire = line !== null && 'wire' in line ? line.wire : null;
  }

  /**
   * The device asks for attention: its wire goes up, and down again when the handler has served it, or its message is sent.
   * A point at which the running CPU may take an interrupt.
   */
  interrupt(): void {
    const { line } = this;
    if (line === null) return;
    if ('wire' in line) return line.wire.raise();
    line.table.fire(line.vector);
    line.cpus.boundary();
  }
}

/** The handler of every consumer. Serving a device makes it quiet: its wire goes down. Hard irq. */
export function handleConsumer(_irq: number, consumer: Consumer): number {
  consumer.handled++;
  if (consumer.wire?.level === true) consumer.wire.lower();
  return IRQ_HANDLED;
}
