import { IrqError, type CpuMask, type Smp } from '@irqchip/smp';
import { bareCpus, Bringup } from './bringup.ts';
import { bindCoreState, createThreads, installCoreStates } from './core-states.ts';
import { CpuState } from './cpu-state.ts';
import { Installer } from './install.ts';
import { Invoker } from './invoke.ts';
import { HotplugLocks } from './locks.ts';
import { Plugger } from './plug.ts';
import { CPUHP_INVALID, type CpuhpStateName, type LinuxVersion, StateNumbers } from './states.ts';
import { type StepCallback, Steps } from './steps.ts';
import type { CpuhpCallback, CpuhpMultiCallback, CpuhpStateEntry, CpuhpTrace, HotplugPort } from './types.ts';
import { Walker } from './walk.ts';

export interface CpuHotplugOptions {
  /** Whose state numbers, and whose bring-up (one step in 6.12, kick and bring-up apart in 7.2). Default: 7.2. */
  readonly linux?: LinuxVersion;
  /** The machine; {@link CpuHotplug.attach} may hand it in later. Default: CPUs that only start and stop. */
  readonly port?: HotplugPort;
  /** Whether `setTarget` takes other states than 0 and the last. Default: true. @kernel CONFIG_CPU_HOTPLUG_STATE_CONTROL */
  readonly stateControl?: boolean;
  /** The CPUs that `isolcpus=domain,` leaves to the scheduler: the last of them that is online cannot be taken down. Default: all. */
  readonly housekeeping?: CpuMask;
}

/**
 * The CPU hotplug state machine of one machine (kernel/cpu.c). CPUs that are online when it is made are at the last state,
 * the others at 0. All methods are for task context; those that register, remove or plug wait for locks, so inside a
 * callback they are refused with `EDEADLK` and a `lock-order` diagnostic.
 */
export class CpuHotplug {
  readonly linux: LinuxVersion;
  private readonly numbers: StateNumbers;
  private readonly steps: Steps;
  private readonly cpuStates: CpuState[];
  private readonly locks: HotplugLocks;
  private readonly invoker: Invoker;
  private readonly bringup: Bringup;
  private readonly installer: Installer;
  private readonly plugger: Plugger;
  private readonly stateControl: boolean;
  private port: HotplugPort;

  constructor(private readonly smp: Smp, { linux = '7.2', port, stateControl = true, housekeeping = smp.cpus.possible }: CpuHotplugOptions = {}) {
    const { cpus } = smp;
    const numbers = new StateNumbers(linux);
    const steps = new Steps(smp, numbers);
    const getPort = (): HotplugPort => this.port;
    this.linux = linux;
    this.stateControl = stateControl;
    this.numbers = numbers;
    this.steps = steps;
    this.port = port ?? bareCpus(smp, (cpu) => this.notifyCpuStarting(cpu));
    this.cpuStates = Array.from({ length: cpus.nrCpuIds }, (_, cpu) => new CpuState(cpus, cpu, cpus.online.test(cpu) ? numbers.online : 0));
    this.locks = new HotplugLocks(smp);
    this.invoker = new Invoker(smp, steps, this.locks);
    const walker = new Walker(smp, numbers, steps, this.invoker);
    this.bringup = new Bringup(smp, numbers, walker, getPort);
    this.installer = new Installer(smp, numbers, steps, walker, this.locks, this.cpuStates);
    this.plugger = new Plugger(smp, numbers, walker, this.locks, this.cpuStates, getPort, housekeeping);
    installCoreStates(steps, numbers, {
      createThreads: (cpu) => createThreads(smp, this.st(cpu)),
      bringupCpu: (cpu) => this.bringup.start(this.st(cpu)),
      takedownCpu: (cpu) => this.bringup.takedown(this.st(cpu)),
    });
  }

  /** Hands in the machine. Once, before a CPU is brought up. */
  attach(port: HotplugPort): void { this.port = port; }

  /** Who watches the callbacks; null when nobody does. */
  get trace(): CpuhpTrace | null { return this.invoker.trace; }
  set trace(trace: CpuhpTrace | null) { this.invoker.trace = trace; }

  /**
   * Puts `startup` and `teardown` into a state and calls `startup` for every present CPU that is at or past it, ascending:
   * PREPARE states on the caller, others on that CPU (and only if it is online), STARTING states with interrupts off.
   * @param name - unique text for the state list, such as `irqchip/mux8:starting`.
   * @returns 0, or for `CPUHP_AP_ONLINE_DYN` and `CPUHP_BP_PREPARE_DYN` the number of the slot: keep it for {@link removeState}.
   * @throws IrqError `EINVAL` for a state without callbacks or an empty name, `EBUSY` if the state is taken, `ENOSPC` if the
   * dynamic range is full, `EDEADLK` inside a callback, and what `startup` threw: then `teardown` has run on the CPUs before,
   * not on the one that failed, and the state is free again.
   * @kernel cpuhp_setup_state
   */
  setupState(state: CpuhpStateName | number, name: string, startup: CpuhpCallback | null, teardown: CpuhpCallback | null): number {
    return this.locks.reading('cpuhp_setup_state()', () => this.setup(state, name, startup, teardown, true, false));
  }

