import { cells, editTree } from '@irqchip/board/internals';
import { parseDtb } from '@irqchip/devicetree';
import { createMachine, debugIrqFiles, type Machine } from '../src/index.ts';
import { lineCount, SENSE, withAllLines } from './lines/board.ts';
import { Line } from './lines/line.ts';
import { bootRecorded, dtb, RECORDINGS } from './recordings.ts';

const BOARDS = RECORDINGS.filter(({ mode }) => mode === 'S');

/** A word of a device at an address, as a device on the bus or a hart reads it. */
function word(machine: Machine, path: string, offset: number): number {
  return machine.model(path)!.devices[0]!.read(offset, 4) >>> 0;
}

describe('registers that an earlier stage left in any state make no difference', () => {
  test.each(BOARDS.flatMap((recording) => [1, 2, 3].map((seed) => [recording.board, seed, recording] as const)))('%s, seed %i', (_board, seed, recording) => {
    const clean = bootRecorded(recording, 'linux-sees.dtb');
    const machine = bootRecorded(recording, 'linux-sees.dtb', { scramble: seed });
    expect(debugIrqFiles(machine)).toEqual(debugIrqFiles(clean));
    machine.advance(10e6);
    for (const consumer of machine.consumers) {
      consumer.interrupt();
      machine.settle();
    }
    for (const { name, irq, handled } of machine.consumers) {
      // Who shares an interrupt is called for the others too.
      const sharing = machine.consumers.filter((other) => other.irq === irq).length;
      expect([name, handled]).toEqual([name, sharing]);
    }
    expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
  });

  test('every line, with another seed', () => {
    for (const [board, controller] of [['plic-smp4', '/soc/plic@c000000'], ['aplic-smp4', '/soc/interrupt-controller@d000000'], ['imsic-smp4', '/soc/interrupt-controller@d000000']] as const) {
      const tree = dtb(`linux-6.12-debugfs/${board}`, 'qemu.dtb');
      const senses = Array.from({ length: lineCount(tree, controller) }, () => SENSE.HIGH);
      const machine = createMachine({ tree: withAllLines(tree, controller, senses), consumers: 'none', scramble: 77 });
      const lines = senses.map((sense, i) => new Line(machine, i, sense));
      machine.advance(10e6);
      for (const line of lines) line.ask();
      machine.advance(10e6);
      expect([board, lines.every(({ owed, served, idle }) => owed === 0 && served === 1 && idle === 0)]).toEqual([board, true]);
    }
  });

  test('something was left there', () => {
    const tree = dtb('linux-6.12-debugfs/plic-smp4', 'qemu.dtb');
    const bare = (scramble?: number): number => {
      const machine = createMachine({ tree, consumers: 'none', ...(scramble === undefined ? {} : { scramble }) });
      // A context of machine level: no supervisor kernel touches it.
      return word(machine, '/soc/plic@c000000', 0x2000);
    };
    expect([bare(), bare(1) !== 0]).toEqual([0, true]);
  });
});

describe('controllers that firmware keeps', () => {
  const APLIC_M = '/soc/interrupt-controller@c000000';

  test.each(['linux-sees.dtb', 'qemu.dtb'])('the root APLIC has given its sources away, from %s', (tree) => {
    for (const board of ['aplic-smp4', 'imsic-smp4']) {
      const machine = createMachine({ tree: dtb(`linux-6.12-debugfs/${board}`, tree) });
      // AIA 1.0, 4.5.2: D is bit 10, and the child's index is 0.
      expect([1, 10, 96].map((source) => word(machine, APLIC_M, 4 * source))).toEqual([0x400, 0x400, 0x400]);
    }
  });

  test('it knows where the messages of both levels go', () => {
    const machine = createMachine({ tree: dtb('linux-6.12-debugfs/imsic-numa2-smp4', 'qemu.dtb') });
    // AIA 1.0, 4.5.3: LHXW 1 in bits 15:12, HHXW 1 in bits 18:16, HHXS 0; base addresses in pages.
    expect([0x1bc0, 0x1bc4, 0x1bc8].map((offset) => word(machine, APLIC_M, offset))).toEqual([0x24000, 0x11000, 0x28000]);
  });

  test('what they are like is no reason for a supervisor kernel not to boot', () => {
    const tree = editTree(parseDtb(dtb('linux-6.12-debugfs/aplic-smp4', 'linux-sees.dtb')), ({ path }) => (path === APLIC_M ? { properties: { 'riscv,num-sources': cells(0) } } : null));
    const machine = createMachine({ tree });
    machine.wire('/soc/serial@10000000').raise();
    expect([machine.model(APLIC_M), machine.consumers[0]!.handled, machine.failures]).toEqual([null, 1, []]);
  });

  test('a machine-mode kernel has nobody below it', () => {
    const machine = createMachine({ tree: dtb('linux-6.12-debugfs/aplic-smp4', 'qemu.dtb'), mode: 'M' });
    expect(word(machine, APLIC_M, 4)).toBe(0);
    machine.smp.diagnostics.take('probe');
  });
});
