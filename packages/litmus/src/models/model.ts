import type { Combination, Execution } from '../graph/execution.ts';

/** What memory may do. */
export interface Model {
  readonly name: string;
  /** Which text of which model this is. */
  readonly version: string;
  /** Prepares what depends on the accesses alone; the result judges their executions. */
  judge(combination: Combination): (execution: Execution) => boolean;
}
