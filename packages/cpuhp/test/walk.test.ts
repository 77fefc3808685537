import { Bench, codeOf } from './bench.ts';

/** One state in every kind of place, entered in no particular order. */
function populated(): Bench {
  const bench = new Bench();
  const { cpuhp } = bench;
  cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), bench.teardown('dyn'));
  cpuhp.setupStateNocalls('CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 'imsic', bench.startup('imsic'), bench.teardown('imsic'));
  cpuhp.setupStateNocalls('CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING', 'sbi', bench.startup('sbi'), null);
  cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'prep', bench.startup('prep'), bench.teardown('prep'));
  cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'clint', bench.startup('clint'), bench.teardown('clint'));
  cpuhp.setupStateNocalls('CPUHP_AP_SMPCFD_DYING', 'dying', null, bench.teardown('dying'));
  cpuhp.setupStateNocalls('CPUHP_AP_PERF_ONLINE', 'perf', bench.startup('perf'), bench.teardown('perf'));
  cpuhp.setupStateNocalls('CPUHP_SMPCFD_PREPARE', 'early', bench.startup('early'), bench.teardown('early'));
  return bench;
}

test('a CPU comes up through PREPARE on the caller, STARTING on itself with interrupts off, ONLINE on itself', () => {
  const bench = populated();
  bench.cpuhp.cpuUp(2);
  expect(bench.calls).toEqual([
    'early startup 2 on 0',
    'prep startup 2 on 0',
    'imsic startup 2 on 2 irqs off',
    'sbi startup 2 on 2 irqs off',
    'clint startup 2 on 2 irqs off',
    'perf startup 2 on 2',
    'dyn startup 2 on 2',
  ]);
  expect(bench.cpuhp.stateOf(2)).toBe(236);
  expect(bench.smp.cpus.online.toList()).toBe('0,2');
  expect(bench.smp.cpus.irqsDisabledOn(2)).toBe(false);
});

test('a CPU goes down the other way round, and DYING callbacks run after it has left the online mask', () => {
  const bench = populated();
  bench.cpuhp.cpuUp(2);
  bench.cpuhp.setupStateNocalls('CPUHP_AP_TICK_DYING', 'tick', null, () => bench.calls.push(`online ${bench.smp.cpus.online.toList()}`));
  bench.take();
  bench.cpuhp.cpuDown(2);
  expect(bench.calls).toEqual([
    'dyn teardown 2 on 2',
    'perf teardown 2 on 2',
    'online 0',
    'dying teardown 2 on 2 irqs off',
    'clint teardown 2 on 2 irqs off',
    'imsic teardown 2 on 2 irqs off',
    'prep teardown 2 on 0',
    'early teardown 2 on 0',
  ]);
  expect(bench.cpuhp.stateOf(2)).toBe(0);
  expect(bench.smp.cpus.online.toList()).toBe('0');
});

test('the first other online CPU controls the takedown, whoever asks', () => {
  const bench = populated();
  for (const cpu of [1, 2]) bench.cpuhp.cpuUp(cpu);
  bench.take();
  bench.smp.cpus.runOn(2, () => bench.cpuhp.cpuDown(2));
  expect(bench.take()).toContain('prep teardown 2 on 0');
  bench.smp.cpus.runOn(0, () => bench.cpuhp.cpuDown(0));
  expect(bench.take()).toContain('prep teardown 0 on 1');
  expect(bench.smp.cpus.online.toList()).toBe('1');
});

test('STARTING callbacks see the CPU not yet online, ONLINE callbacks see it online', () => {
  const { smp, cpuhp } = new Bench();
  const seen: boolean[] = [];
  const look = (cpu: number): void => void seen.push(smp.cpus.online.test(cpu));
  cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'starting', look, null);
  cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'online', look, null);
  cpuhp.cpuUp(1);
  expect(seen).toEqual([false, true]);
});

test('a CPU on its way down is in the dying mask, on its way up it is not', () => {
  const { smp, cpuhp } = new Bench();
  const seen: string[] = [];
  cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'look', () => seen.push(smp.cpus.dying.toList()), () => seen.push(smp.cpus.dying.toList()));
  cpuhp.cpuUp(1);
  cpuhp.cpuDown(1);
  cpuhp.cpuUp(1);
  expect(seen).toEqual(['', '1', '']);
});

test('the boot CPU is at the last state and the others at 0', () => {
  const { cpuhp } = new Bench();
  expect([0, 1, 2, 3].map((cpu) => cpuhp.stateOf(cpu))).toEqual([236, 0, 0, 0]);
});

