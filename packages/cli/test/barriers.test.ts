import { readFileSync } from 'node:fs';
import { irqchip } from './terminal.ts';

interface Report {
  readonly model: string;
  readonly version: string;
  readonly providers: readonly {
    readonly provider: string;
    readonly scenes: readonly { readonly name: string; readonly failing: number; readonly bounded: boolean }[];
    readonly failure: string | null;
    readonly barriers: readonly { readonly what: string; readonly where: string; readonly needed: readonly string[]; readonly pairs: readonly { what: string }[]; readonly oneOf: readonly { what: string }[] }[];
  }[];
  readonly ms: number;
}

const FINDING = 'A finding, hence exit status 1: under rvio, clint can lose something with every barrier in place, as shown above.';

const json = (...argv: string[]): Report => JSON.parse(irqchip(['barriers', ...argv, '--json']).out) as Report;

test('every provider in turn, after the model and its version', () => {
  const { out, err, status } = irqchip(['barriers']);
  expect(out.split('\n\n').map((part) => part.split('\n')[0])).toEqual(['rvio: RVWMO with an I/O domain', 'merged', 'patch', 'v5', 'sbi', 'sswi', 'imsic', 'clint', FINDING]);
  // By the letter of the architecture the CLINT's clear is too late; see docs/barriers.md.
  expect([err, status]).toEqual(['', 1]);
});

test('in the kernel\'s own model nothing is lost anywhere: exit status 0', () => {
  const { providers } = json('--model', 'lkmm');
  expect(providers.flatMap(({ scenes }) => scenes).filter(({ failing, bounded }) => failing > 0 || bounded)).toEqual([]);
  const { status, out } = irqchip(['barriers', '--model', 'lkmm', '--provider', 'clint']);
  expect([status, out.includes('finding')]).toEqual([0, false]);
});

test('v5: what each barrier is for, devices apart from memory', () => {
  const { providers: [v5] } = json('--provider', 'v5');
  expect(v5!.barriers.map(({ what, needed, pairs }) => [what, needed.length > 0, pairs.map((pair) => pair.what).join()])).toEqual([
    ['mb', true, 'writel'], ['fully ordered atomic', true, 'smp_mb__before_atomic'], ['smp_mb__before_atomic', true, 'fully ordered atomic'],
    ['smp_mb__after_atomic', false, ''], ['writel', true, 'mb'],
  ]);
});

test('v5 in the kernel\'s own model: one of two is enough', () => {
  const { out } = irqchip(['barriers', '--provider', 'v5', '--model', 'lkmm']);
  expect(out).toMatch(/^ {2}mb \(v5\.ts:\d+\) +not needed$/m);
  expect(out).toMatch(/^ {2}smp_mb__after_atomic \(v5\.ts:\d+\) +not needed as long as writel \(v5\.ts:\d+\) stays$/m);
});

test('a barrier that two scenes use is told once, with all that it pairs with', () => {
  const { providers: [merged] } = json('--provider', 'merged', '--model', 'lkmm');
  const places = merged!.barriers.map(({ what, where }) => `${what} ${where}`);
  expect(new Set(places).size).toBe(places.length);
  expect(merged!.scenes).toEqual([{ name: 'two CPUs send the same vIPI', failing: 0, bounded: false }, { name: 'sent while masked, then unmasked', failing: 0, bounded: false }]);
  const pairs = merged!.barriers.filter(({ needed }) => needed.length > 0).map(({ what, pairs: with_ }) => `${what} - ${with_.map((pair) => pair.what).join()}`);
  expect(pairs.sort()).toEqual([
    'atomic, release - fully ordered atomic', 'fully ordered atomic - atomic, release',
    'smp_mb__after_atomic - smp_mb__after_atomic', 'smp_mb__after_atomic - smp_mb__after_atomic',
  ]);
});

