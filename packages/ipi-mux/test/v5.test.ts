import {
  disablePercpuIrq, enablePercpuIrq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, percpuIsEnabled, rawIpiSendMask, requestPercpuIrq,
} from '@irqchip/genirq-core';
import { IpiMuxV5, type IpiMuxOps } from '@irqchip/ipi-mux';
import { CpuMask, PerCpu } from '@irqchip/smp';
import { Bench, trap } from './bench.ts';
import { Intc } from './intc.ts';

const LINE = 1;

/** A machine with the patch as posted; `ops` tells what its two operations were called for. */
class Posted {
  readonly bench = new Bench();
  readonly intc = new Intc(this.bench.domains);
  readonly parent = this.intc.map(LINE);
  readonly v5 = new IpiMuxV5(this.bench.domains, this.bench.cpuhp);
  readonly ops: string[] = [];
  readonly ran: string[] = [];
  virq = 0;
  readonly callbacks: IpiMuxOps = {
    clear: (virq) => { this.ops.push(`clear ${virq}`); this.intc.lower(this.bench.smp.cpus.current, LINE); },
    send: (virq, mask) => { this.ops.push(`send ${virq} to ${mask.toList()}`); for (const cpu of mask) this.intc.raise(cpu, LINE); },
  };

  create(parent = this.parent): this {
    this.virq = this.v5.create(parent, this.callbacks);
    this.ops.length = 0;
    return this;
  }

  user(hwirq: number, also: () => void = () => undefined): void {
    requestPercpuIrq(this.bench.genirq, this.virq + hwirq, (irq, cpu: number) => { this.ran.push(`${irq - this.virq}@${cpu}`); also(); return IRQ_HANDLED; }, 'user', new PerCpu((cpu) => cpu));
  }

  on(cpu: number, hwirq: number, enable: boolean): void {
    const { genirq, smp } = this.bench;
    smp.cpus.runOn(cpu, () => (enable ? enablePercpuIrq(genirq, this.virq + hwirq, IRQ_TYPE.NONE) : disablePercpuIrq(genirq, this.virq + hwirq)));
  }

  send(hwirq: number, ...cpus: number[]): void {
    rawIpiSendMask(irqToDesc(this.bench.genirq, this.virq + hwirq)!, new CpuMask(4, cpus));
  }
}

