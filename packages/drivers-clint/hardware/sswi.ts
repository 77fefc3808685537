import type { HardwareContext, HardwareInstance, HardwareModel, HartLines } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { SSWI_COMPATIBLE } from '../src/registers.ts';
import { expandOptions, type ClintOptions } from './options.ts';
import { MAX_HARTS, type Output } from './output.ts';
import { SoftwareFile } from './software-file.ts';

/** SETSSIP (ACLINT 4.2): writing 1 sets SSIP of the hart once, writing 0 does nothing, reads give 0. */
class PulseFile implements MmioDevice {
  constructor(private readonly outputs: readonly Output[], private readonly lines: HartLines) {}

  read(): number { return 0; }

  write(offset: number, width: number, value: number): void {
    const output = this.outputs[offset >>> 2];
    if (width < 4 || (value & 1) === 0 || output === undefined || output.hartid === null) return;
    this.lines.pend(output.hartid, output.irq);
  }
}

/**
 * Supervisor-level software interrupts (ACLINT 4): a register of 4 bytes for every hart index, which is the position in
 * `interrupts-extended`, or what `riscv,hart-indexes` says. Option `ssip`: what a 1 in it is.
 */
export class Sswi implements HardwareInstance {
  readonly devices: readonly MmioDevice[];
  private readonly levels: SoftwareFile | null;

  constructor(ctx: HardwareContext, options: ClintOptions = ctx.options) {
    const { posted, ssip } = expandOptions(options);
    const outputs = byIndex(ctx);
    this.levels = ssip === 'level' ? new SoftwareFile(outputs, ctx.lines, posted === true) : null;
    this.devices = [this.levels ?? new PulseFile(outputs, ctx.lines)];
  }

  /** Lets posted clears arrive; there are none of pulses. */
  flush(): void { this.levels?.flush(); }
}

function byIndex({ node, targets }: HardwareContext): Output[] {
  const indexes = node.u32s('riscv,hart-indexes');
  const outputs: Output[] = [];
  targets.forEach((target, position) => {
    const index = indexes === undefined ? position : indexes[position];
    if (index === undefined || index >= MAX_HARTS) return;
    while (outputs.length < index) outputs.push(undefined);
    outputs[index] = target;
  });
  return outputs;
}

/** The model of an SSWI device; options: {@link ClintOptions}. */
export const sswiModel: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): Sswi } = {
  compatible: ['riscv,aclint-sswi', ...SSWI_COMPATIBLE],
  create: (ctx) => new Sswi(ctx),
};
