import type { CpuHotplug } from '@irqchip/cpuhp';
import { Bench, codeOf } from './bench.ts';

const WAITING: [string, (cpuhp: CpuHotplug) => unknown][] = [
  ['setupState', (cpuhp) => cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'inner', null, null)],
  ['setupStateCpuslocked', (cpuhp) => cpuhp.setupStateCpuslocked('CPUHP_AP_ONLINE_DYN', 'inner', null, null)],
  ['setupStateNocalls', (cpuhp) => cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'inner', null, null)],
  ['setupStateMulti', (cpuhp) => cpuhp.setupStateMulti('CPUHP_AP_ONLINE_DYN', 'inner', null, null)],
  ['removeState', (cpuhp) => cpuhp.removeState('CPUHP_AP_PERF_ONLINE')],
  ['cpuUp', (cpuhp) => cpuhp.cpuUp(2)],
  ['cpuDown', (cpuhp) => cpuhp.cpuDown(1)],
  ['cpusReadLock', (cpuhp) => cpuhp.cpusReadLock()],
  ['cpusWriteLock', (cpuhp) => cpuhp.cpusWriteLock()],
  ['cpuHotplugDisable', (cpuhp) => cpuhp.cpuHotplugDisable()],
];

/** What `inner` did inside a callback of each kind of walk. */
const WALKS: [string, (bench: Bench, callback: () => void) => void][] = [
  ['setting up', ({ cpuhp }, callback) => cpuhp.setupState('CPUHP_BP_PREPARE_DYN', 'outer', callback, null)],
  ['PREPARE', ({ cpuhp }, callback) => { cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'outer', callback, null); cpuhp.cpuUp(3); }],
  ['STARTING', ({ cpuhp }, callback) => { cpuhp.setupStateNocalls('CPUHP_AP_RISCV_TIMER_STARTING', 'outer', callback, null); cpuhp.cpuUp(3); }],
  ['ONLINE', ({ cpuhp }, callback) => { cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'outer', callback, null); cpuhp.cpuUp(3); }],
  ['going down', ({ cpuhp }, callback) => { cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'outer', null, callback); cpuhp.cpuDown(1); }],
];

describe.each(WALKS)('inside a callback, %s', (_, walk) => {
  test.each(WAITING)('%s is refused with a lock-order finding, and nothing hangs', (_name, inner) => {
    const bench = new Bench();
    bench.cpuhp.cpuUp(1);
    const codes: string[] = [];
    walk(bench, () => void codes.push(codeOf(() => inner(bench.cpuhp))));
    expect(new Set(codes)).toEqual(new Set(['EDEADLK']));
    expect(bench.smp.diagnostics.take('lock-order')).toHaveLength(codes.length);
    expect(bench.smp.diagnostics.open).toEqual([]);
    expect(bench.cpuhp.states().some(({ name }) => name === 'inner')).toBe(false);
  });

  test('the hotplug lock counts as held', () => {
    const bench = new Bench();
    bench.cpuhp.cpuUp(1);
    let called = 0;
    walk(bench, () => { called++; bench.cpuhp.lockdepAssertCpusHeld(); });
    expect(called).toBeGreaterThan(0);
    expect(bench.smp.diagnostics.open).toEqual([]);
  });
});

test('the Cpuslocked form wants the lock held, and does not take it', () => {
  const { smp, cpuhp } = new Bench();
  cpuhp.cpusReadLock();
  cpuhp.setupStateCpuslocked('CPUHP_AP_ONLINE_DYN', 'held', null, null);
  cpuhp.setupStateNocallsCpuslocked('CPUHP_AP_ONLINE_DYN', 'held too', null, null);
  cpuhp.cpusReadUnlock();
  expect(smp.diagnostics.open).toEqual([]);
  cpuhp.setupStateCpuslocked('CPUHP_AP_ONLINE_DYN', 'not held', null, null);
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
});

