/**
 * Relations over at most 64 events as bit matrices: `words` 32-bit words a row, all rows in one array. What the axioms of a
 * memory model are written in.
 */
export type Rel = Uint32Array;

export const MAX_EVENTS = 64;

/** Operations on relations of `n` events. */
export class Algebra {
  readonly words: number;

  constructor(readonly n: number) {
    this.words = n <= 32 ? 1 : 2;
  }

  empty(): Rel { return new Uint32Array(this.n * this.words); }

  add(rel: Rel, from: number, to: number): void {
    rel[from * this.words + (to >>> 5)]! |= 1 << (to & 31);
  }

  has(rel: Rel, from: number, to: number): boolean {
    return ((rel[from * this.words + (to >>> 5)]! >>> (to & 31)) & 1) !== 0;
  }

  /** `into` becomes the union of itself and `rel`. */
  or(into: Rel, rel: Rel): void {
    for (let i = 0; i < into.length; i++) into[i]! |= rel[i]!;
  }

  and(into: Rel, rel: Rel): void {
    for (let i = 0; i < into.length; i++) into[i]! &= rel[i]!;
  }

  andNot(into: Rel, rel: Rel): void {
    for (let i = 0; i < into.length; i++) into[i]! &= ~rel[i]!;
  }

  /** `into` gets `first ; second` added. It must be neither of the two. */
  addSeq(into: Rel, first: Rel, second: Rel): void {
    const { n, words } = this;
    for (let i = 0; i < n; i++) {
      for (let w = 0; w < words; w++) {
        for (let rest = first[i * words + w]!; rest !== 0; rest &= rest - 1) {
          const k = (w << 5) + 31 - Math.clz32(rest & -rest);
          for (let v = 0; v < words; v++) into[i * words + v]! |= second[k * words + v]!;
        }
      }
    }
  }

  seq(first: Rel, second: Rel): Rel {
    const into = this.empty();
    this.addSeq(into, first, second);
    return into;
  }

  addIdentity(rel: Rel): void {
    for (let i = 0; i < this.n; i++) this.add(rel, i, i);
  }

  removeIdentity(rel: Rel): void {
    for (let i = 0; i < this.n; i++) rel[i * this.words + (i >>> 5)]! &= ~(1 << (i & 31));
  }

  /** `rel` becomes its transitive closure. */
  close(rel: Rel): void {
    const { n, words } = this;
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        if (((rel[i * words + (k >>> 5)]! >>> (k & 31)) & 1) === 0) continue;
        for (let w = 0; w < words; w++) rel[i * words + w]! |= rel[k * words + w]!;
      }
    }
  }

  /** Whether there is no cycle: events that lead to none that is left are taken away until none is, or none can be. */
  acyclic(rel: Rel): boolean {
    const { n, words } = this;
    let alive0 = n >= 32 ? -1 : (1 << n) - 1;
    let alive1 = n <= 32 ? 0 : n === 64 ? -1 : (1 << (n - 32)) - 1;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 0; i < n; i++) {
        const here = i < 32 ? alive0 : alive1;
        if (((here >>> (i & 31)) & 1) === 0) continue;
        if ((rel[i * words]! & alive0) !== 0 || (words === 2 && (rel[i * words + 1]! & alive1) !== 0)) continue;
        if (i < 32) alive0 &= ~(1 << i);
        else alive1 &= ~(1 << (i - 32));
        changed = true;
      }
    }
    return alive0 === 0 && alive1 === 0;
  }
}
