/** Devices on the IMSIC through their own MSI domains, as recorded on QEMU 10.0.2's `virt,aia=aplic-imsic` with two PCI devices. */
import { readFileSync } from 'node:fs';
import {
  affinityOnlineCpu, allocDescAt, freeIrq, handleFasteoiIrq, IRQ_HANDLED, IRQ_TYPE, IRQCHIP, irqChipMaskParent, irqChipSetAffinityParent, irqChipUnmaskParent, irqDebugShow, irqForceCompleteMove, irqSetAffinity,
  requestIrq, showInterrupts, type Genirq, type IrqDesc,
} from '@irqchip/genirq-core';
import {
  domainDebugShow, domainIrqDebugShow, DOMAIN_BUS, irqCreateFwspecMapping, irqDomainAllocIrqs, irqDomainTranslateTwocell, irqFindMatchingFwnode, ofFwnode, type FwNode, type IrqDomain,
} from '@irqchip/irqdomain';
import {
  makeMsiDevice, MSI_FLAG, msiCreateDeviceIrqDomain, msiGetDomainInfo, PCI_IRQ, PCI_MSIX_ENTRY, pciAllocIrqVectors, PciDevice, pciFreeIrqVectors, pciIrqVector, type MsixPort,
} from '@irqchip/msi';
import { CpuMask, IrqError } from '@irqchip/smp';
import { Bench, type BenchOptions } from './bench.ts';

const JIFFY = 4e6;

function debugFiles(path: string): Map<string, string> {
  const text = readFileSync(new URL(`../../../testdata/linux/${path}`, import.meta.url), 'utf8');
  return new Map(text.split(/^==> /m).slice(1).map((part) => part.split(' <==\n') as [string, string]));
}

/** As recorded, but for the serial port's handler, which ran now and then while the file was read. */
function idle(text: string): string {
  return text.replace(/ +IRQD_IRQ_INPROGRESS\n/, '')
    .replace(/(dstate: +0x)([0-9a-f]+)/, (_, head: string, bits: string) => head + (parseInt(bits, 16) & ~0x40000).toString(16).padStart(8, '0'));
}

/** A PCI function's MSI-X table, which sends what the entry says, later if the entry is masked. */
class Table implements MsixPort {
  readonly words: Uint32Array;
  private readonly pending = new Set<number>();
  constructor(private readonly board: Board, readonly tableSize: number) {
    this.words = new Uint32Array(tableSize * 4).map((_, i) => ((i & 3) === 3 ? PCI_MSIX_ENTRY.CTRL_MASKBIT : 0));
  }
  readl(offset: number): number { return this.words[offset >> 2]!; }
  writel(offset: number, value: number): void {
    this.words[offset >> 2] = value;
    const entry = offset >> 4;
    if ((offset & 15) === PCI_MSIX_ENTRY.VECTOR_CTRL && value === 0 && this.pending.delete(entry)) this.send(entry);
  }
  setControl(): void { /* the table alone matters here */ }
  raise(entry: number): void {
    if (this.words[entry * 4 + 3] === 0) this.send(entry);
    else this.pending.add(entry);
  }
  private send(entry: number): void {
    this.board.store(this.words[entry * 4]!, this.words[entry * 4 + 2]!);
  }
}

/** The board up to where devices are probed: an IMSIC, a domain of wires on it, nothing mapped yet. */
class Board {
  readonly bench: Bench;
  readonly base: IrqDomain;
  readonly wires: IrqDomain;
  private readonly node: FwNode = ofFwnode('/soc/interrupt-controller@d000000');

