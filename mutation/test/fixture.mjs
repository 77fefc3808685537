// A workspace of one package with three mutants in it, as Stryker would have written it, and tests of every kind that the runner knows.
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SOURCE = `
const ns = (globalThis as any).__stryker__;
const on = (id: string): boolean => {
  if (ns.activeMutant !== id) return false;
  if (ns.hitCount !== undefined && ++ns.hitCount > ns.hitLimit) throw new Error('limit');
  return true;
};
const cover = (id: string): boolean => {
  const { static: fixed, perTest } = ns.mutantCoverage;
  const of = ns.currentTestId ? (perTest[ns.currentTestId] ??= {}) : fixed;
  of[id] = (of[id] ?? 0) + 1;
  return true;
};
export const LIMIT: number = on('static') ? 0 : (cover('static'), 3);
export const half = (n: number): number => on('plus') ? n * 2 : (cover('plus'), n / 2);
export const same = (n: number): number => on('equivalent') ? n + 0 : (cover('equivalent'), n);
export function countdown(n: number): number {
  let steps = 0;
  while (on('endless') ? true : (cover('endless'), n > 0)) { n--; steps++; }
  return steps;
}
`;

const HELPER = `
export const log: number[] = [];
afterEach(() => { if ((globalThis as any).__stryker__.activeMutant === 'helper') throw new Error('hook of a helper'); });
`;

const TEST = `
import { readFileSync } from 'node:fs';
import { countdown, half, LIMIT, same } from '@fixture/sample';
import { log } from './helper.ts';

let shared = 0;
const order: string[] = [];
beforeAll(() => { order.push('all'); });
beforeEach(() => { order.push('each'); });
afterEach(() => { order.push('after'); });

test('state of the file is fresh in every run', () => {
  expect([shared, order, log]).toEqual([0, ['all', 'each'], []]);
  shared++;
  log.push(1);
});

describe.each([[4, 2], [6, 3]])('halving %i', (n, expected) => {
  beforeEach(() => { order.push('inner'); });
  test('gives the half', async () => {
    await Promise.resolve();
    expect(half(n)).toBe(expected);
    expect(order.slice(-2)).toEqual(['each', 'inner']);
  });
});

test.each\`
  n    | text
  \${1} | \${'one'}
\`('$n is $text', ({ n }) => { expect(same(n)).toBe(1); });

test('is done within no processor time', () => { throw new Error('ran'); });
test.skip('is not run', () => { throw new Error('ran'); });
test('counts down', () => { expect(countdown(3)).toBe(3); });
test('knows the limit', () => { expect(LIMIT).toBe(3); });
test('files are found beside the test', () => {
  expect(readFileSync(new URL('./helper.ts', import.meta.url), 'utf8')).toContain('log');
});
test('mocks', () => {
  const double = jest.fn(() => 7);
  expect([double(), double.mock.calls.length]).toEqual([7, 1]);
});
`;

const BROKEN = `
import { log } from './helper.ts';
log.push(0);
describe('a block whose set-up fails', () => {
  beforeAll(() => { if ((globalThis as any).__stryker__.activeMutant === 'set-up') throw new Error('set-up'); });
  describe('inside', () => {
    test('fails every test', () => { expect(1).toBe(1); });
  });
});
describe('promised assertions', () => {
  test('are counted', () => {
    expect.assertions(1);
    if ((globalThis as any).__stryker__.activeMutant !== 'silent') expect(1).toBe(1);
  });
});
test('the end of a test counts', () => undefined);
afterEach(() => { if ((globalThis as any).__stryker__.activeMutant === 'tear-down') throw new Error('tear-down'); });
if ((globalThis as any).__stryker__.activeMutant === 'load') throw new Error('load');
`;

/** Writes the workspace and returns its root. */
export function fixture() {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'runner-')));
  const files = {
    'packages/sample/package.json': JSON.stringify({ name: '@fixture/sample', type: 'module', exports: { '.': { '@irqchip/source': './src/index.ts' } } }),
    'packages/sample/src/index.ts': SOURCE,
    'packages/sample/test/helper.ts': HELPER,
    'packages/sample/test/sample.test.ts': TEST,
    'packages/sample/test/broken.test.ts': BROKEN,
    'packages/sample/test/left-out.test.ts': `throw new Error('left out');`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}
