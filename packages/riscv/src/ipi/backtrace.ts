import { CpuMask, type SharedWords, type Smp } from '@irqchip/smp';
import type { IpiCallbacks } from './callbacks.ts';
import { IPI, type IpiMessage } from './messages.ts';

/** Asking CPUs for a backtrace. */
export class CpuBacktrace {
  /** Bit per CPU that was asked and has not answered. @kernel backtrace_mask */
  private readonly asked: SharedWords;
  /** @kernel backtrace_flag */
  private readonly busy: SharedWords;

  constructor(
    private readonly smp: Smp,
    private readonly callbacks: IpiCallbacks,
    private readonly send: (mask: CpuMask, op: IpiMessage) => void,
  ) {
    this.asked = smp.memory.words('backtrace_mask', (smp.cpus.nrCpuIds + 31) >>> 5);
    this.busy = smp.memory.words('backtrace_flag', 1);
  }

  /** Asks the CPUs of `mask`, itself first, and waits as long as anything moves. @kernel nmi_trigger_cpumask_backtrace */
  trigger(mask: CpuMask, excludeCpu = -1): void {
    const { cpus, log } = this.smp;
    if (this.busy.fetchOr(0, 1) & 1) return;
    for (const cpu of mask) if (cpu !== excludeCpu) this.asked.or(cpu >>> 5, 1 << (cpu & 31));
    this.handle();
    const others = this.waiting();
    if (!others.isEmpty()) {
      log.info(`Sending NMI from CPU ${cpus.current} to CPUs ${others.toList()}:`);
      this.send(others, IPI.CPU_BACKTRACE);
    }
    while (!this.waiting().isEmpty() && cpus.relax());
    // The bits are gone before the next caller gets in. Pairs with the fully ordered fetch-or above.
    this.busy.storeRelease(0, 0);
  }

  /** Shows the running CPU if it was asked. @kernel nmi_cpu_backtrace */
  handle(): void {
    const cpu = this.smp.cpus.current;
    const bit = 1 << (cpu & 31);
    if ((this.asked.readOnce(cpu >>> 5) & bit) === 0) return;
    this.smp.log.warn(`NMI backtrace for cpu ${cpu}`);
    this.callbacks.backtrace?.(cpu);
    this.asked.andNot(cpu >>> 5, bit);
  }

  private waiting(): CpuMask {
    const { nrCpuIds } = this.smp.cpus;
    const mask = new CpuMask(nrCpuIds);
    for (let cpu = 0; cpu < nrCpuIds; cpu++) if (this.asked.readOnce(cpu >>> 5) & (1 << (cpu & 31))) mask.set(cpu);
    return mask;
  }
}
