import { IrqError } from '@irqchip/smp';
import { showLog } from '@irqchip/testbench/internals';
import { CaseKit, ConformanceError, isStorm, OtherError, type ConformanceCase } from './case.ts';
import { showPath } from './look.ts';
import type { ConformanceOptions, LineTrigger } from './options.ts';

/** So many frames are kept while a case runs: the driver may be below many of the machine's. */
const FRAMES = 100;

/** What no driver and no test is in: packages that are installed, Node, functions of the language. */
const OTHERS = /[\\/]node_modules[\\/]|node:|\(<anonymous>\)$/;

/** Frames of a stack that are the driver's or the test's, each of them once. */
export function ownFrames(stack: string | undefined): string[] {
  return [...new Set((stack ?? '').split('\n').filter((line) => /^ +at /.test(line) && !OTHERS.test(line)))];
}

/** Where it was thrown first, which the case may have told in words of its own. */
function originOf(failure: unknown, { thrown }: CaseKit): Error | null {
  const told = failure instanceof ConformanceError && thrown instanceof Error && failure.message.includes(thrown.message);
  let origin = (told ? thrown : failure) as Error | null;
  while (origin?.cause instanceof Error) origin = origin.cause;
  return origin;
}

/** Runs it with stacks that are deep enough. */
function deeply(run: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Math.max(stackTraceLimit, FRAMES);
  try {
    run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A failure of the case speaks for itself; what the machine throws is told with its name and where the case was. */
function wordsFor(failure: unknown, { step }: CaseKit): string {
  if (failure === null) return 'the machine found rules broken';
  if (failure instanceof ConformanceError) return failure.message;
  // A storm brings the history of its bench, which comes below.
  const text = failure instanceof IrqError ? `${failure.code}: ${failure.message.split('\nlast calls:')[0]!}` : String(failure);
  return `${text}\nlast step of the case: ${step}`;
}

/** Runs one case. @throws ConformanceError saying what the driver did not keep to. */
export function runCase(one: ConformanceCase, options: ConformanceOptions, trigger: LineTrigger): void {
  const kit = new CaseKit(options, trigger);
  let failure: unknown = null;
  try {
    deeply(() => one.run(kit));
  } catch (error) {
    failure = error;
  }
  const found = kit.benches.flatMap((b) => b.takeDiagnostics());
  if (failure === null && found.length === 0) return;
  const log = showLog(kit.benches.map(({ machine }) => machine), found);
  const last = kit.benches.at(-1);
  const history = kit.history ?? last?.recent(kit.asked?.irqData.hwirq);
  const path = one.gate === undefined || failure === null || last === undefined ? [] : [showPath(last, kit.asked, isStorm(failure))];
  const [first, ...rest] = wordsFor(failure, kit).split('\n');
  const text = [
    first,
    ...(failure instanceof ConformanceError && !(failure instanceof OtherError) ? [`rule: ${one.rule}`] : []),
    ...(one.gate === undefined ? [] : ['the other cases wait until this one passes']),
    ...rest,
    ...path,
    ...found.map(({ kind, message }) => `  [${kind}] ${message}`),
    ...log,
    ...(history === undefined ? [] : [history]),
  ].join('\n');
  const error = new ConformanceError(text);
  error.stack = [text, ...ownFrames(originOf(failure, kit)?.stack)].join('\n');
  throw error;
}
