/** Direct mode: which CPU an interrupt goes to, CPUs that come and go, several APLICs. On registers that do nothing by themselves. */
import { dataGetEffectiveAffinityMask, irqForceAffinity, irqSetAffinity, irqToDesc } from '@irqchip/genirq-core';
import { CpuMask, errnoOf } from '@irqchip/smp';
import { AplicBench, HIGH, RISING, type AplicNode, type AplicOptions } from './aplic-bench.ts';

function probed(options: AplicOptions = {}, bench = new AplicBench()): AplicNode {
  const node = bench.node(options);
  node.probe();
  node.fake.taken();
  return node;
}

const errnoOfCall = (fn: () => void): number => {
  try { fn(); } catch (error) { return errnoOf(error); }
  return 0;
};
const effective = (node: AplicNode, virq: number): string => dataGetEffectiveAffinityMask(irqToDesc(node.bench.m.genirq, virq)!.irqData).toList();

describe('affinity', () => {
  test('at first: every CPU of the APLIC, the first of them effective', () => {
    const node = probed();
    const virq = node.map(10, HIGH);
    const { common } = irqToDesc(node.bench.m.genirq, virq)!;
    expect([common.affinity.toList(), effective(node, virq)]).toEqual(['0-3', '0']);
    expect(node.fake.taken()).toEqual(['3028=1']);
  });

  test.each([0, 1, 2, 3])('to CPU %i: the target is its hart index', (cpu) => {
    const node = probed();
    const virq = node.request(10, HIGH);
    irqSetAffinity(node.bench.m.genirq, virq, new CpuMask(4, [cpu]));
    expect([node.fake.target(10), effective(node, virq)]).toEqual([(cpu << 18) | 1, String(cpu)]);
  });

  test('hart ids do not matter, positions do', () => {
    const node = probed({}, new AplicBench({ hartids: [5, 9, 2, 7] }));
    const virq = node.request(10, HIGH);
    irqSetAffinity(node.bench.m.genirq, virq, new CpuMask(4, [2]));
    expect(node.fake.target(10)).toBe((2 << 18) | 1);
  });

  test('to CPUs that this APLIC does not reach: EINVAL, and nothing changes', () => {
    const node = probed({ parents: [{ cpu: 0, irq: 9 }, { cpu: 1, irq: 9 }] });
    const { genirq } = node.bench.m;
    const virq = node.request(10, HIGH);
    node.fake.taken();
    expect(errnoOfCall(() => irqSetAffinity(genirq, virq, new CpuMask(4, [2, 3])))).toBe(-22);
    expect([node.fake.taken(), effective(node, virq)]).toEqual([[], '0']);
    irqSetAffinity(genirq, virq, new CpuMask(4, [1, 2]));
    expect([node.fake.target(10), effective(node, virq)]).toEqual([(1 << 18) | 1, '1']);
  });

  test('to some that it reaches and some that it does not: the first that it reaches', () => {
    const node = probed({ parents: [{ cpu: 2, irq: 9 }, { cpu: 3, irq: 9 }] });
    const virq = node.request(10, HIGH);
    irqSetAffinity(node.bench.m.genirq, virq, new CpuMask(4, [1, 3]));
    expect([node.fake.target(10), effective(node, virq)]).toEqual([(1 << 18) | 1, '3']);
  });

  test('the chip itself leaves CPUs that are not online out, unless it is forced', () => {
    const node = probed();
    const { genirq, cpuhp } = node.bench.m;
    const data = irqToDesc(genirq, node.request(10, HIGH))!.irqData;
    cpuhp.cpuDown(1);
    const move = (force: boolean): string => {
      data.chip.irqSetAffinity!(data, new CpuMask(4, [1, 3]), force);
      return dataGetEffectiveAffinityMask(data).toList();
    };
    expect([move(false), move(true)]).toEqual(['3', '1']);
  });

  test('by force also to a CPU that is not online yet', () => {
    const bench = new AplicBench({ up: false });
    const node = probed({}, bench);
    const virq = node.request(10, HIGH);
    expect(errnoOfCall(() => irqSetAffinity(bench.m.genirq, virq, new CpuMask(4, [3])))).toBe(-22);
    irqForceAffinity(bench.m.genirq, virq, new CpuMask(4, [3]));
    expect([node.fake.target(10), effective(node, virq)]).toEqual([(3 << 18) | 1, '3']);
    expect(errnoOfCall(() => irqForceAffinity(bench.m.genirq, virq, new CpuMask(4)))).toBe(-22);
  });
});

