import { IrqError, type Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { StateNumbers } from './states.ts';
import type { HotplugPort } from './types.ts';
import type { Walker } from './walk.ts';

/** The part of the walk where a CPU comes alive and dies: the two states between the sections. */
export class Bringup {
  constructor(
    private readonly smp: Smp,
    private readonly numbers: StateNumbers,
    private readonly walker: Walker,
    private readonly port: () => HotplugPort,
  ) {}

  /**
   * Startup of BRINGUP, on the control CPU: lets the CPU run through STARTING and then walk ONLINE on its own thread.
   * @throws IrqError `EIO` if the CPU gave no sign of life, `ECANCELED` if it is not online or may not run, and what the port or an ONLINE state threw.
   * @kernel bringup_cpu
   */
  start(st: CpuState): void {
    st.alive = false;
    try {
      this.port().bringup(st.cpu);
      if (!st.alive) this.reportNotAlive(st.cpu);
    } catch (error) {
      // There is no CPU on which DYING could run: what is left to undo is PREPARE.
      st.state = this.numbers.bringup;
      throw error;
    }
    this.onlineIdle(st);
    if (st.target <= this.numbers.onlineIdle) return;
    const failed = this.walker.kickAp(st, st.target);
    if (failed) throw failed;
  }

  /** The CPU has reached its idle loop. @kernel bringup_wait_for_ap_online */
  private onlineIdle(st: CpuState): void {
    st.state = this.numbers.onlineIdle;
    const { cpus, diagnostics } = this.smp;
    if (diagnostics.warnOnce(!cpus.online.test(st.cpu), `CPU${st.cpu} ran its STARTING callbacks but is not in the online mask.`)) {
      throw new IrqError('ECANCELED', `CPU${st.cpu} is not online after bring-up; the port's bringup() must set it online.`);
    }
    if (this.port().bootable?.(st.cpu) === false) throw new IrqError('ECANCELED', `CPU${st.cpu} may not run: it was only started once.`);
  }

  private reportNotAlive(cpu: number): never {
    if (this.numbers.linux === '6.12') this.smp.log.print('crit', `CPU${cpu}: failed to come online`);
    else this.smp.log.err(`CPU${cpu} failed to report alive state`);
    throw new IrqError('EIO', `CPU${cpu} gave no sign of life: after bringup() it must have run notifyCpuStarting(${cpu}).`);
  }

  /**
   * The CPU's own part, before it switches its interrupts on: STARTING callbacks, ascending.
   * @kernel notify_cpu_starting
   */
  notifyCpuStarting(st: CpuState): void {
    const { cpus, diagnostics } = this.smp;
    const { cpu } = st;
    if (cpus.current !== cpu) diagnostics.report('wrong-cpu', `notifyCpuStarting(${cpu}) runs on CPU${cpus.current}; the starting CPU itself must call it.`);
    if (!cpus.irqsDisabledOn(cpu)) diagnostics.report('context', `notifyCpuStarting(${cpu}) with interrupts on: STARTING callbacks must not be interrupted.`);
    if (diagnostics.warnOn(st.state !== this.numbers.bringup, `notifyCpuStarting(${cpu}), but that CPU is at state ${st.state} and nobody brings it up.`)) return;
    st.alive = true;
    this.walker.rangeNofail(st, true, Math.min(st.target, this.numbers.apOnline));
  }

  /**
   * Teardown of TEARDOWN_CPU, called on the control CPU: stops the machine and lets the CPU die through the DYING states.
   * @throws IrqError what the port's cpuDisable() threw to refuse; the CPU then runs on.
   * @kernel takedown_cpu
   */
  takedown(st: CpuState): void {
    this.smp.cpus.runOn(st.cpu, () => this.takeCpuDown(st));
    st.state = this.numbers.idleDead;
    this.port().cpuDead(st.cpu);
  }

  /** The dying CPU, interrupts off. They stay off. @kernel take_cpu_down */
  private takeCpuDown(st: CpuState): void {
    const { cpus, diagnostics } = this.smp;
    const flags = cpus.localIrqSave();
    try {
      this.port().cpuDisable(st.cpu);
    } catch (error) {
      cpus.localIrqRestore(flags);
      throw error;
    }
    if (cpus.online.test(st.cpu)) {
      diagnostics.report('bug', `CPU${st.cpu} dies while it is in the online mask; the port's cpuDisable() must clear it.`);
      cpus.online.clear(st.cpu);
    }
    this.walker.rangeNofail(st, false, Math.max(st.target, this.numbers.apOffline));
  }
}

/** CPUs without a machine under them: they start, stop and do nothing else. */
export function bareCpus(smp: Smp, notifyCpuStarting: (cpu: number) => void): HotplugPort {
  const { cpus } = smp;
  return {
    bringup: (cpu) => cpus.runOn(cpu, () => {
      cpus.localIrqDisable();
      notifyCpuStarting(cpu);
      cpus.online.set(cpu);
      cpus.localIrqEnable();
    }),
    cpuDisable: (cpu) => void cpus.online.clear(cpu),
    cpuDead: () => undefined,
  };
}
