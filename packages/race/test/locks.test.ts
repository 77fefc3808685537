import { Spinlock, type SharedWords, type Smp } from '@irqchip/smp';
import { exploreScene, LKMM, SC, type Scene, type World } from '../src/index.ts';

interface Parts { smp: Smp; lock: Spinlock; counter: SharedWords }

function setup({ smp }: World): Parts {
  return { smp, lock: new Spinlock(smp, 'counter'), counter: smp.memory.words('counter', 1) };
}

const increment = ({ counter }: Parts): void => counter.writeOnce(0, counter.readOnce(0) + 1);

function twoWriters(write: (parts: Parts) => void): Scene<Parts> {
  return { name: 'two writers', cpus: 2, setup, run: [write, write], check: ({ word }) => (word('counter', 0) === 2 ? null : 'a count is lost') };
}

const locked = (parts: Parts): void => {
  const flags = parts.lock.lockIrqsave();
  increment(parts);
  parts.lock.unlockIrqrestore(flags);
};

test.each([SC, LKMM])('$name: a lock keeps two CPUs apart', (model) => {
  expect(exploreScene(twoWriters(locked), { model, first: false })).toMatchObject({ failures: [], executions: 2 });
});

test('without it a count is lost', () => {
  expect(exploreScene(twoWriters(increment), { model: SC }).failures.map(({ what }) => what)).toEqual(['a count is lost']);
});

test('one that lets go between reading and writing does not keep them apart', () => {
  const leaky = (parts: Parts): void => {
    parts.lock.lockIrqsave();
    const seen = parts.counter.readOnce(0);
    parts.lock.unlock();
    parts.lock.lock();
    parts.counter.writeOnce(0, seen + 1);
    parts.lock.unlockIrqrestore(false);
  };
  expect(exploreScene(twoWriters(leaky), { model: SC }).failures.map(({ what }) => what)).toEqual(['a count is lost']);
});

test('an interrupt that takes the lock its own CPU holds is found', () => {
  const scene = (withIrqsOff: boolean): Scene<Parts> => ({
    name: 'self-deadlock', cpus: 2,
    setup: (world) => {
      const parts = setup(world);
      world.interrupt(0, world.register('line'), () => {
        world.register('line').write(0);
        parts.lock.lock();
        increment(parts);
        parts.lock.unlock();
      });
      return Object.assign(parts, { line: world.register('line') });
    },
    run: [
      (parts) => {
        if (withIrqsOff) return locked(parts);
        parts.lock.lock();
        increment(parts);
        parts.lock.unlock();
      },
      (parts) => (parts as Parts & { line: { write(value: number): void } }).line.write(1),
    ],
    check: () => null,
  });
  expect(exploreScene(scene(true), { model: LKMM, first: false }).failures).toEqual([]);
  expect(exploreScene(scene(false), { model: LKMM }).failures.map(({ what }) => what)[0]).toMatch(/counter is taken in hard irq context, and elsewhere with interrupts on|takes counter, which it holds already/);
});
