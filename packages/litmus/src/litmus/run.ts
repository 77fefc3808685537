import { exploreProgram } from '../explore.ts';
import type { Execution } from '../graph/execution.ts';
import type { Model } from '../models/model.ts';
import { Refused } from '../program/recorder.ts';
import { Interpreter } from './interpret.ts';
import type { Condition, LitmusTest, Op, Verdict } from './test-file.ts';
import { Locations, type Tainted } from './values.ts';

/** What became of one test under one model. */
export interface LitmusResult {
  readonly name: string;
  /** null when refused. */
  readonly verdict: Verdict | null;
  /** Final states, sorted, as `0:r1=0; [x]=1`. */
  readonly outcomes: readonly string[];
  readonly executions: number;
  /** Why it was refused. */
  readonly refused: string | null;
}

/** Every final state that the model allows, and whether the one asked about is among them. */
export function runLitmus(test: LitmusTest, model: Model): LitmusResult {
  try {
    const locations = new Locations(test);
    const outcomes = new Set<string>();
    let found = false;
    const printed = test.threads.map((ops) => [...registersOf(ops)].sort());
    const { executions } = exploreProgram({
      init: locations.names.map((name) => locations.literal(test.init[name] ?? 0)),
      threads: test.threads.map((ops) => (memory) => new Interpreter(memory, locations).run(ops)),
    }, model, (execution) => {
      const state = finalState(test, execution, locations, printed);
      outcomes.add(written(state));
      found ||= holds(test.exists, state, locations);
    });
    return { name: test.name, verdict: found ? 'Sometimes' : 'Never', outcomes: [...outcomes].sort(), executions, refused: null };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { name: test.name, verdict: null, outcomes: [], executions: 0, refused: error.message };
  }
}

/** A final state as files write it: in the order of its parts as text, which puts `r2=` before `r=`. */
function written(state: ReadonlyMap<string, string>): string {
  const parts = [...state].map(([name, value]) => `${name}=${value}`);
  return [...parts.filter((part) => !part.startsWith('[')).sort(), ...parts.filter((part) => part.startsWith('[')).sort()].join('; ');
}

function registersOf(ops: readonly Op[]): Set<string> {
  const names = new Set<string>();
  for (const op of ops) {
    if (op.reg) names.add(op.reg);
    for (const name of [...registersOf(op.then ?? []), ...registersOf(op.else ?? [])]) names.add(name);
  }
  return names;
}

/** `0:r1` and `[x]`, registers first, each with its value. */
function finalState(test: LitmusTest, execution: Execution, locations: Locations, registers: readonly (readonly string[])[]): Map<string, string> {
  const state = new Map<string, string>();
  execution.combination.traces.forEach(({ result }, thread) => {
    const values = result as ReadonlyMap<string, Tainted>;
    for (const name of registers[thread]!) state.set(`${thread}:${name}`, locations.print(values.get(name)?.value ?? 0));
  });
  for (const name of [...locations.names].sort()) {
    if (!test.locks.includes(name)) state.set(`[${name}]`, locations.print(execution.finalValue(locations.of(name))));
  }
  return state;
}

function holds(condition: Condition, state: ReadonlyMap<string, string>, locations: Locations): boolean {
  const [kind, ...rest] = condition;
  if (kind === 'eq') {
    const [name, value] = rest as [string, number | string];
    return (state.get(name) ?? state.get(`[${name}]`)) === locations.print(locations.literal(value));
  }
  const parts = rest as Condition[];
  if (kind === 'not') return !holds(parts[0]!, state, locations);
  return kind === 'and' ? parts.every((part) => holds(part, state, locations)) : parts.some((part) => holds(part, state, locations));
}
