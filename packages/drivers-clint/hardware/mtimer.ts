import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { expandOptions, type ClintOptions } from './options.ts';
import { MAX_HARTS } from './output.ts';
import { TimerFile } from './timer-file.ts';

/**
 * Machine-level timer (ACLINT 2): MTIME in one region, MTIMECMP of index i at 8·i in another, i the position in
 * `interrupts-extended`. `reg` lists MTIME first, or what `reg-names` says; with one entry it is MTIMECMP, and MTIME counts
 * unseen.
 */
export class Mtimer implements HardwareInstance {
  readonly devices: readonly MmioDevice[];

  constructor(ctx: HardwareContext, options: ClintOptions = ctx.options) {
    const file = new TimerFile(ctx.targets.slice(0, MAX_HARTS), ctx.lines, ctx.clock, expandOptions(options));
    const time: MmioDevice = {
      read: (offset, width) => offset < 8 ? file.readTime(offset, width) : 0,
      write: (offset, width, value) => { if (offset < 8) file.writeTime(offset, width, value); },
    };
    const compare: MmioDevice = {
      read: (offset, width) => file.readCompare(offset, width),
      write: (offset, width, value) => file.writeCompare(offset, width, value),
    };
    const names = ctx.node.strings('reg-names');
    this.devices = ctx.regions.map((_, region) => (names[region] ?? defaultName(region, ctx.regions.length)) === 'mtime' ? time : compare);
  }
}

function defaultName(region: number, regions: number): string {
  return region === 0 && regions > 1 ? 'mtime' : 'mtimecmp';
}

/** The model of an MTIMER device; options: {@link ClintOptions}. */
export const mtimerModel: HardwareModel = {
  compatible: ['riscv,aclint-mtimer', 'thead,c900-aclint-mtimer'],
  create: (ctx) => new Mtimer(ctx),
};
