import { IrqError } from '@irqchip/smp';
import { CpuHotplug, type LinuxVersion } from '@irqchip/cpuhp';
import { Bench, codeOf } from './bench.ts';

const RELEASES: LinuxVersion[] = ['6.12', '7.2'];
const warnings = (bench: Bench): string[] => bench.smp.diagnostics.take('warn').map(({ message }) => message.split(':')[0]!);

test.each([['6.12', 'crit CPU1: failed to come online'], ['7.2', 'err CPU1 failed to report alive state']] as const)(
  '%s: what is logged of a CPU that gives no sign of life', (linux, line) => {
    const bench = new Bench({ linux, port: { bringup: () => undefined, cpuDisable: () => undefined, cpuDead: () => undefined } });
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
    expect(bench.smp.log.records.map(({ level, text }) => `${level} ${text}`)).toContain(line);
  });

test('a CPU that must be started once but may not run is ECANCELED after its STARTING callbacks, and goes down again', () => {
  let started = false;
  const bench = new Bench();
  const { cpus } = bench.smp;
  bench.cpuhp.attach({
    bringup: (cpu) => {
      started = true;
      cpus.runOn(cpu, () => { cpus.localIrqDisable(); bench.cpuhp.notifyCpuStarting(cpu); cpus.online.set(cpu); cpus.localIrqEnable(); });
    },
    cpuDisable: (cpu) => void cpus.online.clear(cpu),
    cpuDead: () => undefined,
    bootable: () => !started,
  });
  bench.cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'clint', bench.startup('clint'), bench.teardown('clint'));
  bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), null);
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('ECANCELED');
  expect(bench.calls).toEqual(['clint startup 1 on 1 irqs off', 'clint teardown 1 on 1 irqs off']);
  expect([bench.cpuhp.stateOf(1), cpus.online.toList()]).toEqual([0, '0']);
});

test('a CPU that may run is brought up by a port that is asked', () => {
  const bench = new Bench();
  const { cpus } = bench.smp;
  bench.cpuhp.attach({
    bringup: (cpu) => cpus.runOn(cpu, () => { cpus.localIrqDisable(); bench.cpuhp.notifyCpuStarting(cpu); cpus.online.set(cpu); cpus.localIrqEnable(); }),
    cpuDisable: (cpu) => void cpus.online.clear(cpu),
    cpuDead: () => undefined,
    bootable: () => true,
  });
  bench.cpuhp.cpuUp(1);
  expect(bench.cpuhp.stateOf(1)).toBe(236);
});

test.each(RELEASES)('%s: more CPUs allowed than present: the present ones come up, and nobody asks for others', (linux) => {
  const bench = new Bench({ linux });
  bench.smp.cpus.present.clear(2);
  bench.cpuhp.bringupNonbootCpus(4);
  expect(bench.smp.cpus.online.toList()).toBe('0-1,3');
  expect(bench.smp.log.records).toEqual([]);
});

test.each(RELEASES)('%s: with one CPU allowed only the boot CPU runs', (linux) => {
  for (const allowed of [0, 1]) {
    const bench = new Bench({ linux });
    bench.cpuhp.bringupNonbootCpus(allowed);
    expect(bench.smp.cpus.online.toList()).toBe('0');
    expect([1, 2, 3].map((cpu) => bench.cpuhp.stateOf(cpu))).toEqual([0, 0, 0]);
  }
});

test.each(RELEASES)('%s: what is left of a CPU that failed at boot and cannot be cleaned up is reported', (linux) => {
  const bench = new Bench({ linux });
  for (const [state, name] of [[46, 'a'], [48, 'b'], [50, 'c']] as const) bench.cpuhp.setupStateNocalls(state, name, bench.startup(name), bench.teardown(name));
  bench.failing.add('c/startup/1').add('b/teardown/1').add('a/teardown/1');
  bench.cpuhp.bringupNonbootCpus(2);
  expect(warnings(bench).slice(0, 2)).toEqual(['A callback failed during rollback, and the CPU stays half way', 'CPU1 could not be cleaned up']);
  expect(bench.smp.cpus.online.toList()).toBe('0');
});

test('an exception that is no IrqError reaches the author of the port, also at boot', () => {
  const bench = new Bench({ port: { bringup: () => { throw new TypeError('not yet written'); }, cpuDisable: () => undefined, cpuDead: () => undefined } });
  expect(() => bench.cpuhp.bringupNonbootCpus()).toThrow(TypeError);
});

test('booting the others from inside a callback is refused, not passed over', () => {
  const bench = new Bench();
  let code = '';
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'inner', () => { code = codeOf(() => bench.cpuhp.bringupNonbootCpus()); }, null);
  expect(code).toBe('EDEADLK');
  expect(bench.smp.diagnostics.take('lock-order')).toHaveLength(1);
});

test('early in boot a startup on the boot CPU itself finds interrupts as they were', () => {
  const bench = new Bench();
  const { cpus } = bench.smp;
  cpus.localIrqDisable();
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), null);
  expect(bench.take()).toEqual(['dyn startup 0 on 0 irqs off']);
  cpus.localIrqEnable();
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'more', bench.startup('more'), null);
  expect([bench.take(), cpus.irqsDisabled()]).toEqual([['more startup 0 on 0'], false]);
});

test('another CPU runs ONLINE callbacks with interrupts on, and gets its own setting back', () => {
  const bench = new Bench();
  const { cpus } = bench.smp;
  bench.cpuhp.cpuUp(1);
  for (const off of [true, false]) {
    cpus.runOn(1, () => (off ? cpus.localIrqDisable() : cpus.localIrqEnable()));
    const slot = bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), (cpu) => { if (cpu === 1) throw new IrqError('EIO', 'no'); });
    expect([bench.take().at(-1), cpus.irqsDisabledOn(1)]).toEqual(['dyn startup 1 on 1', off]);
    expect(codeOf(() => bench.cpuhp.removeState(slot))).toBe('EIO');
    expect(cpus.irqsDisabledOn(1)).toBe(off);
    bench.smp.diagnostics.take('bug');
    bench.cpuhp.removeStateNocalls(slot);
  }
});

test('a machine whose CPUs are all online when hotplug is made has nothing to bring up', () => {
  const bench = new Bench();
  bench.smp.cpus.online.set(1);
  const cpuhp = new CpuHotplug(bench.smp);
  expect([cpuhp.stateOf(1), cpuhp.addCpu(1)]).toEqual([236, 1]);
});
