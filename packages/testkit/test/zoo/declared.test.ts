import { irqchipConformance, planConformance } from '@irqchip/testkit';
import { ownFrames } from '../../src/conformance/verdict.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

interface Declared { readonly titles: string[]; readonly skipped: string[]; readonly run: Map<string, () => void> }

/** What the suite declares, with Jest's globals out of its way. */
function declared(fn: () => void): Declared {
  const { describe, test } = globalThis;
  const found: Declared = { titles: [], skipped: [], run: new Map() };
  const own = Object.assign((name: string, body: () => void) => found.run.set(name, body), { skip: (name: string) => found.skipped.push(name) });
  try {
    Object.assign(globalThis, { describe: (name: string, body: () => void) => { found.titles.push(name); body(); }, test: own });
    fn();
  } finally {
    Object.assign(globalThis, { describe, test });
  }
  return found;
}

async function failing(find: string, replace: string): Promise<{ found: Declared; error: Error }> {
  const options = optionsOf('mux8', await plant({ driver: 'mux8', what: '', find, replace, killedBy: '', uses: '' }));
  const found = declared(() => irqchipConformance(options));
  const [fail] = [...found.run.values()].flatMap((body) => {
    try {
      body();
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
  return { found, error: fail! };
}

test('where nothing works one test fails, and the titles of the others say why they are skipped', async () => {
  const { found } = await failing('regs.setl(ENABLE, 1 << hwirq)', 'undefined');
  expect(found.titles).toEqual(['every irqchip: acme,mux8']);
  expect([...found.run.keys()]).toEqual(['it boots, and every CPU comes up', 'a line that asks once runs its handler once']);
  expect(found.skipped).toContain('masked and pending never runs: not judged, no line works');
  expect(found.skipped).toContain('a held level runs until it is lowered: its lines are no level lines');
});

test('a failure is told once, and points at who asked for the suite', async () => {
  const { error } = await failing('regs.setl(ENABLE, 1 << hwirq)', 'undefined');
  expect(error.cause).toBeUndefined();
  expect(error.stack!.startsWith(`${error.message}\n    at `)).toBe(true);
  expect(error.stack).not.toContain('node_modules');
  expect(error.stack).toMatch(/declared\.test\.ts:\d+:\d+/);
});

test('what the driver throws points at the driver', async () => {
  const { error } = await failing('regs.setl(ENABLE, 1 << hwirq)', '(undefined as unknown as { on(): void }).on()');
  expect(error.message).toMatch(/^TypeError: /);
  expect(error.stack!.slice(error.message.length)).toMatch(/^\n +at .*mux8\.ts:\d+:\d+/);
});

test('what it throws points at it, too, where the case tells it in words of its own', async () => {
  const { error } = await failing('({ regs, parent, linear }) => {', '({ regions, parent, linear }) => {\n  const regs = regions[0]!;');
  expect(error.message).toMatch(/^a probe without `reg` throws TypeError: Cannot read properties of undefined/);
  expect(error.stack!.slice(error.message.length)).toMatch(/^\n +at .*mux8\.ts:\d+:\d+/);
});

test('while a case runs stacks are deep enough for a driver below many calls of ours, in any test runner', async () => {
  const before = Error.stackTraceLimit;
  const find = 'regs.setl(ENABLE, 1 << hwirq)';
  const replace = '[...Array(30).keys()].reduce((next: () => void) => () => next(), () => { throw new TypeError(\'deep\'); })()';
  const options = optionsOf('mux8', await plant({ driver: 'mux8', what: '', find, replace, killedBy: '', uses: '' }));
  // V8's own; Jest has another.
  Error.stackTraceLimit = 10;
  try {
    planConformance(options).find(({ name }) => name.startsWith('a line that asks once'))!.run();
    expect('nothing').toBe('thrown');
  } catch (error) {
    expect((error as Error).stack).toMatch(/^ +at .*irqUnmask .*mux8\.ts:\d+:\d+/m);
    expect(Error.stackTraceLimit).toBe(10);
  } finally {
    Error.stackTraceLimit = before;
  }
});

test('frames of packages that are installed, of Node and of builtins are left out, and each of the others stands once', () => {
  const stack = [
    'TypeError: Cannot read properties of null (reading \'readl\')',
    '    at Object.irqUnmask (/home/me/driver/src/mux.ts:12:34)',
    '    at unmaskIrq (file:///home/me/driver/node_modules/@irqchip/irqdesc/lib/index.js:1:2)',
    '    at C:\\me\\node_modules\\@irqchip\\smp\\lib\\index.js:1:2',
    '    at Array.map (<anonymous>)',
    '    at new Promise (<anonymous>)',
    '    at SourceTextModule.evaluate (node:internal/vm/module:229:23)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    '    at /home/me/driver/test/mux.test.ts:5:1',
    '    at /home/me/driver/test/mux.test.ts:5:1',
  ].join('\n');
  expect(ownFrames(stack)).toEqual(['    at Object.irqUnmask (/home/me/driver/src/mux.ts:12:34)', '    at /home/me/driver/test/mux.test.ts:5:1']);
  expect(ownFrames(undefined)).toEqual([]);
});