  /** As {@link setupState}, for callers that hold {@link cpusReadLock}. @kernel cpuhp_setup_state_cpuslocked */
  setupStateCpuslocked(state: CpuhpStateName | number, name: string, startup: CpuhpCallback | null, teardown: CpuhpCallback | null): number {
    this.locks.assertCpusHeld('cpuhp_setup_state_cpuslocked()');
    return this.setup(state, name, startup, teardown, true, false);
  }

  /** As {@link setupState}, but calls nothing now. @kernel cpuhp_setup_state_nocalls */
  setupStateNocalls(state: CpuhpStateName | number, name: string, startup: CpuhpCallback | null, teardown: CpuhpCallback | null): number {
    return this.locks.reading('cpuhp_setup_state_nocalls()', () => this.setup(state, name, startup, teardown, false, false));
  }

  /** As {@link setupStateNocalls}, for callers that hold {@link cpusReadLock}. @kernel cpuhp_setup_state_nocalls_cpuslocked */
  setupStateNocallsCpuslocked(state: CpuhpStateName | number, name: string, startup: CpuhpCallback | null, teardown: CpuhpCallback | null): number {
    this.locks.assertCpusHeld('cpuhp_setup_state_nocalls_cpuslocked()');
    return this.setup(state, name, startup, teardown, false, false);
  }

  /** A state whose callbacks run once per instance; calls nothing until {@link addInstance}. Errors as {@link setupState}. @kernel cpuhp_setup_state_multi */
  setupStateMulti<T>(state: CpuhpStateName | number, name: string, startup: CpuhpMultiCallback<T> | null, teardown: CpuhpMultiCallback<T> | null): number {
    return this.locks.reading('cpuhp_setup_state_multi()', () => (
      this.setup(state, name, startup as StepCallback | null, teardown as StepCallback | null, false, true)));
  }

  /**
   * Starts an instance on the CPUs that are past the state, and puts it at the head of the list: walks call the newest first.
   * @throws IrqError `EINVAL` unless the state is multi-instance, `EDEADLK` inside a callback, and what the startup threw: then
   * the instance has been stopped on the CPUs before, and is not in the list.
   * @kernel cpuhp_state_add_instance
   */
  addInstance(state: CpuhpStateName | number, node: object): void {
    this.locks.reading('cpuhp_state_add_instance()', () => this.installer.addInstance(state, node, true));
  }

  /** As {@link addInstance}, but calls nothing now. @kernel cpuhp_state_add_instance_nocalls */
  addInstanceNocalls(state: CpuhpStateName | number, node: object): void {
    this.locks.reading('cpuhp_state_add_instance_nocalls()', () => this.installer.addInstance(state, node, false));
  }

  /**
   * Stops an instance on the CPUs that are past the state, and forgets it. The teardown must not fail.
   * @throws IrqError `EINVAL` unless the state is multi-instance and has this instance.
   * @kernel cpuhp_state_remove_instance
   */
  removeInstance(state: CpuhpStateName | number, node: object): void {
    this.locks.reading('cpuhp_state_remove_instance()', () => this.installer.removeInstance(state, node, true));
  }

  /** As {@link removeInstance}, but calls nothing. @kernel cpuhp_state_remove_instance_nocalls */
  removeInstanceNocalls(state: CpuhpStateName | number, node: object): void {
    this.locks.reading('cpuhp_state_remove_instance_nocalls()', () => this.installer.removeInstance(state, node, false));
  }

  /**
   * Calls the teardown for every present CPU that is at or past the state, ascending, and frees the state. A teardown that
   * fails here is a bug of its owner: it is reported as `bug` and thrown.
   * @param state - for a dynamic state the number that {@link setupState} returned.
   * @throws IrqError `EINVAL` for a state that cannot have callbacks, `EDEADLK` inside a callback.
   * @kernel cpuhp_remove_state
   */
  removeState(state: CpuhpStateName | number): void {
    this.locks.reading('cpuhp_remove_state()', () => this.installer.remove(state, true));
  }

