import { IRQ_NONE, IRQF } from '@irqchip/genirq-core';
import type { ConformanceCase } from '../case.ts';
import { all, linesAtLeast, severalCpus } from '../needs.ts';

/** From a line to its handler. */
export const deliveryCases: readonly ConformanceCase[] = [
  {
    name: 'a line that asks once runs its handler once',
    rule: 'flow handlers: one event, one handle_irq_event',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      for (const line of kit.sample) {
        const request = kit.request(b, line);
        for (let times = 1; times <= 3; times++) {
          kit.ask(b, line);
          kit.fired(request, times, `after it asked ${times} times`);
        }
      }
      kit.quiet(b, 'after everything was handled');
    },
  },
  {
    name: 'every line runs its own handler and no other',
    rule: 'a hwirq is one line: bits and register offsets are the line\'s own (generic_handle_domain_irq)',
    kinds: ['wired', 'msi'],
    needs: linesAtLeast(2),
    run(kit) {
      const b = kit.bench();
      const lines = Array.from({ length: Math.min(kit.count, 40) }, (_, i) => kit.first + i);
      const requests = lines.map((line) => kit.request(b, line));
      lines.forEach((line, i) => {
        kit.ask(b, line);
        kit.same(requests.flatMap(({ fired, line: ran }, at) => (fired === (at <= i ? 1 : 0) ? [] : [ran])), [], `after line ${line} asked, handlers that ran too often or not at all`);
      });
    },
  },
  {
    name: 'lines that ask at once are all handled',
    rule: 'a demultiplexer handles everything that is pending, in one interrupt or in several',
    kinds: ['wired', 'msi'],
    needs: linesAtLeast(2),
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((line) => kit.request(b, line));
      for (let round = 1; round <= 2; round++) {
        b.irqsOff(0, () => { for (const line of kit.sample) kit.askQuietly(b, line); });
        kit.calm(b);
        for (const request of requests) kit.fired(request, round, `in round ${round} of all lines at once`);
      }
    },
  },
  {
    name: 'an edge during its own handler is replayed exactly once',
    rule: 'handle_edge_irq acknowledges before the handlers, so that the next edge is seen',
    kinds: ['wired', 'msi'],
    trigger: 'edge',
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first, (_irq, { fired }) => { if (fired === 1) kit.askQuietly(b, kit.first); });
      kit.ask(b, kit.first);
      kit.calm(b);
      kit.fired(request, 2, 'an edge, and one in its handler');
    },
  },
  {
    name: 'a line that asks in the handler of another is handled too',
    rule: 'what becomes pending while a demultiplexer runs is not lost',
    kinds: ['wired', 'msi'],
    needs: linesAtLeast(3),
    run(kit) {
      const b = kit.bench();
      const [one, two, three] = kit.sample;
      // The last one waits behind the first; the one between asks while the first is handled.
      const first = kit.request(b, one!, () => { kit.askQuietly(b, two!); });
      const others = [two!, three!].map((line) => kit.request(b, line));
      b.irqsOff(0, () => { for (const line of [one!, three!]) kit.askQuietly(b, line); });
      kit.calm(b);
      for (const request of [first, ...others]) kit.fired(request, 1, `lines ${one} and ${three} ask at once, line ${two} while line ${one} is handled`);
    },
  },
  {
    name: 'a held level runs until it is lowered',
    rule: 'handle_level_irq, handle_fasteoi_irq: a level that is still there after unmask or EOI is a new interrupt',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first, undefined, 0, 5);
      kit.ask(b, kit.first);
      kit.fired(request, 5, 'a device that is content the fifth time');
      kit.quiet(b, 'after the level went down');
      kit.ask(b, kit.first);
      kit.fired(request, 6, 'and asks again');
    },
  },
  {
    name: 'a level that goes away before it is seen runs nothing twice',
    rule: 'a level that is gone may be missed or seen once; it never runs on',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first);
      b.irqsOff(0, () => {
        b.raw(kit.first).raise();
        b.raw(kit.first).lower();
      });
      kit.calm(b);
      kit.ok(request.fired <= 1, `a level that was withdrawn ran its handler ${request.fired} times`);
      const before = request.fired;
      kit.ask(b, kit.first);
      kit.fired(request, before + 1, 'and the next one');
    },
  },
  {
    name: 'a level that nobody handles is switched off',
    rule: 'note_interrupt: 99,900 unhandled of 100,000 disable the line',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const b = kit.bench();
      const request = b.request(kit.first, () => IRQ_NONE);
      b.hold(kit.first);
      kit.ok(request.fired >= 99_900 && request.fired <= 200_000, `a level that nobody cared for ran its handler ${request.fired} times`);
      kit.ok(!request.on.enabled, 'and is still enabled');
      kit.same(b.takeDiagnostics('spurious').length, 1, 'reports that nobody cared');
      kit.quiet(b, 'after the line was switched off');
    },
  },
  {
    name: 'every handler of a shared line is asked',
    rule: '__handle_irq_event_percpu: all actions run, what they return is put together',
    kinds: ['wired'],
    run(kit) {
      const b = kit.bench();
      const mine = b.request(kit.first, () => IRQ_NONE, IRQF.SHARED, 'none');
      const other = kit.request(b, kit.first, undefined, IRQF.SHARED);
      for (let times = 1; times <= 3; times++) {
        kit.ask(b, kit.first);
        kit.same([mine.fired, other.fired], [times, times], `runs of the two handlers of a shared line that asked ${times} times`);
      }
      mine.free();
      kit.ask(b, kit.first);
      kit.same([mine.fired, other.fired], [3, 4], 'and after the first one was freed');
    },
  },
  {
    name: '/proc/interrupts counts every run where it ran',
    rule: 'show_interrupts: number, counts, chip, hwirq, names',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first);
      kit.ask(b, kit.first);
      kit.ask(b, kit.first);
      const row = b.procInterrupts().split('\n').find((text) => text.trimStart().startsWith(`${request.irq}:`)) ?? 'no row';
      const { name } = request.on.desc.irqData.chip;
      kit.ok(row.includes(name) && row.endsWith(`line${kit.first}`) && name.length > 0, `its row names neither chip (${name}) nor device: ${row}`);
      kit.same(request.on.fired, 2, 'the row counts');
    },
  },
  {
    name: 'hundreds of events at random lose nothing',
    rule: 'every event of an enabled line is followed by a run of its handler',
    kinds: ['wired', 'msi'],
    needs: all(linesAtLeast(2)),
    run(kit) {
      const b = kit.bench();
      const random = kit.random(7);
      const requests = kit.sample.map((line) => kit.request(b, line));
      for (let event = 0; event < 300; event++) {
        const some = requests.filter(() => random.below(2) === 0);
        const before = some.map(({ fired }) => fired);
        const ask = (): void => { for (const { line } of some) kit.askQuietly(b, line); };
        if (random.below(2) === 0) b.irqsOff(0, ask);
        else b.on(0, ask);
        kit.calm(b);
        some.forEach((request, i) => kit.same(request.fired > before[i]!, true, `event ${event} of line ${request.line} was handled`));
      }
    },
  },
  {
    name: 'an interrupt of a line is taken by one CPU',
    rule: 'a line has one target at a time; the others are left alone',
    kinds: ['wired', 'msi'],
    needs: severalCpus,
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first);
      for (let times = 0; times < 5; times++) kit.ask(b, kit.first);
      kit.fired(request, 5, 'five events');
      kit.same(new Set(request.ranOn).size, 1, 'CPUs that took them');
    },
  },
];
