/** An integer, a register, `&location`, or an operation on two. */
export type Expression = number | string | readonly [operation: string, left: Expression, right: Expression];

/** A location by name, or the one that a register points to. */
export type Place = string | { readonly deref: string };

/** One operation of a thread. */
export interface Op {
  readonly op: string;
  readonly loc?: Place;
  readonly reg?: string;
  readonly val?: Expression;
  readonly order?: string;
  readonly kind?: string;
  readonly fn?: string;
  readonly arg?: Expression;
  readonly expect?: Expression;
  readonly ret?: 'old' | 'new' | 'none';
  readonly cond?: Expression;
  readonly then?: readonly Op[];
  readonly else?: readonly Op[];
  readonly ordered?: boolean;
}

export type Condition =
  | readonly ['and' | 'or', ...Condition[]]
  | readonly ['not', Condition]
  | readonly ['eq', string, number | string];

export type Verdict = 'Never' | 'Sometimes';

/** A litmus test: a few threads, and the final state that is asked about. */
export interface LitmusTest {
  readonly name: string;
  readonly init: Readonly<Record<string, number | string>>;
  readonly locks: readonly string[];
  readonly threads: readonly (readonly Op[])[];
  readonly exists: Condition;
  readonly scope?: string;
  /** By model; null where the file makes no statement. */
  readonly verdict?: Readonly<Record<string, Verdict | null>>;
  /** By model: all final states. */
  readonly outcomes?: Readonly<Record<string, readonly string[]>>;
}