test('where something is lost with every barrier in place, the shortest execution and the missing barrier, as a finding', () => {
  const { out, status } = irqchip(['barriers', '--provider', 'clint']);
  expect(status).toBe(1);
  expect(out).toMatch(/^ {2}two CPUs send the same vIPI: something is lost in \d+ executions, with every barrier in place; the shortest:\n {4}vIPI 0 is lost: its bit is set, no doorbell is on its way \(under rvio\)$/m);
  expect(out).toMatch(/^ {4}Nothing keeps #3 \(changes ipi-mux bits\[0\]: 1 -> 0, fully ordered\) from overtaking #2 \(writes msip\[0\] = 0, writel\)\. #2 is a writel\(\), which orders what comes before it, nothing after\./m);
  expect(out).toMatch(/^ {4}Add mb\(\) between clint\.ts:\d+ and mux\.ts:\d+\.$/m);
  expect(out.endsWith(`\n\n${FINDING}\nThe letter of the model allows it; that does not say that a machine does it.\n`)).toBe(true);
});

test('--json says the same by the provider\'s failure and the exit status alone', () => {
  const { out, status } = irqchip(['barriers', '--provider', 'clint', '--json']);
  expect([status, (JSON.parse(out) as Report).providers[0]!.failure]).toEqual([1, expect.stringMatching(/^vIPI 0 is lost/)]);
});

test('--json has the parts that the README names', () => {
  const report = json('--provider', 'sbi');
  expect(Object.keys(report)).toEqual(['model', 'version', 'providers', 'ms']);
  expect(Object.keys(report.providers[0]!)).toEqual(['provider', 'scenes', 'failure', 'barriers']);
  expect(report.providers[0]!.failure).toBeNull();
  expect(Object.keys(report.providers[0]!.barriers[0]!)).toEqual(['what', 'where', 'needed', 'pairs', 'oneOf']);
});

test.each([
  [['--provider', 'plic'], "--provider is merged or patch or v5 or sbi or sswi or imsic or clint, not 'plic'"],
  [['--model', 'c11'], "--model is lkmm or rvio or rvwmo or tso or sc, not 'c11'"],
  [['v5'], "barriers takes options only, not 'v5'"],
  [['--failing'], "Unknown option '--failing'"],
])('barriers %j: says what is wrong with it, exit status 2', (argv, sentence) => {
  expect(irqchip(['barriers', ...argv])).toEqual({ status: 2, out: '', err: `irqchip: ${sentence}\nTry 'irqchip --help'.\n`, all: expect.anything() });
});

test('--help', () => {
  expect(irqchip(['barriers', '--help'])).toMatchObject({ status: 0, err: '', out: expect.stringMatching(/^Usage: irqchip barriers/) });
});

const ROOT = new URL('../../../', import.meta.url);
const PAGES = ['packages/cli/README.md', 'docs/barriers.md'];
/** `$ irqchip litmus …` and `$ irqchip barriers …`, each with what follows up to the next command. */
const shown = PAGES.flatMap((page) => [...readFileSync(new URL(page, ROOT), 'utf8').matchAll(/```sh\n(\$ irqchip (?:litmus|barriers)[\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.split(/^\$ irqchip /m).slice(1)).map((text) => {
    const [command = '', ...output] = text.split('\n');
    return [page, command, output.join('\n')] as const;
  }));

test('both pages show both what is printed', () => {
  expect(shown.map(([page]) => page).filter((page) => page === PAGES[0]).length).toBeGreaterThan(1);
  expect(shown.map(([page]) => page).filter((page) => page === PAGES[1]).length).toBeGreaterThan(1);
});

test.each(shown)('%s shows what `irqchip %s` prints', (_page, command, output) => {
  const argv = command.replace('litmus.json', new URL('testdata/litmus/litmus.json', ROOT).pathname).split(' ');
  let clock = -300;
  const real = irqchip(argv, {}, { nowMs: () => (clock += 300) }).all.split('\n');
  // A line with … stands for any number of lines.
  let at = 0;
  let skipping = false;
  for (const line of output.trimEnd().split('\n')) {
    if (line === '…') skipping = true;
    else {
      const found = skipping ? real.indexOf(line, at) : at;
      expect(real[found]).toBe(line);
      at = found + 1;
      skipping = false;
    }
  }
  expect(skipping || real.slice(at).join('') === '').toBe(true);
});