  /** As {@link removeState}, but calls nothing. @kernel cpuhp_remove_state_nocalls */
  removeStateNocalls(state: CpuhpStateName | number): void {
    this.locks.reading('cpuhp_remove_state_nocalls()', () => this.installer.remove(state, false));
  }

  /** Frees a multi-instance state; its instances should be gone, else that is reported. @kernel cpuhp_remove_multi_state */
  removeMultiState(state: CpuhpStateName | number): void { this.removeStateNocalls(state); }

  /**
   * Gives a core state what another room does there, such as `irq_affinity_online_cpu` at `irq/affinity:online`. Once, at boot.
   * @throws IrqError `EINVAL` if it is not a core state, or one that the walk itself needs.
   */
  setCoreCallback(state: CpuhpStateName, startup?: CpuhpCallback, teardown?: CpuhpCallback): void {
    bindCoreState(this.steps, this.numbers, state, startup, teardown);
  }

  /**
   * Brings a CPU up to `target`: PREPARE on the caller, STARTING on the CPU with interrupts off, ONLINE on its thread.
   * Does nothing if it is there already. After a failure in PREPARE or ONLINE the CPU is where it was.
   * @throws IrqError `EINVAL` if the CPU is not possible or not present, or if no CPU can rest in `target`; `EBUSY` while
   * hotplug is disabled; `EPERM` if it may not run; `EIO` if it gives no sign of life; `ECANCELED` if it is not online after
   * that; `EDEADLK` inside a callback; and what a callback threw.
   * @kernel cpu_up
   */
  cpuUp(cpu: number, target?: CpuhpStateName | number): void { this.plugger.up(cpu, this.resolveTarget(target, this.numbers.online)); }

  /**
   * Takes a CPU down to `target`, controlled by the first other online CPU. If an ONLINE teardown or the CPU itself refuses,
   * what was torn down starts again and the CPU stays.
   * @throws IrqError `EBUSY` for the last online CPU or while hotplug is disabled; `EOPNOTSUPP` where CPUs cannot go offline;
   * `EINVAL` if it is not present, below `target`, or if no CPU can rest in `target`; `EDEADLK` inside a callback; and what
   * a callback or the port threw.
   * @kernel cpu_down
   */
  cpuDown(cpu: number, target?: CpuhpStateName | number): void {
    this.checkCpu(cpu);
    this.plugger.down(cpu, this.resolveTarget(target, 0));
  }

  /** @returns 0, or 1 if the CPU was online already. @throws as {@link cpuUp}. @kernel add_cpu */
  addCpu(cpu: number): 0 | 1 {
    if (this.smp.cpus.online.test(cpu)) return 1;
    this.cpuUp(cpu);
    return 0;
  }

  /** @returns 0, or 1 if the CPU was offline already. @throws IrqError `EPERM` if it cannot be taken away, and as {@link cpuDown}. @kernel remove_cpu */
  removeCpu(cpu: number): 0 | 1 {
    this.checkCpu(cpu);
    if (this.port.hotpluggable?.(cpu) === false) throw new IrqError('EPERM', `CPU${cpu} cannot be taken away on this platform.`);
    if (!this.smp.cpus.online.test(cpu)) return 1;
    this.cpuDown(cpu);
    return 0;
  }

  /** At boot: brings up the present CPUs, `maxCpus` with the boot CPU; who fails stays off, and nobody is told. @kernel bringup_nonboot_cpus */
  bringupNonbootCpus(maxCpus: number = this.smp.cpus.nrCpuIds): void { this.plugger.bringupNonboot(maxCpus); }

  /** Run by the starting CPU itself, interrupts off: its STARTING callbacks. Failures are logged only. @kernel notify_cpu_starting */
  notifyCpuStarting(cpu: number): void { this.bringup.notifyCpuStarting(this.st(cpu)); }

  /** `cpuN/hotplug/state`. */
  stateOf(cpu: number): number { return this.st(cpu).state; }

  /** `cpuN/hotplug/target`. */
  targetOf(cpu: number): number { return this.st(cpu).target; }

  /** `cpuN/hotplug/fail`: the state that will fail, or -1. */
  failOf(cpu: number): number { return this.st(cpu).fail; }

  /**
   * Writes `cpuN/hotplug/target`: up or down to a state.
   * @throws IrqError `EINVAL` for a state without a name or one in which no CPU can rest, and as {@link cpuUp} and {@link cpuDown}.
   * @kernel target_store
   */
  setTarget(cpu: number, target: number): void {
    const { online } = this.numbers;
    if (!this.stateControl && target !== 0 && target !== online) throw new IrqError('EINVAL', `Only targets 0 and ${online} are allowed without CPU_HOTPLUG_STATE_CONTROL.`);
    const to = this.resolveTarget(target, online);
    if (this.stateOf(cpu) < to) this.cpuUp(cpu, to);
    else if (this.stateOf(cpu) > to) this.cpuDown(cpu, to);
    else this.smp.diagnostics.warnOn(this.targetOf(cpu) !== to, `CPU${cpu} is at state ${to}, but aims at ${this.targetOf(cpu)}.`);
  }