describe('hotplug', () => {
  test('the state is a dynamic one of the online section; each CPU takes its external interrupt', () => {
    const bench = new AplicBench({ up: false });
    probed({}, bench);
    const enabled = (): boolean[] => [0, 1, 2, 3].map((cpu) => percpuIsEnabledOn(bench, cpu));
    expect(enabled()).toEqual([true, false, false, false]);
    bench.bringUp();
    expect(enabled()).toEqual([true, true, true, true]);
    bench.m.cpuhp.cpuDown(1);
    expect(enabled()).toEqual([true, false, true, true]);
    expect(bench.m.cpuhp.statesText()).toMatch(/^ *\d+: irqchip\/riscv\/aplic:starting$/m);
    bench.m.cpuhp.cpuUp(1);
    expect(enabled()).toEqual([true, true, true, true]);
  });

  test('a CPU that goes leaves its interrupts to another one of the same APLIC', () => {
    const node = probed();
    const { m } = node.bench;
    const runs: number[] = [];
    const virq = node.request(10, HIGH, () => { runs.push(m.smp.cpus.current); });
    irqSetAffinity(m.genirq, virq, new CpuMask(4, [1]));
    m.cpuhp.cpuDown(1);
    expect([node.fake.target(10), effective(node, virq), irqToDesc(m.genirq, virq)!.common.affinity.toList()]).toEqual([1, '0', '0,2-3']);
    node.fake.pend(0, 10);
    m.settle();
    m.cpuhp.cpuUp(1);
    expect([runs, node.fake.target(10)]).toEqual([[0], 1]);
  });

  test('the last CPU of an APLIC goes: the interrupt cannot follow, and the log says so', () => {
    const node = probed({ parents: [{ cpu: 1, irq: 9 }] });
    const { m } = node.bench;
    const virq = node.request(10, HIGH);
    m.cpuhp.cpuDown(1);
    expect(m.log()).toContain(`IRQ${virq}: set affinity failed(-22).`);
    m.cpuhp.cpuUp(1);
    expect(effective(node, virq)).toBe('1');
  });

  test('without its hotplug state it goes on as the kernel does, and a finding says that only one CPU takes interrupts', () => {
    const bench = new AplicBench();
    for (let i = 0; ; i++) {
      if (errnoOfCall(() => bench.m.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', `other${i}`, null, () => undefined)) !== 0) break;
    }
    probed({}, bench);
    expect(bench.m.smp.diagnostics.take('warn').slice(-1).map(({ message }) => message)).toEqual([expect.stringMatching(/hotplug state not registered, so only CPU0 takes its interrupts/)]);
    expect([percpuIsEnabledOn(bench, 1), bench.log().length]).toEqual([false, 1]);
  });
});

/** Whether the CPU takes its external interrupt. */
function percpuIsEnabledOn({ m }: AplicBench, cpu: number): boolean { return (m.enabledOn(cpu) & (1 << 9)) !== 0; }

describe('two APLICs', () => {
  const halves = (bench: AplicBench): [AplicNode, AplicNode] => [
    bench.node({ base: 0xd000000, parents: [{ cpu: 0, irq: 9 }, { cpu: 1, irq: 9 }] }),
    bench.node({ base: 0xd008000, parents: [{ cpu: 2, irq: 9 }, { cpu: 3, irq: 9 }] }),
  ];

  test('each serves its own harts under one chained handler and one hotplug state', () => {
    const bench = new AplicBench();
    const [first, second] = halves(bench);
    first.probe();
    const { irq } = bench.parent;
    second.probe();
    const runs: string[] = [];
    first.request(10, RISING, () => { runs.push(`first on CPU${bench.m.smp.cpus.current}`); });
    second.request(10, RISING, () => { runs.push(`second on CPU${bench.m.smp.cpus.current}`); });
    first.fake.pend(1, 10);
    second.fake.pend(0, 10);
    bench.m.settle();
    expect(runs).toEqual(['first on CPU1', 'second on CPU2']);
    expect(bench.parent.irq).toBe(irq);
    expect(bench.m.cpuhp.statesText().match(/aplic:starting/g)).toHaveLength(1);
  });

  test('one that reaches no CPU leaves the parent interrupt to the other', () => {
    const bench = new AplicBench();
    const [first, second] = [bench.node({ parents: [{ cpu: 0, irq: 11 }] }), bench.node({ base: 0xd008000 })];
    expect(() => first.probe()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    second.probe();
    let runs = 0;
    second.request(1, RISING, () => { runs++; });
    second.fake.pend(0, 1);
    bench.m.settle();
    expect(runs).toBe(1);
  });

  test('a CPU that no APLIC names and that takes an external interrupt is a finding, once', () => {
    const bench = new AplicBench();
    const [first] = halves(bench);
    first.probe();
    bench.m.smp.cpus.runOn(3, () => {
      const flags = bench.m.smp.cpus.localIrqSave();
      bench.m.genirq.handleArchIrq(9);
      bench.m.genirq.handleArchIrq(9);
      bench.m.smp.cpus.localIrqRestore(flags);
    });
    expect(bench.m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringMatching(/CPU3 took an external interrupt, and no APLIC names it/)]);
  });
});
