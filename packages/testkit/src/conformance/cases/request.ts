import { type Bench, everyFailure, type Requested } from '@irqchip/testbench';
import { IRQF, IRQ_TYPE, IRQ_WAKE_THREAD, setIrqType } from '@irqchip/genirq-core';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { linesAtLeast } from '../needs.ts';

/** A device that is served by the thread of its handler. */
class ThreadServed {
  readonly request: Requested;
  /** Runs of the handler before each run of the thread that found something to do. */
  readonly served: number[] = [];
  /** What the controller raised while the thread had not yet lowered the line. */
  readonly raised: string[] = [];
  private owed = false;

  constructor(private readonly kit: CaseKit, private readonly b: Bench) {
    this.request = b.requestThreaded(kit.first, () => IRQ_WAKE_THREAD, () => this.serve(), IRQF.ONESHOT);
    kit.calm(b);
  }

  ask(): void {
    this.owed = true;
    this.kit.ask(this.b, this.kit.first);
    this.kit.calm(this.b);
  }

  private serve(): void {
    if (this.owed) this.served.push(this.request.fired);
    this.owed = false;
    this.raised.push(...this.b.raised());
    if (this.kit.trigger === 'level') this.b.raw(this.kit.first).lower();
  }
}

/** Requesting and freeing. */
export const requestCases: readonly ConformanceCase[] = [
  {
    name: 'a handler wakes its thread, once for each event',
    rule: 'request_threaded_irq: IRQ_WAKE_THREAD',
    kinds: ['wired', 'msi'],
    run(kit) {
      const device = new ThreadServed(kit, kit.bench());
      for (let times = 1; times <= 3; times++) {
        device.ask();
        kit.same(device.served.length, times, `runs of the thread of line ${kit.first} that found something to do, after ${times} events`);
      }
      // A controller may latch a level a second time before the thread has lowered it.
      const most = kit.trigger === 'edge' ? 3 : 6;
      kit.ok(device.request.threadRanOn.length <= most, `three events of line ${kit.first} woke its thread ${device.request.threadRanOn.length} times, and not ${most} at most`);
    },
  },
  {
    name: 'a oneshot line stays off until its thread is done',
    rule: 'IRQF_ONESHOT: the line is unmasked, and completed where the flow wants that, when the last thread is done',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      const device = new ThreadServed(kit, b);
      device.ask();
      kit.same(device.served, [1], `runs of the handler of line ${kit.first}, at each run of its thread`);
      kit.same(device.raised, [], `while the thread of line ${kit.first} runs, which lowers it, the controller interrupts harts`);
      kit.ok(!device.request.on.masked, `line ${kit.first} is still masked after its thread was done, and not unmasked`);
      device.ask();
      kit.same(device.served.length, 2, `runs of the thread of line ${kit.first} after its second event`);
      kit.quiet(b, `after the thread of line ${kit.first} was done`);
    },
  },
  {
    name: 'a line that is freed is quiet',
    rule: 'free_irq of the last action shuts the line down (irq_shutdown)',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first);
      kit.ask(b, kit.first);
      const message = kit.message(b, kit.first);
      request.free();
      kit.calm(b);
      const from = b.trace.length;
      kit.insist(b, kit.first, message);
      kit.calm(b);
      kit.fired(request, 1, 'freed');
      kit.same(kit.taken(b, kit.first, from), 0, `interrupts of line ${kit.first}, which is freed, that reached the core`);
      kit.quiet(b, `with line ${kit.first} freed and active`);
    },
  },
  {
    name: 'a line that was freed can be requested again',
    rule: 'request after free starts the line anew: depth 0, unmasked',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      for (let round = 0; round < 4; round++) {
        const request = kit.request(b, kit.first);
        kit.calm(b);
        const before = request.fired;
        kit.ask(b, kit.first);
        kit.calm(b);
        kit.fired(request, before + 1, `requested for the ${round + 1}th time`);
        request.free();
      }
    },
  },
  {
    name: 'freeing all lines leaves the controller masked',
    rule: 'teardown: no line interrupts once its last user has gone',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((line) => kit.request(b, line));
      for (const request of requests) request.free();
      for (const line of kit.sample) kit.ask(b, line);
      kit.calm(b);
      for (const request of requests) kit.fired(request, 0, 'freed before its line was active');
      kit.quiet(b, `with lines ${kit.sample.join(', ')} freed and active`);
    },
  },
  {
    name: 'freeing a line leaves the others working',
    rule: 'shutdown is of one line',
    kinds: ['wired', 'msi'],
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
    name: 'trigger types that it takes are set, and the line works',
    rule: 'irq_set_type returns IRQ_SET_MASK_*; the flow handler suits the type',
    kinds: ['wired'],
    needs: ({ types }) => (types?.accepted?.length ? null : 'no types are said to be accepted'),
    run(kit) {
      for (const type of kit.options.types!.accepted!) {
        const b = kit.bench({ trigger: type });
        const raw = b.raw(kit.first);
        const low = type === IRQ_TYPE.EDGE_FALLING || type === IRQ_TYPE.LEVEL_LOW;
        const drive = (active: boolean): void => { if (active !== low) raw.raise(); else raw.lower(); };
        drive(false);
        const request = b.request(kit.first, () => drive(false), type);
        kit.calm(b);
        const before = request.fired;
        kit.ok(before <= 1, `line ${kit.first} of type ${type}, which was never active, ran its handler ${before} times, and not once at most`);
        for (let times = 1; times <= 3; times++) {
          drive(true);
          kit.calm(b);
          kit.fired(request, before + times, `type ${type}, active for the ${times}th time`);
        }
      }
    },
  },
  {
    name: 'trigger types that it refuses change nothing',
    rule: 'irq_set_type returns an errno (-EINVAL) and the line keeps its type',
    kinds: ['wired'],
    needs: ({ types }) => (types?.refused?.length ? null : 'no types are said to be refused'),
    run(kit) {
      for (const type of kit.options.types!.refused!) {
        const b = kit.bench();
        const request = kit.request(b, kit.first);
        kit.refuses(() => { b.on(0, () => setIrqType(b.machine.genirq, request.irq, type)); }, `type ${type} of line ${kit.first}`, 'EINVAL');
        kit.ask(b, kit.first);
        kit.calm(b);
        kit.fired(request, 1, `after type ${type} was refused`);
      }
    },
  },
  {
    name: 'the type of a line is its own',
    rule: 'irq_set_type of one line does not touch the configuration of another',
    kinds: ['wired'],
    needs: ({ types, triggers = [], lines = 0 }) => (types?.accepted?.length && triggers.length > 1 && lines > 1 ? null : 'its lines have one trigger'),
    run(kit) {
      const b = kit.bench();
      const pulsed = [kit.first, kit.first + 2];
      const held = [kit.first + 1, kit.first + 3];
      const requests = [...pulsed, ...held].toSorted((x, y) => x - y).map((line) => {
        const request = b.request(line, () => { b.raw(line).lower(); });
        b.on(0, () => setIrqType(b.machine.genirq, request.irq, pulsed.includes(line) ? IRQ_TYPE.EDGE_RISING : IRQ_TYPE.LEVEL_HIGH));
        return request;
      });
      kit.calm(b);
      const before = requests.map(({ fired }) => fired);
      b.irqsOff(0, () => {
        // Only a level is gone when nobody looked.
        for (const { line } of requests) b.raw(line).pulse();
      });
      kit.calm(b);
      requests.forEach(({ fired, line }, i) => {
        if (pulsed.includes(line)) kit.same(fired - before[i]!, 1, `runs of line ${line}, a rising edge, after a pulse`);
      });
    },
  },
  {
    name: 'a failed allocation leaves nothing behind',
    rule: 'mapping and requesting give back what they took when one step of them fails',
    kinds: ['wired', 'msi'],
    run(kit) {
      everyFailure(() => kit.bench(), (b) => {
        const request = kit.request(b, kit.first);
        return () => {
          const before = request.fired;
          kit.ask(b, kit.first);
          kit.calm(b);
          kit.fired(request, before + 1, 'after an allocation had failed');
        };
      }, { before: (b) => { b.line(kit.first); } });
      if (kit.options.kind !== 'msi') everyFailure(() => kit.bench(), (b) => b.map([kit.first]), { times: 2 });
    },
  },
];
