import { Smp, Spinlock } from '@irqchip/smp';

let smp: Smp;
let lock: Spinlock;
const findings = (): string[] => smp.diagnostics.take('lock-order').map(({ message }) => message);

beforeEach(() => {
  smp = new Smp({ nrCpus: 2 });
  lock = new Spinlock(smp, 'desc->lock');
});

test('is free, held, free again', () => {
  const states = [lock.locked];
  lock.lock();
  states.push(lock.locked);
  lock.unlock();
  expect([...states, lock.locked]).toEqual([false, true, false]);
  expect(findings()).toEqual([]);
});

test('irqsave keeps interrupts off while it is held, and brings back what was', () => {
  const flags = lock.lockIrqsave();
  expect([lock.locked, smp.cpus.irqsDisabled()]).toEqual([true, true]);
  lock.unlockIrqrestore(flags);
  expect([lock.locked, smp.cpus.irqsDisabled()]).toEqual([false, false]);
  smp.cpus.localIrqDisable();
  lock.unlockIrqrestore(lock.lockIrqsave());
  expect(smp.cpus.irqsDisabled()).toBe(true);
});

test('the lock is free before interrupts come on again', () => {
  const seen: boolean[] = [];
  smp.cpus.attach({ deliver: () => { seen.push(lock.locked); }, relax: () => false });
  lock.unlockIrqrestore(lock.lockIrqsave());
  expect(seen).toEqual([false]);
});

test('taken twice on one CPU is reported by name', () => {
  lock.lock();
  lock.lock();
  expect(findings()).toEqual([expect.stringMatching(/CPU0 takes desc->lock, which it holds already/)]);
});

test('unlocked by another CPU, or by anybody while free, is reported', () => {
  lock.lock();
  smp.cpus.runOn(1, () => { lock.unlock(); });
  expect(findings()).toEqual([expect.stringMatching(/CPU1 unlocks desc->lock, which CPU0 holds/)]);
  lock.unlock();
  expect(findings()).toEqual([expect.stringMatching(/CPU0 unlocks desc->lock, which nobody holds/)]);
});

test('a lock held elsewhere is waited for', () => {
  smp.cpus.attach({ deliver: () => undefined, relax: () => { smp.cpus.runOn(0, () => { lock.unlock(); }); return true; } });
  lock.lock();
  smp.cpus.runOn(1, () => { lock.lock(); lock.unlock(); });
  expect([lock.locked, findings()]).toEqual([false, []]);
});

test('a lock that its holder can never release is EDEADLK', () => {
  lock.lock();
  expect(() => smp.cpus.runOn(1, () => { lock.lock(); })).toThrow(expect.objectContaining({ code: 'EDEADLK', message: expect.stringContaining('desc->lock, held by CPU0') as unknown }));
});

describe('a lock that a hard interrupt takes too', () => {
  const take = (): void => { lock.lock(); lock.unlock(); };
  const takeInHardirq = (): void => { smp.cpus.localIrqDisable(); smp.cpus.irqEnter(); take(); smp.cpus.irqExit(); smp.cpus.localIrqEnable(); };

  test('must not be taken with interrupts on, whichever came first', () => {
    take();
    takeInHardirq();
    expect(findings()).toEqual([expect.stringMatching(/desc->lock .*lockIrqsave/)]);
    take();
    expect(findings()).toHaveLength(1);
  });

  test('is fine when everybody else has interrupts off', () => {
    lock.unlockIrqrestore(lock.lockIrqsave());
    takeInHardirq();
    lock.unlockIrqrestore(lock.lockIrqsave());
    expect(findings()).toEqual([]);
  });

  test('is another matter than a lock that only tasks take', () => {
    take();
    take();
    expect(findings()).toEqual([]);
  });
});
