import { IrqError, type Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { CpuhpStateName, StateNumbers } from './states.ts';
import type { StepCallback, Steps } from './steps.ts';

/** A state that exists without any driver. */
interface CoreState {
  readonly state: CpuhpStateName;
  readonly name: string;
  readonly startup?: StepCallback;
  readonly teardown?: StepCallback;
  readonly cantStop?: boolean;
}

/** What the core does at the states where the walk itself changes hands. */
export interface CoreCallbacks {
  createThreads(cpu: number): void;
  bringupCpu(cpu: number): void;
  takedownCpu(cpu: number): void;
}

/**
 * The states that hold up the walk. Those whose subsystem is elsewhere or nowhere (scheduler, smpboot threads, the idle
 * task's mm) call functions that do nothing and are there under the kernel's names for traces and for the fail hook.
 */
function coreStates(linux: string, core: CoreCallbacks): CoreState[] {
  const smpbootCreateThreads = (cpu: number): void => core.createThreads(cpu);
  const bringupCpu = (cpu: number): void => core.bringupCpu(cpu);
  const cpuhpBringupAp = (cpu: number): void => core.bringupCpu(cpu);
  const takedownCpu = (cpu: number): void => core.takedownCpu(cpu);
  const finishCpu = (): void => undefined;
  const cpuhpKickApAlive = (): void => undefined;
  const schedCpuStarting = (): void => undefined;
  const schedCpuDying = (): void => undefined;
  const schedCpuWaitEmpty = (): void => undefined;
  const smpbootUnparkThreads = (): void => undefined;
  const smpbootParkThreads = (): void => undefined;
  const irqAffinityOnlineCpu = (): void => undefined;
  const schedCpuActivate = (): void => undefined;
  const schedCpuDeactivate = (): void => undefined;
  // Since riscv brings CPUs up in parallel, kicking is a state of its own.
  const split = linux !== '6.12';
  return [
    { state: 'CPUHP_OFFLINE', name: 'offline' },
    { state: 'CPUHP_CREATE_THREADS', name: 'threads:prepare', startup: smpbootCreateThreads, cantStop: true },
    ...(split ? [{ state: 'CPUHP_BP_KICK_AP', name: 'cpu:kick_ap', startup: cpuhpKickApAlive } as const] : []),
    { state: 'CPUHP_BRINGUP_CPU', name: 'cpu:bringup', startup: split ? cpuhpBringupAp : bringupCpu, teardown: finishCpu, cantStop: true },
    { state: 'CPUHP_AP_IDLE_DEAD', name: 'idle:dead' },
    { state: 'CPUHP_AP_OFFLINE', name: 'ap:offline', cantStop: true },
    { state: 'CPUHP_AP_SCHED_STARTING', name: 'sched:starting', startup: schedCpuStarting, teardown: schedCpuDying },
    { state: 'CPUHP_AP_ONLINE', name: 'ap:online' },
    { state: 'CPUHP_TEARDOWN_CPU', name: 'cpu:teardown', teardown: takedownCpu, cantStop: true },
    { state: 'CPUHP_AP_SCHED_WAIT_EMPTY', name: 'sched:waitempty', teardown: schedCpuWaitEmpty },
    { state: 'CPUHP_AP_SMPBOOT_THREADS', name: 'smpboot/threads:online', startup: smpbootUnparkThreads, teardown: smpbootParkThreads },
    { state: 'CPUHP_AP_IRQ_AFFINITY_ONLINE', name: 'irq/affinity:online', startup: irqAffinityOnlineCpu },
    { state: 'CPUHP_AP_ACTIVE', name: 'sched:active', startup: schedCpuActivate, teardown: schedCpuDeactivate },
    { state: 'CPUHP_ONLINE', name: 'online' },
  ];
}

/** Enters the core states into an empty table. */
export function installCoreStates(steps: Steps, numbers: StateNumbers, core: CoreCallbacks): void {
  for (const { state, name, startup = null, teardown = null, cantStop = false } of coreStates(numbers.linux, core)) {
    Object.assign(steps.get(numbers.of(state)), { name, startup, teardown, cantStop });
  }
}

/** States at which {@link bindCoreState} refuses: they are the walk. */
const STRUCTURAL: readonly CpuhpStateName[] = ['CPUHP_CREATE_THREADS', 'CPUHP_BP_KICK_AP', 'CPUHP_BRINGUP_CPU', 'CPUHP_TEARDOWN_CPU'];

/**
 * Gives a core state real callbacks; undefined leaves one as it is. They keep the name that traces show for that state.
 * @throws IrqError `EINVAL` unless it is a core state with callbacks that is not part of the walk itself.
 */
export function bindCoreState(
  steps: Steps, numbers: StateNumbers, state: CpuhpStateName, startup?: StepCallback, teardown?: StepCallback,
): void {
  const number = numbers.of(state);
  const step = steps.get(number);
  const bindable = step.name !== null && (step.startup ?? step.teardown) !== null && !STRUCTURAL.includes(state);
  if (!bindable) throw new IrqError('EINVAL', `Hotplug state ${state} is not a core state that can be bound; use setupState() for states of your own.`);
  if (startup) step.startup = renamed(startup, step.startup);
  if (teardown) step.teardown = renamed(teardown, step.teardown);
}

function renamed(callback: StepCallback, like: StepCallback | null): StepCallback {
  const call: StepCallback = (cpu) => callback(cpu);
  return Object.defineProperty(call, 'name', { value: like?.name ?? callback.name });
}

/** Makes the CPU's hotplug thread the first time. @throws IrqError `ENOMEM`. @kernel smpboot_create_threads */
export function createThreads(smp: Smp, st: CpuState): void {
  if (st.thread) return;
  smp.faults.check('task_struct');
  st.thread = true;
}
