import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { expandOptions, type ClintOptions } from './options.ts';
import { MAX_HARTS } from './output.ts';
import { SoftwareFile } from './software-file.ts';

/** Machine-level software interrupts (ACLINT 3): MSIP of index i at 4·i, i the position in `interrupts-extended`. */
export class Mswi implements MmioDevice, HardwareInstance {
  readonly devices: readonly MmioDevice[] = [this];
  private readonly file: SoftwareFile;

  constructor(ctx: HardwareContext, options: ClintOptions = ctx.options) {
    this.file = new SoftwareFile(ctx.targets.slice(0, MAX_HARTS), ctx.lines, expandOptions(options).posted === true);
  }

  /** Lets posted clears arrive. */
  flush(): void { this.file.flush(); }

  read(offset: number, width: number): number { return this.file.read(offset, width); }

  write(offset: number, width: number, value: number): void { this.file.write(offset, width, value); }
}

/** The model of an MSWI device; options: {@link ClintOptions}. */
export const mswiModel: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): Mswi } = {
  compatible: ['riscv,aclint-mswi', 'thead,c900-aclint-mswi'],
  create: (ctx) => new Mswi(ctx),
};