describe('create', () => {
  test('64 virqs in a row on a domain without firmware node, chip "RISC-V IPI Mux"', () => {
    const it = new Posted().create();
    const { genirq, domains } = it.bench;
    expect(it.virq).toBeGreaterThan(0);
    const [domain] = domains.list;
    expect(domain).toMatchObject({ name: 'unknown-1', fwnode: null, revmapSize: 64, mapcount: 64, busToken: 0, hostData: null });
    for (const hwirq of [0, 31, 32, 63]) {
      expect(irqToDesc(genirq, it.virq + hwirq)!.irqData).toMatchObject({ hwirq, chipData: null });
      expect(irqToDesc(genirq, it.virq + hwirq)!.irqData.chip).toMatchObject({ name: 'RISC-V IPI Mux' });
    }
    expect(irqToDesc(genirq, it.parent)!.handleIrq.name).toBe('ipiMuxHandler');
    expect(it.intc.cpusWith(LINE)).toEqual([0, 1, 2, 3]);
    expect(it.bench.cpuhp.statesText()).toContain('irqchip/ipi-mux:starting');
  });

  test('a second create returns 0, without a word and without a trace', () => {
    const it = new Posted().create();
    const before = it.bench.leftovers();
    const lines = it.bench.smp.log.records.length;
    expect(it.v5.create(it.parent, it.callbacks)).toBe(0);
    expect([it.bench.leftovers(), it.bench.smp.log.records.length]).toEqual([before, lines]);
  });

  test.each([
    ['no ops', () => null], ['no clear', ({ send }: IpiMuxOps) => ({ send })], ['no send', ({ clear }: IpiMuxOps) => ({ clear })],
  ])('%s: returns 0, without a word', (_what, broken) => {
    const it = new Posted();
    const before = it.bench.leftovers();
    const lines = it.bench.smp.log.records.length;
    expect(it.v5.create(it.parent, broken(it.callbacks) as never)).toBe(0);
    expect([it.bench.leftovers(), it.bench.smp.log.records.length]).toEqual([before, lines]);
  });

  test('no memory for the domain: 0 and a line; for the irqs: the errno, a line, and no domain', () => {
    const it = new Posted();
    const before = it.bench.leftovers();
    const { faults } = it.bench.smp;
    faults.fail('irq_domain');
    expect(it.v5.create(it.parent, it.callbacks)).toBe(0);
    expect(it.bench.leftovers()).toEqual(before);
    faults.fail('irq_desc', { after: 40 });
    expect(it.v5.create(it.parent, it.callbacks)).toBe(-12);
    expect(it.bench.leftovers()).toEqual(before);
    expect(it.bench.smp.log.records.filter(({ level }) => level === 'err').map(({ text }) => text)).toEqual([
      'ipi-mux: unable to add IPI Mux domain', 'ipi-mux: unable to alloc IRQs from IPI Mux domain',
    ]);
    expect(it.create().virq).toBeGreaterThan(0);
  });

  test('no hotplug slot left: created all the same, deaf on CPUs to come', () => {
    const it = new Posted();
    it.bench.cpuhp.cpuDown(3);
    for (let i = 0; ; i++) {
      try {
        it.bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', `filler ${i}`, () => undefined, null);
      } catch {
        break;
      }
    }
    it.create();
    expect([it.virq > 0, it.intc.cpusWith(LINE)]).toEqual([true, [0]]);
    it.bench.cpuhp.cpuUp(3);
    expect(it.intc.cpusWith(LINE)).toEqual([0]);
  });

  test('parent 0: the driver calls process', () => {
    const it = new Posted().create(0);
    expect([it.intc.cpusWith(LINE), it.bench.cpuhp.statesText().includes('ipi-mux')]).toEqual([[], false]);
    it.user(9);
    it.send(9, 2);
    trap(it.bench.smp, 2, () => it.v5.process());
    expect(it.ran).toEqual(['9@2']);
  });
});

