import type { Subject } from './rig.ts';

const CALLS = 200_000;
const ROUNDS = 31;

export interface Figure {
  readonly name: string;
  /** Median over the rounds. */
  readonly ns: number;
  /** To the yardstick: median of the ratios within a round. */
  readonly ratio: number;
  /** Heap bytes that one call leaves behind. */
  readonly bytes: number;
}

/**
 * Times a subject against the yardstick in turns, so that what else the machine does hits both alike. Subjects are made and
 * measured one after the other: each sees the core as its own code has warmed it.
 */
export function measure(yardstick: Subject, make: () => Subject): Figure {
  const subject = make();
  for (let i = 0; i < 5; i++) {
    yardstick.run(CALLS);
    subject.run(CALLS);
  }
  const ns: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const unit = time(yardstick);
    const own = time(subject);
    ns.push(own);
    ratios.push(own / unit);
  }
  return { name: subject.name, ns: median(ns), ratio: median(ratios), bytes: allocation(subject) };
}

function time(subject: Subject): number {
  const begun = process.hrtime.bigint();
  subject.run(CALLS);
  return Number(process.hrtime.bigint() - begun) / CALLS;
}

/** Heap growth of many calls with no collection in between; the run repeats until one was not disturbed. */
function allocation(subject: Subject): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 5; attempt++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5; i++) subject.run(CALLS);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown);
  }
  // What the measurement itself leaves behind is a few kilobytes.
  return Math.round(least / (5 * CALLS) * 10) / 10;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
