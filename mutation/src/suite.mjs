// The test files of one package, and one run of some of their tests.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'expect';
import { ModuleMocker } from 'jest-mock';
import { Program, Scope } from './modules.mjs';
import { Registry } from './registry.mjs';

/**
 * `settings`: `package`, the folder's name, and `inner`, those of packages that are mutated with it; `leaveOut` and `leaveOutTests`, patterns of test files and of titles that are not run; `randomRuns`, the most runs of one
 * fast-check property.
 */
export class Suite {
  #program;
  #sources;
  /** Test files, the last one that failed first: neighbouring mutants tend to be killed by the same file. */
  #files;

  constructor(root, settings) {
    this.root = root;
    this.#program = new Program(root, { 'fast-check': (real) => withFewerRuns(real, settings.randomRuns) });
    this.#sources = new Scope(this.#program);
    this.mutated = [settings.package, ...settings.inner];
    this.leftOut = settings.leaveOutTests.map((pattern) => new RegExp(pattern));
    const tests = path.join(root, 'packages', settings.package, 'test');
    this.#files = readdirSync(tests, { recursive: true })
      .filter((name) => name.endsWith('.test.ts') && !settings.leaveOut.some((pattern) => new RegExp(pattern).test(name)))
      .sort()
      .map((name) => path.join(tests, name));
  }

  /** Evaluates every source that may have mutants, with no mutant on: runs that do not reload use what comes out. */
  loadSources() {
    for (const folder of this.mutated.map((name) => path.join(this.root, 'packages', name, 'src'))) {
      for (const name of readdirSync(folder, { recursive: true })) {
        if (name.endsWith('.ts')) this.#sources.load(path.join(folder, name));
      }
    }
  }

  /**
   * Runs tests. Test files are evaluated anew by every run; sources only if `reload`, and then for this run alone.
   * `ids` null means all. `visit(result)` is told of each test and says whether to go on.
   */
  async run({ ids = null, reload = false, around = () => undefined }, visit) {
    const sources = reload ? new Scope(this.#program) : this.#sources;
    const wanted = ids === null ? null : groupByFile(ids);
    for (const file of [...this.#files]) {
      const name = path.relative(this.root, file);
      if (wanted !== null && !wanted.has(name)) continue;
      // As in Jest every test file has its own helpers: they hold state, and some register hooks.
      const scope = new Scope(this.#program, sources, isTestCode);
      const more = await this.#runFile({ file, name, scope, wanted: wanted?.get(name) ?? null, around }, (result) => {
        if (result.failure !== null) this.#tryFirst(file);
        return visit(result);
      });
      if (!more) return;
    }
  }

  async #runFile({ file, name, scope, wanted, around }, visit) {
    const collected = new Registry(name);
    const mocker = new ModuleMocker(globalThis);
    const jest = { fn: mocker.fn.bind(mocker), spyOn: mocker.spyOn.bind(mocker), restoreAllMocks: () => mocker.restoreAllMocks() };
    Object.assign(globalThis, collected.globals, { expect, jest });
    let more = true;
    try {
      scope.load(file);
      for (const test of collected.tests.filter(({ skipped }) => skipped)) visit({ ...test, file, ms: 0, failure: null });
      const selected = (id) => (wanted === null || wanted.has(id)) && !this.leftOut.some((pattern) => pattern.test(id));
      await collected.run(selected, hooks(around), (test, failure, ms) => {
        more = visit({ id: test.id, name: test.name, file, ms, failure, skipped: false });
        return more;
      });
    } catch (failure) {
      // The file could not be evaluated, or the end of a block failed: laid at the door of one of its tests.
      const id = wanted?.values().next().value ?? `${name} > (file)`;
      more = visit({ id, name: id, file, ms: 0, failure: failure ?? new Error('threw nothing'), skipped: false });
    } finally {
      mocker.restoreAllMocks();
    }
    return more;
  }

  #tryFirst(file) {
    this.#files.splice(this.#files.indexOf(file), 1);
    this.#files.unshift(file);
  }
}

/** Everything that may hold the state of a test. */
function isTestCode(file) {
  return /[\\/](test|test-support)[\\/]/.test(file);
}

function groupByFile(ids) {
  const files = new Map();
  for (const id of ids) {
    const name = id.slice(0, id.indexOf(' > '));
    if (!files.has(name)) files.set(name, new Set());
    files.get(name).add(id);
  }
  return files;
}

/** Around each test: whose coverage it is, and the assertions that `expect.assertions` was promised. */
function hooks(around) {
  return {
    before(id) {
      around(id);
      expect.setState({ assertionCalls: 0, expectedAssertionsNumber: null, isExpectingAssertions: false, suppressedErrors: [] });
    },
    check() {
      const [missed] = [...expect.extractExpectedAssertionsErrors().map(({ error }) => error), ...expect.getState().suppressedErrors];
      if (missed !== undefined) throw missed;
    },
    after: () => around(undefined),
  };
}

/** Random tests with a small number of runs, and no search for a smaller counterexample: one failure is enough. */
function withFewerRuns(real, most) {
  const fc = real.default ?? real;
  const assert = (property, parameters = {}) => fc.assert(property, { ...parameters, numRuns: Math.min(parameters.numRuns ?? 100, most), endOnFailure: true });
  const few = { ...fc, assert };
  return { __esModule: true, ...few, default: few };
}
