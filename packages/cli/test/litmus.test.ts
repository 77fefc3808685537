import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { irqchip, type Outcome } from './terminal.ts';

const FILE = new URL('../../../testdata/litmus/litmus.json', import.meta.url).pathname;

/** Runs `irqchip litmus` on a file of this content. */
function litmus(content: unknown, argv: readonly string[] = [], name = 'tests.json'): Outcome {
  const folder = mkdtempSync(path.join(tmpdir(), 'irqchip-'));
  try {
    const file = path.join(folder, name);
    writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
    const { status, ...texts } = irqchip(['litmus', file, ...argv]);
    const short = (text: string): string => text.replaceAll(file, name);
    return { status, out: short(texts.out), err: short(texts.err), all: short(texts.all) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Message passing without barriers: a test that everybody knows. */
const MP = {
  name: 'MP', init: { x: 0, y: 0 }, locks: [],
  threads: [
    [{ op: 'write', loc: 'x', val: 1, order: 'once' }, { op: 'write', loc: 'y', val: 1, order: 'once' }],
    [{ op: 'read', reg: 'r0', loc: 'y', order: 'once' }, { op: 'read', reg: 'r1', loc: 'x', order: 'once' }],
  ],
  exists: ['and', ['eq', '1:r0', 1], ['eq', '1:r1', 0]],
};
const STATES = ['1:r0=0; 1:r1=0; [x]=1; [y]=1', '1:r0=0; 1:r1=1; [x]=1; [y]=1', '1:r0=1; 1:r1=0; [x]=1; [y]=1', '1:r0=1; 1:r1=1; [x]=1; [y]=1'];

describe('the tests that come with the sources', () => {
  test.each([['lkmm', 240, 2, 0], ['rvio', 222, 2, 18], ['tso', 241, 1, 0], ['sc', 241, 1, 0], ['rvwmo', 165, 1, 76]])('%s: nothing disagrees, exit status 0', (model, agreed, refused, unstated) => {
    const { status, out, err } = irqchip(['litmus', FILE, '--model', model]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^${model}: .+\\n`));
    expect(out).toMatch(new RegExp(`\\n242 tests in \\d+ ms: ${agreed} agreed, 0 disagreed, ${refused} refused, ${unstated} not stated\\n$`));
  });

  test('what is refused has its reason', () => {
    const { out } = irqchip(['litmus', FILE]);
    expect(out.split('\n').filter((line) => line.includes('refused: '))).toEqual(['dep+plain: refused: unmarked access to z1', 'crypto-control-data: refused: out of thin air']);
  });

  test('--json --outcomes: every set of final states is the one that the file states', () => {
    const stated = (JSON.parse(readFileSync(FILE, 'utf8')) as { tests: { name: string; outcomes?: { lkmm?: string[] } }[] }).tests;
    const { tests, ...rest } = JSON.parse(irqchip(['litmus', FILE, '--json', '--outcomes']).out) as { tests: { name: string; verdict: string | null; outcomes?: string[]; refused?: string }[] };
    expect(rest).toEqual({ model: 'lkmm', agreed: 240, disagreed: 0, refused: 2, ms: 0 });
    expect(tests.map(({ name }) => name)).toEqual(stated.map(({ name }) => name));
    tests.forEach((test, index) => {
      if (test.refused === undefined) expect([test.name, test.outcomes]).toEqual([test.name, [...stated[index]!.outcomes!.lkmm!].sort()]);
      else expect(test).toEqual({ name: test.name, verdict: null, refused: test.refused });
    });
  });
});

describe('what is printed', () => {
  test('a test of which the file says nothing', () => {
    expect(litmus([MP])).toMatchObject({ status: 0, err: '', out: expect.stringMatching(/^lkmm: .*\nMP: Sometimes, the file does not say\n1 test in 0 ms: 0 agreed, 0 disagreed, 0 refused, 1 not stated\n$/) });
  });

  test('--outcomes: the final states, in the notation of the file', () => {
    expect(litmus({ tests: [MP] }, ['--outcomes']).out.split('\n').slice(1, 6)).toEqual(['MP: Sometimes, the file does not say', ...STATES.map((state) => `  ${state}`)]);
  });

  test('another model has other states', () => {
    expect(litmus([MP], ['--model', 'tso', '--outcomes']).out.split('\n').slice(1, 5)).toEqual(['MP: Never, the file does not say', ...STATES.filter((_, index) => index !== 2).map((state) => `  ${state}`)]);
  });

  test('a verdict that differs: what the file says, exit status 1', () => {
    expect(litmus([{ ...MP, verdict: { lkmm: 'Never', sc: 'Never' } }])).toMatchObject({ status: 1, out: expect.stringContaining('\nMP: Sometimes, disagrees, the file says Never\n1 test in 0 ms: 0 agreed, 1 disagreed,') });
  });

  test('the verdict of another model is no statement about this one', () => {
    expect(litmus([{ ...MP, verdict: { sc: 'Never' } }])).toMatchObject({ status: 0, out: expect.stringContaining('MP: Sometimes, the file does not say\n') });
  });

  test('states that differ though the verdict does not', () => {
    const outcomes = { lkmm: [...STATES.slice(1), '1:r0=2; 1:r1=0; [x]=1; [y]=1'] };
    const { status, out } = litmus([{ ...MP, verdict: { lkmm: 'Sometimes' }, outcomes }]);
    expect([status, out.split('\n').slice(1, 4)]).toEqual([1, ['MP: Sometimes, disagrees about the final states', '  only in the file: 1:r0=2; 1:r1=0; [x]=1; [y]=1', `  not in the file: ${STATES[0]}`]]);
    expect(JSON.parse(litmus([{ ...MP, outcomes }], ['--json']).out)).toEqual({
      model: 'lkmm', agreed: 0, disagreed: 1, refused: 0, ms: 0,
      tests: [{ name: 'MP', verdict: 'Sometimes', stated: { missing: ['1:r0=2; 1:r1=0; [x]=1; [y]=1'], surplus: [STATES[0]] } }],
    });
  });

  test('out of thin air is refused only where the file has more than can be, never where it has less', () => {
    const oota = (states: readonly string[]): Outcome => litmus([{ ...MP, scope: 'oota', outcomes: { lkmm: states } }]);
    expect(oota([...STATES, '1:r0=7; 1:r1=7; [x]=1; [y]=1']).out).toContain('MP: refused: out of thin air\n');
    expect(oota(STATES.slice(1))).toMatchObject({ status: 1, out: expect.stringContaining('MP: Sometimes, disagrees about the final states\n') });
  });

  test('what is not modelled is refused, and no disagreement', () => {
    expect(litmus([{ ...MP, threads: [...MP.threads, [{ op: 'rcu_read_lock' }]] }])).toMatchObject({ status: 0, out: expect.stringContaining('MP: refused: operation rcu_read_lock is not modelled\n') });
  });

  test('compressed or not', () => {
    expect(litmus(gzipSync(JSON.stringify([MP])), [], 'tests.json.gz').out).toBe(litmus([MP]).out);
  });
});

const changed = (change: object): unknown => [{ ...MP, ...change }];
const op = (...ops: unknown[]): unknown => changed({ threads: [ops] });
const deep = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => ['not', inner], ['eq', 'x', 1]);

describe('a file that is none: one sentence, exit status 1', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', 'what', "tests.json is no JSON: "],
    ['an empty file', '', 'tests.json is no JSON: '],
    ['damaged gzip', gzipSync('[]').subarray(0, 12), 'tests.json: gzip cannot decompress it: '],
    ['no tests', { name: 'x' }, 'tests.json: no list of litmus tests; it is a list, or an object with the list as tests.'],
    ['null', null, 'tests.json: no list of litmus tests'],
    ['an empty list', [], 'tests.json: the list of tests is empty.'],
    ['a test that is none', [7], 'tests.json: test 0: is no object.'],
    ['no name', [{}], 'tests.json: test 0: has no name.'],
    ['no init', changed({ init: null }), 'test 0 (MP): init is no object from location to value.'],
    ['an odd initial value', changed({ init: { x: 0.5, y: 0 } }), 'init of x is neither a whole number nor an address such as "&x".'],
    ['odd locks', changed({ locks: 'l' }), 'locks is no list of names.'],
    ['no threads', changed({ threads: [] }), 'threads is no list of lists of operations.'],
    ['odd threads', changed({ threads: [{}] }), 'threads is no list of lists of operations.'],
    ['an operation that is none', op('read'), 'thread 0, operation 0: is no object with op.'],
    ['a read of nothing', op({ op: 'read', reg: 'r', order: 'once' }), 'thread 0, operation 0 (read): has no loc.'],
    ['a write of nothing', op({ op: 'write', loc: 'x', order: 'once' }), '(write): has no val.'],
    ['an atomic without what it does', op({ op: 'rmw', loc: 'x', arg: 1, order: 'full' }), '(rmw): has no fn.'],
    ['an order that is none', op({ op: 'read', reg: 'r', loc: 'x', order: 'seq_cst' }), "(read): order is once, acquire, plain, not 'seq_cst'."],
    ['a place that is none', op({ op: 'read', reg: 'r', loc: 3, order: 'once' }), '(read): loc is neither a name nor { "deref": register }.'],
    ['an odd return', op({ op: 'rmw', loc: 'x', fn: 'add', arg: 1, order: 'full', ret: 'both' }), "(rmw): ret is old, new or none, not 'both'."],
    ['an odd expression', op({ op: 'let', reg: 'r', val: ['+', 1] }), '(let): val: is neither a whole number, a register, "&location", nor [operation, left, right].'],
    ['odd branches', op({ op: 'if', cond: 1, then: {} }), 'then and else are lists of operations.'],
    ['an operation within a branch', op({ op: 'if', cond: 1, then: [{ op: 'fence' }] }), 'thread 0, operation 0, operation 0 (fence): has no kind.'],
    ['no condition', changed({ exists: undefined }), 'exists: is no list that begins with and, or, not or eq.'],
    ['an odd condition', changed({ exists: ['xor', ['eq', 'x', 1]] }), 'exists: is no list that begins with and, or, not or eq.'],
    ['not of two', changed({ exists: ['not', ['eq', 'x', 1], ['eq', 'y', 1]] }), 'exists: not takes one condition.'],
    ['a question about nothing', changed({ exists: ['eq', 'z', 1] }), 'exists: asks about z, which is neither a location nor a register that its thread sets.'],
    ['a question about another thread\'s register', changed({ exists: ['eq', '0:r0', 1] }), 'exists: asks about 0:r0, which is'],
    ['a deep condition', changed({ exists: deep(100) }), 'exists: nests deeper than 64.'],
    ['an odd verdict', changed({ verdict: { lkmm: 'Maybe' } }), 'verdict is no object from model to Never, Sometimes or null.'],
    ['odd states', changed({ outcomes: { lkmm: 'x' } }), 'outcomes is no object from model to a list of final states.'],
    ['an odd scope', changed({ scope: 1 }), 'scope is no text.'],
  ])('%s', (_what, content, sentence) => {
    const { status, err } = litmus(content);
    expect(err).toMatch(/^irqchip: EINVAL: [^\n]+\n$/);
    expect(err).toContain(sentence);
    expect(status).toBe(1);
  });

  test('one that is not there, and a folder', () => {
    expect(irqchip(['litmus', '/no/such.json'])).toMatchObject({ status: 1, err: expect.stringMatching(/^irqchip: ENOENT: cannot read the litmus tests \/no\/such\.json: /) });
    expect(irqchip(['litmus', '/'])).toMatchObject({ status: 1, err: expect.stringMatching(/^irqchip: ENOENT: cannot read the litmus tests \/: EISDIR/) });
  });

  test('with --json as an object too', () => {
    const { status, out } = litmus('[]', ['--json']);
    expect([status, JSON.parse(out)]).toEqual([1, { error: { code: 'EINVAL', message: expect.stringMatching(/: the list of tests is empty\.$/) } }]);
  });
});

test.each([
  [[], 'litmus takes one file of tests, FILE.json or FILE.json.gz, not 0'],
  [['a.json', 'b.json'], 'litmus takes one file of tests, FILE.json or FILE.json.gz, not 2'],
  [['a.json', '--model', 'c11'], "--model is lkmm or rvio or rvwmo or tso or sc, not 'c11'"],
  [['a.json', '--states'], "Unknown option '--states'"],
])('litmus %j: says what is wrong with it, exit status 2', (argv, sentence) => {
  expect(irqchip(['litmus', ...argv])).toEqual({ status: 2, out: '', err: `irqchip: ${sentence}\nTry 'irqchip --help'.\n`, all: expect.anything() });
});

test('--help', () => {
  expect(irqchip(['litmus', '--help'])).toMatchObject({ status: 0, err: '', out: expect.stringMatching(/^Usage: irqchip litmus FILE/) });
  expect(irqchip(['--help']).out).toContain('Usage: irqchip litmus FILE');
});
