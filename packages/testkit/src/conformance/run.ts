import { IrqError } from '@irqchip/smp';
import { ConformanceError, type ConformanceCase } from './case.ts';
import { conformanceCases } from './cases.ts';
import { checkConformance } from './check-options.ts';
import type { ConformanceOptions, LineTrigger } from './options.ts';
import { runCase } from './verdict.ts';

/** One case for one driver: to be run, or why not. */
export interface PlannedCase {
  readonly name: string;
  readonly rule: string;
  /** Why it is left out; null: it is not. */
  readonly skipped: string | null;
  /** @throws ConformanceError */
  run(): void;
}

/** What came of a case. */
export interface CaseResult {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was left out. */
  readonly reason: string;
}

/** Kinds of drivers that a case is for which does not say. */
export const LINES: NonNullable<ConformanceCase['kinds']> = ['wired', 'msi'];

interface Planned extends PlannedCase {
  readonly gate: string | undefined;
  readonly trigger: LineTrigger;
}

/** The cases for a driver, each trigger of its lines on its own. @throws IrqError `EINVAL` for wrong options, and when `skip` names no case. */
export function planConformance(options: ConformanceOptions): PlannedCase[] { return plan(options); }

function plan(options: ConformanceOptions): Planned[] {
  checkConformance(options);
  const { kind = 'wired', triggers = ['edge'], skip = {} } = options;
  checkSkipped(Object.keys(skip));
  const possible: readonly LineTrigger[] = kind === 'wired' || kind === 'percpu' ? triggers : ['edge'];
  return conformanceCases.filter(({ kinds = LINES }) => kinds.includes(kind)).flatMap((one) => {
    const fit = possible.filter((trigger) => one.trigger === undefined || one.trigger === trigger);
    const why = fit.length === 0 ? `its lines are no ${one.trigger} lines` : one.needs?.(options) ?? null;
    // A case that fits none is planned all the same, to say so.
    return (fit.length === 0 ? possible.slice(0, 1) : fit).map((trigger) => {
      const name = fit.length > 1 ? `${one.name} (${trigger})` : one.name;
      return { name, rule: one.rule, gate: one.gate, trigger, skipped: skip[name] ?? skip[one.name] ?? why, run: () => runCase(one, options, trigger) };
    });
  });
}

/**
 * The same, with the gates tried. What a gate shuts is left out: when the first kind of lines that a driver has does not work,
 * all; else the cases of its own trigger.
 */
export function tryGates(options: ConformanceOptions): PlannedCase[] {
  const shut = new Map<LineTrigger, string>();
  return plan(options).map((one, _at, [first]) => {
    const { skipped, gate, trigger, run } = one;
    const why = shut.get(trigger);
    if (skipped !== null) return one;
    if (why !== undefined) return { ...one, skipped: `not judged, ${why}` };
    if (gate === undefined) return one;
    try {
      run();
      return { ...one, run: () => undefined };
    } catch (error) {
      for (const each of trigger === first!.trigger ? ['edge', 'level'] as const : [trigger]) shut.set(each, gate);
      return { ...one, run: () => { throw error; } };
    }
  });
}

/** Runs the cases outside of Jest. @throws as {@link planConformance} */
export function runConformance(options: ConformanceOptions, only: (name: string) => boolean = () => true): CaseResult[] {
  return tryGates(options).filter(({ name }) => only(name)).map(({ name, skipped, run }) => {
    if (skipped !== null) return { name, result: 'skipped', reason: skipped };
    try {
      run();
      return { name, result: 'passed', reason: '' };
    } catch (error) {
      if (!(error instanceof ConformanceError)) throw error;
      return { name, result: 'failed', reason: error.message };
    }
  });
}

/** A case that there is not was excused in vain. */
function checkSkipped(names: readonly string[]): void {
  const known = conformanceCases.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name.replace(/ \((edge|level)\)$/, ''))) continue;
    const words = name.split(' ');
    const alike = (other: string): number => other.split(' ').filter((word) => words.includes(word)).length - other.length / 1000;
    throw new IrqError('EINVAL', `skip names no case: '${name}'; did you mean '${known.toSorted((a, b) => alike(b) - alike(a))[0]}'?`);
  }
}
