import { irqDebugWrite, writeSmpAffinity, type IrqChip, type IrqDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { Machine } from '../machine.ts';
import { debugIrqFiles } from '../views/debugfs.ts';
import { procIrq, procIrqNumbers, sysKernelIrq } from '../views/proc.ts';

/** What the recorded kernels were made to do. */
export type Scenario = 'hotplug' | 'affinity' | 'inject';

/** The texts that the kernel shows after one step. */
export interface ScenarioStep {
  /** `offline1`, `online1`, `aff1`, `aff1_offline1`, `aff1_online1`, `inject`. */
  readonly name: string;
  /** /proc/interrupts */
  readonly interrupts: string;
  /** The files of debugfs' irq/irqs, by number. */
  readonly irqs: ReadonlyMap<string, string>;
  /** The files of debugfs' irq/domains, by name. */
  readonly domains: ReadonlyMap<string, string>;
  /** The files below /proc/irq. */
  readonly procIrq: ReadonlyMap<string, string>;
  /** The files below /sys/kernel/irq. */
  readonly sysKernelIrq: ReadonlyMap<string, string>;
  /** What became of each write of this step, a line each: `irq 12 ok aff=2 eff=2`, `irq 1 skipped (RISC-V INTC)`. */
  readonly writes: readonly string[];
}

/** What time passes between two steps: deferred work is done by then. */
const PAUSE_NS = 100e6;
/** The CPU that goes, comes, and is pinned to. */
const CPU = 1;
/** Nobody should trigger the harts' own interrupts, or IPIs, by hand. */
function isSkipped(chip: IrqChip): boolean {
  return chip.name === 'RISC-V INTC' || chip.ipiSendMask !== undefined || chip.ipiSendSingle !== undefined;
}

/**
 * Takes the machine through a scenario and returns what it shows after each step. `hotplug`: CPU1 goes and comes. `affinity`:
 * every interrupt that lets itself be moved is pinned to CPU1, which then goes and comes. `inject`: every interrupt is
 * triggered through debugfs.
 * @throws IrqError `EINVAL` for a scenario that needs CPU1 on a machine without it.
 */
export function runScenario(machine: Machine, scenario: Scenario): ScenarioStep[] {
  machine.advance(PAUSE_NS);
  if (scenario === 'inject') return [step(machine, 'inject', () => triggerAll(machine))];
  if (!machine.smp.cpus.online.test(CPU)) throw new IrqError('EINVAL', `Scenario ${scenario} takes CPU${CPU} off and on, and this machine has no CPU${CPU} that is online; give it more CPUs, or choose inject.`);
  const steps: ScenarioStep[] = [];
  const prefix = scenario === 'affinity' ? 'aff1_' : '';
  if (scenario === 'affinity') steps.push(step(machine, 'aff1', () => pinAll(machine)));
  steps.push(step(machine, `${prefix}offline1`, () => switchCpu(machine, false)));
  steps.push(step(machine, `${prefix}online1`, () => switchCpu(machine, true)));
  return steps;
}

/** A machine-mode kernel cannot stop a hart, so its switch does nothing: as recorded, and unlike {@link Machine.cpuDown}. */
function switchCpu(machine: Machine, on: boolean): readonly string[] {
  if (machine.harts.mode === 'M') return [`cpu ${CPU} refused: a machine-mode kernel has no way to stop a hart`];
  if (on) machine.cpuUp(CPU);
  else machine.cpuDown(CPU);
  return [`cpu ${CPU} ${on ? 'online' : 'offline'}`];
}

/** What the recordings did before each scenario. */
const BEFORE: Readonly<Record<Scenario, readonly Scenario[]>> = { hotplug: [], affinity: ['hotplug'], inject: ['hotplug', 'affinity'] };

/**
 * {@link runScenario} from the state in which the recorded kernels began it: after the scenarios that came before it, as far as
 * the machine has the CPUs for them.
 */
export function runRecordedScenario(machine: Machine, scenario: Scenario): ScenarioStep[] {
  const { harts, smp } = machine;
  // Of a machine-mode kernel's interrupts none was ever pinned.
  const earlier = BEFORE[scenario].filter((before) => before !== 'affinity' || harts.mode === 'S');
  if (smp.cpus.online.test(CPU)) for (const before of earlier) runScenario(machine, before);
  return runScenario(machine, scenario);
}

/** What the machine shows now, as a step that did nothing. */
export function showState(machine: Machine, name: string): ScenarioStep {
  return step(machine, name, () => []);
}

function step(machine: Machine, name: string, act: () => readonly string[]): ScenarioStep {
  const writes = act();
  machine.advance(PAUSE_NS);
  return {
    name, interrupts: machine.procInterrupts(), ...debugIrqFiles(machine), procIrq: procIrq(machine), sysKernelIrq: sysKernelIrq(machine), writes,
  };
}

function pinAll(machine: Machine): string[] {
  const { genirq } = machine;
  const only = genirq.cpumaskOf(CPU).toHex();
  return procIrqNumbers(machine).map((irq) => {
    const done = tried(() => writeSmpAffinity(genirq, irq, only), machine);
    const { affinity, effectiveAffinity } = genirq.irqToDesc(irq)!.common;
    return `irq ${irq} ${done ? 'ok' : 'refused'} aff=${affinity.toHex()} eff=${effectiveAffinity.toHex()}`;
  });
}

function triggerAll(machine: Machine): string[] {
  return [...machine.genirq.descs].map((desc: IrqDesc) => {
    const { chip } = desc.irqData;
    if (isSkipped(chip)) return `irq ${desc.irq} skipped (${chip.name})`;
    return `irq ${desc.irq} ${tried(() => irqDebugWrite(desc, 'trigger'), machine) ? 'ok' : 'failed'}`;
  });
}

/** Whether the kernel took the write. */
function tried(write: () => void, machine: Machine): boolean {
  try {
    machine.on(machine.smp.cpus.online.first(), write);
    machine.settle();
    return true;
  } catch (error) {
    if (error instanceof IrqError) return false;
    throw error;
  }
}