  constructor(options: BenchOptions = {}) {
    this.bench = new Bench(options);
    this.base = this.bench.boot();
    allocDescAt(this.bench.m.genirq, 10, -1); // the timer's
    const name = 'd000000.interrupt-controller';
    const dev = makeMsiDevice(name, { domain: this.found(DOMAIN_BUS.PLATFORM_MSI), fwnode: this.node });
    this.wires = msiCreateDeviceIrqDomain(dev, 0, {
      chip: {
        name: 'APLIC-MSI', flags: IRQCHIP.SET_TYPE_MASKED | IRQCHIP.SKIP_SET_WAKE | IRQCHIP.MASK_ON_SUSPEND,
        irqMask: irqChipMaskParent, irqUnmask: irqChipUnmaskParent, irqSetAffinity: irqChipSetAffinityParent,
        irqEoi: () => undefined, irqSetType: () => 0, irqWriteMsiMsg: () => undefined,
      },
      ops: { setDesc: (arg, desc) => { arg.desc = desc; arg.hwirq = desc.cookie!.lo; }, msiTranslate: irqDomainTranslateTwocell },
      info: { busToken: DOMAIN_BUS.WIRED_TO_MSI, flags: MSI_FLAG.USE_DEV_FWNODE, handler: handleFasteoiIrq, handlerName: 'fasteoi' },
    }, { hwsize: 97 });
  }

  private found(token: number): IrqDomain {
    return irqFindMatchingFwnode(this.bench.m.domains, this.bench.ctx.fwnode, token)!;
  }

  wire(number: number): number {
    return irqCreateFwspecMapping(this.bench.m.domains, { fwnode: this.node, param: [number, IRQ_TYPE.LEVEL_HIGH] });
  }

  pci(name: string, entries: number): { dev: PciDevice; table: Table } {
    const table = new Table(this, entries);
    return { dev: new PciDevice(name, { domain: this.found(DOMAIN_BUS.PCI_MSI), numaNode: 0, msix: table }), table };
  }

  request(irq: number, name: string, handler: () => void = () => undefined): void {
    requestIrq(this.bench.m.genirq, irq, () => { handler(); return IRQ_HANDLED; }, 0, name, name);
  }

  tick(): void { this.bench.advance(JIFFY); }

  desc(irq: number): IrqDesc { return this.bench.m.genirq.irqToDesc(irq)!; }

  /** A device's store to the bus. */
  store(address: number, value: number): void {
    const { ctx, hw } = this.bench;
    const i = ctx.regions.findIndex(({ base, size }) => address >= base && address < base + size);
    if (i < 0) throw new Error(`nothing is at ${address.toString(16)}`);
    hw.devices[i]!.write(address - ctx.regions[i]!.base, 4, value);
  }

  show(irq: number): string { return `${irqDebugShow(this.desc(irq), domainIrqDebugShow)}\n`; }
}

/** virtio-blk, virtio-net without a driver, nvme, and the wired ones, in the order of the recorded boot. */
function devices(board: Board): void {
  const request = board.request.bind(board);
  board.wire(33);
  const blk = board.pci('0000:00:01.0', 3).dev;
  pciAllocIrqVectors(blk, 3, 3, PCI_IRQ.MSIX, { preVectors: 1 });
  ['virtio0-config', 'virtio0-req.0', 'virtio0-req.1'].forEach((name, nr) => request(pciIrqVector(blk, nr), name));
  board.tick();
  board.wire(34);
  board.wire(35);
  const nvme = board.pci('0000:00:03.0', 65).dev;
  // One vector for the admin queue, given back when the number of I/O queues is known.
  pciAllocIrqVectors(nvme, 1, 1);
  request(pciIrqVector(nvme, 0), 'nvme0q0');
  board.tick();
  freeIrq(board.bench.m.genirq, pciIrqVector(nvme, 0), 'nvme0q0');
  pciFreeIrqVectors(nvme);
  pciAllocIrqVectors(nvme, 1, 5, PCI_IRQ.MSIX, { preVectors: 1 });
  for (let nr = 0; nr < 5; nr++) {
    request(pciIrqVector(nvme, nr), `nvme0q${nr}`);
    // What moves to its queue's CPU at the request lets go of the first one meanwhile.
    board.tick();
    board.tick();
  }
  board.wire(8);
  board.wire(7);
  board.wire(10);
  board.wire(11);
}

