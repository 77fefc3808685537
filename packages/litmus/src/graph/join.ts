import type { Trace } from '../program/trace.ts';

/** A value that a location holds only after somebody has written it. */
interface Key { readonly loc: number; readonly value: number }

/** Values that a bit stands for; what is beyond is not sieved here. */
const MAX_KEYS = 31;

/**
 * Calls `visit` with one run of each thread, for every combination in which each value that is read is written by somebody or
 * there at first. `visit` ends the search by returning false.
 */
export function combinations(runs: readonly (readonly Trace[])[], init: readonly number[], visit: (traces: readonly Trace[]) => boolean): void {
  const keys = new Map<string, number>();
  const bit = ({ loc, value }: Key): number => {
    if (init[loc] === value) return 0;
    const name = `${loc} ${value}`;
    let index = keys.get(name);
    if (index === undefined) keys.set(name, (index = keys.size));
    return index < MAX_KEYS ? 1 << index : 0;
  };
  const masks = runs.map((thread) => thread.map((trace) => maskOf(trace, bit)));
  const later = masks.map((_, index) => masks.slice(index + 1).flat().reduce((all, { provides }) => all | provides, 0));
  const chosen: Trace[] = [];
  const descend = (index: number, provided: number, needed: number): boolean => {
    if (index === runs.length) return visit(chosen);
    return runs[index]!.every((trace, at) => {
      const { provides, needs } = masks[index]![at]!;
      const [given, asked] = [provided | provides, needed | needs];
      if ((asked & ~(given | later[index]!)) !== 0) return true;
      chosen[index] = trace;
      return descend(index + 1, given, asked);
    });
  };
  descend(0, 0, 0);
}

function maskOf({ accesses }: Trace, bit: (key: Key) => number): { provides: number; needs: number } {
  let provides = 0;
  let needs = 0;
  for (const { loc, read, written } of accesses) {
    if (read !== undefined) needs |= bit({ loc, value: read });
    if (written !== undefined) provides |= bit({ loc, value: written });
  }
  return { provides, needs };
}