describe('what follows from the code', () => {
  test('masking does nothing: a disabled vIPI is dispatched and its handler runs', () => {
    const it = new Posted().create();
    it.user(3);
    it.send(3, 1);
    it.intc.settle();
    it.on(1, 3, true);
    it.on(1, 3, false);
    it.send(3, 1);
    it.intc.settle();
    expect(it.ran).toEqual(['3@1', '3@1']);
  });

  test('a vIPI without a request prints the spurious line, once a boot', () => {
    const it = new Posted().create();
    for (let i = 0; i < 3; i++) {
      it.send(4, 1);
      it.intc.settle();
    }
    expect(it.bench.logged('Spurious')).toEqual([`Spurious percpu IRQ${it.virq + 4} on CPU1`]);
  });

  test('the parent of a CPU is enabled after the CPU is online, and disabled before it goes', () => {
    const it = new Posted().create();
    const { cpus } = it.bench.smp;
    const chip = irqToDesc(it.bench.genirq, it.parent)!.irqData;
    const seen: string[] = [];
    const { irqMask, irqUnmask } = chip.chip;
    Object.assign(chip, { chip: {
      ...chip.chip,
      irqMask: (data: never) => { seen.push(`mask, online ${cpus.online.test(cpus.current)}`); irqMask!(data); },
      irqUnmask: (data: never) => { seen.push(`unmask, online ${cpus.online.test(cpus.current)}`); irqUnmask!(data); },
    } });
    it.bench.cpuhp.cpuDown(2);
    expect(it.intc.cpusWith(LINE)).toEqual([0, 1, 3]);
    it.send(0, 2);
    it.bench.cpuhp.cpuUp(2);
    expect([seen, it.intc.cpusWith(LINE)]).toEqual([['mask, online true', 'unmask, online true'], [0, 1, 2, 3]]);
  });

  test('every send rings, for the whole mask, pending or not, disabled or not', () => {
    const it = new Posted().create();
    it.user(3);
    it.on(1, 3, true);
    it.send(3, 1, 2);
    it.send(3, 1, 2);
    it.send(3, 1);
    expect(it.ops).toEqual([`send ${it.parent} to 1-2`, `send ${it.parent} to 1-2`, `send ${it.parent} to 1`]);
    it.intc.settle();
    // Merged all the same: it is a bit.
    expect(it.ran).toEqual(['3@1', '3@2']);
  });

  test('the loop clears once more than there was work, and once for nothing', () => {
    const it = new Posted().create();
    it.user(3);
    it.send(3, 1);
    it.ops.length = 0;
    it.intc.settle();
    expect(it.ops).toEqual([`clear ${it.parent}`, `clear ${it.parent}`]);
    it.ops.length = 0;
    trap(it.bench.smp, 1, () => it.v5.process());
    expect(it.ops).toEqual([`clear ${it.parent}`]);
  });

  test('what a handler sends to its own CPU is handled in the same interrupt, by the loop', () => {
    const it = new Posted().create();
    it.user(3, () => { if (it.ran.length === 1) it.send(3, 1); });
    it.send(3, 1);
    it.ops.length = 0;
    trap(it.bench.smp, 1, () => it.v5.process());
    expect(it.ran).toEqual(['3@1', '3@1']);
    expect(it.ops).toEqual([`clear ${it.parent}`, `send ${it.parent} to 1`, `clear ${it.parent}`, `clear ${it.parent}`]);
  });

  test('all of its own hwirqs are mapped: no warning about a missing mapping', () => {
    const it = new Posted().create();
    const all = [0, 31, 32, 63];
    for (const hwirq of all) { it.user(hwirq); it.send(hwirq, 1); }
    it.intc.settle();
    expect(it.ran).toEqual(all.map((hwirq) => `${hwirq}@1`));
    expect(it.bench.logged('mapping for hwirq')).toEqual([]);
  });
});

describe('destroy', () => {
  test('removes the domain, and leaves virqs, chained handler and hotplug state', () => {
    const it = new Posted().create();
    const { genirq, domains, cpuhp, smp } = it.bench;
    it.v5.destroy();
    expect(domains.list.map(({ name }) => name)).toEqual(['intc']);
    for (const hwirq of [0, 63]) expect(irqToDesc(genirq, it.virq + hwirq)).not.toBeNull();
    expect(irqToDesc(genirq, it.parent)!.handleIrq.name).toBe('ipiMuxHandler');
    expect(cpuhp.statesText()).toContain('irqchip/ipi-mux:starting');
    expect(smp.cpus.runOn(2, () => percpuIsEnabled(genirq, it.parent))).toBe(true);
  });

  test('afterwards the chained handler finds no mapping, rate limited', () => {
    const it = new Posted().create();
    it.user(3);
    it.v5.destroy();
    for (let i = 0; i < 20; i++) {
      it.send(3, 1);
      // The send still goes out, to parent 0.
      it.intc.settle();
    }
    expect([it.ran, it.ops[0]]).toEqual([[], 'send 0 to 1']);
    expect(it.bench.logged('mapping for hwirq')).toEqual(new Array(10).fill("ipi-mux: can't find mapping for hwirq 3"));
  });

  test('without a domain does nothing; after it create works again, with the next name', () => {
    const it = new Posted();
    it.v5.destroy();
    it.create(0);
    const first = it.virq;
    it.v5.destroy();
    it.create(0);
    expect([it.virq, it.bench.domains.list[0]!.name]).toEqual([first + 64, 'unknown-2']);
  });
});
