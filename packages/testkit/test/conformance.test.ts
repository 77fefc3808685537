import { defineIrqchip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { planConformance, runConformance, type ConformanceOptions } from '@irqchip/testkit';
import { MUX8, Mux8Hardware } from './fixtures/mux8/index.ts';

const WHOLE: ConformanceOptions = { ...MUX8, hardware: () => new Mux8Hardware(), lines: 8 };

test('a case that does not apply says why', () => {
  const reasons = new Map(planConformance(WHOLE).map(({ name, skipped }) => [name, skipped]));
  expect(reasons.get('a line that asks once runs its handler once')).toBeNull();
  expect(reasons.get('a held level runs until it is lowered')).toBe('its lines are no level lines');
  expect(reasons.get('a line runs on the CPU that it is sent to')).toBe('its lines go to one CPU');
  expect(planConformance({ ...WHOLE, cpus: 1, affinity: true }).find(({ name }) => name === 'a line runs on the CPU that it is sent to')?.skipped).toBe('its machines have one CPU');
  expect(planConformance({ ...WHOLE, lines: 1 }).find(({ name }) => name === 'every line runs its own handler and no other')?.skipped).toBe('it has fewer than 2 lines');
});

test('what a driver is excused from is left out, with its reason', () => {
  const name = 'two machines share nothing';
  expect(runConformance({ ...WHOLE, skip: { [name]: 'one is broken' } }, (each) => each === name)).toEqual([{ name, result: 'skipped', reason: 'one is broken' }]);
});

test('a case that there is not cannot be excused: the most alike is named', () => {
  expect(() => planConformance({ ...WHOLE, skip: { 'a spurious interrupt runs no handler': 'x' } })).toThrow(expect.objectContaining({
    code: 'EINVAL', message: "skip names no case: 'a spurious interrupt runs no handler'; did you mean 'a spurious interrupt of the controller runs no handler'?",
  }));
});

test('a case is excused for one trigger by its whole title', () => {
  const plan = planConformance({ ...WHOLE, triggers: ['edge', 'level'], skip: { 'two machines share nothing (level)': 'why not' } });
  expect(plan.filter(({ name }) => name.startsWith('two machines')).map(({ skipped }) => skipped)).toEqual([null, 'why not']);
});

test('lines that can be either run each case for both', () => {
  const names = planConformance({ ...WHOLE, triggers: ['edge', 'level'] }).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['two machines share nothing (edge)', 'two machines share nothing (level)', 'a held level runs until it is lowered']));
});

test('a kind has its own cases', () => {
  const of = (kind: 'wired' | 'msi' | 'ipi'): Set<string> => new Set(planConformance({ ...WHOLE, kind }).map(({ name }) => name));
  expect(of('ipi')).toContain('every CPU reaches every CPU');
  expect(of('wired')).not.toContain('every CPU reaches every CPU');
  expect(of('msi')).toContain('every vector has a message of its own');
});

test('a failure says what was expected, what the machine found, the last calls and accesses, and the rule', () => {
  const deaf = irqchipModule(defineIrqchip('acme,mux8', ({ linear, smp }) => linear(8, { name: 'deaf', irqUnmask: () => smp.diagnostics.report('warn', 'something else') }, () => undefined)));
  const name = 'a line that asks once runs its handler once';
  const [result] = runConformance({ ...WHOLE, modules: [deaf] }, (each) => each === name);
  expect(result).toMatchObject({ name, result: 'failed' });
  expect(result!.reason).toMatch(/^after it asked once: the handler of line 0 ran 0 times, and not 1\nrule: flow handlers: one event, one handle_irq_event\n[^]*line 0 is irq \d+ \(deaf\)/);
  expect(result!.reason).toMatch(/\[warn\] something else/);
  expect(result!.reason).toMatch(/last calls:\n {2}deaf\.irqUnmask\(0\)/);
});

test('every case of the whole driver that is not skipped passes', () => {
  const results = runConformance(WHOLE);
  expect(results.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(results.filter(({ result }) => result === 'passed').length).toBeGreaterThanOrEqual(30);
});
