import { Smp, Spinlock } from '@irqchip/smp';

let smp: Smp;
let a: Spinlock;
let b: Spinlock;
let c: Spinlock;
const findings = (): string[] => smp.diagnostics.take('lock-order').map(({ message }) => message);

beforeEach(() => {
  smp = new Smp({ nrCpus: 2 });
  [a, b, c] = ['a', 'b', 'c'].map((name) => new Spinlock(smp, name)) as [Spinlock, Spinlock, Spinlock];
});

function nested(outer: Spinlock, inner: Spinlock): void {
  outer.lock();
  inner.lock();
  inner.unlock();
  outer.unlock();
}

describe('two locks', () => {
  test('taken always in one order are fine', () => {
    for (let i = 0; i < 3; i++) nested(a, b);
    smp.cpus.runOn(1, () => nested(a, b));
    expect(findings()).toEqual([]);
  });

  test('taken in both orders are reported, on whichever CPU, once', () => {
    nested(a, b);
    smp.cpus.runOn(1, () => { nested(b, a); nested(b, a); });
    expect(findings()).toEqual([expect.stringMatching(/^CPU1 takes a inside b; elsewhere b is taken inside a/)]);
  });

  test('taken one after the other have no order', () => {
    for (const lock of [a, b, b, a]) { lock.lock(); lock.unlock(); }
    expect(findings()).toEqual([]);
  });

  test('held by different CPUs have no order', () => {
    smp.cpus.runOn(1, () => a.lock());
    nested(b, c);
    smp.cpus.runOn(1, () => a.unlock());
    nested(c, a);
    nested(a, b);
    expect(findings()).toEqual([expect.stringMatching(/takes b inside a/)]);
  });
});

test('a circle of three is found when its last link is made', () => {
  nested(a, b);
  nested(b, c);
  expect(findings()).toEqual([]);
  nested(c, a);
  expect(findings()).toEqual([expect.stringMatching(/takes a inside c/)]);
});

test('a circle that was reported does not keep other orders from being looked at', () => {
  nested(a, b);
  nested(b, a);
  expect(findings()).toHaveLength(1);
  nested(c, a);
  expect(findings()).toEqual([]);
  nested(b, c);
  expect(findings()).toEqual([expect.stringMatching(/takes c inside b/)]);
});

test('locks may be released in any order', () => {
  a.lock();
  b.lock();
  a.unlock();
  b.unlock();
  nested(c, a);
  nested(c, b);
  expect(findings()).toEqual([]);
  nested(b, a);
  expect(findings()).toEqual([expect.stringMatching(/takes a inside b/)]);
});

test('a lock taken twice counts as taken once', () => {
  a.lock();
  a.lock();
  a.unlock();
  smp.diagnostics.take();
  smp.mightSleep('sleep()');
  expect(smp.diagnostics.open).toEqual([]);
});

describe('a call that may sleep is a context finding', () => {
  const sleeps = (): unknown[] => {
    smp.mightSleep('sleep()');
    return smp.diagnostics.take().map(({ kind, message }) => `${kind}: ${message}`);
  };

  test('in hard irq context', () => {
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    expect(sleeps()).toEqual(['context: sleep() may sleep and was called in hard irq context on CPU0; call it from a task.']);
  });

  test('with interrupts off', () => {
    smp.cpus.localIrqDisable();
    expect(sleeps()).toEqual(['context: sleep() may sleep and was called with interrupts off on CPU0; call it from a task.']);
  });

  test('while a lock is held, by this CPU', () => {
    a.lock();
    expect(sleeps()).toEqual(['context: sleep() may sleep and was called while a is held on CPU0; call it from a task.']);
    expect(smp.cpus.runOn(1, sleeps)).toEqual([]);
    a.unlock();
    expect(sleeps()).toEqual([]);
  });
});

test('a lock whose irqsave was undone while it was held is reported by name', () => {
  const flags = a.lockIrqsave();
  smp.cpus.localIrqEnable();
  a.unlockIrqrestore(flags);
  expect(smp.diagnostics.take('context').map(({ message }) => message)).toEqual([expect.stringMatching(/^a is released with interrupts on/)]);
});

test('a lock taken in hard irq context with interrupts on is reported', () => {
  smp.cpus.irqEnter();
  a.lock();
  a.unlock();
  smp.cpus.irqExit();
  expect(findings()).toEqual([expect.stringMatching(/^a is taken in hard irq context/)]);
});

test('a hard interrupt is left once, on the CPU that entered it', () => {
  smp.cpus.irqEnter();
  expect(() => smp.cpus.runOn(1, () => smp.cpus.irqExit())).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('irq_exit on CPU1') as unknown }));
  smp.cpus.irqExit();
  expect(() => smp.cpus.irqExit()).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  expect(smp.cpus.inHardirq()).toBe(false);
});

describe('what is still held', () => {
  test('is told of when asked for: the lock, who holds it and what to do', () => {
    a.lock();
    b.lock();
    smp.cpus.runOn(1, () => c.lock());
    smp.lockOrder.reportHeld();
    expect(findings()).toEqual([
      'CPU0 still holds b, a: whoever took it, a handler or a chip callback perhaps, did not release it. Use unlock() or unlockIrqrestore() on every way out.',
      expect.stringMatching(/^CPU1 still holds c: /),
    ]);
  });

  test('is nothing when all were released, in whatever order', () => {
    a.lock();
    b.lock();
    a.unlock();
    b.unlock();
    smp.lockOrder.reportHeld();
    expect(findings()).toEqual([]);
  });
});
