import { Bench, codeOf } from './bench.ts';

const STATES = ['CPUHP_BP_PREPARE_DYN', 'CPUHP_AP_RISCV_TIMER_STARTING', 'CPUHP_AP_ONLINE_DYN'] as const;
const node = (id: string): { id: string } => ({ id });
const brief = (bench: Bench): string[] => bench.take().map((call) => call.replace(/ on .*/, ''));

/** A multi-instance state 'm' with instances added in the order a, b, c; CPUs 0 and 1 up. */
function abc(state: (typeof STATES)[number], { teardown = true } = {}): Bench & { slot: number; nodes: { id: string }[] } {
  const bench = new Bench();
  bench.cpuhp.cpuUp(1);
  const got = bench.cpuhp.setupStateMulti(state, 'm', bench.startup('m'), teardown ? bench.teardown('m') : null);
  const slot = got || bench.cpuhp.numberOf(state);
  const nodes = ['a', 'b', 'c'].map(node);
  expect(bench.take()).toEqual([]);
  for (const each of nodes) bench.cpuhp.addInstance(slot, each);
  return Object.assign(bench, { slot, nodes });
}

test.each(STATES)('%s: setting up calls nothing; adding an instance starts it on the CPUs past the state', (state) => {
  const bench = abc(state);
  expect(brief(bench)).toEqual(['m.a startup 0', 'm.a startup 1', 'm.b startup 0', 'm.b startup 1', 'm.c startup 0', 'm.c startup 1']);
});

test.each(STATES)('%s: walks call the newest instance first, both ways', (state) => {
  const bench = abc(state);
  bench.take();
  bench.cpuhp.cpuUp(2);
  expect(brief(bench)).toEqual(['m.c startup 2', 'm.b startup 2', 'm.a startup 2']);
  bench.cpuhp.cpuDown(2);
  expect(brief(bench)).toEqual(['m.c teardown 2', 'm.b teardown 2', 'm.a teardown 2']);
});

test.each(['CPUHP_BP_PREPARE_DYN', 'CPUHP_AP_ONLINE_DYN'] as const)('%s: when an instance fails, exactly those before it are stopped, and the CPU does not come up', (state) => {
  const bench = abc(state);
  bench.take();
  bench.failing.add('m.a/startup/2');
  expect(codeOf(() => bench.cpuhp.cpuUp(2))).toBe('EIO');
  expect(brief(bench)).toEqual(['m.c startup 2', 'm.b startup 2', 'm.a startup 2', 'm.c teardown 2', 'm.b teardown 2']);
  expect(bench.cpuhp.stateOf(2)).toBe(0);
  bench.failing.clear();
  bench.failing.add('m.c/startup/2');
  expect(codeOf(() => bench.cpuhp.cpuUp(2))).toBe('EIO');
  expect(brief(bench)).toEqual(['m.c startup 2']);
});

test.each(['CPUHP_BP_PREPARE_DYN', 'CPUHP_AP_ONLINE_DYN'] as const)('%s: without a teardown there is nothing to stop', (state) => {
  const bench = abc(state, { teardown: false });
  bench.take();
  bench.failing.add('m.b/startup/2');
  expect(codeOf(() => bench.cpuhp.cpuUp(2))).toBe('EIO');
  expect(brief(bench)).toEqual(['m.c startup 2', 'm.b startup 2']);
  expect(bench.cpuhp.stateOf(2)).toBe(0);
});

test('STARTING: when an instance fails, those before it are stopped, the rest are left out, and the CPU comes up', () => {
  const bench = abc('CPUHP_AP_RISCV_TIMER_STARTING');
  bench.take();
  bench.failing.add('m.b/startup/2');
  bench.cpuhp.cpuUp(2);
  expect(brief(bench)).toEqual(['m.c startup 2', 'm.b startup 2', 'm.c teardown 2']);
  expect(bench.smp.log.records.map(({ text }) => text)).toEqual(['CPU 2 UP state m (127) failed (-5)']);
});