describe('linux-6.12-debugfs imsic-dev-smp4', () => {
  const board = new Board();
  devices(board);
  const files = debugFiles('linux-6.12-debugfs/imsic-dev-smp4/DEBUG_IRQ.txt');

  test.each([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21])('irq %i has the recorded text', (irq) => {
    expect(board.show(irq)).toBe(files.get(`irqs/${irq}`));
  });

  test.each([
    ':soc:interrupt-controller@28000000-5', ':soc:interrupt-controller@d000000-16', 'PCI-MSIX-0000:00:01.0-12', 'PCI-MSIX-0000:00:03.0-12',
  ])('domain %s has the recorded text, with every vector', (name) => {
    const domain = board.bench.m.domains.list.find((candidate) => candidate.name === name)!;
    expect(`${domainDebugShow(domain)}\n`).toBe(files.get(`domains/${name}`));
  });

  test('rows of /proc/interrupts: chip, vector, Edge, name', () => {
    const recorded = readFileSync(new URL('../../../testdata/linux/linux-6.12-debugfs/imsic-dev-smp4/INTERRUPTS.txt', import.meta.url), 'utf8');
    const rows = (text: string): string[] => text.split('\n').filter((line) => /PCI-MSIX/.test(line)).map((line) => line.replace(/:( +\d+){4}/, ':'));
    expect(rows(showInterrupts(board.bench.m.genirq))).toEqual(rows(recorded));
  });

  // SETAFF1.txt
  test('only interrupts that are not managed take another CPU', () => {
    const settable = [12, 13, 14, 17, 18, 19, 20, 21].filter((irq) => !(board.desc(irq).common.state & 0x200000));
    expect(settable).toEqual([12, 17]);
  });
});

/** A machine goes through what the recorded one went through, its devices requested and quiet. */
describe('linux-6.12-debugfs imsic-dev-smp4, CPU 1 going and coming, and every interrupt that can be pinned to it', () => {
  const board = new Board();
  const { m } = board.bench;
  const settle = (): void => { for (let i = 0; i < 4; i++) board.tick(); };
  const stages: [file: string, step: () => void][] = [
    ['DEBUG_IRQ.txt', () => {
      devices(board);
      ['virtio2', 'virtio3', 'ttyS0', '101000.rtc'].forEach((name, i) => board.request(22 + i, name));
    }],
    ['DEBUG_IRQ.offline1.txt', () => m.cpuhp.cpuDown(1)],
    ['DEBUG_IRQ.online1.txt', () => { m.cpuhp.cpuUp(1); affinityOnlineCpu(m.genirq, 1); }],
    ['DEBUG_IRQ.aff1.txt', () => { for (const irq of [12, 17, 22, 23, 24, 25]) { expect(move(m.genirq, irq, 1)).toBe(true); settle(); } }],
    ['DEBUG_IRQ.aff1_offline1.txt', () => m.cpuhp.cpuDown(1)],
    ['DEBUG_IRQ.aff1_online1.txt', () => { m.cpuhp.cpuUp(1); affinityOnlineCpu(m.genirq, 1); }],
  ];

  test.each(stages)('%s', (file, step) => {
    step();
    settle();
    const recorded = debugFiles(`linux-6.12-debugfs/imsic-dev-smp4/${file}`);
    const irqs = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];
    expect(irqs.map((irq) => board.show(irq).trimEnd())).toEqual(irqs.map((irq) => idle(recorded.get(`irqs/${irq}`)!).trimEnd()));
    for (const domain of m.domains.list.filter(({ name }) => /^PCI|d000000|28000000/.test(name))) {
      expect(`${domainDebugShow(domain)}\n`).toBe(recorded.get(`domains/${domain.name}`));
    }
    expect(m.smp.diagnostics.open).toEqual([]);
  });
});

