import type { Trace } from '../program/trace.ts';
import type { Model } from './model.ts';
import { oneOrderModel, type Pairs } from './orders.ts';

function programOrder({ accesses }: Trace): Pairs {
  return accesses.slice(1).map((_, index) => [index, index + 1] as const);
}

/** Sequential consistency: one access after the other, each thread's in program order. */
export const SC: Model = oneOrderModel({ name: 'sc', version: 'sequential consistency', preserved: programOrder, own: true });
