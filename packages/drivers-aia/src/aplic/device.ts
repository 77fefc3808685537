import type { IrqchipNode } from '@irqchip/irqdomain';
import { IrqError, type Errno, type Log, type MmioRegion } from '@irqchip/smp';

/** Name of the platform device of a node: its address as the CPU sees it, and its name. @kernel of_device_make_bus_id */
export function ofDeviceName(node: IrqchipNode, regions: readonly MmioRegion[]): string {
  const first = regions[0];
  if (first) return `${first.base.toString(16)}.${node.name.replace(/@.*$/, '')}`;
  return node.path.slice(1).replaceAll('/', ':');
}

/** An APLIC as the log names it, and how its driver complains. */
export class AplicDevice {
  /** `d000000.interrupt-controller` */
  readonly name: string;
  private readonly prefix: string;

  constructor(readonly log: Log, readonly node: IrqchipNode, regions: readonly MmioRegion[]) {
    this.name = ofDeviceName(node, regions);
    this.prefix = `riscv-aplic ${this.name}: `;
  }

  info(text: string): void { this.log.info(this.prefix + text); }
  warn(text: string): void { this.log.warn(this.prefix + text); }
  err(text: string): void { this.log.err(this.prefix + text); }

  /** Hard irq context. */
  warnRatelimited(site: string, text: string): void {
    this.log.ratelimited(site, 'warn', this.prefix + text);
  }

  /** Says what is wrong in the log, and in the error that it returns. */
  refuse(code: Errno, what: string, cure: string, cause?: unknown): IrqError {
    this.err(what);
    return new IrqError(code, `${this.node.path}: ${what}. ${cure}`, { cause });
  }

  /** Why the probe failed: silent for one that waits, and for one that found no memory. @kernel dev_err_probe */
  errProbe(code: Errno, what: string): void {
    if (code !== 'EPROBE_DEFER' && code !== 'ENOMEM') this.err(`error -${code}: ${what}`);
  }
}
