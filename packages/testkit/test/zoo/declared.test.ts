import { irqchipConformance } from '@irqchip/testkit';
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