test('ONLINE teardown: when an instance refuses, exactly those stopped before it start again', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN');
  bench.cpuhp.cpuUp(2);
  bench.take();
  bench.failing.add('m.a/teardown/2');
  expect(codeOf(() => bench.cpuhp.cpuDown(2))).toBe('EIO');
  expect(brief(bench)).toEqual(['m.c teardown 2', 'm.b teardown 2', 'm.a teardown 2', 'm.c startup 2', 'm.b startup 2']);
  expect(bench.cpuhp.stateOf(2)).toBe(236);
});

test('a failed instance without teardown leaves nothing behind that confuses the rollback of a state below', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN', { teardown: false });
  bench.cpuhp.setupStateMulti('CPUHP_AP_PERF_ONLINE', 'low', bench.startup('low'), bench.teardown('low'));
  // The same objects, so that a leftover of the upper state would match here.
  for (const each of bench.nodes) bench.cpuhp.addInstanceNocalls('CPUHP_AP_PERF_ONLINE', each);
  bench.take();
  bench.failing.add('m.b/startup/2');
  expect(codeOf(() => bench.cpuhp.cpuUp(2))).toBe('EIO');
  expect(brief(bench).slice(-3)).toEqual(['low.c teardown 2', 'low.b teardown 2', 'low.a teardown 2']);
});

test('an instance that fails while it is added is stopped on the CPUs before, and is not in the list', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN');
  bench.take();
  bench.failing.add('m.d/startup/1');
  expect(codeOf(() => bench.cpuhp.addInstance(bench.slot, node('d')))).toBe('EIO');
  expect(brief(bench)).toEqual(['m.d startup 0', 'm.d startup 1', 'm.d teardown 0']);
  bench.cpuhp.cpuUp(2);
  expect(brief(bench)).toEqual(['m.c startup 2', 'm.b startup 2', 'm.a startup 2']);
});

test('removing an instance stops it on the CPUs past the state; the nocalls forms call nothing', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN');
  bench.take();
  bench.cpuhp.removeInstance(bench.slot, bench.nodes[1]!);
  expect(brief(bench)).toEqual(['m.b teardown 0', 'm.b teardown 1']);
  bench.cpuhp.removeInstanceNocalls(bench.slot, bench.nodes[2]!);
  const d = node('d');
  bench.cpuhp.addInstanceNocalls(bench.slot, d);
  expect(brief(bench)).toEqual([]);
  bench.cpuhp.cpuUp(2);
  expect(brief(bench)).toEqual(['m.d startup 2', 'm.a startup 2']);
});

test('instances belong to multi-instance states only', () => {
  const bench = new Bench();
  const single = bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'single', null, null);
  expect(codeOf(() => bench.cpuhp.addInstance(single, node('a')))).toBe('EINVAL');
  expect(codeOf(() => bench.cpuhp.removeInstance(single, node('a')))).toBe('EINVAL');
  expect(codeOf(() => bench.cpuhp.addInstance(single + 1, node('a')))).toBe('EINVAL');
});

test('an instance that was never added cannot be removed', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN');
  expect(codeOf(() => bench.cpuhp.removeInstance(bench.slot, node('a')))).toBe('EINVAL');
});

test('removing a state that has instances left is warned about; without instances it is not', () => {
  const bench = abc('CPUHP_AP_ONLINE_DYN');
  bench.take();
  bench.cpuhp.removeMultiState(bench.slot);
  expect(bench.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual(['Error: Removing state 192 which has instances left.']);
  expect(bench.take()).toEqual([]);
  const again = bench.cpuhp.setupStateMulti('CPUHP_AP_ONLINE_DYN', 'm', null, null);
  bench.cpuhp.removeMultiState(again);
  expect(bench.smp.diagnostics.open).toEqual([]);
});
