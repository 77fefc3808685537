import type { ConformanceCase } from './case.ts';
import { ConformanceError, runCase } from './case.ts';
import { conformanceCases } from './cases.ts';
import type { ConformanceOptions, LineTrigger } from './options.ts';

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

/** The cases for a driver, each trigger of its lines on its own. */
export function planConformance(options: ConformanceOptions): PlannedCase[] {
  const kind = options.kind ?? 'wired';
  return conformanceCases.filter(({ kinds }) => kinds.includes(kind)).flatMap((one) => triggersOf(one, options).map(({ trigger, of }) => ({
    name: of > 1 ? `${one.name} (${trigger})` : one.name,
    rule: one.rule,
    skipped: options.skip?.[one.name] ?? whyNot(one, options),
    run: () => runCase(one, options, trigger),
  })));
}

/** Runs the cases outside of Jest. */
export function runConformance(options: ConformanceOptions, only: (name: string) => boolean = () => true): CaseResult[] {
  return planConformance(options).filter(({ name }) => only(name)).map(({ name, skipped, run }) => {
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

function triggersOf(one: ConformanceCase, { triggers = ['edge'], kind }: ConformanceOptions): { trigger: LineTrigger; of: number }[] {
  const possible: readonly LineTrigger[] = kind === 'msi' || kind === 'ipi' ? ['edge'] : triggers;
  const fit = possible.filter((trigger) => one.trigger === undefined || one.trigger === trigger);
  // A case that fits none is planned all the same, to say so.
  return fit.length === 0 ? [{ trigger: possible[0]!, of: 1 }] : fit.map((trigger) => ({ trigger, of: one.trigger === undefined ? fit.length : 1 }));
}

function whyNot(one: ConformanceCase, options: ConformanceOptions): string | null {
  const { triggers = ['edge'], kind } = options;
  const possible: readonly LineTrigger[] = kind === 'msi' || kind === 'ipi' ? ['edge'] : triggers;
  if (one.trigger !== undefined && !possible.includes(one.trigger)) return `its lines are no ${one.trigger} lines`;
  return one.needs?.(options) ?? null;
}
