import { IrqError } from '@irqchip/smp';
import { be32 } from '../bytes.ts';
import type { DtNode } from '../node.ts';
import { findIrqParent } from './find-parent.ts';
import { parseInterruptRaw } from './parse-raw.ts';
import { phandleList, type InterruptSpec } from './phandle-list.ts';

/**
 * Interrupt `index` of a device: from `interrupts-extended`, else from `interrupts`, taken through every `interrupt-map` on the way.
 * @throws EINVAL without an interrupt parent or interrupts, and for whatever is broken on the way; EOVERFLOW for an index past the end of
 * `interrupts`; ENOENT when no controller is reached; EFAULT for specifiers of more than 16 cells.
 * @kernel of_irq_parse_one
 */
export function parseInterrupt(node: DtNode, index: number = 0): InterruptSpec {
  if (!Number.isInteger(index) || index < 0) throw new IrqError('EINVAL', `${node.path}: interrupt ${index} asked for; the first one is 0`);
  return new Interrupts(node, index + 1).at(index);
}

/**
 * Every interrupt of a device, in order; none for a device without.
 * @throws as {@link parseInterrupt}, for the first one that is broken.
 */
export function parseInterrupts(node: DtNode): InterruptSpec[] {
  const interrupts = new Interrupts(node);
  return Array.from({ length: interrupts.expected() }, (_, index) => interrupts.at(index));
}

/**
 * {@link parseInterrupts}, as hardware sees them: null stands for an empty entry of `interrupts-extended`, a wire that leads nowhere.
 * @throws as {@link parseInterrupt}, for the first one that is broken.
 */
export function interruptWires(node: DtNode): (InterruptSpec | null)[] {
  const interrupts = new Interrupts(node);
  return Array.from({ length: interrupts.expected() }, (_, index) => (interrupts.isEmpty(index) ? null : interrupts.at(index)));
}

/** How many interrupts of a device can be resolved before the first that cannot. @kernel of_irq_count */
export function countInterrupts(node: DtNode): number {
  const interrupts = new Interrupts(node);
  try {
    const expected = interrupts.expected();
    for (let index = 0; index < expected; index++) if (!interrupts.resolves(index)) return index;
    return expected;
  } catch (error) {
    if (error instanceof IrqError) return 0;
    throw error;
  }
}

/**
 * The interrupt that `interrupt-names` calls `name`.
 * @throws EINVAL without `interrupt-names`, ENODATA when the name is not among them, EILSEQ when they are no strings, else as {@link parseInterrupt}.
 * @kernel of_irq_get_byname
 */
export function parseInterruptByName(node: DtNode, name: string): InterruptSpec {
  if (!node.has('interrupt-names')) throw new IrqError('EINVAL', `${node.path}: interrupt "${name}" asked for, but the node has no interrupt-names; ask by index`);
  const names = node.strings('interrupt-names');
  const index = names.indexOf(name);
  if (index < 0) throw new IrqError('ENODATA', `${node.path}: interrupt "${name}" is not among interrupt-names (${names.slice(0, 8).join(', ').slice(0, 200)})`);
  return parseInterrupt(node, index);
}

/** The interrupts of one node, with the list of `interrupts-extended` read once. */
class Interrupts {
  private readonly extended: (InterruptSpec | null)[] = [];
  private extendedError: IrqError | undefined;

  constructor(private readonly node: DtNode, count: number = Infinity) {
    try {
      for (const entry of phandleList(node, 'interrupts-extended', '#interrupt-cells')) {
        if (this.extended.push(entry) >= count) break;
      }
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      this.extendedError = error;
    }
  }

  /** How many there are if all are well formed; one more for a broken rest, so that its error shows. */
  expected(): number {
    const extended = this.extended.length + (this.extendedError === undefined ? 0 : 1);
    const bytes = this.node.bytes('interrupts')?.length ?? 0;
    if (bytes === 0) return extended;
    const cells = findIrqParent(this.node)?.u32('#interrupt-cells') || bytes;
    return Math.max(extended, Math.ceil(bytes / (4 * cells)));
  }

  /** As the kernel does: `interrupts` is the way out where `interrupts-extended` has no such entry or a broken one. */
  at(index: number): InterruptSpec {
    const spec = this.extended[index] ?? this.plain(index);
    return parseInterruptRaw(this.address(), spec);
  }

  isEmpty(index: number): boolean { return this.extended[index] === null && !this.node.has('interrupts'); }

  resolves(index: number): boolean {
    try {
      return this.at(index) !== undefined;
    } catch (error) {
      if (error instanceof IrqError) return false;
      throw error;
    }
  }

  private plain(index: number): InterruptSpec {
    const { node } = this;
    if (this.extendedError !== undefined && !node.has('interrupts')) throw this.extendedError;
    if (this.isEmpty(index)) throw new IrqError('EINVAL', `${node.path}: entry ${index} of interrupts-extended is empty; name a controller, or ask for another one`);
    const controller = findIrqParent(node);
    if (controller === null) throw new IrqError('EINVAL', `${node.path}: no interrupt parent; add interrupt-parent here or above, or use interrupts-extended`);
    const cells = controller.u32('#interrupt-cells') ?? 0;
    const bytes = node.bytes('interrupts');
    if (cells === 0) throw new IrqError('EINVAL', `${node.path}: interrupt parent ${controller.path} takes no cells; set its #interrupt-cells`);
    if (bytes === undefined) throw new IrqError('EINVAL', `${node.path}: no interrupt ${index}${this.extended.length > 0 ? `, interrupts-extended has ${this.extended.length}` : ', the node has neither interrupts nor interrupts-extended'}`);
    const args: number[] = [];
    for (let at = 4 * index * cells; args.length < cells; at += 4) {
      if (at + 4 > bytes.length) throw new IrqError('EOVERFLOW', `${node.path}: no interrupt ${index}, interrupts has ${bytes.length} bytes and each takes ${4 * cells} for ${controller.path}`);
      args.push(be32(bytes, at));
    }
    return { controller, args };
  }

  /** The first three cells of `reg`; zeros where there are none. */
  private address(): number[] {
    return [0, 1, 2].map((cell) => this.node.u32('reg', cell) ?? 0);
  }
}
