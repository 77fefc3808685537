import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { CLINT_COMPATIBLE, CLINT_MTIME, CLINT_MTIMECMP } from '../src/registers.ts';
import { expandOptions, type ClintOptions } from './options.ts';
import { MAX_HARTS } from './output.ts';
import { SoftwareFile } from './software-file.ts';
import { TimerFile } from './timer-file.ts';

/**
 * A core-local interruptor: an MSWI and an MTIMER in one region (ACLINT 1.1). Registers go by *index*, the position of the
 * hart's entry of that kind in `interrupts-extended`.
 */
export class Clint implements MmioDevice, HardwareInstance {
  readonly devices: readonly MmioDevice[] = [this];
  private readonly soft: SoftwareFile;
  private readonly timer: TimerFile;

  constructor(ctx: HardwareContext, options: ClintOptions = ctx.options) {
    const { lines, targets, clock } = ctx;
    const expanded = expandOptions(options);
    this.soft = new SoftwareFile(targets.filter(({ irq }) => irq === 3 || irq === 1).slice(0, MAX_HARTS), lines, expanded.posted === true);
    this.timer = new TimerFile(targets.filter(({ irq }) => irq === 7 || irq === 5).slice(0, MAX_HARTS), lines, clock, expanded);
  }

  /** Lets posted clears arrive. */
  flush(): void { this.soft.flush(); }

  /** How many clears are under way. */
  get postedCount(): number { return this.soft.postedCount; }

  read(offset: number, width: number): number {
    if (offset < CLINT_MTIMECMP) return this.soft.read(offset, width);
    this.flush();
    if (offset < CLINT_MTIME) return this.timer.readCompare(offset - CLINT_MTIMECMP, width);
    return offset < CLINT_MTIME + 8 ? this.timer.readTime(offset - CLINT_MTIME, width) : 0;
  }

  write(offset: number, width: number, value: number): void {
    if (offset < CLINT_MTIMECMP) this.soft.write(offset, width, value);
    else if (offset < CLINT_MTIME) this.timer.writeCompare(offset - CLINT_MTIMECMP, width, value);
    else if (offset < CLINT_MTIME + 8) this.timer.writeTime(offset - CLINT_MTIME, width, value);
  }
}

/** The model of `riscv,clint0`; options: {@link ClintOptions}. */
export const clintModel: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): Clint } = {
  compatible: CLINT_COMPATIBLE,
  create: (ctx) => new Clint(ctx),
};
