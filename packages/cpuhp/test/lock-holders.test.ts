import { Bench, codeOf } from './bench.ts';

/** Lets the other CPU go on once somebody waits, after some rounds. */
function whenAsked(bench: Bench, go: () => void): { rounds: number } {
  const asked = { rounds: 0 };
  bench.smp.cpus.attach({ deliver: () => undefined, relax: () => { if (++asked.rounds === 3) go(); return asked.rounds < 10; } });
  return asked;
}

test('a reader waits until the writer on another CPU lets go', () => {
  const bench = new Bench();
  const { smp, cpuhp } = bench;
  smp.cpus.runOn(2, () => cpuhp.cpusWriteLock());
  const asked = whenAsked(bench, () => smp.cpus.runOn(2, () => cpuhp.cpusWriteUnlock()));
  cpuhp.cpusReadLock();
  expect(asked.rounds).toBe(3);
  cpuhp.cpusReadUnlock();
  expect(smp.diagnostics.open).toEqual([]);
});

test('CPU 0 as the writer keeps readers out as any other CPU does', () => {
  const bench = new Bench();
  const { smp, cpuhp } = bench;
  cpuhp.cpusWriteLock();
  const asked = whenAsked(bench, () => smp.cpus.runOn(0, () => cpuhp.cpusWriteUnlock()));
  smp.cpus.runOn(2, () => { cpuhp.cpusReadLock(); cpuhp.cpusReadUnlock(); });
  expect(asked.rounds).toBe(3);
});

test.each([0, 3])('a writer waits until the writer on CPU %i lets go', (holder) => {
  const bench = new Bench();
  const { smp, cpuhp } = bench;
  smp.cpus.runOn(holder, () => cpuhp.cpusWriteLock());
  const asked = whenAsked(bench, () => smp.cpus.runOn(holder, () => cpuhp.cpusWriteUnlock()));
  smp.cpus.runOn(2, () => { cpuhp.cpusWriteLock(); cpuhp.cpusWriteUnlock(); });
  expect(asked.rounds).toBe(3);
});

test('nobody waits for a lock that is free', () => {
  const bench = new Bench();
  const asked = whenAsked(bench, () => undefined);
  bench.cpuhp.cpusReadLock();
  bench.cpuhp.cpusReadUnlock();
  bench.cpuhp.cpusWriteLock();
  bench.cpuhp.cpusWriteUnlock();
  bench.cpuhp.cpuUp(1);
  expect(asked.rounds).toBe(0);
});

test('a wait for a holder that never lets go is EDEADLK', () => {
  const { smp, cpuhp } = new Bench();
  smp.cpus.runOn(2, () => cpuhp.cpusWriteLock());
  expect(codeOf(() => cpuhp.cpusReadLock())).toBe('EDEADLK');
  expect(codeOf(() => cpuhp.cpusWriteLock())).toBe('EDEADLK');
});

test('inside a callback on a CPU that took no lock itself, the hotplug lock counts as held', () => {
  const bench = new Bench();
  bench.cpuhp.cpuUp(1);
  const held: number[] = [];
  bench.cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 's', () => { held.push(bench.smp.cpus.current); bench.cpuhp.lockdepAssertCpusHeld(); }, null);
  expect(held).toEqual([0, 1]);
  expect(bench.smp.diagnostics.open).toEqual([]);
});

test('the Cpuslocked forms do what the others do: calls or none, one instance, a slot', () => {
  const bench = new Bench();
  bench.cpuhp.cpusReadLock();
  expect(bench.cpuhp.setupStateCpuslocked('CPUHP_AP_ONLINE_DYN', 'calls', bench.startup('calls'), null)).toBe(192);
  expect(bench.take()).toEqual(['calls startup 0 on 0']);
  expect(bench.cpuhp.setupStateNocallsCpuslocked('CPUHP_AP_ONLINE_DYN', 'none', bench.startup('none'), null)).toBe(193);
  expect(bench.take()).toEqual([]);
  bench.cpuhp.cpusReadUnlock();
  for (const slot of [192, 193]) expect(codeOf(() => bench.cpuhp.addInstance(slot, {}))).toBe('EINVAL');
});
