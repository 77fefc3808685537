import type { HardwareContext, HardwareInstance, HardwareModel, HardwareTarget, HartLines } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { PLIC } from '../src/registers.ts';
import { Context } from './context.ts';
import { expandQuirks, type PlicOptions } from './options.ts';
import { Sources } from './sources.ts';

/**
 * A platform-level interrupt controller: sources behind gateways, and contexts that claim and complete them. Context i is
 * entry i of `interrupts-extended`; an entry that ends at no hart's external interrupt is a context with registers and no wire.
 * Registers take 4-byte accesses; anything else reads 0 and is dropped, as are registers that do not exist.
 * Source: riscv-plic-spec 1.0.0; the chapters are named where they are obeyed.
 */
export class Plic implements MmioDevice, HardwareInstance {
  readonly devices: readonly MmioDevice[] = [this];
  private readonly sources: Sources;
  private readonly options: PlicOptions;
  private readonly targets: readonly HardwareTarget[];
  private readonly lines: HartLines;
  /** By number; made when they are first written. */
  private readonly contexts: (Context | undefined)[] = [];
  /** Those that are made. */
  private readonly used: Context[] = [];
  private readonly maxPriority: number;

  constructor(ctx: HardwareContext, options: PlicOptions = ctx.options) {
    this.options = expandQuirks(options);
    this.targets = ctx.targets.slice(0, PLIC.MAX_CONTEXTS);
    this.lines = ctx.lines;
    this.maxPriority = this.options.maxPriority ?? ctx.node.u32('riscv,max-priority') ?? 7;
    this.sources = new Sources(Math.min(ctx.node.u32('riscv,ndev') ?? PLIC.MAX_SOURCE, PLIC.MAX_SOURCE), this.options);
  }

  /** Drives the wire of a source. */
  setInput(source: number, level: boolean): void {
    if (source < 1 || source > this.sources.nr || !Number.isInteger(source)) return;
    if (this.sources.drive(source, level) || this.options.enableWriteIsLazy) this.update(source);
  }

  /** Lets late ends of notifications reach their harts. */
  flush(): void {
    for (const context of this.used) context.settle();
  }

  read(offset: number, width: number): number {
    this.flush();
    if (width !== 4) return 0;
    if (offset < PLIC.PENDING) return this.hasPriority(offset >>> 2) ? this.sources.priority[offset >>> 2]! | 0 : 0;
    if (offset < PLIC.ENABLE) return this.sources.pending[(offset - PLIC.PENDING) >>> 2] ?? 0;
    if (offset < PLIC.CONTEXT) return this.contexts[enableContext(offset)]?.enable[enableWord(offset)] ?? 0;
    const context = this.contexts[Math.floor((offset - PLIC.CONTEXT) / PLIC.CONTEXT_STRIDE)];
    if (context === undefined) return 0;
    const register = offset % PLIC.CONTEXT_STRIDE;
    if (register === PLIC.THRESHOLD) return context.threshold | 0;
    return register === PLIC.CLAIM ? this.claim(context) : 0;
  }

  write(offset: number, width: number, value: number): void {
    if (width !== 4) return;
    if (offset < PLIC.PENDING) this.setPriority(offset >>> 2, value >>> 0);
    else if (offset < PLIC.ENABLE) return;
    else if (offset < PLIC.CONTEXT) this.setEnable(enableContext(offset), enableWord(offset), value);
    else this.writeContext(Math.floor((offset - PLIC.CONTEXT) / PLIC.CONTEXT_STRIDE), offset % PLIC.CONTEXT_STRIDE, value >>> 0);
  }

  /** "Interrupt Claim Process": the threshold plays no part. Priority 0 means never. */
  private claim(context: Context): number {
    const source = context.best(this.options.claimHonoursThreshold ? context.threshold : 0);
    if (source !== 0) this.sources.claim(source);
    this.update(source);
    return source;
  }

  /** "Interrupt Completion": ignored unless the source is enabled for the context that completes it. */
  private complete(context: Context, source: number): void {
    if (source < 1 || source > this.sources.nr) return;
    if (!context.isEnabled(source) && !this.options.completeUnchecked) return;
    this.sources.complete(source);
    this.update(source);
  }

  private writeContext(index: number, register: number, value: number): void {
    if (register !== PLIC.THRESHOLD && register !== PLIC.CLAIM) return;
    const context = this.context(index);
    if (context === null) return;
    if (register === PLIC.CLAIM) this.complete(context, value);
    else {
      context.threshold = this.legal(value, context.threshold);
      if (this.options.enableWriteIsLazy) this.update(0);
      else context.update(this.options.posted === true);
    }
  }

  private setPriority(source: number, value: number): void {
    if (!this.hasPriority(source)) return;
    this.sources.priority[source] = this.legal(value, this.sources.priority[source]!);
    if (this.options.enableWriteIsLazy || (source <= this.sources.nr && this.sources.isPending(source))) this.update(source);
  }

  private setEnable(index: number, word: number, value: number): void {
    if (word >= this.sources.words) return;
    const context = this.context(index);
    if (context === null) return;
    context.enable[word] = this.options.enableKeepsAllBits ? value : value & this.existing(word);
    if (!this.options.enableWriteIsLazy) context.update(this.options.posted === true);
  }

  /** "Interrupt Enables": bits of source 0 and of sources that do not exist read 0. */
  private existing(word: number): number {
    const last = this.sources.nr - 32 * word;
    const upTo = last >= 31 ? -1 : (2 << last) - 1;
    return word === 0 ? upTo & ~1 : upTo;
  }

  private hasPriority(source: number): boolean {
    return source >= 1 && source <= this.sources.nr + (this.options.priorityBeyondLast ? 1 : 0);
  }

  /** "Interrupt Priorities": WARL. Whole bits are kept; where the highest is not all ones, what is above it changes nothing. */
  private legal(value: number, old: number): number {
    const { maxPriority } = this;
    if ((maxPriority & (maxPriority + 1)) === 0) return (value & maxPriority) >>> 0;
    return value <= maxPriority ? value : old;
  }

  private context(index: number): Context | null {
    const target = this.targets[index];
    if (target === undefined) return null;
    const made = this.contexts[index];
    if (made !== undefined) return made;
    const context = new Context(this.sources, target, this.lines);
    this.contexts[index] = context;
    this.used.push(context);
    return context;
  }

  /** "Interrupt Notifications", of the contexts that a change of `source` may reach; of all where some may be out of date. */
  private update(source: number): void {
    const { enableWriteIsLazy, posted } = this.options;
    for (let i = 0; i < this.used.length; i++) {
      const context = this.used[i]!;
      if (enableWriteIsLazy || context.isEnabled(source)) context.update(posted === true);
    }
  }
}

function enableContext(offset: number): number { return (offset - PLIC.ENABLE) >>> 7; }
function enableWord(offset: number): number { return (offset & (PLIC.ENABLE_STRIDE - 1)) >>> 2; }

/** The model of PLICs; options: {@link PlicOptions}. */
export const plicHardware: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): Plic } = {
  compatible: ['sifive,plic-1.0.0', 'riscv,plic0', 'andestech,nceplic100', 'thead,c900-plic', 'ultrarisc,cp100-plic', 'allwinner,sun20i-d1-plic'],
  create: (ctx) => new Plic(ctx),
};
