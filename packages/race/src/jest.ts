import { type Model, modelNamed } from '@irqchip/litmus';
import { IrqError } from '@irqchip/smp';
import { replayString } from './explain/replay.ts';
import { explainFailure } from './explain/table.ts';
import { exploreScene, shortestFailure, type Failure, type Scene, type SceneOptions } from './scene/explore-scene.ts';

/** What is put to the checker besides the scene. */
export interface HoldOptions extends Pick<SceneOptions, 'bounds' | 'csrWritesSerialise'> {
  /** Whether it is enough that nothing fails up to the bound on interrupts; default false. */
  readonly acceptBound?: boolean;
}

/** What `expect` learns of scenes. */
export interface RaceMatchers<R> {
  /** Nothing fails in any order that this model allows: `lkmm`, `rvio`, `rvwmo`, `tso`, `sc`, or one with switches of its own. */
  toHoldUnder(model: Model | string, options?: HoldOptions): R;
  /** {@link toHoldUnder} sequential consistency, x86, the kernel's own model, and RISC-V with devices apart from memory. */
  toNeverLose(options?: HoldOptions): R;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- @types/jest is extended this way
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- its parameters, and nothing else
    interface Matchers<R, T> extends RaceMatchers<R> {}
  }
}

/** What a matcher answers. */
export interface MatcherResult { readonly pass: boolean; readonly message: () => string }

/** Strongest first: what fails under the first is the algorithm's fault and needs no barrier to explain. */
const EVERY: readonly string[] = ['sc', 'tso', 'lkmm', 'rvio'];

/**
 * For `expect.extend`. A scene that cannot be explored is an error, under `.not` too.
 * @throws IrqError `EINVAL` for what is no scene, a model that is not there, and a scene that is not deterministic. @throws Refused
 */
export const raceMatchers: {
  readonly toHoldUnder: (scene: unknown, model: Model | string, options?: HoldOptions) => MatcherResult;
  readonly toNeverLose: (scene: unknown, options?: HoldOptions) => MatcherResult;
} = {
  toHoldUnder: (scene, model, options = {}) => judge(sceneOf(scene), [typeof model === 'string' ? modelNamed(model) : model], options),
  toNeverLose: (scene, options = {}) => judge(sceneOf(scene), EVERY.map((name) => modelNamed(name)), options),
};

function judge(scene: Scene<unknown>, models: readonly Model[], { acceptBound = false, ...options }: HoldOptions): MatcherResult {
  let executions = 0;
  for (const model of models) {
    const result = exploreScene(scene, { ...options, model });
    executions += result.executions;
    if (result.failures.length > 0) return { pass: false, message: () => failed(scene, { ...options, model }) };
    if (result.bounded && !acceptBound) return { pass: false, message: () => beyond(scene, model) };
  }
  const under = models.map(({ name }) => name).join(', ');
  return { pass: true, message: () => `'${scene.name}' holds under ${under}: none of its ${executions} executions fails.` };
}

function failed(scene: Scene<unknown>, options: SceneOptions): string {
  const { failures, executions, registry } = exploreScene(scene, { ...options, first: false });
  const failure = shortestFailure({ failures })!;
  const { name, version } = options.model;
  return [
    `'${scene.name}' fails under ${name} (${version}), in ${failures.length} of ${executions} executions. The shortest:`,
    '', explainFailure(failure, registry, options.model), '', replayLine(failure),
  ].join('\n');
}

function replayLine({ execution }: Failure): string {
  try {
    return `Replay: ${replayString(execution)}`;
  } catch (error) {
    if (error instanceof IrqError) return error.message;
    throw error;
  }
}

function beyond(scene: Scene<unknown>, { name }: Model): string {
  return `'${scene.name}' holds under ${name} as far as it was looked at, but a CPU could take more interrupts than that: raise bounds.taken, or say acceptBound.`;
}

function sceneOf(subject: unknown): Scene<unknown> {
  const scene = subject as Partial<Scene<unknown>> | null | undefined;
  if (typeof scene?.setup !== 'function' || typeof scene.check !== 'function' || !Array.isArray(scene.run)) {
    throw new IrqError('EINVAL', 'This is no scene: it takes a name, cpus, setup, run and check.');
  }
  return scene as Scene<unknown>;
}
