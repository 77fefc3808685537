import { IrqError } from '@irqchip/smp';
import { CaseKit, ConformanceError, isStorm, OtherError, type ConformanceCase } from './case.ts';
import { showPath } from './look.ts';
import type { ConformanceOptions, LineTrigger } from './options.ts';

/** Frames of a stack that are the driver's or the test's. */
export function ownFrames(stack: string | undefined): string {
  return (stack ?? '').split('\n').filter((line) => /^ +at /.test(line) && !/[\\/]node_modules[\\/]|node:/.test(line)).map((line) => `\n${line}`).join('');
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
    one.run(kit);
  } catch (error) {
    failure = error;
  }
  const found = kit.benches.flatMap((b) => b.takeDiagnostics());
  if (failure === null && found.length === 0) return;
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
    ...(history === undefined ? [] : [history]),
  ].join('\n');
  const error = new ConformanceError(text);
  error.stack = `${text}${ownFrames((failure as Error | null)?.stack)}`;
  throw error;
}
