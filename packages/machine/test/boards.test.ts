import { cells, editTree, extendedCells, extendedEntries } from '@irqchip/board/internals';
import { readdirSync, readFileSync } from 'node:fs';
import { findIrqParent, parseDts, type DeviceTree } from '@irqchip/devicetree';
import { IRQ_HANDLED, irqSetAffinity, irqToDesc, requestIrq } from '@irqchip/genirq-core';
import { createMachine, runTraffic, type Machine, type MachineOptions, type Wire } from '../src/index.ts';
import { dtb } from './recordings.ts';

const FOLDER = new URL('../../../testdata/boards/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.dts')).sort();

function board(name: string): DeviceTree { return parseDts(readFileSync(new URL(`${name}.dts`, FOLDER), 'utf8')); }

/** One interrupt of a device and how often it was handled. Its wire idles at the level that the tree's sense leaves for that. */
class Line {
  runs = 0;
  private readonly wire: Wire;

  constructor(machine: Machine, readonly what: string, path: string, index: number, private readonly idleHigh: boolean) {
    this.wire = machine.wire(path, index);
    this.drive(false);
    requestIrq(machine.genirq, machine.irqOf(path, index), () => {
      this.runs++;
      this.drive(false);
      return IRQ_HANDLED;
    }, 0, what, this);
  }

  drive(active: boolean): void {
    if (active !== this.idleHigh) this.wire.raise();
    else this.wire.lower();
  }
}

/** Every interrupt of every device that is no controller. */
function allLines(machine: Machine): Line[] {
  const lines: Line[] = [];
  for (const node of machine.tree.nodes()) {
    if (!node.has('interrupts') || node.has('interrupt-controller')) continue;
    const cellsOf = node.u32s('interrupts')!;
    const width = findIrqParent(node)!.u32('#interrupt-cells')!;
    for (let index = 0; index < cellsOf.length / width; index++) {
      // Falling edges and low levels.
      const idleHigh = width === 2 && [2, 8].includes(cellsOf[2 * index + 1]!);
      lines.push(new Line(machine, `${node.path} ${index}`, node.path, index, idleHigh));
    }
  }
  return lines;
}

/** Lets each line ask once. Returns what was not answered just once. */
function tryEveryLine(machine: Machine): string[] {
  const lines = allLines(machine);
  machine.advance(10e6);
  for (const line of lines) {
    line.drive(true);
    machine.settle();
  }
  machine.advance(10e6);
  return lines.filter(({ runs }) => runs !== 1).map(({ what, runs }) => `${what}: ${runs} runs`);
}

function mustWork(options: MachineOptions): Machine {
  const machine = createMachine({ consumers: 'none', ...options });
  expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
  expect(tryEveryLine(machine)).toEqual([]);
  const { ipis, calls } = runTraffic(machine, { rounds: 4 });
  expect([ipis.lost, ipis.spurious, calls.ran - calls.asked]).toEqual([0, 0, 0]);
  expect(machine.smp.diagnostics.open).toEqual([]);
  return machine;
}

test.each(FILES)('%s with a supervisor kernel: every CPU comes up, every line is answered once, no IPI is lost', (file) => {
  // What kind of gateway a source has is up to the board: line 58 of this one is an edge.
  const hardwareOptions = { 'thead,c900-plic': { edgeSources: [58] } };
  const machine = mustWork({ tree: board(file.replace('.dts', '')), hardwareOptions });
  expect(machine.smp.cpus.online.weight()).toBe(4);
});

test.each(['icicle', 'sifive_u', 'spike'])('%s.dts with a machine-mode kernel: the same', (name) => {
  expect(mustWork({ tree: board(name), mode: 'M', linux: '7.2' }).smp.cpus.online.weight()).toBe(4);
});

describe('who provides the IPIs', () => {
  const providers: readonly (readonly [name: string, line: RegExp])[] = [
    ['aclint', /^riscv: providing IPIs using SBI IPI extension$/],
    ['sswi', /providing IPIs using ACLINT SSWI$/],
    ['sparse-aia-guests', /^riscv-imsic: interrupt-controller@28000000: providing IPIs using interrupt 1$/],
  ];

  test.each(providers)('%s.dts', (name, line) => {
    const { smp } = createMachine({ tree: board(name), linux: '7.2' });
    expect(smp.log.records.filter(({ text }) => text.includes('providing IPIs')).map(({ text }) => text)).toEqual([expect.stringMatching(line)]);
  });
});

