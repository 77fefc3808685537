/** docs/barriers.md: its rows and its executions. What it shows of `irqchip barriers` is compared in the tests of the command. */
import { readFileSync } from 'node:fs';
import { importWithFault, type Fault } from '@irqchip/test-support';
import { explainFailure, exploreScene, modelNamed, muxScene, shortestFailure, type CodeUnderCheck, type ProviderName, type SceneOptions } from '../src/index.ts';
import { FAULTS } from './faults.ts';
import { SHAPES } from './scenes.ts';

const page = readFileSync(new URL('../../../docs/barriers.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (?!change)(.+?) \| (.+?) \|$/gm)].map(([, what, under]) => [what!, under!] as const);
const MODELS = ['sc', 'tso', 'lkmm', 'rvio'];
const LOOKED_AT = ['one sender', 'two senders, same bit', 'masked, then unmasked by the target'];

interface Experiment extends Fault { readonly package: string; readonly provider: ProviderName }

/** Changes that are no faults of the list that is looked for elsewhere. */
const OWN: Readonly<Record<string, Experiment | null>> = {
  'IMSIC: writel_relaxed': { package: 'drivers-aia', provider: 'imsic', file: 'src/imsic/pages.ts', find: 'writel(', replace: 'writelRelaxed(' },
  'SSWI: writel_relaxed': { package: 'drivers-clint', provider: 'sswi', file: 'src/sswi/sswi.ts', find: 'region.writel(this.offsets[cpu]!, 1)', replace: 'region.writelRelaxed(this.offsets[cpu]!, 1)' },
  'CLINT: mb() after the clearing writel()': { package: 'drivers-clint', provider: 'clint', file: 'src/clint.ts', find: 'const clear = (): void => regs.writel(msip(cpus.current), 0);', replace: 'const clear = (): void => { regs.writel(msip(cpus.current), 0); ctx.smp.memory.mb(); };' },
  'CLINT: as it is': null,
};

function damaged({ package: name, file, find, replace }: Experiment): Promise<Partial<CodeUnderCheck>> {
  return importWithFault<Partial<CodeUnderCheck>>(new URL(`../../${name}/`, import.meta.url), 'src/index.ts', { file, find, replace });
}

async function losesUnder(experiment: Experiment | null): Promise<string> {
  const code = experiment === null ? {} : await damaged(experiment);
  const provider = experiment?.provider ?? 'clint';
  const under = MODELS.filter((model) => LOOKED_AT.some((shape) => exploreScene(muxScene({ name: shape, provider, code, ...SHAPES[shape]! }), { model: modelNamed(model) }).failures.length > 0));
  return under.join(', ') || 'nothing';
}

const planted = rows.filter(([what]) => !(what in OWN));
const own = rows.filter(([what]) => what in OWN);

test('the page has rows of both kinds', () => {
  expect([planted.length > 25, own.map(([what]) => what).sort()]).toEqual([true, Object.keys(OWN).sort()]);
});

test.each(planted)('%s: loses something under %s', (what, under) => {
  // Each of these is planted, and looked for under every model, in the test of the faults.
  const fault = FAULTS.find((candidate) => candidate.what === what);
  expect(fault?.caught.join(', ')).toBe(under === 'nothing' ? '' : under);
});

test.each(own)('%s: loses something under %s', async (what, under) => {
  expect(await losesUnder(OWN[what]!)).toBe(under);
});

const model = modelNamed('rvio');

/** The shortest execution that fails when two CPUs send the same vIPI. */
function shortest(provider: ProviderName, code: Partial<CodeUnderCheck>, options: Partial<SceneOptions> = {}): string {
  const { failures, registry } = exploreScene(muxScene({ name: provider, provider, code, ...SHAPES['two senders, same bit']! }), { model, first: false, ...options });
  return explainFailure(shortestFailure({ failures })!, registry, model);
}

test('the execution that v5 without mb() allows is the one that the page shows', async () => {
  const code = await damaged({ package: 'ipi-mux', provider: 'v5', file: 'src/v5.ts', find: 'memory.mb();', replace: '' });
  expect(page).toContain(`\`\`\`\n${shortest('v5', code)}\n\`\`\`\n`);
});

test('the execution that the letter of the architecture allows is the one that the page shows', () => {
  expect(page).toContain(`\`\`\`\n${shortest('sbi', {}, { csrWritesSerialise: false })}\n\`\`\`\n`);
});
