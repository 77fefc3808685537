import { allRuns, type Execution } from '@irqchip/litmus';
import type { Trace } from '@irqchip/litmus/internals';
import { sitesOf, siteKey, weaken, type Site } from '../program/sites.ts';
import { checkRuns, SceneRunner, type Scene, type SceneOptions } from '../scene/explore-scene.ts';

/** What one ordering of the code is for. */
export interface BarrierVerdict {
  readonly site: Site;
  /** Executions that fail without it. */
  readonly failures: number;
  /** What fails without it. */
  readonly what: string | null;
  /** Other orderings that forbid the same executions. */
  readonly pairs: readonly Site[];
  /** Not needed as long as one of these is there. */
  readonly oneOf: readonly Site[];
}

export interface BarrierReport {
  readonly scene: string;
  readonly model: string;
  /** Failing executions with everything in place. */
  readonly asWritten: number;
  readonly verdicts: readonly BarrierVerdict[];
  readonly bounded: boolean;
}

/**
 * Takes every ordering of the scene's code away, one at a time, and two at a time where one is not missed, and says what fails.
 * Two orderings pair when the same execution fails without either.
 * @throws Refused
 */
export function barrierReport<Shared>(scene: Scene<Shared>, options: SceneOptions): BarrierReport {
  const runner = new SceneRunner(scene, options);
  runner.compareFirstRuns();
  const runs = allRuns(runner.program());
  const sites = uniqueSites(runs);
  const without = (...gone: readonly Site[]): ReturnType<typeof checkRuns> => {
    const keys = new Set(gone.map(siteKey));
    const weakened = keys.size === 0 ? runs : runs.map((thread) => thread.map((trace) => weaken(trace, keys)));
    return checkRuns(runner, weakened, { ...options, first: false });
  };
  const written = without();
  const alone = sites.map((site) => without(site));
  // What fails with everything in place is not for want of a barrier that is there.
  const anyway = new Set(written.failures.map(({ execution }) => signature(execution)));
  const failing = alone.map(({ failures }) => new Set(failures.map(({ execution }) => signature(execution)).filter((name) => !anyway.has(name))));
  const spare = sites.filter((_, index) => failing[index]!.size === 0);
  const verdicts = sites.map((site, index): BarrierVerdict => ({
    site,
    failures: failing[index]!.size,
    what: failing[index]!.size > 0 ? alone[index]!.failures.find(({ execution }) => failing[index]!.has(signature(execution)))!.what : null,
    pairs: sites.filter((_, other) => other !== index && [...failing[index]!].some((name) => failing[other]!.has(name))),
    oneOf: failing[index]!.size > 0 ? [] : spare.filter((other) => other !== site && without(site, other).failures.some(({ execution }) => !anyway.has(signature(execution)))),
  }));
  return { scene: scene.name, model: options.model.name, asWritten: written.failures.length, verdicts, bounded: written.bounded };
}

/** Every ordering place of these runs, with everybody who comes by. */
export function uniqueSites(runs: readonly (readonly Trace[])[]): Site[] {
  const found = new Map<string, Site>();
  runs.forEach((thread, cpu) => {
    for (const site of thread.flatMap((trace) => sitesOf(trace, cpu))) {
      const known = found.get(siteKey(site));
      found.set(siteKey(site), known ? { ...known, by: [...new Set([...known.by, ...site.by])] } : site);
    }
  });
  return [...found.values()];
}

/** Names an execution by its accesses and their values, sources and order: barriers have no part in it. */
function signature({ combination, rf, co }: Execution): string {
  const accesses = combination.accesses.map(({ kind, loc, read, written }, id) => `${kind}${loc}:${read}:${written}:${rf[id]}`);
  return `${combination.first.join()} ${accesses.join(' ')} ${co.map((order) => order.join()).join(';')}`;
}

/** The report as lines of text. */
export function printBarriers({ scene, model, asWritten, verdicts, bounded }: BarrierReport): string {
  const name = ({ where, what }: Site): string => `${what} (${where})`;
  const long = (site: Site): string => `${site.by.join(', ')}: ${name(site)}`;
  const width = Math.max(0, ...verdicts.map(({ site }) => long(site).length));
  const lines = verdicts.map(({ site, failures, what, pairs, oneOf }) => {
    let says = 'not needed here';
    if (failures > 0) says = `needed: ${failures} execution${failures === 1 ? '' : 's'} fail${failures === 1 ? 's' : ''} without it (${what})${pairs.length > 0 ? `; pairs with ${pairs.map(name).join(', ')}` : ''}`;
    else if (oneOf.length > 0) says = `not needed as long as ${oneOf.map(name).join(' or ')} stays`;
    return `  ${long(site).padEnd(width)}  ${says}`;
  });
  return [`${scene} under ${model}: ${asWritten} failing execution${asWritten === 1 ? '' : 's'} as written${bounded ? ', bound on interrupts reached' : ''}`, ...lines].join('\n');
}
