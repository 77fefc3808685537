/** The driver in direct mode, on registers that do nothing by themselves. */
import {
  disableIrqNosync, enableIrq, freeIrq, IRQ_HANDLED, IRQ_NONE, irqSetAffinity, irqToDesc, requestIrq, setIrqType, showInterrupts,
} from '@irqchip/genirq-core';
import { irqFindMapping } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import { AplicBench, type AplicNode, FALLING, HIGH, LOW, RISING, type AplicOptions } from './aplic-bench.ts';

const SETIENUM = '1edc';
const CLRIENUM = '1fdc';

function probed(options: AplicOptions = {}, bench = new AplicBench()): AplicNode {
  const node = bench.node(options);
  node.probe();
  node.fake.taken();
  return node;
}

describe('the set-up', () => {
  test('switches everything off, sends it nowhere in particular, then lets the harts and the domain deliver', () => {
    const bench = new AplicBench({ nrCpus: 2 });
    const node = bench.node({ sources: 33 });
    node.probe();
    const sources = Array.from({ length: 33 }, (_, i) => i);
    expect(node.fake.log).toEqual([
      '1f00=ffffffff', '1f04=ffffffff',
      ...sources.flatMap((i) => [`${(4 + 4 * i).toString(16)}=0`, `${(0x3004 + 4 * i).toString(16)}=1`]),
      '0=0',
      '4008=0', '4000=1', '4028=0', '4020=1',
      '0=80000100',
    ]);
    expect(bench.log()).toEqual(['riscv-aplic d000000.interrupt-controller: 33 interrupts directly connected to 2 CPUs']);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('32 sources need two enable registers: source 32 is bit 0 of the second', () => {
    const node = new AplicBench({ nrCpus: 1 }).node({ sources: 32 });
    node.probe();
    expect(node.fake.log.filter((line) => line.startsWith('1f'))).toEqual(['1f00=ffffffff', '1f04=ffffffff']);
  });

  test('a boot CPU that is not hart index 0 gets all sources', () => {
    const node = new AplicBench({ nrCpus: 2 }).node({ sources: 3, parents: [{ cpu: 1, irq: 9 }, { cpu: 0, irq: 9 }] });
    node.probe();
    expect([1, 2, 3].map((source) => node.fake.target(source))).toEqual([0x40001, 0x40001, 0x40001]);
  });

  test('hart indexes come from riscv,hart-indexes, in the order of interrupts-extended', () => {
    const node = new AplicBench({ nrCpus: 3 }).node({ sources: 2, properties: { 'riscv,hart-indexes': [4, 64, 7] } });
    node.probe();
    expect([0x4080, 0x4800, 0x40e0, 0x4000].map((idelivery) => node.fake.word(idelivery))).toEqual([1, 1, 1, 0]);
    const virq = node.request(1, HIGH);
    irqSetAffinity(node.bench.m.genirq, virq, new CpuMask(3, [1]));
    expect(node.fake.target(1)).toBe((64 << 18) | 1);
  });

  test('a domaincfg that does not take the value is a warning, and no more', () => {
    const bench = new AplicBench();
    const node = bench.node();
    node.fake.readOnly = 0x100;
    node.probe();
    expect(bench.log()).toEqual([
      'riscv-aplic d000000.interrupt-controller: unable to write 0x80000100 in domaincfg',
      'riscv-aplic d000000.interrupt-controller: 96 interrupts directly connected to 4 CPUs',
    ]);
  });

  test('an M-mode kernel takes local interrupt 11', () => {
    const bench = new AplicBench({ mode: 'M', nrCpus: 2 });
    probed({}, bench);
    expect(bench.m.enabledOn(0)).toBe(1 << 11);
    expect(bench.m.enabledOn(1)).toBe(1 << 11);
  });
});

describe('an interrupt', () => {
  test.each([['rising', RISING, 4], ['falling', FALLING, 5], ['high', HIGH, 6], ['low', LOW, 7]])('%s: source mode and enable at its request, in this order', (_name, type, mode) => {
    const node = probed();
    node.request(10, type);
    // The affinity of the mapping; then the mode, the start, and last the CPU that the start selects.
    expect(node.fake.taken()).toEqual(['3028=1', `28=${mode}`, `${SETIENUM}=a`, '3028=1']);
  });

  test('both edges: EINVAL at the request, as the log says', () => {
    const node = probed();
    const virq = node.map(10, 3);
    expect(() => requestIrq(node.bench.m.genirq, virq, () => IRQ_HANDLED, 0, 'both')).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(node.bench.m.log().at(-1)).toMatch(/^genirq: Setting trigger mode 3 for irq \d+ failed \(aplic_irq_set_type/);
    expect(node.fake.sourcecfg(10)).toBe(0);
  });

  test('type NONE makes the source inactive', () => {
    const node = probed();
    const virq = node.request(10, HIGH);
    setIrqType(node.bench.m.genirq, virq, 0);
    expect(node.fake.sourcecfg(10)).toBe(0);
  });

  test('is claimed until nothing is left, on the hart that it went to', () => {
    const node = probed();
    const { m } = node.bench;
    const runs: string[] = [];
    for (const source of [3, 40, 96]) {
      const virq = node.request(source, RISING, () => { runs.push(`${source} on CPU${m.smp.cpus.current}`); });
      irqSetAffinity(m.genirq, virq, new CpuMask(4, [2]));
    }
    node.fake.pend(2, 40, 3, 40, 96);
    m.settle();
    expect(runs).toEqual(['40 on CPU2', '3 on CPU2', '40 on CPU2', '96 on CPU2']);
    expect([m.smp.diagnostics.open, node.bench.log().length]).toEqual([[], 1]);
  });

  test('disable masks at the next arrival, enable unmasks: nothing at the disable itself', () => {
    const node = probed();
    const { m } = node.bench;
    let runs = 0;
    const virq = node.request(5, HIGH, () => { runs++; });
    node.fake.taken();
    disableIrqNosync(m.genirq, virq);
    expect(node.fake.taken()).toEqual([]);
    node.fake.pend(0, 5);
    m.settle();
    expect(node.fake.taken()).toEqual([`${CLRIENUM}=5`]);
    enableIrq(m.genirq, virq);
    expect(node.fake.taken()).toEqual([`${SETIENUM}=5`]);
    expect(runs).toBe(0);
  });

  test('a change of the type while it runs is made masked', () => {
    const node = probed();
    const virq = node.request(10, HIGH);
    node.fake.taken();
    setIrqType(node.bench.m.genirq, virq, RISING);
    expect(node.fake.taken()).toEqual([`${CLRIENUM}=a`, '28=4', `${SETIENUM}=a`]);
  });

  test('freed: masked, and its source mode stays', () => {
    const node = probed();
    const virq = node.request(5, HIGH);
    node.fake.taken();
    freeIrq(node.bench.m.genirq, virq);
    expect(node.fake.taken()).toEqual([`${CLRIENUM}=5`]);
  });

  test('nobody mapped: one line in the log for each, ten in five seconds', () => {
    const node = probed();
    const { m } = node.bench;
    node.fake.pend(0, ...Array.from({ length: 15 }, () => 77));
    m.settle();
    expect(node.bench.log().slice(1)).toEqual(Array.from({ length: 10 }, () => 'riscv-aplic d000000.interrupt-controller: hw_irq 77 mapping not found'));
    m.nowNs += 6e9;
    node.fake.pend(0, 78);
    m.settle();
    expect(m.log().slice(-2)).toEqual([
      'aplic_direct_handle_irq: 5 callbacks suppressed', 'riscv-aplic d000000.interrupt-controller: hw_irq 78 mapping not found',
    ]);
  });

  test('whose handler never handles is given up after 100,000, and masked when it comes again', () => {
    const node = probed();
    const { m } = node.bench;
    let runs = 0;
    const virq = node.request(5, HIGH, () => { runs++; return IRQ_NONE; });
    const pending = Array.from({ length: 100_001 }, () => 5);
    node.fake.pend(0, ...pending);
    m.settle();
    expect(runs).toBe(100_000);
    expect(m.log()).toContain(`irq ${virq}: nobody cared (try booting with the "irqpoll" option)`);
    expect(node.fake.log.at(-1)).toBe(`${CLRIENUM}=5`);
    expect(m.smp.diagnostics.take().map(({ kind }) => kind)).toEqual(['spurious']);
  });

  test('whose handler lies, so that its level never falls, is masked and reported instead of for ever', () => {
    const node = probed();
    const { m } = node.bench;
    let masked = false;
    const register = node.fake.write.bind(node.fake);
    node.fake.write = (offset, width, value) => { masked ||= offset === 0x1fdc; register(offset, width, value); };
    const virq = node.request(5, HIGH);
    masked = false;
    // A level that nobody lowers.
    node.fake.read = (offset) => {
      if (offset !== 0x401c || masked) { node.fake.wire(0, false); return 0; }
      return (5 << 16) | 1;
    };
    node.fake.wire(0, true);
    m.settle();
    expect(m.smp.diagnostics.take('storm').map(({ message }) => message)).toEqual([
      expect.stringMatching(/d000000\.interrupt-controller: source 5 stays pending on CPU0.*IRQ_NONE/),
    ]);
    expect(irqToDesc(m.genirq, virq)!.totCount).toBeGreaterThan(100_000);
  });
});

describe('specifiers', () => {
  const warnings = (node: AplicNode): string[] => node.bench.m.smp.diagnostics.take('warn').map(({ message }) => message);

  test('source 0 is refused, with a warning', () => {
    const node = probed();
    expect(node.map(0, HIGH)).toBe(0);
    expect(warnings(node)).toEqual(['/soc/interrupt-controller@d000000: source 0 does not exist; sources are 1 to 96.']);
  });

  test('one cell is refused, with a warning', () => {
    const node = probed();
    const domain = node.bench.m.domains.list[0]!;
    expect(() => domain.ops.translate!(domain, { fwnode: node.ctx.fwnode, param: [7] })).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(warnings(node)).toEqual([expect.stringContaining('an interrupt needs 2 cells, <source type>, this one has 1')]);
  });

  test('a source beyond riscv,num-sources is refused, and no register is written', () => {
    const node = probed({ sources: 10 });
    expect(node.map(10, HIGH)).not.toBe(0);
    node.fake.taken();
    expect(node.map(11, HIGH)).toBe(0);
    expect(node.map(1024, HIGH)).toBe(0);
    expect(node.fake.taken()).toEqual([]);
    expect(warnings(node)).toEqual([expect.stringContaining('source 11 does not exist; riscv,num-sources is 10'), expect.stringContaining('source 1024')]);
  });

  test('no type at all is accepted, with a warning', () => {
    const node = probed();
    expect(node.map(9, 0)).not.toBe(0);
    expect(warnings(node)[0]).toMatch(/source 9 has no trigger type/);
  });

  test('of the second cell only the sense counts', () => {
    const node = probed();
    node.request(9, 0x104);
    expect([node.fake.sourcecfg(9), warnings(node)]).toEqual([6, []]);
  });
});

test('/proc/interrupts: chip, source, Level, no flow name; nothing for the chained parent', () => {
  const node = probed({}, new AplicBench({ nrCpus: 2 }));
  const virq = node.request(10, HIGH);
  node.fake.pend(0, 10);
  node.bench.m.settle();
  expect(showInterrupts(node.bench.m.genirq).split('\n').slice(1, 2)).toEqual([`${String(virq).padStart(3)}:          1          0  APLIC-DIRECT  10 Level     source10`]);
  expect(irqFindMapping(node.bench.m.domains.list[0]!, 10)).toBe(virq);
});
