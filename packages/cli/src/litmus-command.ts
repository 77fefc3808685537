import { modelNamed, runLitmus, type LitmusTest, type Model, type Verdict } from '@irqchip/race';
import type { LitmusArgs } from './litmus-args.ts';
import { readLitmusFile } from './litmus-file.ts';
import type { Terminal } from './run.ts';

/** What became of a test, as `--json` has it. */
interface Told {
  readonly name: string;
  readonly verdict: Verdict | null;
  readonly outcomes?: readonly string[];
  readonly refused?: string;
  /** What the file says instead. */
  readonly stated?: Verdict | { readonly missing: readonly string[]; readonly surplus: readonly string[] };
}

type Agreement = 'agreed' | 'disagreed' | 'refused' | 'not stated';

/** Runs every test of the file and compares with what it states. Returns the exit status. */
export function litmusCommand({ file, model: name, outcomes, json }: LitmusArgs, terminal: Terminal): number {
  const begun = terminal.nowMs();
  const model = modelNamed(name);
  const counts: Record<Agreement, number> = { agreed: 0, disagreed: 0, refused: 0, 'not stated': 0 };
  if (!json) terminal.out(`${model.name}: ${model.version}\n`);
  const tests = readLitmusFile(file).map((test) => {
    const { told, agreement } = judge(test, model);
    counts[agreement]++;
    if (!json) terminal.out(lines(told, agreement, outcomes));
    const { outcomes: states, ...rest } = told;
    return outcomes && states ? { ...rest, outcomes: states } : rest;
  });
  const { agreed, disagreed, refused } = counts;
  const ms = Math.round(terminal.nowMs() - begun);
  if (json) terminal.out(`${JSON.stringify({ model: model.name, tests, agreed, disagreed, refused, ms }, null, 2)}\n`);
  else terminal.out(`${tests.length} test${tests.length === 1 ? '' : 's'} in ${ms} ms: ${agreed} agreed, ${disagreed} disagreed, ${refused} refused, ${counts['not stated']} not stated\n`);
  return disagreed === 0 ? 0 : 1;
}

/** The stronger statement counts: all final states, where the file has them. */
function judge(test: LitmusTest, model: Model): { told: Told; agreement: Agreement } {
  const { name, verdict, outcomes, refused } = runLitmus(test, model);
  if (refused !== null) return { told: { name, verdict: null, refused }, agreement: 'refused' };
  const told: Told = { name, verdict, outcomes };
  const stated = test.verdict?.[model.name] ?? null;
  const states = test.outcomes?.[model.name] ?? null;
  const missing = (states ?? []).filter((state) => !outcomes.includes(state));
  const surplus = states === null ? [] : outcomes.filter((state) => !states.includes(state));
  const verdictDiffers = stated !== null && stated !== verdict;
  if (verdictDiffers || missing.length + surplus.length > 0) {
    // A value that only a guess of itself explains: the models' texts allow it, code that runs cannot make it.
    if (test.scope === 'oota' && surplus.length === 0) return { told: { name, verdict: null, refused: 'out of thin air' }, agreement: 'refused' };
    return { told: { ...told, stated: verdictDiffers ? stated : { missing, surplus } }, agreement: 'disagreed' };
  }
  return { told, agreement: stated === null && states === null ? 'not stated' : 'agreed' };
}

function lines({ name, verdict, outcomes, refused, stated }: Told, agreement: Agreement, withOutcomes: boolean): string {
  if (refused !== undefined) return `${name}: refused: ${refused}\n`;
  const says = typeof stated === 'string' ? `disagrees, the file says ${stated}` : stated === undefined ? agreement === 'agreed' ? 'agrees' : 'the file does not say' : 'disagrees about the final states';
  const text = [`${name}: ${verdict}, ${says}`];
  if (typeof stated === 'object') {
    text.push(...stated.missing.map((state) => `  only in the file: ${state}`), ...stated.surplus.map((state) => `  not in the file: ${state}`));
  }
  if (withOutcomes) text.push(...(outcomes ?? []).map((state) => `  ${state}`));
  return `${text.join('\n')}\n`;
}
