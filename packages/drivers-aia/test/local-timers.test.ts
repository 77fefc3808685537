import { Smp } from '@irqchip/smp';
import { LocalTimers } from '../src/index.ts';

let now = 0;
const smp = new Smp({ nrCpus: 4, clock: { nowNs: () => now } });
const timers = new LocalTimers(smp);
const fired: string[] = [];
const timer = timers.create(2, () => fired.push(`CPU${smp.cpus.current} at ${now}`));

test('fires once, when it is due, on its own CPU', () => {
  timer.start(100);
  now = 99;
  expect([timers.run(), timers.nextNs]).toEqual([0, 100]);
  now = 130;
  expect([timers.run(), timers.run(), timers.nextNs, timer.pending]).toEqual([1, 0, Infinity, false]);
  expect(fired).toEqual(['CPU2 at 130']);
});

test('a start does not move one that is started', () => {
  timer.start(200);
  timer.start(300);
  expect(timers.nextNs).toBe(200);
  timer.stop();
  expect(timers.nextNs).toBe(Infinity);
});

test('may start itself again', () => {
  let left = 2;
  const again = timers.create(1, () => { if (--left > 0) again.start(now + 10); });
  again.start(now);
  expect([timers.run(), timers.nextNs]).toEqual([1, now + 10]);
  timers.remove(again);
  expect(timers.nextNs).toBe(Infinity);
});