describe.each(['linux-6.12-debugfs', 'linux-7.2-debugfs'])('%s imsic-smp4, the same', (kernel) => {
  const seven = kernel === 'linux-7.2-debugfs';
  const board = new Board({ linux: seven ? '7.2' : '6.12' });
  const { m } = board.bench;
  const settle = (): void => { for (let i = 0; i < 4; i++) board.tick(); };
  const off = (): void => { m.cpuhp.cpuDown(1); settle(); };
  const on = (): void => { m.cpuhp.cpuUp(1); affinityOnlineCpu(m.genirq, 1); settle(); };
  const stages: [file: string, step: () => void][] = [
    ['DEBUG_IRQ.txt', () => {
      [10, 11].forEach((wire, i) => board.request(board.wire(wire), `wire${i}`));
      // The KUnit tests of 7.2 take CPU 1 off and on before the first recording.
      if (seven) { off(); on(); }
    }],
    ['DEBUG_IRQ.offline1.txt', off],
    ['DEBUG_IRQ.online1.txt', on],
    ['DEBUG_IRQ.aff1.txt', () => { for (const irq of [11, 12]) { expect(move(m.genirq, irq, 1)).toBe(true); settle(); } }],
    ['DEBUG_IRQ.aff1_offline1.txt', off],
    ['DEBUG_IRQ.aff1_online1.txt', on],
  ];

  test.each(stages)('%s', (file, step) => {
    step();
    settle();
    // The machine of this test has no NUMA node.
    const recorded = debugFiles(`${kernel}/imsic-smp4/${file}`);
    for (const irq of [11, 12]) expect(board.show(irq).trimEnd()).toBe(idle(recorded.get(`irqs/${irq}`)!).replace('node:     0', 'node:     -1').trimEnd());
    for (const domain of m.domains.list.filter(({ name }) => /d000000|28000000/.test(name))) {
      expect(`${domainDebugShow(domain)}\n`).toBe(recorded.get(`domains/${domain.name}`));
    }
    expect(m.smp.diagnostics.open).toEqual([]);
  });
});

describe('the domains\' differences between kernels', () => {
  const chipOf = (linux: '6.12' | '7.2'): [string, number, boolean, boolean, number] => {
    const board = new Board({ linux });
    const { dev } = board.pci('0000:00:01.0', 3);
    pciAllocIrqVectors(dev, 3, 3);
    const { chip, flags } = msiGetDomainInfo(dev.msi.data!.domains[0]!.domain!);
    return [board.wires.name, chip.flags!, chip.irqAck !== undefined, chip.irqRetrigger !== undefined, flags];
  };
  const common = MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT | MSI_FLAG.FREE_MSI_DESCS | MSI_FLAG.ACTIVATE_EARLY | MSI_FLAG.DEV_SYSFS | MSI_FLAG.PCI_MSIX;

  test('6.12 moves PCI interrupts at once and retriggers through the hierarchy', () => {
    expect(chipOf('6.12')).toEqual([':soc:interrupt-controller@d000000-16', IRQCHIP.ONESHOT_SAFE, false, true, common]);
  });

  test('7.2 acknowledges, and moves PCI interrupts at their next arrival', () => {
    expect(chipOf('7.2')).toEqual([':soc:interrupt-controller@d000000-15', IRQCHIP.ONESHOT_SAFE | IRQCHIP.MOVE_DEFERRED, true, false, common]);
  });

  test('a wire of 7.2 is not deferred, and has the recorded text', () => {
    const board = new Board({ linux: '7.2' });
    const virq = board.wire(10);
    board.request(virq, 'ttyS0');
    const recorded = debugFiles('linux-7.2-debugfs/imsic-smp4/DEBUG_IRQ.txt').get('irqs/11')!;
    // The machine here has no NUMA node, and the chip of this test keeps no message, as APLIC's.
    expect(board.show(virq)).toBe(recorded.replace('node:     0', 'node:     -1'));
  });
});

test('blocks of messages are refused: a device that wants four gets one', () => {
  const board = new Board({ linux: '7.2' });
  const msi = { nrVectors: 4, canMask: false, setEnable: () => undefined, writeMask: () => undefined, writeMsg: () => undefined };
  const dev = new PciDevice('0000:00:04.0', { domain: board.base, msi });
  expect(pciAllocIrqVectors(dev, 1, 4)).toBe(1);
});

test('no identity left: the driver gets what there is, and everything comes back', () => {
  const board = new Board({ nrCpus: 1, properties: { 'riscv,num-ids': 63 } });
  const { matrix } = board.bench.imsic.state!;
  const { dev } = board.pci('0000:00:01.0', 100);
  expect(pciAllocIrqVectors(dev, 1, 100)).toBe(62);
  expect(matrix.totalAllocated).toBe(62);
  pciFreeIrqVectors(dev);
  expect(matrix.totalAllocated).toBe(0);
  expect(() => pciAllocIrqVectors(dev, 63, 100)).toThrow(IrqError);
  expect([matrix.totalAllocated, board.bench.m.smp.diagnostics.open]).toEqual([0, []]);
});

