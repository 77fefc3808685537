import { allRuns, type Execution, exploreRuns, type Model } from '@irqchip/litmus';
import { type Domains, type Program, Recorder, type Trace } from '@irqchip/litmus/internals';
import { notTheSame, Registry } from './registry.ts';
import { Tracer, type InterruptBounds } from './tracer.ts';
import { World } from './world.ts';

/** What is put to the checker. `Shared` is what setup() makes for the CPUs to work with. */
export interface Scene<Shared> {
  readonly name: string;
  /** How many CPUs there are. */
  readonly cpus: number;
  /** Builds everything afresh; called for every run, as the CPU that is to run, before it is watched. */
  setup(world: World): Shared;
  /** The code of each CPU; null for one that only takes interrupts. What it returns is handed to {@link check}. */
  readonly run: readonly (((shared: Shared) => unknown) | null)[];
  /** What the CPU has to tell once its interrupts are through; default: what `run` returned. */
  observe?(shared: Shared, cpu: number): unknown;
  /** null when all is well, else a sentence. Called for executions in which nothing is left to happen. */
  check(final: Final): string | null;
}

/** The end of an execution. */
export interface Final {
  /** Of a shared word, by its name and index; 0 where nobody touched it. */
  word(name: string, index: number): number;
  /** Of a device register. */
  register(name: string): number;
  /** What each CPU observed. */
  readonly observed: readonly unknown[];
}

export interface SceneOptions {
  readonly model: Model;
  readonly bounds?: Partial<InterruptBounds>;
  readonly csrWritesSerialise?: boolean;
  /** Stop at the first execution that fails; default true. */
  readonly first?: boolean;
}

/** An execution that fails, and why. */
export interface Failure { readonly what: string; readonly execution: Execution }

export interface SceneResult {
  readonly failures: readonly Failure[];
  readonly registry: Registry;
  readonly runs: number;
  readonly executions: number;
  /** Some run took as many interrupts as it may, with more to come: what is beyond was not looked at. */
  readonly bounded: boolean;
}

const BOUNDS: InterruptBounds = { taken: 4, nested: 2 };

/** What one CPU's run makes known. */
interface Outcome { readonly observed: unknown; readonly boundHit: boolean; readonly lines: readonly number[]; readonly irqsOn: boolean; readonly findings: readonly string[] }

/** Every execution of the scene's own code that the model allows, each checked. @throws Refused */
export function exploreScene<Shared>(scene: Scene<Shared>, options: SceneOptions): SceneResult {
  const runner = new SceneRunner(scene, options);
  runner.compareFirstRuns();
  return checkRuns(runner, allRuns(runner.program()), options);
}

/** {@link exploreScene} of runs that are known. */
export function checkRuns<Shared>(runner: SceneRunner<Shared>, runs: readonly (readonly Trace[])[], { model, first = true }: SceneOptions): SceneResult {
  const failures: Failure[] = [];
  let bounded = false;
  const explored = exploreRuns(runs, runner.registry.init, model, (execution) => {
    const verdict = runner.judge(execution);
    bounded ||= verdict === 'bounded';
    if (verdict === null || verdict === 'bounded' || verdict === 'unfinished') return true;
    failures.push({ what: verdict, execution: execution.clone() });
    return !first;
  });
  return { failures, registry: runner.registry, runs: explored.runs, executions: explored.executions, bounded };
}

/** Whether a line was served more often than it was raised: a line that is lowered before it is served again is not. */
function isStorm({ combination: { accesses, init } }: Execution, line: number): boolean {
  let raised = init[line] === 0 ? 0 : 1;
  let taken = 0;
  for (const { loc, written, trap } of accesses) {
    if (loc !== line) continue;
    if (trap) taken++;
    else if (written !== undefined && written !== 0) raised++;
  }
  return taken > raised;
}

/** The failure with the fewest accesses that matter, null without any. */
export function shortestFailure({ failures }: Pick<SceneResult, 'failures'>): Failure | null {
  let best: Failure | null = null;
  for (const failure of failures) {
    if (best === null || failure.execution.telling().length < best.execution.telling().length) best = failure;
  }
  return best;
}

/** Runs the code of a scene's CPUs, each in a world of its own. */
export class SceneRunner<Shared> {
  readonly registry: Registry = new Registry();
  private readonly bounds: InterruptBounds;

  constructor(private readonly scene: Scene<Shared>, private readonly options: SceneOptions) {
    this.bounds = { ...BOUNDS, ...options.bounds };
  }

  program(): Program {
    return {
      inferControl: true,
      init: this.registry.init,
      threads: this.scene.run.map((_, cpu) => (recorder) => this.runCpu(recorder, cpu)),
    };
  }

  /** Runs one CPU to its end, interrupts included. */
  runCpu(recorder: Recorder, cpu: number): Outcome {
    const tracer = new Tracer(this.registry, this.bounds);
    const world = new World(tracer, this.scene.cpus, this.options.csrWritesSerialise ?? true);
    const { cpus } = world.smp;
    return cpus.runOn(cpu, () => {
      const shared = this.scene.setup(world);
      tracer.listen(recorder, () => !cpus.irqsDisabled(), (handler) => {
        cpus.localIrqDisable();
        cpus.irqEnter();
        handler();
        cpus.irqExit();
        cpus.trapReturn();
      });
      const returned = this.scene.run[cpu]?.(shared);
      tracer.drain();
      tracer.listening = false;
      const observed = this.scene.observe ? this.scene.observe(shared, cpu) : returned;
      return { observed, boundHit: tracer.boundHit, lines: tracer.lineLocations, irqsOn: !cpus.irqsDisabled(), findings: world.smp.diagnostics.take().map(({ message }) => message) };
    });
  }

  /** @throws IrqError `EINVAL` when two runs with the same answers differ. */
  compareFirstRuns(): void {
    this.scene.run.forEach((_, cpu) => {
      const [first, second] = [this.firstRun(cpu), this.firstRun(cpu)];
      if (first !== second) throw notTheSame(`CPU${cpu} made other accesses when it was run again`);
    });
  }

  /** null: all is well. */
  judge(execution: Execution): string | null {
    const { scene, registry } = this;
    const outcomes = execution.combination.traces.map(({ result }) => result as Outcome);
    // What lockdep would have said, such as a lock that an interrupt takes from its holder.
    const finding = outcomes.flatMap(({ findings }) => findings)[0];
    if (finding !== undefined) return finding;
    const storm = outcomes.flatMap(({ lines }) => lines).find((loc) => isStorm(execution, loc));
    if (storm !== undefined) return `${registry.names[storm]} interrupts more often than it is raised: nothing lowers it`;
    for (const { lines, irqsOn, boundHit } of outcomes) {
      if (irqsOn && lines.some((loc) => execution.finalValue(loc) !== 0)) return boundHit ? 'bounded' : 'unfinished';
    }
    const valueOf = (name: string): number => {
      const loc = registry.find(name);
      return loc < 0 ? 0 : execution.finalValue(loc);
    };
    return scene.check({
      word: (name, index) => valueOf(`${name}[${index}]`),
      register: valueOf,
      observed: outcomes.map(({ observed }) => observed),
    });
  }

  private firstRun(cpu: number): string {
    const domains: Domains = { init: this.registry.init, others: [], counts: [] };
    const recorder = new Recorder(domains);
    let text = '';
    recorder.runOnce((memory) => this.runCpu(memory, cpu), ({ accesses, fences }) => {
      text = JSON.stringify([accesses, fences]);
    });
    return text;
  }
}
