import { Recorder, Refused, type Domains } from './recorder.ts';
import type { Trace } from './trace.ts';

/** A concurrent program: what each thread does, and what memory holds before. */
export interface Program {
  /** Initial values; a location is its index here. */
  readonly init: readonly number[];
  readonly threads: readonly ((memory: Recorder) => unknown)[];
  /** Whether control dependencies are worked out from the runs; otherwise the threads state them. */
  readonly inferControl?: boolean;
}

/** Runs of a thread, and values of a location, beyond which it is given up. */
export interface ThreadBounds { readonly runs: number; readonly values: number }

export const THREAD_BOUNDS: ThreadBounds = { runs: 200_000, values: 64 };

/** The runs of each thread, and what its reads could return in them. */
export interface ThreadRuns { readonly traces: Trace[][]; readonly domains: readonly Domains[] }

/** What one thread writes to one location, over all its runs. */
interface Written { readonly values: Set<number>; most: number }

/** By location, then by thread. */
type Known = (Written[] | undefined)[];

/**
 * Every run of every thread, over all values that its reads could return: those that are there at first, and those that some
 * run of some thread writes. A value can pass through each write once, so there is an end even where counters count.
 * @throws Refused beyond the bounds.
 */
export function runThreads(program: Program, bounds: ThreadBounds = THREAD_BOUNDS): ThreadRuns {
  const known: Known = [];
  for (let round = 0, longest = 1; ; round++) {
    const domains = program.threads.map((_, index) => domainsOf(program, known, index));
    const traces = program.threads.map((thread, index) => runsOf(thread, domains[index]!, bounds));
    longest = Math.max(longest, traces.reduce((sum, runs) => sum + runs.reduce((most, run) => Math.max(most, writesIn(run)), 0), 0));
    const grown = learn(known, traces, bounds);
    if (!grown || round >= longest) return { traces, domains };
  }
}

function domainsOf({ init }: Program, known: Known, thread: number): Domains {
  const foreign = known.map((threads) => threads?.filter((_, index) => index !== thread));
  return {
    init,
    others: foreign.map((threads) => threads && new Set(threads.flatMap(({ values }) => [...values]))),
    counts: foreign.map((threads) => threads?.reduce((sum, { most }) => sum + most, 0)),
  };
}

function runsOf(thread: (memory: Recorder) => unknown, domains: Domains, bounds: ThreadBounds): Trace[] {
  const traces: Trace[] = [];
  new Recorder(domains).runAll(thread, (trace) => {
    if (traces.push(trace) > bounds.runs) throw new Refused(`a thread has more than ${bounds.runs} runs`);
  });
  return traces;
}

function writesIn(trace: Trace): number {
  return trace.accesses.reduce((sum, { written }) => sum + (written === undefined ? 0 : 1), 0);
}

function learn(known: Known, traces: readonly (readonly Trace[])[], bounds: ThreadBounds): boolean {
  let grown = false;
  traces.forEach((runs, thread) => {
    for (const { accesses } of runs) {
      const counts = new Map<number, number>();
      for (const { loc, written } of accesses) {
        if (written === undefined) continue;
        const own = (known[loc] ??= traces.map(() => ({ values: new Set<number>(), most: 0 })))[thread]!;
        const count = (counts.get(loc) ?? 0) + 1;
        counts.set(loc, count);
        grown ||= count > own.most || !own.values.has(written);
        own.most = Math.max(own.most, count);
        own.values.add(written);
        if (own.values.size > bounds.values) throw new Refused(`a location takes more than ${bounds.values} values`);
      }
    }
  });
  return grown;
}