/** False when the move before is not complete. */
function move(genirq: Genirq, irq: number, cpu: number): boolean {
  try {
    irqSetAffinity(genirq, irq, CpuMask.of(4, cpu));
    return true;
  } catch (error) {
    if (error instanceof IrqError && error.code === 'EBUSY') return false;
    throw error;
  }
}

/** Numbers that look random and are the same each time. */
function dice(seed: number): (n: number) => number {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

describe('linux 7.2: messages under way while interrupts move', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: none is lost', (seed) => {
    const roll = dice(seed);
    const board = new Board({ linux: '7.2' });
    const { m } = board.bench;
    const { cpus } = m.smp;
    const { dev, table } = board.pci('0000:00:01.0', 8);
    pciAllocIrqVectors(dev, 8, 8);
    const raised = new Array<number>(8).fill(0);
    const seen = new Array<number>(8).fill(0);
    let moved = 0;
    for (let nr = 0; nr < 8; nr++) {
      board.request(pciIrqVector(dev, nr), `v${nr}`, () => { seen[nr] = raised[nr]!; });
    }
    const irqs = (on: boolean): void => cpus.runOn(roll(4), () => (on ? cpus.localIrqEnable() : cpus.localIrqDisable()));
    const raise = (): void => { const nr = roll(8); raised[nr]!++; table.raise(nr); };
    const steps: (() => void)[] = [
      raise, raise, raise,
      () => { if (move(m.genirq, pciIrqVector(dev, roll(8)), roll(4))) moved++; },
      () => irqs(false),
      () => irqs(true),
      () => m.settle(),
      () => board.tick(),
    ];
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 30; i++) steps[roll(steps.length)]!();
      for (const cpu of cpus.online) cpus.runOn(cpu, () => cpus.localIrqEnable());
      for (let i = 0; i < 4; i++) { m.settle(); board.tick(); }
      expect([round, seen]).toEqual([round, raised]);
    }
    expect(moved).toBeGreaterThan(200);
    expect(m.smp.diagnostics.open).toEqual([]);
    expect(board.bench.imsic.state!.matrix.totalAllocated).toBe(8);
  });

  test.each([11, 12, 13])('seed %i: nor when CPUs come and go', (seed) => {
    const roll = dice(seed);
    const board = new Board({ linux: '7.2' });
    const { m } = board.bench;
    const { cpus } = m.smp;
    const { dev, table } = board.pci('0000:00:01.0', 4);
    pciAllocIrqVectors(dev, 4, 4);
    const raised = new Array<number>(4).fill(0);
    const seen = new Array<number>(4).fill(0);
    for (let nr = 0; nr < 4; nr++) board.request(pciIrqVector(dev, nr), `v${nr}`, () => { seen[nr] = raised[nr]!; });
    const raise = (): void => { const nr = roll(4); raised[nr]!++; table.raise(nr); };
    const steps: (() => void)[] = [
      raise, raise,
      () => { const cpu = roll(4); if (cpus.online.test(cpu)) move(m.genirq, pciIrqVector(dev, roll(4)), cpu); },
      () => { const cpu = 1 + roll(3); if (cpus.online.test(cpu)) m.cpuhp.cpuDown(cpu); else m.cpuhp.cpuUp(cpu); },
      () => m.settle(),
      () => board.tick(),
    ];
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 20; i++) steps[roll(steps.length)]!();
      for (const cpu of [1, 2, 3]) if (!cpus.online.test(cpu)) m.cpuhp.cpuUp(cpu);
      for (let i = 0; i < 4; i++) { m.settle(); board.tick(); }
      expect([round, seen]).toEqual([round, raised]);
    }
    expect(m.smp.diagnostics.open).toEqual([]);
    expect(board.bench.imsic.state!.matrix.totalAllocated).toBe(4);
  });
});

