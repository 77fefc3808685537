import { Algebra } from '../graph/relation.ts';
import type { Trace } from '../program/trace.ts';
import type { Model } from './model.ts';
import { addCommunication, addPairs, type Pairs } from './orders.ts';

function programOrder({ accesses }: Trace): Pairs {
  return accesses.slice(1).map((_, index) => [index, index + 1] as const);
}

/** Sequential consistency: one access after the other, each thread's in program order. */
export const SC: Model = {
  name: 'sc',
  version: 'sequential consistency',
  judge: (combination) => {
    const algebra = new Algebra(combination.accesses.length);
    const po = algebra.empty();
    addPairs(algebra, po, combination, 'sc', programOrder);
    return (execution) => {
      const rel = po.slice();
      addCommunication(algebra, rel, execution, true);
      return algebra.acyclic(rel);
    };
  },
};
