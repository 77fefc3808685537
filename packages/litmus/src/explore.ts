import { Combination, coherentExecutions, type Execution } from './graph/execution.ts';
import { combinations } from './graph/join.ts';
import type { Model } from './models/model.ts';
import { withControl } from './program/control.ts';
import { Recorder } from './program/recorder.ts';
import { runThreads, type Program, type ThreadBounds } from './program/threads.ts';
import type { Trace } from './program/trace.ts';

/** How much was looked at. */
export interface Explored {
  /** Runs of threads. */
  readonly runs: number;
  /** Coherent executions, before the model had its say. */
  readonly candidates: number;
  /** Executions that the model allows. */
  readonly executions: number;
}

/**
 * Every run that each thread could make.
 * @throws Refused where something is not modelled or a bound is hit.
 */
export function allRuns(program: Program, bounds?: ThreadBounds): Trace[][] {
  const { traces, domains } = runThreads(program, bounds);
  if (program.inferControl !== true) return traces;
  return traces.map((thread, index) => {
    const recorder = new Recorder(domains[index]!);
    return withControl(thread, (path, access, value) => recorder.whatIf(program.threads[index]!, path, access, value));
  });
}

/**
 * Calls `visit` with every execution that the model allows of one run of each thread. Executions in which a thread waits for
 * ever are not among them. `visit` ends the search by returning false.
 */
export function exploreRuns(runs: readonly (readonly Trace[])[], init: readonly number[], model: Model, visit: (execution: Execution) => unknown): Explored {
  let candidates = 0;
  let executions = 0;
  let going = true;
  combinations(runs, init, (traces) => {
    const combination = new Combination([...traces], init);
    let consistent: ((execution: Execution) => boolean) | null = null;
    going &&= coherentExecutions(combination, (execution) => {
      candidates++;
      consistent ??= model.judge(combination);
      if (!consistent(execution)) return true;
      executions++;
      return visit(execution) !== false;
    });
    return going;
  });
  return { runs: runs.reduce((sum, thread) => sum + thread.length, 0), candidates, executions };
}

/** {@link exploreRuns} of {@link allRuns}. */
export function exploreProgram(program: Program, model: Model, visit: (execution: Execution) => unknown, bounds?: ThreadBounds): Explored {
  return exploreRuns(allRuns(program, bounds), program.init, model, visit);
}