describe('a second move before the first CPU has synchronised, with a message waiting there', () => {
  /** Whether the message of CPU 2 is handled in the end, and where the interrupt was right after the second move. */
  const outcome = (linux: '6.12' | '7.2'): { handled: boolean; cpu: string } => {
    const board = new Board({ linux });
    const { m } = board.bench;
    const virq = board.wire(10);
    let runs = 0;
    board.request(virq, 'wire', () => { runs++; });
    move(m.genirq, virq, 2);
    board.tick();
    board.tick();
    const vector = board.desc(virq).irqData.parentData!.chipData as { cpu: number; localId: number };
    m.smp.cpus.runOn(2, () => m.smp.cpus.localIrqDisable());
    board.store(0x28000000 + 0x1000 * vector.cpu, vector.localId);
    move(m.genirq, virq, 0);
    move(m.genirq, virq, 1);
    const cpu = board.desc(virq).common.effectiveAffinity.toList();
    for (let i = 0; i < 4; i++) board.tick();
    m.smp.cpus.runOn(2, () => m.smp.cpus.localIrqEnable());
    for (let i = 0; i < 4; i++) board.tick();
    return { handled: runs > 0, cpu };
  };

  test('7.2 lets the second move wait, and nothing is lost', () => {
    expect(outcome('7.2')).toEqual({ handled: true, cpu: '0' });
  });

  test('6.12 moves, and the message is raised where nobody is left', () => {
    expect(outcome('6.12')).toEqual({ handled: false, cpu: '1' });
  });
});

describe('linux 7.2: a move that its old CPU, going offline, completes by force', () => {
  test('what came there meanwhile is handled on the new CPU, and the vector is given up once', () => {
    const board = new Board({ linux: '7.2' });
    const { m, imsic } = board.bench;
    const { matrix } = imsic.state!;
    const virq = board.wire(10);
    const runs: number[] = [];
    board.request(virq, 'wire', () => { runs.push(m.smp.cpus.current); });
    move(m.genirq, virq, 2);
    board.tick();
    board.tick();
    const { localId } = board.desc(virq).irqData.parentData!.chipData as { localId: number };
    m.smp.cpus.runOn(2, () => m.smp.cpus.localIrqDisable());
    board.store(0x28002000, localId);
    move(m.genirq, virq, 1);
    m.smp.cpus.runOn(2, () => irqForceCompleteMove(board.desc(virq).irqData));
    expect(matrix.allocated(2)).toBe(0);
    m.smp.cpus.runOn(2, () => m.smp.cpus.localIrqEnable());
    board.tick();
    board.tick();
    expect([runs, matrix.totalAllocated, m.smp.diagnostics.open]).toEqual([[1], 1, []]);
  });
});

test('linux 7.2: a deferred move to the same identity of another CPU needs no message in between', () => {
  const board = new Board({ linux: '7.2' });
  const { dev, table } = board.pci('0000:00:01.0', 1);
  pciAllocIrqVectors(dev, 1, 1);
  const irq = pciIrqVector(dev, 0);
  board.request(irq, 'x');
  move(board.bench.m.genirq, irq, 3);
  const written: string[] = [];
  const write = table.writel.bind(table);
  table.writel = (offset, value): void => { written.push(`${offset & 15}=${value.toString(16)}`); write(offset, value); };
  table.raise(0);
  board.bench.m.settle();
  // Masked around the move; the message itself once.
  expect(written).toEqual(['12=1', '0=28003000', '4=0', '8=2', '12=0']);
});

test('linux 6.12: what another CPU changes waits for the tick, whatever interrupt comes first', () => {
  const { bench } = new Board();
  const { m } = bench;
  const vector = bench.imsic.state!.alloc(5000, CpuMask.of(4, 2))!;
  const flags = m.smp.cpus.localIrqSave();
  bench.imsic.state!.setEnabled(vector, true);
  m.smp.cpus.localIrqRestore(flags);
  m.ipi.sendReschedule(2);
  m.settle();
  expect(bench.hw.file(2).isEnabled(vector.localId)).toBe(false);
  bench.advance(JIFFY);
  expect(bench.hw.file(2).isEnabled(vector.localId)).toBe(true);
});

test('an interrupt of the base domain alone may go to all CPUs that are online; one of a device keeps the mask that it was born with', () => {
  const board = new Board({ linux: '7.2' });
  const { m } = board.bench;
  m.cpuhp.cpuDown(1);
  const virq = irqDomainAllocIrqs(board.base, 1, -1, null);
  expect(board.desc(virq).common.affinity.toList()).toBe('0,2-3');
  expect(board.desc(board.wire(10)).common.affinity.toList()).toBe('0-3');
});
