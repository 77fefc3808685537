// Stryker's test runner for this workspace: sources and tests live in the worker itself, so a mutant costs what its tests cost.
import { declareClassPlugin, declareValuePlugin, PluginKind, tokens, commonTokens } from '@stryker-mutator/api/plugin';
import { determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import { ownWords } from './own-words.mjs';
import { Suite } from './suite.mjs';

/** The instrumented sources look here for the mutant that is on, and count here what they ran. */
const switches = () => (globalThis.__stryker__ ??= {});

export class InProcessRunner {
  static inject = tokens(commonTokens.options);
  #settings;
  #suite;

  constructor(options) {
    this.#settings = options.inProcess;
  }

  capabilities() { return { reloadEnvironment: true }; }

  async init() {
    // A promise that a mutant leaves behind rejected must not end the worker.
    process.on('unhandledRejection', () => undefined);
    // As Jest has it: some tests look for a caller in the stack of a finding.
    Error.stackTraceLimit = 100;
    switches();
    this.#suite = new Suite(process.cwd(), this.#settings);
  }

  async dryRun({ coverageAnalysis }) {
    const state = switches();
    Object.assign(state, { activeMutant: undefined, mutantCoverage: { static: {}, perTest: {} } });
    const result = await this.#run({ reload: true, disableBail: true, around: (id) => { state.currentTestId = id; } });
    return coverageAnalysis === 'off' ? result : { ...result, mutantCoverage: state.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail, mutantActivation, reloadEnvironment }) {
    const state = switches();
    // The mutant is on while test files are evaluated; sources are evaluated with it only when it is a static one.
    const reload = reloadEnvironment || mutantActivation === 'static';
    if (!reload) this.#suite.loadSources();
    Object.assign(state, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit === undefined ? undefined : 0 });
    try {
      return toMutantRunResult(await this.#run({ ids: testFilter ?? null, reload, disableBail }));
    } finally {
      Object.assign(state, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    }
  }

  async #run({ ids = null, reload, disableBail, around }) {
    const state = switches();
    const results = [];
    let limit;
    await this.#suite.run({ ids, reload, around }, (result) => {
      results.push(testResult(result));
      limit = determineHitLimitReached(state.hitCount, state.hitLimit);
      return limit === undefined && (disableBail || result.failure === null);
    });
    return limit ?? { status: DryRunStatus.Complete, tests: results };
  }
}

function testResult({ id, name, file, ms, failure, skipped }) {
  const common = { id, name, fileName: file, timeSpentMs: Math.ceil(ms) };
  if (skipped) return { ...common, status: TestStatus.Skipped };
  if (failure === null) return { ...common, status: TestStatus.Success };
  return { ...common, status: TestStatus.Failed, failureMessage: failure instanceof Error ? failure.stack ?? failure.message : String(failure) };
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
  declareValuePlugin(PluginKind.Ignore, 'own-words', ownWords),
];

export const strykerValidationSchema = {
  properties: { inProcess: { type: 'object', description: 'What the in-process test runner runs: see Suite in suite.mjs.' } },
};
