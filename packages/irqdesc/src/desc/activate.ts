import type { IrqData } from './irq-data.ts';
import { irqdClrActivated, irqdIsActivated, irqdSetActivated } from './irqd.ts';

function activate(data: IrqData | null, reserve: boolean): void {
  if (!data?.domain) return;
  activate(data.parentData, reserve);
  try {
    data.domain.ops.activate?.(data.domain as never, data, reserve);
  } catch (error) {
    deactivate(data.parentData);
    throw error;
  }
}

function deactivate(data: IrqData | null): void {
  if (!data?.domain) return;
  data.domain.ops.deactivate?.(data.domain as never, data);
  deactivate(data.parentData);
}

/**
 * Lets every domain of the hierarchy program its part, the root first; once until it is deactivated. A level that fails
 * has its parents deactivated, and nothing is marked.
 * @param reserve - only reserve what a later call will need.
 * @throws what the failing level threw.
 * @kernel irq_domain_activate_irq
 */
export function irqDomainActivateIrq(data: IrqData, reserve: boolean): void {
  if (!irqdIsActivated(data)) activate(data, reserve);
  irqdSetActivated(data);
}

/** Undoes {@link irqDomainActivateIrq}, the outermost level first. @kernel irq_domain_deactivate_irq */
export function irqDomainDeactivateIrq(data: IrqData): void {
  if (!irqdIsActivated(data)) return;
  deactivate(data);
  irqdClrActivated(data);
}
