import { IrqError } from '@irqchip/smp';
import { CpuHotplug } from '@irqchip/cpuhp';
import { Bench, codeOf } from './bench.ts';

const messages = (bench: Bench): string[] => bench.smp.diagnostics.take().map(({ kind, message }) => `${kind} ${message.split(':')[0]}`);

function caught(fn: () => unknown): IrqError {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('an error names the step once, however deep it happened, and carries what the callback threw', () => {
  const bench = new Bench();
  bench.cpuhp.setupStateNocalls(200, 'dyn', bench.startup('dyn'), bench.teardown('dyn'));
  bench.failing.add('dyn/startup/1');
  const up = caught(() => bench.cpuhp.cpuUp(1));
  expect(up.message).toBe('CPU1: startup of state 200 (dyn) failed with EIO: dyn has no startup today');
  expect(up.cause).toMatchObject({ code: 'EIO', message: 'dyn has no startup today' });
  bench.failing.clear();
  bench.cpuhp.cpuUp(1);
  bench.failing.add('dyn/teardown/1');
  expect(caught(() => bench.cpuhp.cpuDown(1)).message).toBe('CPU1: teardown of state 200 (dyn) failed with EIO: dyn has no teardown today');
});

test('walks that succeed, and failures that can be undone, are not reported', () => {
  const bench = new Bench();
  bench.cpuhp.setupState('CPUHP_AP_RISCV_TIMER_STARTING', 'timer', bench.startup('timer'), bench.teardown('timer'));
  bench.cpuhp.setupStateMulti('CPUHP_BP_PREPARE_DYN', 'm', bench.startup('m'), bench.teardown('m'));
  for (const id of ['a', 'b']) bench.cpuhp.addInstance(61, { id });
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), bench.teardown('dyn'));
  bench.cpuhp.cpuUp(1);
  bench.cpuhp.cpuDown(1);
  for (const key of ['dyn/startup/2', 'm.a/startup/2']) {
    bench.failing.add(key);
    expect(codeOf(() => bench.cpuhp.cpuUp(2))).toBe('EIO');
    bench.failing.clear();
  }
  bench.failing.add('dyn/startup/2');
  bench.cpuhp.bringupNonbootCpus();
  bench.cpuhp.setTarget(1, 236);
  expect(bench.smp.diagnostics.open).toEqual([]);
});

test('a teardown that fails while a failed startup is undone is reported, and the walk stops there', () => {
  const bench = new Bench();
  for (const [state, name] of [[44, 'low'], [45, 'high'], [48, 'last']] as const) {
    bench.cpuhp.setupStateNocalls(state, name, bench.startup(name), bench.teardown(name));
  }
  bench.failing.add('last/startup/1').add('high/teardown/1');
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  expect(bench.take().map((call) => call.replace(/ 1 on 0/, ''))).toEqual(['low startup', 'high startup', 'last startup', 'high teardown']);
  expect(messages(bench)).toEqual(['warn A callback failed during rollback, and the CPU stays half way']);
});

test('an instance that cannot be stopped while its state is undone is reported', () => {
  const bench = new Bench();
  bench.cpuhp.setupStateMulti('CPUHP_BP_PREPARE_DYN', 'm', bench.startup('m'), bench.teardown('m'));
  for (const id of ['a', 'b']) bench.cpuhp.addInstance(61, { id });
  bench.take();
  bench.failing.add('m.a/startup/1').add('m.b/teardown/1');
  const error = caught(() => bench.cpuhp.cpuUp(1));
  expect(error.message).toContain('m.a has no startup today');
  expect(bench.take()).toEqual(['m.b startup 1 on 0', 'm.a startup 1 on 0', 'm.b teardown 1 on 0']);
  expect(bench.smp.diagnostics.take().map(({ message }) => message))
    .toEqual(['Rollback of hotplug state 61 failed: CPU1: teardown of state 61 (m) failed with EIO: m.b has no teardown today']);
});

test('an instance is an object', () => {
  const bench = new Bench();
  bench.cpuhp.setupStateMulti('CPUHP_AP_ONLINE_DYN', 'm', bench.startup('m'), null);
  for (const nothing of [null, undefined]) {
    expect(codeOf(() => bench.cpuhp.addInstance(192, nothing as unknown as object))).toBe('EINVAL');
  }
  expect(bench.calls).toEqual([]);
});

test.each([4, 99, -1])('CPU %i is not possible: its state cannot be asked for or changed', (cpu) => {
  const { cpuhp } = new Bench();
  for (const call of [() => cpuhp.stateOf(cpu), () => cpuhp.targetOf(cpu), () => cpuhp.failOf(cpu), () => cpuhp.cpuDown(cpu),
    () => cpuhp.removeCpu(cpu), () => cpuhp.setTarget(cpu, 0), () => cpuhp.setFail(cpu, -1)]) expect(codeOf(call)).toBe('EINVAL');
});

test.each([-2, 237])('there is no state %i that could be made to fail', (state) => {
  const { cpuhp } = new Bench();
  expect(codeOf(() => cpuhp.setFail(1, state))).toBe('EINVAL');
  expect(cpuhp.failOf(1)).toBe(-1);
});

test('an enumerator that a release does not have has no number there', () => {
  expect(codeOf(() => new Bench({ linux: '6.12' }).cpuhp.numberOf('CPUHP_AP_KTHREADS_ONLINE'))).toBe('EINVAL');
  expect(new Bench({ linux: '7.2' }).cpuhp.numberOf('CPUHP_AP_KTHREADS_ONLINE')).toBe(190);
});

test('unless told otherwise a machine is Linux 7.2, and whoever watches can be asked for', () => {
  const { smp, cpuhp } = new Bench();
  expect([cpuhp.linux, new CpuHotplug(smp, { linux: '6.12' }).linux]).toEqual(['7.2', '6.12']);
  const trace = { enter: () => undefined, multiEnter: () => undefined, exit: () => undefined };
  expect(cpuhp.trace).toBeNull();
  cpuhp.trace = trace;
  expect(cpuhp.trace).toBe(trace);
});