describe('sparse hart ids', () => {
  test.each(['sparse-plic', 'sparse-aia-guests'])('%s.dts: each CPU takes the interrupts that are sent to it', (name) => {
    const machine = createMachine({ tree: board(name) });
    expect(machine.harts.hartids).toEqual([0x102, 0x3, 0x40, 0x11]);
    const irq = machine.irqOf('/soc/serial@10000000');
    for (const cpu of [3, 1, 2, 0]) {
      machine.on(0, () => irqSetAffinity(machine.genirq, irq, machine.genirq.cpumaskOf(cpu)));
      machine.advance(10e6);
      machine.wire('/soc/serial@10000000').raise();
      machine.settle();
    }
    expect([0, 1, 2, 3].map((cpu) => irqToDesc(machine.genirq, irq)!.countOn(cpu))).toEqual([1, 1, 1, 1]);
  });

  test('a CLINT that is addressed by hart id has no register for them: the timer storms, and says where', () => {
    const machine = createMachine({ tree: board('sparse-plic'), mode: 'M', linux: '7.2' });
    expect(() => runTraffic(machine)).toThrow(expect.objectContaining({ code: 'EDEADLK', message: expect.stringMatching(/^Interrupt storm on hart 258: local interrupt 7, from \/soc\/clint@2000000, .* clint-timer of irq 2\./) }));
  });
});

describe('two sockets', () => {
  test('each PLIC serves the CPUs of its socket', () => {
    const machine = createMachine({ tree: board('plic-numa2') });
    const effective = machine.consumers.map(({ name, irq }) => [name, irqToDesc(machine.genirq, irq)!.common.affinity.toList()]);
    expect(effective).toEqual([['ttyS0', '0-1'], ['101000.rtc', '2-3']]);
  });

  test.each(['aplic-numa2-smp4', 'imsic-numa2-smp4'])('%s: lines of either APLIC are answered', (name) => {
    const tree = editTree(createMachine({ tree: dtb(`linux-6.12-debugfs/${name}`, 'linux-sees.dtb') }).tree, () => null);
    const second = tree.byPath('/soc/interrupt-controller@d008000')!.phandle!;
    const moved = editTree(tree, ({ path }) => (path === '/soc/rtc@101000' ? { properties: { 'interrupt-parent': cells(second) } } : null));
    const machine = createMachine({ tree: moved });
    machine.advance(10e6);
    for (const consumer of machine.consumers) consumer.interrupt();
    machine.settle();
    expect(machine.consumers.map(({ name: who, handled }) => [who, handled])).toEqual([['ttyS0', 1], ['101000.rtc', 1]]);
  });
});

describe('a CLINT with gaps', () => {
  /** The board without a CLINT's wires to a hart. */
  function without(hart: number): DeviceTree {
    const tree = board('spike');
    const lost = tree.byPath(`/cpus/cpu@${hart}/interrupt-controller`)!.phandle!;
    return editTree(tree, (node) => (node.isCompatible('riscv,clint0')
      ? { properties: { 'interrupts-extended': extendedCells(extendedEntries(tree, node).filter(({ phandle }) => phandle !== lost)) } } : null));
  }

  test('a supervisor kernel does not need it', () => {
    expect(mustWork({ tree: without(2) }).smp.cpus.online.weight()).toBe(4);
  });

  test('a machine-mode kernel whose boot hart it does not reach has neither timer nor IPIs, and says so', () => {
    const machine = createMachine({ tree: without(0), mode: 'M' });
    expect(machine.failures[0]!.error.message).toMatch(/^\/soc\/clint@2000000: ipi\/timer irq not found\./);
    expect(() => runTraffic(machine)).toThrow(/No driver provides IPIs on this machine/);
    machine.smp.diagnostics.take('probe');
  });
});

describe('a machine-mode kernel without a driver for the board\'s IPIs', () => {
  test.each(['aclint', 'sswi', 'th1520'])('%s.dts: boots, and says what is missing', (name) => {
    const machine = createMachine({ tree: board(name), mode: 'M', linux: '7.2' });
    expect(machine.smp.diagnostics.take('warn')[0]!.message).toMatch(/there is no IPI provider/);
    expect(() => runTraffic(machine)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });
});

describe('guests', () => {
  test('an interrupt file for each hart and three guests: messages reach the hart\'s own', () => {
    const machine = createMachine({ tree: board('sparse-aia-guests') });
    machine.advance(10e6);
    for (const consumer of machine.consumers) consumer.interrupt();
    machine.settle();
    expect(machine.consumers.map(({ handled }) => handled)).toEqual([1, 1]);
    expect(machine.smp.log.records).toContainEqual(expect.objectContaining({ text: 'riscv-imsic: interrupt-controller@28000000:  hart-index-bits: 2,  guest-index-bits: 2' }));
  });
});

describe('512 CPUs', () => {
  test.each(['plic-smp4', 'aplic-smp4', 'imsic-smp4'])('%s: come up, and the last of them takes an interrupt', (name) => {
    const machine = createMachine({ tree: dtb(`linux-6.12-debugfs/${name}`, 'qemu.dtb'), cpus: 512 });
    expect([machine.smp.cpus.online.weight(), machine.failures, machine.smp.diagnostics.open]).toEqual([512, [], []]);
    const [serial] = machine.consumers;
    machine.on(0, () => irqSetAffinity(machine.genirq, serial!.irq, machine.genirq.cpumaskOf(511)));
    machine.advance(10e6);
    serial!.interrupt();
    machine.settle();
    expect([serial!.handled, irqToDesc(machine.genirq, serial!.irq)!.countOn(511)]).toEqual([1, 1]);
  });
});
