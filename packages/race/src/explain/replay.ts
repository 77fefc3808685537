import { allRuns, type Execution } from '@irqchip/litmus';
import { coherentExecutions, Combination } from '@irqchip/litmus/internals';
import { IrqError } from '@irqchip/smp';
import { SceneRunner, type Scene, type SceneOptions } from '../scene/explore-scene.ts';
import type { Registry } from '../scene/registry.ts';

/** Characters that a replay string has at most. */
const LONGEST = 120;

/**
 * Names one execution of a scene in a few characters: the answers that each CPU's reads got, and which of the coherent
 * orders of these accesses it is.
 * @throws IrqError `E2BIG` when it does not fit into 120 characters.
 */
export function replayString(execution: Execution): string {
  const wanted = placesOf(execution);
  let ordinal = -1;
  let found = -1;
  coherentExecutions(execution.combination, (candidate) => {
    ordinal++;
    if (placesOf(candidate) === wanted) found = ordinal;
    return found < 0;
  });
  const text = [...execution.combination.traces.map(({ path }) => path.map((choice) => choice.toString(36)).join('') || '-'), found.toString(36)].join('.');
  if (text.length > LONGEST) throw new IrqError('E2BIG', `The execution takes ${text.length} characters to name, more than ${LONGEST}.`);
  return text;
}

/**
 * The execution of that name, and whether the model allows it.
 * @throws IrqError `EINVAL` for a name that this scene does not have.
 */
export function replayExecution<Shared>(scene: Scene<Shared>, options: SceneOptions, text: string): { execution: Execution; registry: Registry; allowed: boolean; what: string | null } {
  const runner = new SceneRunner(scene, options);
  const runs = allRuns(runner.program());
  const parts = text.split('.');
  const ordinal = parseInt(parts.pop() ?? '', 36);
  const traces = runs.map((thread, cpu) => thread.find(({ path }) => (path.map((choice) => choice.toString(36)).join('') || '-') === parts[cpu]));
  const known = traces.filter((trace) => trace !== undefined);
  if (known.length !== runs.length || parts.length !== runs.length) throw notKnown(text, scene.name);
  const combination = new Combination(known, runner.registry.init);
  let at = -1;
  let execution: Execution | null = null;
  coherentExecutions(combination, (candidate) => {
    if (++at === ordinal) execution = candidate.clone();
    return execution === null;
  });
  const found = execution as Execution | null;
  if (found === null) throw notKnown(text, scene.name);
  return { execution: found, registry: runner.registry, allowed: options.model.judge(combination)(found), what: runner.judge(found) };
}

function notKnown(text: string, scene: string): IrqError {
  return new IrqError('EINVAL', `'${text}' names no execution of the scene '${scene}': it belongs to another scene, or the code has changed since.`);
}

function placesOf({ rf, co }: Execution): string { return `${rf.join()} ${co.map((order) => order.join()).join(';')}`; }
