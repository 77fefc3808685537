import type { IrqData } from '../desc/irq-data.ts';
import { IRQCHIP } from '../desc/flags.ts';
import { ackBad } from './ack-bad.ts';
import type { IrqChip } from './irq-chip.ts';

function noop(): void {}

/** The chip of an interrupt that nobody has given one: it cannot mask, and an acknowledge is a mistake. @kernel no_irq_chip */
export const noIrqChip: IrqChip = {
  name: 'none',
  flags: IRQCHIP.SKIP_SET_WAKE,
  irqStartup: noop,
  irqShutdown: noop,
  irqEnable: noop,
  irqDisable: noop,
  irqAck: (data: IrqData) => ackBad(data.common.desc),
};

/** A chip for interrupts without hardware: every callback does nothing. @kernel dummy_irq_chip */
export const dummyIrqChip: IrqChip = {
  name: 'dummy',
  flags: IRQCHIP.SKIP_SET_WAKE,
  irqStartup: noop,
  irqShutdown: noop,
  irqEnable: noop,
  irqDisable: noop,
  irqAck: noop,
  irqMask: noop,
  irqUnmask: noop,
};
