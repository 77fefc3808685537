import { IrqError } from '@irqchip/smp';
import type { IrqChip } from '../chip/irq-chip.ts';
import { dummyIrqChip, noIrqChip } from '../chip/no-irq-chip.ts';
import type { IrqData } from '../desc/irq-data.ts';
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

/** The usual flows, the likeliest first, and when each is the right one. */
const CANDIDATES: ReadonlyMap<IrqFlowHandler, string> = new Map([
  [handleFasteoiIrq, 'if an end of interrupt is all that its hardware wants'],
  [handleEdgeIrq, 'if its lines are edges'],
  [handleLevelIrq, 'if its lines are levels'],
]);

const CALLBACKS: readonly Callback[] = ['irqAck', 'irqEoi', 'irqMask', 'irqMaskAck', 'irqUnmask'];

/** What an MSI parent sets for the chips of its devices to pass a callback on to it. */
const CHIP_FLAGS: Partial<Record<Callback, string>> = { irqAck: 'SET_ACK', irqEoi: 'SET_EOI' };

function missing(chip: IrqChip, flow: IrqFlowHandler): readonly Callback[] | undefined {
  return NEEDS.get(flow)?.find((anyOf) => !anyOf.some((callback) => chip[callback]));
}

function cure(chip: IrqChip, lacking: readonly Callback[], parent: IrqChip | undefined): string {
  const above = lacking.find((callback) => parent?.[callback]);
  if (above) {
    const flag = CHIP_FLAGS[above];
    return `add irqChip${above.slice('irq'.length)}Parent to ${chip.name}, as its parent ${parent!.name} has it${flag ? ` (an MSI parent says so by chipFlags: MSI_CHIP_FLAG.${flag})` : ''}`;
  }
  const add = `add it to ${chip.name}`;
  if (!CALLBACKS.some((callback) => chip[callback])) return `${add}, or use handleSimpleIrq if its hardware need not be told anything`;
  const other = [...CANDIDATES].find(([flow]) => !missing(chip, flow));
  return other ? `${add}, or use ${other[0].name} ${other[1]}` : add;
}

/**
 * Refuses a flow that would call what its chip lacks: now, and not at the first interrupt.
 * @param parent - the next level of a hierarchy: what its chip has is one callback away.
 * @throws IrqError `EINVAL`.
 */
export function checkFlowNeeds(chip: IrqChip | null, flow: IrqFlowHandler, parent: IrqData | null = null): void {
  if (!chip || chip === noIrqChip || chip === dummyIrqChip) return;
  const lacking = missing(chip, flow);
  if (lacking) throw new IrqError('EINVAL', `${flow.name} needs ${lacking.join(' or ')}: ${cure(chip, lacking, parent?.chip)}.`);
}
