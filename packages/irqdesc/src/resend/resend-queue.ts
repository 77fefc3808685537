import { IrqError, type Cpus } from '@irqchip/smp';
import type { IrqDesc } from '../desc/irq-desc.ts';

/** So many in a row are one that sends itself again. */
const STORM = 100_000;

/** Interrupts that wait for a software resend, the newest first, each at most once. @kernel irq_resend_list */
export class ResendQueue {
  private readonly descs: IrqDesc[] = [];
  /** The CPU whose softirq is to run them. */
  private cpu = 0;

  constructor(private readonly cpus: Cpus) {}

  /** Whether a resend waits. */
  get pending(): boolean { return this.descs.length > 0; }

  add(desc: IrqDesc): void {
    this.cpu = this.cpus.current;
    if (!this.descs.includes(desc)) this.descs.push(desc);
  }

  remove(desc: IrqDesc): void {
    const at = this.descs.indexOf(desc);
    if (at >= 0) this.descs.splice(at, 1);
  }

  /**
   * Replays all that wait, with interrupts off, on the CPU that asked; does nothing in hard irq. Returns how many.
   * @throws IrqError `EDEADLK` when they do not come to an end.
   */
  run(): number {
    if (this.descs.length === 0) return 0;
    return this.cpus.runOn(this.cpus.online.test(this.cpu) ? this.cpu : this.cpus.current, () => this.drain());
  }

  private drain(): number {
    if (this.cpus.inHardirq()) return 0;
    const flags = this.cpus.localIrqSave();
    let ran = 0;
    try {
      for (let desc = this.descs.pop(); desc; desc = this.descs.pop()) {
        if (++ran > STORM) throw new IrqError('EDEADLK', `irq ${desc.irq} was sent again ${STORM} times in a row: does its handler inject it?`);
        desc.handleIrq(desc);
      }
    } finally {
      this.cpus.localIrqRestore(flags);
    }
    return ran;
  }
}
