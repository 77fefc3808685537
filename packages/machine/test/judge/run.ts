import { runScenario, showState, type Machine, type ScenarioStep } from '../../src/index.ts';
import { bootRecorded, has, type Recording } from '../recordings.ts';
import { ranKunit } from './exceptions.ts';

/** A recorded board, booted here and taken through what was done to the real one; steps by the suffix of the recorded files. */
export interface Run {
  readonly machine: Machine;
  readonly steps: ReadonlyMap<string, ScenarioStep>;
}

export function run(recording: Recording, tree: string): Run {
  const machine = bootRecorded(recording, tree);
  if (ranKunit(recording)) {
    machine.cpuDown(1);
    machine.cpuUp(1);
  }
  const steps = new Map<string, ScenarioStep>();
  const keep = (made: readonly ScenarioStep[]): void => { for (const step of made) steps.set(`.${step.name}`, step); };
  const boot = showState(machine, 'boot');
  steps.set('.boot', boot).set('', boot);
  if (has(recording.board, 'INTERRUPTS.offline1.txt')) keep(runScenario(machine, 'hotplug'));
  if (has(recording.board, 'INTERRUPTS.aff1.txt')) keep(runScenario(machine, 'affinity'));
  if (has(recording.board, 'INJECT.txt')) keep(runScenario(machine, 'inject'));
  return { machine, steps };
}