test('taking the read lock twice on one CPU is reported, and goes on', () => {
  const { smp, cpuhp } = new Bench();
  cpuhp.cpusReadLock();
  expect(cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', null, null)).toBe(192);
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
  cpuhp.cpusReadUnlock();
  cpuhp.lockdepAssertCpusHeld();
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
});

test('a CPU comes or goes only when nobody reads', () => {
  const { smp, cpuhp } = new Bench();
  cpuhp.cpusReadLock();
  expect(codeOf(() => cpuhp.cpuUp(1))).toBe('EDEADLK');
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
  // Read-held elsewhere: waiting is legal, but here nobody could ever let go.
  cpuhp.cpusReadUnlock();
  smp.cpus.runOn(2, () => cpuhp.cpusReadLock());
  expect(codeOf(() => cpuhp.cpuUp(1))).toBe('EDEADLK');
  expect(smp.diagnostics.open).toEqual([]);
  smp.cpus.runOn(2, () => cpuhp.cpusReadUnlock());
  expect(codeOf(() => cpuhp.cpuUp(1))).toBe('none');
});

test('a waiting CPU lets the holder run', () => {
  const { smp, cpuhp } = new Bench();
  smp.cpus.runOn(2, () => cpuhp.cpusReadLock());
  let relaxed = 0;
  smp.cpus.attach({
    deliver: () => undefined,
    relax: () => { if (relaxed++ === 3) smp.cpus.runOn(2, () => cpuhp.cpusReadUnlock()); return relaxed < 10; },
  });
  cpuhp.cpuUp(1);
  expect([relaxed, cpuhp.stateOf(1)]).toEqual([4, 236]);
});

test('one CPU comes or goes at a time, also while that one waits for readers', () => {
  const { smp, cpuhp } = new Bench();
  smp.cpus.runOn(2, () => cpuhp.cpusReadLock());
  let code = '';
  smp.cpus.attach({
    deliver: () => undefined,
    relax: () => smp.cpus.runOn(2, () => {
      cpuhp.cpusReadUnlock();
      code = codeOf(() => cpuhp.cpuUp(3));
      return true;
    }),
  });
  cpuhp.cpuUp(1);
  expect([code, cpuhp.stateOf(1), cpuhp.stateOf(3)]).toEqual(['EDEADLK', 236, 0]);
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
});

test('registering under the write lock, and unlocking what is not held, are reported', () => {
  const { smp, cpuhp } = new Bench();
  cpuhp.cpusWriteLock();
  cpuhp.lockdepAssertCpusHeld();
  expect(codeOf(() => cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', null, null))).toBe('EDEADLK');
  expect(codeOf(() => cpuhp.cpusWriteLock())).toBe('EDEADLK');
  cpuhp.cpusWriteUnlock();
  expect(smp.diagnostics.take('lock-order')).toHaveLength(2);
  cpuhp.cpusWriteUnlock();
  cpuhp.cpusReadUnlock();
  expect(smp.diagnostics.take('lock-order')).toHaveLength(2);
  cpuhp.lockdepAssertCpusHeld();
  expect(smp.diagnostics.take('lock-order')).toHaveLength(1);
});

test('plugging and registering may sleep, so a hard interrupt must not', () => {
  const { smp, cpuhp } = new Bench();
  smp.cpus.irqEnter();
  cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', null, null);
  cpuhp.cpuUp(1);
  smp.cpus.irqExit();
  expect(smp.diagnostics.take().map(({ kind }) => kind)).toEqual(['context', 'context']);
});

test('after a failed walk the locks are free', () => {
  const bench = new Bench();
  bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 's', bench.startup('s'), null);
  bench.failing.add('s/startup/1');
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  bench.failing.clear();
  bench.cpuhp.cpuUp(1);
  bench.cpuhp.cpuDown(1);
  expect(bench.smp.diagnostics.open).toEqual([]);
});
