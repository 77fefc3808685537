import { Combination, coherentExecutions, type Execution } from './graph/execution.ts';
import { combinations } from './graph/join.ts';
import type { Model } from './models/model.ts';
import { withControl } from './program/control.ts';
import { runThreads, type Program, type ThreadBounds } from './program/threads.ts';

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
 * Calls `visit` with every execution of the program that the model allows. Executions in which a thread waits for ever are not
 * among them.
 * @throws Refused where something is not modelled or a bound is hit.
 */
export function exploreProgram(program: Program, model: Model, visit: (execution: Execution) => void, bounds?: ThreadBounds): Explored {
  const { adapt, inferControl } = program;
  const found = runThreads(program, bounds);
  const plain = inferControl === true ? found.map(withControl) : found;
  const runs = adapt ? plain.map((thread, index) => thread.map((trace) => adapt(trace, index))) : plain;
  let candidates = 0;
  let executions = 0;
  combinations(runs, program.init, (traces) => {
    const combination = new Combination([...traces], program.init);
    let consistent: ((execution: Execution) => boolean) | null = null;
    coherentExecutions(combination, (execution) => {
      candidates++;
      consistent ??= model.judge(combination);
      if (!consistent(execution)) return;
      executions++;
      visit(execution);
    });
  });
  return { runs: runs.reduce((sum, thread) => sum + thread.length, 0), candidates, executions };
}
