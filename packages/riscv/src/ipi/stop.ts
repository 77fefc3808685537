import { CpuMask, type SharedWords, type Smp } from '@irqchip/smp';
import type { IpiCallbacks } from './callbacks.ts';
import { IPI, type IpiMessage } from './messages.ts';

/** Stopping every other CPU, for a shutdown or a crash. */
export class CpuStop {
  /** CPUs that were stopped and will not run again. */
  readonly stopped: CpuMask;
  /** @kernel waiting_for_crash_ipi */
  private readonly waitingForCrash: SharedWords;
  private crashed = false;

  constructor(
    private readonly smp: Smp,
    private readonly callbacks: IpiCallbacks,
    private readonly send: (mask: CpuMask, op: IpiMessage) => void,
  ) {
    this.stopped = new CpuMask(smp.cpus.nrCpuIds);
    this.waitingForCrash = smp.memory.words('waiting_for_crash_ipi', 1);
  }

  /** Stops every other online CPU and waits until they are gone, as long as anything moves. @kernel smp_send_stop */
  sendStop(): void {
    const { cpus, log } = this.smp;
    const others = cpus.online.clone().clear(cpus.current);
    if (others.isEmpty()) return;
    log.print('crit', 'SMP: stopping secondary CPUs');
    this.send(others, IPI.CPU_STOP);
    while (cpus.online.weight() > 1 && cpus.relax());
    if (cpus.online.weight() > 1) log.warn(`SMP: failed to stop secondary CPUs ${cpus.online.toList()}`);
  }

  /** The same for a crash dump: CPUs stay marked online. Does nothing the second time. @kernel crash_smp_send_stop */
  crashSendStop(): void {
    const { cpus, log } = this.smp;
    if (this.crashed) return;
    this.crashed = true;
    const others = cpus.online.clone().clear(cpus.current);
    if (others.isEmpty()) return;
    this.waitingForCrash.writeOnce(0, others.weight());
    log.print('crit', 'SMP: stopping secondary CPUs');
    this.send(others, IPI.CPU_CRASH_STOP);
    while (this.waitingForCrash.readOnce(0) > 0 && cpus.relax());
    if (this.waitingForCrash.readOnce(0) > 0) log.warn(`SMP: failed to stop secondary CPUs ${others.toList()}`);
  }

  /** The running CPU was told to stop. @kernel ipi_stop */
  handleStop(): void {
    const { cpus } = this.smp;
    cpus.online.clear(cpus.current);
    this.park();
    this.callbacks.stop?.(cpus.current);
  }

  /** The running CPU was told to stop for a crash dump. @kernel ipi_cpu_crash_stop */
  handleCrashStop(): void {
    this.waitingForCrash.fetchAdd(0, -1);
    this.park();
    this.callbacks.crashStop?.(this.smp.cpus.current);
  }

  private park(): void {
    const { cpus } = this.smp;
    cpus.localIrqDisable();
    this.stopped.set(cpus.current);
  }
}
