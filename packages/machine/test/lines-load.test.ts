import { createMachine, SeededSchedule } from '../src/index.ts';
import { lineCount, SENSE, withAllLines } from './lines/board.ts';
import { Line } from './lines/line.ts';
import { Load } from './lines/load.ts';
import { dtb } from './recordings.ts';

const SEEDS = 10;
const EVENTS = 1_000_000;

const EDGES: readonly number[] = [SENSE.HIGH, SENSE.RISING, SENSE.LOW, SENSE.FALLING];
const BOARDS: readonly (readonly [what: string, board: string, controller: string, senses: readonly number[]])[] = [
  ['PLIC', 'plic-smp4', '/soc/plic@c000000', [SENSE.HIGH]],
  ['APLIC, wired to the harts', 'aplic-smp4', '/soc/interrupt-controller@d000000', EDGES],
  ['APLIC that sends messages to an IMSIC', 'imsic-smp4', '/soc/interrupt-controller@d000000', EDGES],
];

let total = 0;

describe.each(BOARDS)('all lines of a %s', (_what, board, controller, senses) => {
  const tree = dtb(`linux-6.12-debugfs/${board}`, 'linux-sees.dtb');
  const count = lineCount(tree, controller);
  const all = Array.from({ length: count }, (_, i) => senses[i % senses.length]!);
  const board4 = withAllLines(tree, controller, all);

  test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('seed %i: none is lost, none is handled twice, every one is accounted for', (seed) => {
    const machine = createMachine({ tree: board4, consumers: 'none', schedule: new SeededSchedule(seed) });
    const lines = all.map((sense, i) => new Line(machine, i, sense));
    machine.advance(10e6);
    const load = new Load(machine, lines, seed);
    load.run(Math.ceil(EVENTS / SEEDS / BOARDS.length));
    total += load.events;

    for (const line of lines) {
      const { irq, asked, served, withdrawn, idle, owed } = line;
      // Everything that was asked for and not taken back was served, once.
      expect({ irq, owed, served }).toEqual({ irq, owed: 0, served: asked - withdrawn });
      // A handler that found nothing to do was called for something that was taken back.
      expect(idle).toBeLessThanOrEqual(withdrawn);
      expect(line.counted()).toBe(served + idle);
    }
    // The load was one: most lines were used, some interrupts came together, all else happened too.
    expect(lines.filter(({ served }) => served > 0).length).toBe(count);
    expect(lines.reduce((sum, { together }) => sum + together, 0)).toBeGreaterThan(100);
    expect([load.affinities > 50, load.hotplugs >= 4, load.stranded]).toEqual([true, true, 0]);
    expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
    const moved = new Set(machine.smp.cpus.possible);
    for (const { irq } of lines) for (const cpu of [...moved]) if (machine.genirq.irqToDesc(irq)!.countOn(cpu) > 0) moved.delete(cpu);
    expect([...moved]).toEqual([]);

    // A line that is quiet stays so.
    const before = lines.map((line) => line.counted());
    machine.advance(1e9);
    expect(lines.map((line) => line.counted())).toEqual(before);
  });
});

test('that was a million events', () => {
  expect(total).toBeGreaterThanOrEqual(EVENTS);
});
