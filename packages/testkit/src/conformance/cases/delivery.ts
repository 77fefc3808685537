import { IRQ_NONE, IRQF } from '@irqchip/genirq-core';
import { Random } from '@irqchip/machine';
import type { ConformanceCase } from '../case.ts';
import { all, linesAtLeast, severalCpus } from '../needs.ts';

/** From a line to its handler. */
export const deliveryCases: readonly ConformanceCase[] = [
  {
    name: 'every line runs its own handler and no other',
    rule: 'a hwirq is one line: generic_handle_domain_irq',
    needs: linesAtLeast(2),
    run(kit) {
      const b = kit.bench();
      const lines = Array.from({ length: Math.min(kit.count, 40) }, (_, i) => kit.first + i);
      const requests = lines.map((line) => kit.request(b, line));
      lines.forEach((line, i) => {
        kit.ask(b, line);
        kit.same(requests.flatMap(({ fired, line: ran }, at) => (fired === (at <= i ? 1 : 0) ? [] : [ran])), [], `after line ${line} asked, lines whose handlers ran too often or not at all`);
      });
    },
  },
  {
    name: 'lines that ask at once are all handled',
    rule: 'a demultiplexer handles everything that is pending, in one interrupt or in several',
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
    rule: 'handle_edge_irq acknowledges before the handlers',
    trigger: 'edge',
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first, (_irq, { fired }) => { if (fired === 1) kit.askQuietly(b); });
      kit.ask(b);
      kit.fired(request, 2, 'after an edge, and one more in its handler');
    },
  },
  {
    name: 'a line that asks in the handler of another is handled too',
    rule: 'what comes while a demultiplexer runs is not lost',
    needs: linesAtLeast(3),
    run(kit) {
      const b = kit.bench();
      const [one, two, three] = kit.sample;
      // The last one waits behind the first; the one between asks while the first is handled.
      const first = kit.request(b, one, () => { kit.askQuietly(b, two); });
      const others = [two!, three!].map((line) => kit.request(b, line));
      b.irqsOff(0, () => { for (const line of [one!, three!]) kit.askQuietly(b, line); });
      kit.calm(b);
      for (const request of [first, ...others]) kit.fired(request, 1, `lines ${one} and ${three} at once, line ${two} in the handler of line ${one}`);
    },
  },
  {
    name: 'a held level runs until it is lowered',
    rule: 'a level that is still there after unmask or EOI interrupts again',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const { b, request } = kit.one(undefined, 0, 5);
      kit.ask(b);
      kit.fired(request, 5, 'lowered by its fifth run');
      kit.quiet(b, 'after the level went down');
      kit.ask(b);
      kit.fired(request, 6, 'up once more');
    },
  },
  {
    name: 'a level that goes away before it is seen runs nothing twice',
    rule: 'a level that is gone is missed or seen once',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const { b, request } = kit.one();
      b.irqsOff(0, () => {
        b.raw(kit.first).raise();
        b.raw(kit.first).lower();
      });
      kit.calm(b);
      kit.atMost(request, 1, 'a level that went away before it was seen');
      kit.once(b, request, 'and up once more');
    },
  },
  {
    name: 'a level that nobody handles is switched off',
    rule: 'note_interrupt: 99,900 unhandled of 100,000 disable the line',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const b = kit.bench({ stormLimit: 100_000 });
      const request = b.request(kit.first, () => IRQ_NONE);
      b.hold(kit.first);
      kit.ok(request.fired >= 99_900 && request.fired <= 200_000, `a level that nobody cared for ran its handler ${request.fired} times, and not 99900 to 200000`);
      kit.ok(!request.on.enabled, 'a line that nobody cared for is enabled, and not disabled');
      kit.same(b.takeDiagnostics('spurious').length, 1, 'reports that nobody cared');
      kit.quiet(b, 'after nobody cared');
    },
  },
  {
    name: 'every handler of a shared line is asked',
    rule: '__handle_irq_event_percpu: all actions run',
    kinds: ['wired'],
    run(kit) {
      const b = kit.bench();
      const mine = b.request(kit.first, () => IRQ_NONE, IRQF.SHARED, 'none');
      const other = kit.request(b, kit.first, undefined, IRQF.SHARED);
      for (let times = 1; times <= 3; times++) {
        kit.ask(b);
        kit.same([mine.fired, other.fired], [times, times], `runs of the two handlers of a shared line, after it asked ${times} times`);
      }
      mine.free();
      kit.ask(b);
      kit.same([mine.fired, other.fired], [3, 4], 'runs of the two handlers, after the first one was freed');
    },
  },
  {
    name: '/proc/interrupts counts every run where it ran',
    rule: 'show_interrupts',
    run(kit) {
      const { b, request } = kit.one();
      kit.ask(b);
      kit.ask(b);
      const row = b.procInterrupts().split('\n').find((text) => text.trimStart().startsWith(`${request.irq}:`)) ?? 'no row';
      const { irqData } = request.on.desc;
      const { chip } = irqData;
      // As show_interrupts does.
      const name = chip.irqPrintChip?.(irqData).trim() ?? (chip.name || '-');
      kit.ok(row.includes(` ${name} `) && row.endsWith(`  line${kit.first}`), `the row does not name the chip (${name}) and end with the device (line${kit.first}): ${row}`);
      kit.same(request.on.fired, 2, 'the row of a line that asked twice counts');
    },
  },
  {
    name: 'hundreds of events at random lose nothing',
    rule: 'no event of an enabled line is lost',
    needs: all(linesAtLeast(2)),
    run(kit) {
      const b = kit.bench();
      const random = new Random(7);
      const requests = kit.sample.map((line) => kit.request(b, line));
      for (let event = 0; event < 300; event++) {
        const some = requests.filter(() => random.below(2) === 0);
        const before = some.map(({ fired }) => fired);
        const ask = (): void => { for (const { line } of some) kit.askQuietly(b, line); };
        if (random.below(2) === 0) b.irqsOff(0, ask);
        else b.on(0, ask);
        kit.calm(b);
        some.forEach((request, i) => kit.ok(request.fired > before[i]!, `event ${event}, of lines ${some.map(({ line }) => line).join(', ')}: the handler of line ${request.line} ran 0 times, and not once or more`));
      }
    },
  },
  {
    name: 'an interrupt of a line is taken by one CPU',
    rule: 'a line has one target at a time',
    needs: severalCpus,
    run(kit) {
      const { b, request } = kit.one();
      for (let times = 0; times < 5; times++) kit.ask(b);
      kit.fired(request, 5, 'five events');
      kit.same([...new Set(request.ranOn)].length, 1, `CPUs that took five events (${request.ranOn.join(', ')})`);
    },
  },
];
