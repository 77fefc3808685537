import { isRmw, type Trace } from '../program/trace.ts';
import type { Model } from './model.ts';
import { ALL, fencePairs, kindOf, oneOrderModel, READS, WRITES, type Pairs } from './orders.ts';

/** All of program order but a write before a read; every RMW, failed or not, is a locked instruction. */
function preserved(trace: Trace): Pairs {
  const { accesses, fences } = trace;
  const pairs: [number, number][] = [];
  for (let after = 1; after < accesses.length; after++) {
    for (let before = 0; before < after; before++) {
      const [a, b] = [accesses[before]!, accesses[after]!];
      const relaxed = (kindOf(a) & READS) === 0 && (kindOf(b) & WRITES) === 0;
      if (!relaxed || isRmw(a) || isRmw(b)) pairs.push([before, after]);
    }
  }
  // lfence and sfence, which rmb() and wmb() are, keep what is kept anyway.
  for (const fence of fences) if (fence.kind === 'mb' || fence.kind === 'io_mb') pairs.push(...fencePairs(trace, fence, ALL, ALL));
  return pairs;
}

/** x86: a write may wait in its CPU's buffer while later reads go ahead. */
export const TSO: Model = oneOrderModel({
  name: 'tso', version: 'x86-TSO, with the kernel\'s mapping of operations to instructions', preserved, own: false,
});