test('a CPU stops at the target, and goes on from there', () => {
  const bench = populated();
  const perf = bench.cpuhp.numberOf('CPUHP_AP_PERF_ONLINE');
  bench.cpuhp.cpuUp(1, perf);
  expect(bench.take()).toHaveLength(6);
  expect([bench.cpuhp.stateOf(1), bench.cpuhp.targetOf(1)]).toEqual([perf, perf]);
  bench.cpuhp.cpuUp(1);
  expect(bench.take()).toEqual(['dyn startup 1 on 1']);
  bench.cpuhp.cpuDown(1, perf);
  expect(bench.take()).toEqual(['dyn teardown 1 on 1']);
  expect(bench.smp.cpus.online.test(1)).toBe(true);
  bench.cpuhp.cpuDown(1, 'CPUHP_SMPCFD_PREPARE');
  expect(bench.take()).toEqual([
    'perf teardown 1 on 1', 'dying teardown 1 on 1 irqs off', 'clint teardown 1 on 1 irqs off', 'imsic teardown 1 on 1 irqs off', 'prep teardown 1 on 0',
  ]);
  expect(bench.smp.cpus.online.test(1)).toBe(false);
  bench.cpuhp.cpuUp(1, 'CPUHP_BP_PREPARE_DYN');
  expect(bench.take()).toEqual(['prep startup 1 on 0']);
});

test('bringing up a CPU that is there already calls nothing', () => {
  const bench = populated();
  bench.cpuhp.cpuUp(1);
  bench.take();
  bench.cpuhp.cpuUp(1);
  expect(bench.take()).toEqual([]);
  expect([bench.cpuhp.addCpu(1), bench.cpuhp.addCpu(2)]).toEqual([1, 0]);
  expect([bench.cpuhp.removeCpu(2), bench.cpuhp.removeCpu(2)]).toEqual([0, 1]);
});

test('7.2 boots all CPUs through PREPARE first, 6.12 one after the other', () => {
  for (const [linux, order] of [
    ['7.2', ['prep startup 1', 'prep startup 2', 'dyn startup 1', 'dyn startup 2']],
    ['6.12', ['prep startup 1', 'dyn startup 1', 'prep startup 2', 'dyn startup 2']],
  ] as const) {
    const bench = new Bench({ linux });
    bench.cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'prep', bench.startup('prep'), null);
    bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), null);
    bench.cpuhp.bringupNonbootCpus(3);
    expect(bench.calls.map((call) => call.replace(/ on .*/, ''))).toEqual(order);
    expect(bench.smp.cpus.online.toList()).toBe('0-2');
  }
});

test('a CPU that fails at boot stays off all the way, and the others come up', () => {
  for (const linux of ['6.12', '7.2'] as const) {
    const bench = new Bench({ linux });
    bench.cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'prep', bench.startup('prep'), bench.teardown('prep'));
    bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), null);
    bench.failing.add('dyn/startup/2');
    bench.cpuhp.bringupNonbootCpus();
    expect(bench.smp.cpus.online.toList()).toBe('0-1,3');
    expect(bench.cpuhp.stateOf(2)).toBe(0);
    expect(bench.calls.filter((call) => call.startsWith('prep teardown'))).toEqual(['prep teardown 2 on 0']);
  }
});

test('a bound core callback runs on the CPU, in its place', () => {
  const bench = populated();
  bench.cpuhp.setCoreCallback('CPUHP_AP_IRQ_AFFINITY_ONLINE', bench.startup('affinity'));
  bench.cpuhp.setCoreCallback('CPUHP_AP_ACTIVE', bench.startup('active'), bench.teardown('active'));
  bench.cpuhp.cpuUp(1);
  expect(bench.take().slice(-4)).toEqual(['affinity startup 1 on 1', 'perf startup 1 on 1', 'dyn startup 1 on 1', 'active startup 1 on 1']);
  bench.cpuhp.cpuDown(1);
  expect(bench.take().slice(0, 2)).toEqual(['active teardown 1 on 1', 'dyn teardown 1 on 1']);
});

test.each(['CPUHP_BRINGUP_CPU', 'CPUHP_TEARDOWN_CPU', 'CPUHP_AP_ONLINE', 'CPUHP_AP_RISCV_TIMER_STARTING'] as const)('%s is no core state to bind', (state) => {
  const { cpuhp } = new Bench();
  expect(codeOf(() => cpuhp.setCoreCallback(state, () => undefined))).toBe('EINVAL');
});

test('4,096 CPUs come up and go down, with a state in every section, within two seconds of processor time', () => {
  const { smp, cpuhp } = new Bench({ nrCpus: 4096 });
  let up = 0;
  let down = 0;
  for (const state of ['CPUHP_BP_PREPARE_DYN', 'CPUHP_AP_RISCV_TIMER_STARTING', 'CPUHP_AP_ONLINE_DYN'] as const) {
    cpuhp.setupStateNocalls(state, state, () => void up++, () => void down++);
  }
  const start = process.cpuUsage();
  for (let cpu = 1; cpu < 4096; cpu++) cpuhp.cpuUp(cpu);
  expect(smp.cpus.online.weight()).toBe(4096);
  for (let cpu = 4095; cpu > 0; cpu--) cpuhp.cpuDown(cpu);
  expect(smp.cpus.online.weight()).toBe(1);
  expect([up, down]).toEqual([3 * 4095, 3 * 4095]);
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
});
