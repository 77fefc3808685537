import type { CpuHotplug } from '@irqchip/cpuhp';
import { IrqError } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';

// What lockdep, might_sleep() and WARN_ON() would say of the calls of CPU hotplug.

const SLEEPING: [name: string, call: (cpuhp: CpuHotplug) => unknown][] = [
  ['setupState', (cpuhp) => cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'x', null, null)],
  ['setupStateNocalls', (cpuhp) => cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'x', null, null)],
  ['setupStateMulti', (cpuhp) => cpuhp.setupStateMulti('CPUHP_AP_ONLINE_DYN', 'x', null, null)],
  ['cpuUp', (cpuhp) => cpuhp.cpuUp(1)],
  ['cpuDown', (cpuhp) => codeOf(() => cpuhp.cpuDown(1))],
  ['cpusReadLock', (cpuhp) => { cpuhp.cpusReadLock(); cpuhp.cpusReadUnlock(); }],
  ['cpuHotplugDisable', (cpuhp) => cpuhp.cpuHotplugDisable()],
];

describe('a call that waits for a lock', () => {
  test.each(SLEEPING)('%s in hard irq context', (name, call) => {
    const { smp, cpuhp } = new Bench();
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    call(cpuhp);
    smp.cpus.irqExit();
    const [found] = smp.diagnostics.take('context');
    expect(found!.message).toMatch(/may sleep and was called in hard irq context on CPU0/);
    expect(found!.stack).toContain(name);
  });

  test.each(SLEEPING)('%s with interrupts off', (name, call) => {
    const { smp, cpuhp } = new Bench();
    smp.cpus.localIrqDisable();
    call(cpuhp);
    const [found] = smp.diagnostics.take('context');
    expect(found!.message).toMatch(/may sleep and was called with interrupts off on CPU0/);
    expect(found!.stack).toContain(name);
  });

  test.each(SLEEPING)('%s from a task is no finding', (_name, call) => {
    const { smp, cpuhp } = new Bench();
    call(cpuhp);
    expect(smp.diagnostics.open).toEqual([]);
  });

  test.each(SLEEPING)('%s inside a callback, which it would wait for, is EDEADLK and a lock-order finding', (name, call) => {
    const { smp, cpuhp } = new Bench();
    cpuhp.setupStateNocalls('CPUHP_AP_RISCV_TIMER_STARTING', 'outer', () => { if (name !== 'cpuDown') expect(codeOf(() => call(cpuhp))).toBe('EDEADLK'); else call(cpuhp); }, null);
    cpuhp.cpuUp(2);
    const found = smp.diagnostics.take();
    expect(found.map(({ kind }) => kind)).toEqual(['lock-order']);
    expect(found[0]!.stack).toContain(name);
  });
});

describe('locks', () => {
  test('a Cpuslocked form without the lock', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.setupStateCpuslocked('CPUHP_AP_ONLINE_DYN', 'x', null, null);
    expect(smp.diagnostics.take()).toMatchObject([{ kind: 'lock-order', message: expect.stringContaining('needs cpu_hotplug_lock') as unknown, stack: expect.stringContaining('setupStateCpuslocked') as unknown }]);
  });

  test('the read lock twice on one CPU, and unlocking what is not held', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.cpusReadLock();
    cpuhp.cpusReadLock();
    for (let i = 0; i < 3; i++) cpuhp.cpusReadUnlock();
    expect(smp.diagnostics.take().map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      expect.stringMatching(/^lock-order: cpus_read_lock\(\) takes cpu_hotplug_lock, which CPU0 holds/), expect.stringMatching(/^lock-order: cpus_read_unlock\(\) on CPU0, which does not hold/),
    ]);
  });
});

describe('a callback that changes interrupts', () => {
  test('a STARTING callback that leaves them on, by state and name; those after it have them off', () => {
    const bench = new Bench();
    const { smp, cpuhp } = bench;
    cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'first', () => smp.cpus.localIrqEnable(), null);
    cpuhp.setupStateNocalls('CPUHP_AP_DUMMY_TIMER_STARTING', 'second', bench.startup('second'), null);
    cpuhp.cpuUp(1);
    expect(bench.calls).toEqual(['second startup 1 on 1 irqs off']);
    expect(smp.diagnostics.take()).toMatchObject([{ kind: 'context', cpu: 1, message: expect.stringMatching(/^CPU1: a callback of hotplug state \d+ \(first\) was called with interrupts off and left them on/) as unknown }]);
  });

  test('an ONLINE callback that leaves them off', () => {
    const bench = new Bench();
    const { smp, cpuhp } = bench;
    cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'first', () => smp.cpus.localIrqDisable(), null);
    cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'second', bench.startup('second'), null);
    cpuhp.cpuUp(1);
    expect(bench.calls).toEqual(['second startup 1 on 1']);
    expect(smp.diagnostics.take()).toMatchObject([{ kind: 'context', message: expect.stringMatching(/\(first\) was called with interrupts on and left them off/) as unknown }]);
  });

  test('also when it fails', () => {
    const bench = new Bench();
    const { smp, cpuhp } = bench;
    cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'first', () => { smp.cpus.localIrqEnable(); throw new IrqError('EIO', 'no timer'); }, null);
    cpuhp.setupStateNocalls('CPUHP_AP_DUMMY_TIMER_STARTING', 'second', bench.startup('second'), null);
    cpuhp.cpuUp(1);
    expect(bench.calls).toEqual(['second startup 1 on 1 irqs off']);
    expect(smp.diagnostics.take('context')).toHaveLength(1);
  });
});

describe('who calls what', () => {
  test('notifyCpuStarting on another CPU, with interrupts on', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.attach({ bringup: (cpu) => { cpuhp.notifyCpuStarting(cpu); smp.cpus.online.set(cpu); }, cpuDisable: () => undefined, cpuDead: () => undefined });
    cpuhp.cpuUp(1);
    const found = smp.diagnostics.take();
    expect(found.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([expect.stringMatching(/^wrong-cpu: notifyCpuStarting\(1\) runs on CPU0/), expect.stringMatching(/^context: notifyCpuStarting\(1\) with interrupts on/)]);
    for (const { stack } of found) expect(stack).toContain('notifyCpuStarting');
  });

  test('cpuHotplugEnable once too often', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.cpuHotplugEnable();
    expect(smp.diagnostics.take()).toMatchObject([{ kind: 'warn', message: 'Unbalanced cpu hotplug enable', stack: expect.stringContaining('cpuHotplugEnable') as unknown }]);
  });
});