  /**
   * Writes `cpuN/hotplug/fail`: the next callback of `state` on this CPU fails once with `EAGAIN`, uncalled; -1 takes it back.
   * @throws IrqError `EINVAL` for STARTING/DYING states, for PREPARE states and the bring-up while the CPU is up, and for states without callbacks.
   * @kernel fail_store
   */
  setFail(cpu: number, state: CpuhpStateName | number): void {
    const st = this.st(cpu);
    const number = this.numbers.of(state);
    if (number !== CPUHP_INVALID) this.checkCanFail(st, number);
    st.fail = number;
  }

  /** The named states, ascending; plain data for JSON. */
  states(): CpuhpStateEntry[] { return this.steps.entries(); }

  /** `/sys/devices/system/cpu/hotplug/states`. @kernel states_show */
  statesText(): string {
    return this.states().map(({ state, name }) => `${String(state).padStart(3)}: ${name}\n`).join('');
  }

  /** The number of a state in this release. @throws IrqError `EINVAL` if this release does not have it. */
  numberOf(state: CpuhpStateName): number { return this.numbers.of(state); }

  /** Keeps CPUs from coming and going. Not inside a callback (`EDEADLK`). @kernel cpus_read_lock */
  cpusReadLock(): void { this.locks.readLock(); }
  /** @kernel cpus_read_unlock */
  cpusReadUnlock(): void { this.locks.readUnlock(); }
  /** @kernel cpus_write_lock */
  cpusWriteLock(): void { this.locks.writeLock(); }
  /** @kernel cpus_write_unlock */
  cpusWriteUnlock(): void { this.locks.writeUnlock(); }
  /** Reports `lock-order` unless the hotplug lock is held. @kernel lockdep_assert_cpus_held */
  lockdepAssertCpusHeld(): void { this.locks.assertCpusHeld('This code'); }
  /** From now on CPUs neither come nor go (`EBUSY`), until as many calls of {@link cpuHotplugEnable}. @kernel cpu_hotplug_disable */
  cpuHotplugDisable(): void { this.plugger.disable(); }
  /** @kernel cpu_hotplug_enable */
  cpuHotplugEnable(): void { this.plugger.enable(); }
  /** This platform cannot take CPUs offline (`EOPNOTSUPP`). @kernel cpu_hotplug_disable_offlining */
  cpuHotplugDisableOfflining(): void { this.plugger.disableOfflining(); }

  private setup(
    state: CpuhpStateName | number, name: string, startup: StepCallback | null, teardown: StepCallback | null, invoke: boolean, multi: boolean,
  ): number {
    return this.installer.setup({ state, name, startup, teardown, invoke, multi });
  }

  private resolveTarget(target: CpuhpStateName | number | undefined, fallback: number): number {
    if (target === undefined) return fallback;
    const number = this.numbers.of(target);
    if (number >= 0 && number <= this.numbers.online) {
      const { name, cantStop } = this.steps.get(number);
      if (name !== null && !cantStop) return number;
    }
    throw new IrqError('EINVAL', `No CPU can rest in hotplug state ${number} (${this.steps.nameOf(number)}): choose a named state from 0 to ${this.numbers.online} that is not part of bring-up or takedown.`);
  }

  private checkCanFail(st: CpuState, number: number): void {
    const refuse = (why: string): never => {
      throw new IrqError('EINVAL', `Hotplug state ${number} (${this.steps.nameOf(number)}) cannot be made to fail on CPU${st.cpu}: ${why}.`);
    };
    if (number < 0 || number > this.numbers.online) refuse('there is no such state');
    if (this.numbers.isAtomic(number)) refuse('STARTING and DYING callbacks must not fail');
    if (number <= this.numbers.bringup && st.state > this.numbers.bringup) refuse('with the CPU up this would be a DEAD callback, which must not fail');
    if (this.steps.isEmpty(true, number) && this.steps.isEmpty(false, number)) refuse('it has no callbacks');
  }

  private checkCpu(cpu: number): void {
    if (!this.smp.cpus.possible.test(cpu)) throw new IrqError('EINVAL', `CPU ${cpu} is not possible here; possible CPUs are ${this.smp.cpus.possible.toList()}.`);
  }

  private st(cpu: number): CpuState {
    this.checkCpu(cpu);
    return this.cpuStates[cpu]!;
  }
}
