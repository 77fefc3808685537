import { IrqError, type CpuMask, type Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { HotplugLocks } from './locks.ts';
import type { StateNumbers } from './states.ts';
import type { HotplugPort } from './types.ts';
import type { Walker } from './walk.ts';

/** Brings CPUs up and takes them down: the checks, and which of the three sections to walk. */
export class Plugger {
  /** @kernel cpu_hotplug_disabled */
  private disabled = 0;
  /** @kernel cpu_hotplug_offline_disabled */
  private offlineDisabled = false;

  constructor(
    private readonly smp: Smp,
    private readonly numbers: StateNumbers,
    private readonly walker: Walker,
    private readonly locks: HotplugLocks,
    private readonly states: readonly CpuState[],
    private readonly port: () => HotplugPort,
    private readonly housekeeping: CpuMask,
  ) {}

  /** @kernel cpu_hotplug_disable */
  disable(): void { this.locks.plugging('cpu_hotplug_disable()', () => void this.disabled++); }

  /** @kernel cpu_hotplug_enable */
  enable(): void {
    this.locks.plugging('cpu_hotplug_enable()', () => {
      if (!this.smp.diagnostics.warnOnce(this.disabled === 0, 'Unbalanced cpu hotplug enable')) this.disabled--;
    });
  }

  /** @kernel cpu_hotplug_disable_offlining */
  disableOfflining(): void { this.locks.plugging('cpu_hotplug_disable_offlining()', () => { this.offlineDisabled = true; }); }

  /** @kernel cpu_up */
  up(cpu: number, target: number): void {
    if (!this.smp.cpus.possible.test(cpu)) {
      this.smp.log.err(`can't online cpu ${cpu} because it is not configured as may-hotadd at boot time`);
      throw new IrqError('EINVAL', `CPU ${cpu} is not possible here; possible CPUs are ${this.smp.cpus.possible.toList()}.`);
    }
    this.locks.plugging(`cpuUp(${cpu})`, () => {
      this.checkEnabled(cpu);
      if (this.port().bootable?.(cpu) === false) throw new IrqError('EPERM', `CPU${cpu} may not run: the machine's SMT control forbids it.`);
      this.locks.writing(`cpuUp(${cpu})`, () => this.walkUp(cpu, target));
    });
  }

  /** The hotplug lock is held for writing. @kernel _cpu_up */
  private walkUp(cpu: number, target: number): void {
    this.checkPresent(cpu);
    const st = this.states[cpu]!;
    if (st.state >= target) return;
    if (st.state > this.numbers.bringup && !this.smp.cpus.online.test(cpu)) {
      throw new IrqError('EDEADLK', `CPU${cpu} died at state ${st.state} and has no thread that could bring it up: Linux waits for ever here. Take it down to state 0 first.`);
    }
    st.set(target);
    const failed = st.state > this.numbers.bringup
      ? this.walker.kickApWork(st)
      : this.walker.up(st, Math.min(target, this.numbers.bringup));
    if (failed) throw failed;
  }

  /** @kernel cpu_down */
  down(cpu: number, target: number): void {
    const { cpus } = this.smp;
    const { online, nrCpuIds } = cpus;
    this.locks.plugging(`cpuDown(${cpu})`, () => {
      if (this.offlineDisabled) throw new IrqError('EOPNOTSUPP', `CPU${cpu} cannot be taken down: this platform has no CPU offlining.`);
      this.checkEnabled(cpu);
      // The control task must not run on the CPU that goes, and the scheduler needs a CPU to be left.
      const housekeepers = this.housekeeping.and(online);
      const control = housekeepers.first() === cpu ? housekeepers.next(cpu) : housekeepers.first();
      if (control >= nrCpuIds) throw new IrqError('EBUSY', `CPU${cpu} cannot be taken down: no other CPU ${online.weight() > 1 ? 'of the housekeeping ones ' : ''}is online.`);
      try {
        cpus.runOn(control, () => this.downFrom(cpu, target));
      } finally {
        if (!online.test(cpus.current)) cpus.migrate(control);
      }
    });
  }

  private downFrom(cpu: number, target: number): void {
    if (this.smp.cpus.online.weight() === 1) throw new IrqError('EBUSY', `CPU${cpu} cannot be taken down: only one CPU is online.`);
    this.checkPresent(cpu);
    const st = this.states[cpu]!;
    if (st.state < target) throw new IrqError('EINVAL', `CPU${cpu} is at state ${st.state}, below ${target}: use cpuUp().`);
    this.locks.writing(`cpuDown(${cpu})`, () => this.walkDown(st, target));
  }

  /** The hotplug lock is held for writing. @kernel _cpu_down */
  private walkDown(st: CpuState, target: number): void {
    const { teardown } = this.numbers;
    const before = st.set(target);
    if (st.state > teardown) {
      st.target = Math.max(target, teardown);
      const failed = this.walker.kickApWork(st);
      if (failed) throw failed;
      st.target = target;
    }
    const failed = this.walker.down(st, target);
    if (!failed) return;
    if (st.state < before) this.backOnline(st, before);
    throw failed;
  }

  /** The CPU refused to die and is back at TEARDOWN: its ONLINE states start again. */
  private backOnline(st: CpuState, before: number): void {
    if (this.smp.diagnostics.warnOn(st.state !== this.numbers.teardown, `DEAD callback error for CPU${st.cpu}`)) return;
    st.reset(before);
    this.walker.runThread(st);
  }

  /**
   * Brings up the present CPUs, `maxCpus` in all with the boot CPU. Who fails stays off, all the way. From 7.2 on in two
   * rounds, PREPARE for all and then the rest, as riscv does since it brings CPUs up in parallel.
   * @kernel bringup_nonboot_cpus
   */
  bringupNonboot(maxCpus: number): void {
    if (maxCpus <= 0) return;
    if (this.numbers.linux !== '6.12') this.bringupMask(maxCpus, this.numbers.of('CPUHP_BP_KICK_AP'));
    this.bringupMask(maxCpus, this.numbers.online);
  }

  /** @kernel cpuhp_bringup_mask */
  private bringupMask(maxCpus: number, target: number): void {
    const { present } = this.smp.cpus;
    let left = maxCpus;
    for (let cpu = present.first(); cpu < present.size && left > 0; cpu = present.next(cpu), left--) {
      try {
        this.up(cpu, target);
      } catch (error) {
        if (!(error instanceof IrqError) || error.code === 'EDEADLK') throw error;
        const leftover = this.walker.range(this.states[cpu]!, false, 0);
        this.smp.diagnostics.warnOn(leftover !== null, `CPU${cpu} could not be cleaned up: ${leftover?.message}`);
      }
    }
  }

  private checkEnabled(cpu: number): void {
    if (this.disabled > 0) throw new IrqError('EBUSY', `CPU${cpu}: CPU hotplug is disabled; cpuHotplugEnable() is due ${this.disabled} time(s).`);
  }

  private checkPresent(cpu: number): void {
    if (!this.smp.cpus.present.test(cpu)) throw new IrqError('EINVAL', `CPU ${cpu} is not present; present CPUs are ${this.smp.cpus.present.toList()}.`);
  }
}
