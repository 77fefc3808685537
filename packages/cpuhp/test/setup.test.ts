import type { CpuhpStateName } from '@irqchip/cpuhp';
import { Bench, codeOf } from './bench.ts';

/** Four CPUs, 0 to 2 up. */
function threeUp(): Bench {
  const bench = new Bench();
  bench.cpuhp.cpuUp(1);
  bench.cpuhp.cpuUp(2);
  return bench;
}

test('setting up before the secondaries are up calls the startup on the boot CPU only', () => {
  const bench = new Bench();
  for (const state of ['CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 'CPUHP_AP_ONLINE_DYN', 'CPUHP_BP_PREPARE_DYN'] as const) {
    bench.cpuhp.setupState(state, state, bench.startup('s'), bench.teardown('s'));
  }
  expect(bench.calls).toEqual(['s startup 0 on 0 irqs off', 's startup 0 on 0', 's startup 0 on 0']);
});

test.each([
  ['CPUHP_BP_PREPARE_DYN', (cpu: number) => `s startup ${cpu} on 0`],
  ['CPUHP_AP_RISCV_TIMER_STARTING', (cpu: number) => `s startup ${cpu} on ${cpu} irqs off`],
  ['CPUHP_AP_ONLINE_DYN', (cpu: number) => `s startup ${cpu} on ${cpu}`],
] as const)('%s: the startup runs for every CPU past the state, ascending, where the section says', (state, line) => {
  const bench = threeUp();
  bench.cpuhp.setupState(state, 's', bench.startup('s'), bench.teardown('s'));
  expect(bench.calls).toEqual([0, 1, 2].map(line));
  for (const cpu of [0, 1, 2]) expect(bench.smp.cpus.irqsDisabledOn(cpu)).toBe(false);
});

test('a CPU that rests in a PREPARE state gets the states below it, and no CPU state', () => {
  const bench = threeUp();
  bench.cpuhp.cpuUp(3, 'CPUHP_BP_KICK_AP');
  bench.cpuhp.setupState('CPUHP_TIMERS_PREPARE', 'low', bench.startup('low'), null);
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'high', bench.startup('high'), null);
  expect(bench.calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
    'low startup 0', 'low startup 1', 'low startup 2', 'low startup 3', 'high startup 0', 'high startup 1', 'high startup 2',
  ]);
});

test('a dead CPU that rests past a state of its own is passed over', () => {
  const bench = threeUp();
  bench.cpuhp.cpuDown(2, 'CPUHP_AP_IDLE_DEAD');
  bench.cpuhp.cpuUp(3);
  bench.smp.cpus.online.clear(3);
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), bench.teardown('s'));
  expect(bench.calls).toEqual(['s startup 0 on 0', 's startup 1 on 1']);
});

test('a startup that fails on the third CPU is torn down on the first two, and the state is free again', () => {
  const bench = threeUp();
  bench.failing.add('s/startup/2');
  expect(codeOf(() => bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), bench.teardown('s')))).toBe('EIO');
  expect(bench.take().slice(3)).toEqual(['s teardown 0 on 0', 's teardown 1 on 1']);
  expect(bench.cpuhp.states().some(({ name }) => name === 's')).toBe(false);
  bench.failing.clear();
  expect(bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), bench.teardown('s'))).toBe(192);
});

test('without a teardown a failed startup is simply given up', () => {
  const bench = threeUp();
  bench.failing.add('s/startup/1');
  expect(codeOf(() => bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 's', bench.startup('s'), null))).toBe('EIO');
  expect(bench.calls).toHaveLength(2);
  expect(bench.smp.diagnostics.take('warn')).toHaveLength(1);
});

test('a STARTING startup that fails while it is set up is warned about', () => {
  const bench = threeUp();
  bench.failing.add('s/startup/1');
  expect(codeOf(() => bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 's', bench.startup('s'), bench.teardown('s')))).toBe('EIO');
  expect(bench.take()).toEqual(['s startup 0 on 0 irqs off', 's startup 1 on 1 irqs off', 's teardown 0 on 0 irqs off']);
  expect(bench.smp.diagnostics.take('warn').map(({ message }) => message)[0]).toMatch(/must not fail/);
});

test('the nocalls form calls nothing, neither in nor out', () => {
  const bench = threeUp();
  const state = bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), bench.teardown('s'));
  bench.cpuhp.removeStateNocalls(state);
  expect(bench.calls).toEqual([]);
  expect(bench.cpuhp.statesText()).not.toMatch(/: s$/m);
});

