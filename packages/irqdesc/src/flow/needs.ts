import { IrqError } from '@irqchip/smp';
import type { IrqChip } from '../chip/irq-chip.ts';
import { dummyIrqChip, noIrqChip } from '../chip/no-irq-chip.ts';
import type { IrqFlowHandler } from '../desc/irq-desc.ts';
import { handleEdgeIrq } from './edge.ts';
import { handleFasteoiAckIrq, handleFasteoiIrq, handleFasteoiMaskIrq } from './fasteoi.ts';
import { handleLevelIrq } from './level.ts';

type Callback = 'irqAck' | 'irqEoi' | 'irqMask' | 'irqMaskAck' | 'irqUnmask';

/** Each entry is a callback, or several of which one will do. */
const NEEDS: ReadonlyMap<IrqFlowHandler, readonly (readonly Callback[])[]> = new Map([
  [handleLevelIrq, [['irqMask', 'irqMaskAck'], ['irqUnmask']]],
  [handleEdgeIrq, [['irqAck']]],
  [handleFasteoiIrq, [['irqEoi']]],
  [handleFasteoiAckIrq, [['irqEoi'], ['irqAck']]],
  [handleFasteoiMaskIrq, [['irqEoi'], ['irqMask', 'irqMaskAck']]],
]);

/** The usual flows, the likeliest first. */
const CANDIDATES: readonly IrqFlowHandler[] = [handleFasteoiIrq, handleEdgeIrq, handleLevelIrq];

const CALLBACKS: readonly Callback[] = ['irqAck', 'irqEoi', 'irqMask', 'irqMaskAck', 'irqUnmask'];

function missing(chip: IrqChip, flow: IrqFlowHandler): readonly Callback[] | undefined {
  return NEEDS.get(flow)?.find((anyOf) => !anyOf.some((callback) => chip[callback]));
}

function cure(chip: IrqChip): string {
  const has = CALLBACKS.filter((callback) => chip[callback]);
  const other = CANDIDATES.find((flow) => !missing(chip, flow));
  if (has.length === 0) return `${chip.name} has none of the callbacks that flows use: give it one, or use handleSimpleIrq`;
  return `${chip.name} has ${has.join(', ')}: ${other ? `did you mean ${other.name}?` : 'add the callback, or use handleSimpleIrq'}`;
}

/**
 * Refuses a flow that would call what its chip lacks: now, and not at the first interrupt.
 * @throws IrqError `EINVAL`.
 */
export function checkFlowNeeds(chip: IrqChip | null, flow: IrqFlowHandler): void {
  if (!chip || chip === noIrqChip || chip === dummyIrqChip) return;
  const lacking = missing(chip, flow);
  if (lacking) throw new IrqError('EINVAL', `${flow.name} needs ${lacking.join(' or ')}; ${cure(chip)}`);
}
