import { noIrqChip, setHandler, setHandlerData, type IrqChip, type IrqFlowHandler } from '@irqchip/genirq-core';
import type { IrqDomain } from '../domain/irq-domain.ts';
import { levelOf } from './irq-data.ts';

/**
 * Sets number and chip of one level, from inside `alloc`.
 * @param chip - null for none at all.
 * @throws IrqError `ENOENT` when `virq` has no level in `domain`.
 * @kernel irq_domain_set_hwirq_and_chip
 */
export function irqDomainSetHwirqAndChip(domain: IrqDomain, virq: number, hwirq: number, chip: IrqChip | null, chipData: unknown): void {
  const data = levelOf(domain, virq, 'irq_domain_set_hwirq_and_chip');
  data.hwirq = hwirq;
  data.chip = chip ?? noIrqChip;
  data.chipData = chipData;
}

/**
 * Sets everything about an interrupt at the level that runs its flow, from inside `alloc` or `map`.
 * @param handlerName - what /proc/interrupts prints after Level or Edge, null for nothing.
 * @throws IrqError `ENOENT` when `virq` has no level in `domain`; `EINVAL` when the chip lacks what the flow needs.
 * @kernel irq_domain_set_info
 */
export function irqDomainSetInfo(
  domain: IrqDomain, virq: number, hwirq: number, chip: IrqChip | null, chipData: unknown,
  handler: IrqFlowHandler | null, handlerData: unknown, handlerName: string | null,
): void {
  const { genirq } = domain.domains;
  irqDomainSetHwirqAndChip(domain, virq, hwirq, chip, chipData);
  setHandler(genirq, virq, handler, false, handlerName);
  setHandlerData(genirq, virq, handlerData);
}
