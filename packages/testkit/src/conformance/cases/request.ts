import { IRQF, IRQ_WAKE_THREAD } from '@irqchip/genirq-core';
import { everyFailure, type Bench, type Requested } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { linesAtLeast } from '../needs.ts';

/** A device that is served by the thread of its handler. */
class ThreadServed {
  readonly request: Requested;
  /** Runs of the handler before each run of the thread that found something to do. */
  readonly served: number[] = [];
  /** What the controller raised while the thread had not yet lowered the line. */
  readonly raised: string[] = [];
  /** Interrupts that reached the core while the thread ran, and the line was masked for it. */
  early = 0;
  private owed = false;

  /** @param again - the device asks once more while it is served */
  constructor(private readonly kit: CaseKit, private readonly b: Bench, private readonly again = false) {
    this.request = b.requestThreaded(kit.first, () => IRQ_WAKE_THREAD, () => this.serve(), IRQF.ONESHOT);
    kit.calm(b);
  }

  ask(): void {
    this.owed = true;
    this.kit.ask(this.b, this.kit.first);
    this.kit.calm(this.b);
  }

  private serve(): void {
    const { kit, b, owed, request } = this;
    if (owed) this.served.push(request.fired);
    this.owed = false;
    this.raised.push(...b.raised());
    if (owed && this.again && request.on.masked) {
      const from = b.trace.length;
      kit.askQuietly(b);
      b.machine.smp.cpus.boundary();
      this.early += kit.taken(b, kit.first, from);
    }
    if (kit.trigger === 'level') b.raw(kit.first).lower();
  }
}

/** Requesting and freeing. */
export const requestCases: readonly ConformanceCase[] = [
  {
    name: 'a handler wakes its thread, once for each event',
    rule: 'request_threaded_irq: IRQ_WAKE_THREAD',
    run(kit) {
      const device = new ThreadServed(kit, kit.bench());
      for (let times = 1; times <= 3; times++) {
        device.ask();
        kit.same(device.served.length, times, `runs of the thread after ${times} events`);
      }
      // A controller may latch a level a second time before the thread has lowered it.
      const most = kit.trigger === 'edge' ? 3 : 6;
      kit.ok(device.request.threadRanOn.length <= most, `three events woke the thread ${device.request.threadRanOn.length} times, and not ${most} at most`);
    },
  },
  {
    name: 'a oneshot line stays off until its thread is done',
    rule: 'IRQF_ONESHOT: level and fasteoi flows mask the line until its thread is done',
    run(kit) {
      const b = kit.bench();
      const device = new ThreadServed(kit, b, true);
      device.ask();
      kit.same(device.served, [1], 'runs of the handler at each run of the thread');
      kit.same(device.raised, [], `while the thread of line ${kit.first} runs, which lowers it, the controller interrupts harts`);
      kit.same(device.early, 0, 'interrupts that reached the core while the thread ran');
      kit.ok(!device.request.on.masked, 'the line is still masked after its thread was done, and not unmasked');
      device.ask();
      kit.same(device.served.length, 2, 'runs of the thread after its second event');
      kit.quiet(b, 'after the thread was done');
    },
  },
  {
    name: 'a line that is freed is quiet',
    rule: 'free_irq: irq_shutdown after the last action',
    run(kit) {
      const { b, request } = kit.one();
      kit.ask(b);
      const message = kit.message(b);
      kit.heldBack(b, kit.first, 'freed and active', () => {
        request.free();
        kit.calm(b);
        kit.insist(b, kit.first, message);
      });
      kit.fired(request, 1, 'freed');
      kit.quiet(b, 'freed and active');
    },
  },
  {
    name: 'a line that was freed can be requested again',
    rule: 'irq_startup: depth 0, unmasked',
    run(kit) {
      const b = kit.bench();
      for (let round = 0; round < 4; round++) {
        const request = kit.request(b);
        kit.calm(b);
        kit.once(b, request, `requested for the ${round + 1}th time`);
        request.free();
      }
    },
  },
  {
    name: 'freeing all lines leaves the controller masked',
    rule: 'irq_shutdown of every line',
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((line) => kit.request(b, line));
      const messages = kit.sample.map((line) => kit.message(b, line));
      for (const request of requests) request.free();
      kit.calm(b);
      kit.sample.forEach((line, i) => kit.heldBack(b, line, 'freed and active', () => kit.insist(b, line, messages[i]!)));
      for (const request of requests) kit.fired(request, 0, 'freed');
      kit.quiet(b, 'freed and active');
    },
  },
  {
    name: 'freeing a line leaves the others working',
    rule: 'irq_shutdown is of one line',
    needs: linesAtLeast(3),
    run(kit) {
      const b = kit.bench();
      const [gone, ...rest] = kit.sample.map((line) => kit.request(b, line));
      gone!.free();
      kit.calm(b);
      for (const request of rest) {
        kit.ask(b, request.line);
        kit.fired(request, 1, `after line ${gone!.line} was freed`);
      }
    },
  },
  {
    name: 'a failed allocation leaves nothing behind',
    rule: 'what fails half-way gives back what it took',
    run(kit) {
      everyFailure(() => kit.bench(), (b) => {
        const request = kit.request(b);
        return () => kit.once(b, request, 'after an allocation had failed');
      }, { before: (b) => { b.line(kit.first); } });
      if (kit.options.kind !== 'msi') everyFailure(() => kit.bench(), (b) => b.map([kit.first]), { times: 2 });
    },
  },
];
