import { Recorder, Refused, type Domains } from './recorder.ts';
import type { Trace } from './trace.ts';

/** A concurrent program: what each thread does, and what memory holds before. */
export interface Program {
  /** Initial values; a location is its index here. */
  readonly init: readonly number[];
  readonly threads: readonly ((memory: Recorder) => unknown)[];
}

/** Runs of a thread, and values of a location, beyond which it is given up. */
export interface ThreadBounds { readonly runs: number; readonly values: number }

export const THREAD_BOUNDS: ThreadBounds = { runs: 200_000, values: 64 };

/**
 * Every run of every thread, over all values that its reads could return: those that are there at first, and those that some
 * run of some thread writes. A value can pass through each write once, so there is an end even where counters count.
 * @throws Refused beyond the bounds.
 */
export function runThreads(program: Program, bounds: ThreadBounds = THREAD_BOUNDS): Trace[][] {
  const known = program.init.map((value) => new Set([value]));
  for (let round = 0, longest = 1; ; round++) {
    const traces = program.threads.map((thread) => runsOf(thread, known.map((values) => [...values]), bounds));
    longest = Math.max(longest, ...[traces.reduce((sum, runs) => sum + Math.max(0, ...runs.map(writesIn)), 0)]);
    const grown = learn(known, traces, bounds);
    if (!grown || round >= longest) return traces;
  }
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

function learn(known: readonly Set<number>[], traces: readonly (readonly Trace[])[], bounds: ThreadBounds): boolean {
  let grown = false;
  for (const { accesses } of traces.flat()) {
    for (const { loc, written } of accesses) {
      if (written === undefined || known[loc]!.has(written)) continue;
      known[loc]!.add(written);
      grown = true;
      if (known[loc]!.size > bounds.values) throw new Refused(`a location takes more than ${bounds.values} values`);
    }
  }
  return grown;
}
