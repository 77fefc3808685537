import { IrqError } from '@irqchip/smp';
import type { Bench } from '../bench/bench.ts';

/** One allocation of a scenario. */
export interface AllocationSite {
  /** Its name, as `smp.faults` has it. */
  readonly site: string;
  /** How many of the same name came before. */
  readonly nth: number;
}

/** What is to be tried; a function that it returns is called at the end of a run that succeeded. */
export type Scenario = (bench: Bench) => unknown;

export interface EveryFailureOptions {
  /** Done before the scenario, with nothing failing. */
  readonly before?: (bench: Bench) => void;
  /** How many allocations of the site fail in a row: some are tried twice. Default 1. */
  readonly times?: number;
}

/** What came of it. */
export interface FailureRun extends AllocationSite {
  /** What the scenario threw; null: it went on without. */
  readonly error: IrqError | null;
}

/**
 * Runs a scenario once for each of its allocations, on a fresh bench, and lets that one fail. A failure must be an `IrqError`
 * that leaves nothing behind: interrupts, domains, hotplug states and handlers are as before; then the scenario must succeed.
 * What the scenario returns is called after that, to see that all works.
 * @throws Error naming the allocation and what it left.
 */
export function everyFailure(make: () => Bench, scenario: Scenario, { before = () => undefined, times = 1 }: EveryFailureOptions = {}): FailureRun[] {
  const sites = allocationsOf(make(), scenario, before);
  return sites.map(({ site, nth }) => {
    const b = make();
    before(b);
    const { faults } = b.machine.smp;
    const state = snapshot(b);
    faults.fail(site, { after: nth, times });
    const error = failureOf(b, scenario);
    faults.clear();
    if (error !== null) {
      const left = difference(state, snapshot(b));
      if (left.length > 0) throw new Error(`Allocation ${nth + 1} of ${site} failed and left behind: ${left.join('; ')}`, { cause: error });
      run(scenario, b);
    }
    return { site, nth, error };
  });
}

/** What a bench's hotplug steps do when one fails: the CPU is where it was, or where it was to go. */
export interface HotplugFailure {
  /** The state whose callback failed. */
  readonly state: string;
  readonly direction: 'up' | 'down';
}

/**
 * Takes a CPU down and up once for each hotplug state that can fail, and lets that one fail. Each failed change must be undone
 * and must succeed when it is tried again; `works` is called after each.
 * @throws Error naming the state.
 */
export function everyHotplugFailure(make: () => Bench, cpu: number, works: (bench: Bench) => void = () => undefined): HotplugFailure[] {
  const b = make();
  const { machine: { cpuhp, smp: { cpus } } } = b;
  const tried: HotplugFailure[] = [];
  for (const { state, name } of cpuhp.states()) {
    for (const direction of ['down', 'up'] as const) {
      const change = (): void => (direction === 'down' ? b.cpuDown(cpu) : b.cpuUp(cpu));
      if (direction === 'up' && cpus.online.test(cpu)) b.cpuDown(cpu);
      if (direction === 'down' && !cpus.online.test(cpu)) b.cpuUp(cpu);
      if (!arm(() => cpuhp.setFail(cpu, state))) continue;
      const online = cpus.online.test(cpu);
      const error = failureOf(b, () => change());
      cpuhp.setFail(cpu, -1);
      if (error === null) continue;
      if (cpus.online.test(cpu) !== online) throw new Error(`CPU ${cpu} is ${online ? 'off' : 'on'}line after its way ${direction} failed at ${name}`, { cause: error });
      works(b);
      change();
      works(b);
      tried.push({ state: name, direction });
    }
  }
  if (!cpus.online.test(cpu)) b.cpuUp(cpu);
  return tried;
}

function run(scenario: Scenario, b: Bench): void {
  const check = scenario(b);
  if (typeof check === 'function') check();
}

/** False for a state that cannot fail. */
function arm(set: () => void): boolean {
  try {
    set();
    return true;
  } catch (error) {
    if (error instanceof IrqError) return false;
    throw error;
  }
}

function allocationsOf(b: Bench, scenario: Scenario, before: (bench: Bench) => void): AllocationSite[] {
  const { faults } = b.machine.smp;
  before(b);
  faults.asked.length = 0;
  faults.record = true;
  run(scenario, b);
  faults.record = false;
  const counts = new Map<string, number>();
  return faults.asked.map((site) => {
    const nth = counts.get(site) ?? 0;
    counts.set(site, nth + 1);
    return { site, nth };
  });
}

function failureOf(b: Bench, scenario: Scenario): IrqError | null {
  try {
    run(scenario, b);
    return null;
  } catch (error) {
    if (error instanceof IrqError) return error;
    throw error;
  }
}

/** Everything that a failure could leave behind. */
function snapshot({ machine: { genirq, domains, cpuhp } }: Bench): Map<string, string> {
  const handlers = [...genirq.descs].map(({ irq, action }) => {
    const names: string[] = [];
    for (let each = action; each !== null; each = each.next) names.push(each.name);
    return `irq ${irq}: ${names.join(', ')}`;
  });
  return new Map([
    ['interrupts', handlers.join('; ')],
    ['domains', domains.list.map(({ name, mapcount }) => `${name} with ${mapcount}`).join('; ')],
    ['fwnodes', [...domains.liveFwnodes].map(({ name }) => name).join('; ')],
    ['hotplug states', cpuhp.states().map(({ name }) => name).join('; ')],
  ]);
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].flatMap(([what, was]) => (after.get(what) === was ? [] : [`${what} were ${was} and are ${after.get(what)}`]));
}
