import {
  barrierReport, explainFailure, exploreScene, muxScene, shortestFailure, type BarrierReport, type Model, type MuxSceneOptions, type ProviderName, type Site,
} from '@irqchip/race';

/** A place in the code that orders something. */
export interface Place { readonly what: string; readonly where: string }

export interface Barrier extends Place {
  /** What is lost without it, in any scene; empty where nothing is. */
  readonly needed: readonly string[];
  readonly pairs: readonly Place[];
  /** Not needed as long as one of these is there. */
  readonly oneOf: readonly Place[];
}

export interface ProviderReport {
  readonly provider: ProviderName;
  /** What was put to the checker, and how many executions fail with every barrier in place. */
  readonly scenes: readonly { readonly name: string; readonly failing: number; readonly bounded: boolean }[];
  /** The shortest of those, explained. */
  readonly failure: string | null;
  readonly barriers: readonly Barrier[];
}

type Shape = Omit<MuxSceneOptions, 'name' | 'provider'>;

/** Senders that merge, and an unmask that meets a send: between them they use every barrier. */
const SCENES: Readonly<Record<string, Shape>> = {
  'two CPUs send the same vIPI': { sends: [0, 0], enabled: [0] },
  'sent while masked, then unmasked': { sends: [0], enabled: [], target: [['unmask', 0]] },
};

/** What each barrier of the provider, and of the multiplexer under it, is for. @throws Refused */
export function reportOf(provider: ProviderName, model: Model): ProviderReport {
  // The posted algorithm has no masking.
  const shapes = Object.entries(SCENES).filter(([, { target }]) => provider !== 'v5' || target === undefined);
  const reports = shapes.map(([name, shape]) => barrierReport(muxScene({ name, provider, ...shape }), { model }));
  const failing = reports.findIndex(({ asWritten }) => asWritten > 0);
  return {
    provider,
    scenes: reports.map(({ scene, asWritten, bounded }) => ({ name: scene, failing: asWritten, bounded })),
    failure: failing < 0 ? null : explained(provider, shapes[failing]!, model),
    // Where something is lost anyway, nothing can be said of a single barrier.
    barriers: merged(reports.filter(({ asWritten }) => asWritten === 0)),
  };
}

function explained(provider: ProviderName, [name, shape]: readonly [string, Shape], model: Model): string {
  const result = exploreScene(muxScene({ name, provider, ...shape }), { model, first: false });
  return explainFailure(shortestFailure(result)!, result.registry, model);
}

function merged(reports: readonly BarrierReport[]): Barrier[] {
  const known = new Map<string, { place: Place; needed: Set<string>; pairs: Map<string, Place>; oneOf: Map<string, Place> }>();
  for (const { site, what, pairs, oneOf } of reports.flatMap(({ verdicts }) => verdicts)) {
    const place = placeOf(site);
    const entry = known.get(keyOf(place)) ?? { place, needed: new Set(), pairs: new Map(), oneOf: new Map() };
    known.set(keyOf(place), entry);
    if (what !== null) entry.needed.add(what);
    for (const pair of pairs.map(placeOf)) entry.pairs.set(keyOf(pair), pair);
    for (const other of oneOf.map(placeOf)) entry.oneOf.set(keyOf(other), other);
  }
  return [...known.values()].map(({ place, needed, pairs, oneOf }) => ({
    ...place, needed: [...needed], pairs: [...pairs.values()], oneOf: needed.size > 0 ? [] : [...oneOf.values()],
  }));
}

function placeOf({ what, where }: Site): Place { return { what, where }; }
function keyOf({ what, where }: Place): string { return `${where} ${what}`; }
