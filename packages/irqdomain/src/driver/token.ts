import { serviceToken, type ServiceToken } from '@irqchip/smp';
import type { ProbeContext } from './context.ts';

/**
 * When a driver is probed: `irqchip` from irqchip_init, parents first; `arch` right after it; `timer` from time_init; all of these early in
 * boot, with interrupts off. `platform` when devices are probed, with interrupts on, where it may ask to be tried again later by throwing
 * `EPROBE_DEFER`.
 */
export type IrqchipStage = 'irqchip' | 'arch' | 'timer' | 'platform';

/** A driver as the machine sees it. Make one with `defineIrqchip`. */
export interface IrqchipDriver {
  readonly name: string;
  /** Any of them in a node's `compatible` makes the driver serve it. */
  readonly compatible: readonly string[];
  readonly stage: IrqchipStage;
  /** What the driver needs besides its context, in the order of its parameters. */
  readonly services: readonly ServiceToken<unknown>[];
  /** Serves one node; throws to refuse it. Task context, boot CPU, interrupts as the stage has them. */
  probe(ctx: ProbeContext, services: readonly unknown[]): unknown;
}

/** Every {@link IrqchipDriver} of a machine; bind as many as you like. */
export const IRQCHIP_DRIVER: ServiceToken<IrqchipDriver> = serviceToken<IrqchipDriver>('irqdomain', 'IrqchipDriver');
