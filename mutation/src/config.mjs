import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const workDir = path.join(root, 'mutation/.work');

/** The least score, in percent, that each package must reach. */
export const THRESHOLD = 85;

/** The packages whose scores are kept. */
export const PACKAGES = ['genirq-core', 'irqdomain', 'cpuhp', 'ipi-mux'];

/** Packages that are tested through the door of another one, and mutated with it: an endless loop of one may run in the other. */
const INNER = { 'genirq-core': ['irqdesc'] };

/** Test files that a mutation run leaves out, with the reason. */
export const LEFT_OUT = [
  { pattern: '(^|/)readme\\.test', reason: 'compares texts' },
  { pattern: '(^|/)(state-machine|depth|domain-leak)[^/]*\\.test', reason: 'long random histories that count what they have seen; too slow to run for every mutant' },
  { pattern: '(^|/)hot-path\\.test', reason: 'measures memory and reads the text of sources; both are different with mutants in them' },
];

/** Titles of single tests that are left out: they measure time, of which mutants and busy machines take more. */
export const LEFT_OUT_TITLES = ['of processor time$'];

/** The most runs of one random property. They come in a fixed order, so the first ones of a longer run are run. */
export const RANDOM_RUNS = 25;

/** What is mutated: behaviour. Lists of exports and the container's glue have none. */
const MUTATE = ['src/**/*.ts', '!src/**/index.ts', '!src/internals.ts', '!src/di.ts'];

/**
 * Stryker's options for one package. `mutate` names files below it to look at instead of all; `runner` may be Stryker's own for
 * Jest, to compare with.
 */
export function strykerOptions(name, { mutate = MUTATE, concurrency = 2, runner = 'in-process', reporters = ['json'], incremental = false } = {}) {
  const leaveOut = LEFT_OUT.map(({ pattern }) => pattern);
  return {
    plugins: [fileURLToPath(new URL('./runner.mjs', import.meta.url)), '@stryker-mutator/jest-runner'],
    testRunner: runner,
    testRunnerNodeArgs: runner === 'jest' ? ['--experimental-vm-modules', '--no-warnings'] : ['--no-warnings'],
    inProcess: { package: name, inner: INNER[name] ?? [], leaveOut, leaveOutTests: LEFT_OUT_TITLES, randomRuns: RANDOM_RUNS },
    jest: { projectType: 'custom', configFile: `packages/${name}/jest.config.mjs`, enableFindRelatedTests: false, config: { testPathIgnorePatterns: leaveOut } },
    mutate: [name, ...INNER[name] ?? []].flatMap((each) => mutate.map((pattern) => pattern.replace(/^(!?)/, `$1packages/${each}/`))),
    ignorers: ['own-words'],
    coverageAnalysis: 'perTest',
    concurrency,
    // Endless loops mostly end at the hit limit; the clock must not end what is merely slow on a busy machine.
    timeoutMS: 15_000,
    // A worker that has run for long is replaced, whatever it may have kept.
    maxTestRunnerReuse: 2000,
    warnings: { slow: false },
    ignorePatterns: ['/bench', '/docs', '/mutation', '/scripts', '/.ci', 'dist', 'coverage', '*.tgz'],
    tempDirName: 'mutation/.work',
    reporters,
    incremental,
    incrementalFile: path.join(workDir, `incremental-${name}.json`),
    jsonReporter: { fileName: path.join(workDir, `${name}.json`) },
    allowConsoleColors: false,
    logLevel: 'warn',
  };
}