test('removing a state tears it down on every CPU past it, ascending', () => {
  const bench = threeUp();
  const state = bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', null, bench.teardown('s'));
  bench.cpuhp.removeState(state);
  expect(bench.calls).toEqual([0, 1, 2].map((cpu) => `s teardown ${cpu} on ${cpu}`));
  bench.cpuhp.cpuUp(3);
  expect(bench.calls).toHaveLength(3);
});

test('a static state is removed by its enumerator, and can be set up anew', () => {
  const bench = threeUp();
  expect(bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'a', null, bench.teardown('a'))).toBe(0);
  bench.cpuhp.removeState('CPUHP_AP_CLINT_TIMER_STARTING');
  expect(bench.take()).toEqual([0, 1, 2].map((cpu) => `a teardown ${cpu} on ${cpu} irqs off`));
  expect(bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'b', null, null)).toBe(0);
});

test('a teardown that fails during removal is a bug of its owner', () => {
  const bench = threeUp();
  const state = bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 's', null, bench.teardown('s'));
  bench.failing.add('s/teardown/1');
  expect(codeOf(() => bench.cpuhp.removeState(state))).toBe('EIO');
  expect(bench.smp.diagnostics.take('bug')).toHaveLength(1);
});

const REFUSED: [string, CpuhpStateName | number, string, string][] = [
  ['offline', 'CPUHP_OFFLINE', 'x', 'EINVAL'],
  ['online', 'CPUHP_ONLINE', 'x', 'EINVAL'],
  ['a negative state', -1, 'x', 'EINVAL'],
  ['a state beyond the last', 237, 'x', 'EINVAL'],
  ['a fraction', 99.5, 'x', 'EINVAL'],
  ['no name', 'CPUHP_AP_CLINT_TIMER_STARTING', '', 'EINVAL'],
  ['a core state', 'CPUHP_AP_ACTIVE', 'x', 'EBUSY'],
  ['bring-up', 'CPUHP_BRINGUP_CPU', 'x', 'EBUSY'],
];

test.each(REFUSED)('%s is refused', (_, state, name, code) => {
  const bench = new Bench();
  const before = bench.cpuhp.statesText();
  for (const form of ['setupState', 'setupStateNocalls', 'setupStateMulti'] as const) {
    expect(codeOf(() => bench.cpuhp[form](state, name, bench.startup('x'), null))).toBe(code);
  }
  expect(bench.calls).toEqual([]);
  expect(bench.cpuhp.statesText()).toBe(before);
});

test('a static state that is taken is EBUSY, and its owner keeps it', () => {
  const bench = new Bench();
  bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'first', bench.startup('first'), null);
  expect(() => bench.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'second', bench.startup('second'), null)).toThrow(/'first'/);
  bench.take();
  bench.cpuhp.cpuUp(1);
  expect(bench.calls).toEqual(['first startup 1 on 1 irqs off']);
});

test.each([
  ['CPUHP_AP_ONLINE_DYN', 192, 41],
  ['CPUHP_BP_PREPARE_DYN', 61, 21],
] as const)('%s has slots %i and on, %i of them, and gives out the first free one', (state, first, count) => {
  const { smp, cpuhp } = new Bench();
  for (let i = 0; i < count; i++) expect(cpuhp.setupState(state, `s${i}`, null, null)).toBe(first + i);
  expect(codeOf(() => cpuhp.setupState(state, 'one too many', null, null))).toBe('ENOSPC');
  expect(smp.diagnostics.take('warn').map(({ message }) => message)).toEqual(['No more dynamic states available for CPU hotplug']);
  cpuhp.removeState(first + 7);
  cpuhp.removeState(first);
  expect(cpuhp.setupState(state, 'again', null, null)).toBe(first);
  expect(cpuhp.setupState(state, 'and again', null, null)).toBe(first + 7);
});

test.each([0, -1, 236, 500])('removing state %i is refused', (state) => {
  expect(codeOf(() => new Bench().cpuhp.removeState(state))).toBe('EINVAL');
});

test('a CPU that is not present is passed over even if it is past the state', () => {
  const bench = threeUp();
  bench.smp.cpus.present.clear(1);
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), null);
  expect(bench.calls).toEqual(['s startup 0 on 0', 's startup 2 on 2']);
});

test('an exception that is no IrqError reaches the author, and the locks are free again', () => {
  const { cpuhp } = new Bench();
  expect(() => cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'typo', () => { throw new TypeError('typo'); }, null)).toThrow(TypeError);
  expect(() => cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'fixed', null, null)).not.toThrow();
});
