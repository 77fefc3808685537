import { runConformance, type CaseResult, type ConformanceOptions } from '@irqchip/testkit';
import { PERCPU_FAULTS } from './percpu-faults.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

async function run(what: string, more: Partial<ConformanceOptions> = {}): Promise<CaseResult[]> {
  const fault = PERCPU_FAULTS.find((each) => each.what === what)!;
  return runConformance({ ...optionsOf('locals', await plant(fault)), ...more });
}

test.each([
  ['lines are mapped as ordinary interrupts', /^line 0 is no per-CPU interrupt: call setPercpuDevid\(genirq, virq\) where the domain maps it\nrule: irq_set_percpu_devid/],
  ['the flow is for edges', /^the flow handler of line 0, which each CPU has for itself, is handleEdgeIrq, and not handlePercpuDevidIrq\n/],
  ['unmask does nothing', /^enabled on all CPUs, after that of CPU 0 asked, line 0 ran on CPUs: \[\], and not \[0\]\nrule: [^]*\nirqUnmask touches no register: does it switch the line on\?\n {2}locals\.irqUnmask\(0\): no register access\n/],
  ['secondary CPUs never enable the parent', /^enabled on all CPUs, after that of CPU 1 asked, line 0 ran on CPUs: \[\], and not \[1\]\n[^]*\nthe controller raises hart 1 irq 9; nobody takes it there\. Is that the CPU it was meant for, and is the parent interrupt enabled on it/],
  ['ack clears nothing', /^EDEADLK: Interrupt storm on hart 0: .*\nthe other cases wait until this one passes\nlast step of the case: line 0 of CPU 0 asks\n[^]* {2}locals\.irqAck\(0\): no register access\n/],
])('%s: one failure, and nothing else is judged', async (what, reason) => {
  const results = await run(what);
  const [failed, ...more] = results.filter(({ result }) => result === 'failed');
  expect(failed!.reason).toMatch(reason);
  expect(more).toEqual([]);
  const judged = results.slice(results.indexOf(failed!) + 1).filter(({ reason: why }) => !/^not judged, (no per-CPU line works|its lines are no per-CPU interrupts)$/.test(why));
  expect(judged).toEqual([]);
});

test.each([
  ['mask is of all CPUs', /^disabled on CPU 0, after that of CPU 1 asked, line 0 ran on CPUs: \[\], and not \[1\]\nrule: disable_percpu_irq is of the calling CPU/],
  ['mask is of the boot CPU\'s row', /^disabled on CPU 1, with line 0 of CPU 1 active, the controller interrupts harts: \["hart 1 irq 9"\], and not \[\]\n/],
  ['a flow of its own hands over the boot CPU\'s device', /^line 0 asked on each CPU; its handler was handed the devices of CPUs: \[0,0,0\], and not \[0,1,2\]\n/],
  ['only the boot CPU\'s lines are switched off at probe', /^it does not boot from registers that firmware left with every bit set: CPU1: .* failed with EDEADLK: Interrupt storm on hart 1: [^\n]* does the driver mask every line at probe/],
  ['a CPU that goes leaves its lines on', /^after CPU 1 came back, with line 0 of CPU 1 active, the controller interrupts harts: \["hart 1 irq 9"\], and not \[\]\n/],
])('%s: said first is the state, the CPU, what was seen and what was expected', async (what, first) => {
  const { killedBy } = PERCPU_FAULTS.find((each) => each.what === what)!;
  expect((await run(what)).find(({ name }) => name === killedBy)!.reason).toMatch(first);
});

test('a controller that does not remember what comes while disabled is in order where that is said, and is not where it remembers', async () => {
  const name = 'what comes while a CPU has its line disabled comes when it is enabled, as the controller remembers it';
  const of = (results: CaseResult[]): string => results.find((each) => each.name === name)!.result;
  expect(of(await run('unmask forgets what is pending', { remembers: false }))).toBe('passed');
  expect(of(await run('a flow of its own counts nothing', { remembers: false }))).toBe('failed');
});

test('a kind has its own cases: wires, messages and IPIs are not asked of per-CPU lines', async () => {
  const names = (await run('a flow of its own counts nothing')).map(({ name }) => name);
  expect(names).toContain('a per-CPU line that is enabled on one CPU stays masked on the others');
  expect(names).not.toContain('a line that asks once runs its handler once');
  expect(names).not.toContain('every CPU reaches every CPU');
});
