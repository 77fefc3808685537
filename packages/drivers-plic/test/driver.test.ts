import { disableIrq, disableIrqNosync, enableIrq, freeIrq, injectInterrupt, IRQ_HANDLED, IRQ_NONE, IRQ_TYPE, irqForceAffinity, irqSetAffinity, IRQD, flowSymbol, requestIrq, runPendingResend, setIrqType } from '@irqchip/genirq-core';
import { irqDomainAllocIrqs, irqDisposeMapping } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';
import { CLAIM, ENABLE, PENDING, PRIORITY } from './wires.ts';

const cpus = (...list: number[]): CpuMask => new CpuMask(4, list);
const read = (b: Bench, offset: number): number => b.hw.read(offset, 4) >>> 0;
/** CPUs at whose context source 10 is enabled. */
const enabledOn = (b: Bench): number[] => [0, 1, 2, 3].filter((cpu) => read(b, ENABLE(2 * cpu + 1)) & (1 << 10));

describe('an interrupt', () => {
  test('is claimed, handled and completed on one CPU; a wire that stays high comes again', () => {
    const b = new Bench().boot();
    let left = 3;
    const { irq, runs } = b.request(10, () => {
      if (--left === 0) b.lower(10);
      return undefined;
    });
    b.raise(10);
    expect([runs, b.desc(irq).countOn(0), b.m.pendingOn(0)]).toEqual([[0, 0, 0], 3, 0]);
    expect(b.open()).toEqual([]);
  });

  test('goes to the first online CPU when it is requested, and every pending one is taken in one trap', () => {
    const b = new Bench().boot();
    const seen: number[] = [];
    for (const source of [40, 3, 95]) b.request(source, () => { seen.push(source); b.lower(source); return undefined; });
    b.site.writes = [];
    b.m.smp.cpus.localIrqDisable();
    for (const source of [95, 40, 3]) b.hw.setInput(source, true);
    b.m.smp.cpus.localIrqEnable();
    b.settle();
    expect(seen).toEqual([3, 40, 95]);
    expect(b.site.writes).toEqual([3, 0x28, 0x5f].map((source) => `cpu0 201004=${source.toString(16)}`));
  });

  test('without a mapping is reported at a limited rate, and stays claimed', () => {
    const b = new Bench().boot();
    for (const source of [10, 11]) {
      b.hw.write(ENABLE(1), 4, 1 << source);
      b.raise(source);
    }
    expect(b.log().slice(1)).toEqual([10, 11].map((source) => `riscv-plic: plic@c000000: can't find mapping for hwirq ${source}`));
    for (let source = 20; source < 32; source++) {
      b.hw.write(ENABLE(1), 4, 1 << source);
      b.raise(source);
    }
    expect(b.log()).toHaveLength(11);
    expect([read(b, PENDING(0)), b.open()]).toEqual([0, []]);
  });

  test('that nobody handles is switched off by the detector, within the loop', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10, () => IRQ_NONE);
    b.raise(10);
    expect(runs).toHaveLength(100_000);
    expect([b.desc(irq).depth, enabledOn(b)]).toEqual([1, []]);
  });

  test('whose handler claims success without quieting the wire is masked and reported, and does not hang', () => {
    const b = new Bench().boot();
    b.request(10, () => IRQ_HANDLED);
    b.raise(10);
    expect(b.m.smp.diagnostics.take('storm').map(({ message }) => message)).toEqual(['250000 claims in one trap on CPU0, the last one of source 10 of plic@c000000: does its handler quiet it? It was masked.']);
    expect(read(b, PRIORITY(10))).toBe(0);
  });

  test('that keeps another one going and is kept going by it ends the same way', () => {
    const b = new Bench().boot();
    const pair = [10, 11].map((source) => b.request(source, () => {
      b.lower(source);
      b.hw.setInput(21 - source, true);
      return undefined;
    }));
    b.raise(10);
    expect(b.m.smp.diagnostics.take('storm')).toHaveLength(1);
    // The masked one's partner runs once more.
    expect(pair.map(({ runs }) => runs.length)).toEqual([125_001, 125_000]);
  });

  test('can be injected: a completion of what was not claimed changes nothing', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    injectInterrupt(b.m.genirq, irq);
    runPendingResend(b.m.genirq);
    b.raise(10);
    expect([runs, b.open()]).toEqual([[0, 0], []]);
  });

  test('freed and disposed leaves the wire disabled, and can be mapped again', () => {
    const b = new Bench().boot();
    const { irq } = b.request(10);
    freeIrq(b.m.genirq, irq);
    irqDisposeMapping(b.m.domains, irq);
    expect([enabledOn(b), b.site.domain!.mapcount]).toEqual([[], 0]);
    const { runs } = b.request(10);
    b.raise(10);
    expect(runs).toEqual([0]);
  });
});

describe('completion is never lost', () => {
  test('disable during handling: the enable bit comes back for the completion, and goes again', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10, () => {
      disableIrqNosync(b.m.genirq, irq);
      b.lower(10);
      return undefined;
    });
    b.site.writes = [];
    b.raise(10);
    expect(b.site.writes).toEqual(['cpu0 2080=0', 'cpu0 2080=400', 'cpu0 201004=a', 'cpu0 2080=0']);
    expect([runs, enabledOn(b)]).toEqual([[0], []]);
    enableIrq(b.m.genirq, irq);
    b.raise(10);
    expect(runs).toEqual([0, 0]);
  });

  test('move during handling: the old CPU completes, the new one gets the next', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10, () => {
      irqSetAffinity(b.m.genirq, irq, cpus(2));
      b.lower(10);
      return undefined;
    });
    b.site.writes = [];
    b.raise(10);
    expect(b.site.writes).toEqual(['cpu0 2080=0', 'cpu0 2280=400', 'cpu0 2080=400', 'cpu0 201004=a', 'cpu0 2080=0']);
    expect(enabledOn(b)).toEqual([2]);
    b.raise(10);
    expect(runs).toEqual([0, 2]);
    expect(b.open()).toEqual([]);
  });

  test('without the detour the controller would drop it, and the source would stay silent', () => {
    const b = new Bench().boot();
    const { runs } = b.request(10, () => {
      b.lower(10);
      b.hw.write(ENABLE(1), 4, 0);
      b.hw.write(CLAIM(1), 4, 10);
      return undefined;
    });
    b.raise(10);
    // The driver's own completion is what freed it.
    b.hw.write(ENABLE(1), 4, 1 << 10);
    b.raise(10);
    expect(runs).toEqual([0, 0]);
  });

  test('an arrival on the new CPU while the old one still handles is completed there and dropped', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10, () => {
      b.lower(10);
      if (runs.length > 1) return undefined;
      irqSetAffinity(b.m.genirq, irq, cpus(1));
      // Somebody completes too early, and the wire rises again.
      b.hw.write(CLAIM(3), 4, 10);
      b.hw.setInput(10, true);
      b.lower(10);
      b.settle();
      return undefined;
    });
    b.raise(10);
    expect([runs, read(b, PENDING(0)), b.m.pendingOn(1)]).toEqual([[0], 0, 0]);
    b.raise(10);
    expect([runs, b.open()]).toEqual([[0, 1], []]);
  });
});

describe('masking', () => {
  test('disable switches the wire off at once: nothing arrives, the level comes when it is enabled', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    disableIrq(b.m.genirq, irq);
    expect([enabledOn(b), b.desc(irq).common.state & (IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED)]).toEqual([[], IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED]);
    b.raise(10);
    expect(runs).toEqual([]);
    enableIrq(b.m.genirq, irq);
    b.settle();
    expect(runs).toEqual([0]);
  });

  test('mask is priority 0, for all CPUs, and never runs while it lasts', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    const { irqData } = b.desc(irq);
    irqData.chip.irqMask!(irqData);
    expect([read(b, PRIORITY(10)), enabledOn(b)]).toEqual([0, [0]]);
    b.raise(10);
    expect([runs, read(b, CLAIM(1))]).toEqual([[], 0]);
    irqData.chip.irqUnmask!(irqData);
    b.settle();
    expect(runs).toEqual([0]);
  });

  test('enable brings the priority back too: the core counts the line as unmasked', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    disableIrq(b.m.genirq, irq);
    b.hw.write(PRIORITY(10), 4, 0);
    enableIrq(b.m.genirq, irq);
    b.raise(10);
    expect([read(b, PRIORITY(10)), runs]).toEqual([1, [0]]);
  });

  test('a block of interrupts is a block of sources', () => {
    const b = new Bench().boot();
    const virq = irqDomainAllocIrqs(b.site.domain!, 2, -1, { fwnode: b.site.ctx.fwnode, param: [20] });
    expect([0, 1].map((i) => b.desc(virq + i).irqData.hwirq)).toEqual([20, 21]);
  });

  test('source 0 is not refused, and never raised', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(0);
    b.raise(0);
    expect([irq > 0, runs, b.open()]).toEqual([true, [], []]);
  });

  test('a number without registers cannot be mapped', () => {
    const b = new Bench().boot();
    expect([b.site.map(1024), b.site.map(0xffffffff), b.site.domain!.mapcount]).toEqual([0, 0, 0]);
  });
});

describe('affinity', () => {
  test('is one CPU: the lowest of the mask that is online and has a context', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    irqSetAffinity(b.m.genirq, irq, cpus(3, 2));
    const { common } = b.desc(irq);
    expect([common.affinity.toList(), common.effectiveAffinity.toList(), enabledOn(b)]).toEqual(['2-3', '2', [2]]);
    b.raise(10);
    expect(runs).toEqual([2]);
  });

  test('of a disabled interrupt changes without enabling it, and of a masked one without unmasking it', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    const { irqData } = b.desc(irq);
    irqData.chip.irqMask!(irqData);
    irqSetAffinity(b.m.genirq, irq, cpus(1));
    expect([read(b, PRIORITY(10)), enabledOn(b)]).toEqual([0, [1]]);
    irqData.chip.irqUnmask!(irqData);
    disableIrq(b.m.genirq, irq);
    irqSetAffinity(b.m.genirq, irq, cpus(3));
    expect(enabledOn(b)).toEqual([]);
    enableIrq(b.m.genirq, irq);
    b.raise(10);
    expect([enabledOn(b), runs]).toEqual([[3], [3]]);
  });

  test('without a CPU that is online or has a context is EINVAL, and changes nothing', () => {
    const b = new Bench({ contexts: [0, 1].map((cpu) => ({ cpu, irq: 9 })), nrCpus: 4 });
    b.site.probe();
    b.m.cpuhp.cpuUp(1);
    const { irq } = b.request(10);
    expect(codeOf(() => irqSetAffinity(b.m.genirq, irq, cpus(3)))).toBe('EINVAL');
    expect(codeOf(() => irqForceAffinity(b.m.genirq, irq, cpus(2, 3)))).toBe('EINVAL');
    expect(b.desc(irq).common.effectiveAffinity.toList()).toBe('0');
    b.m.cpuhp.cpuDown(1);
    irqForceAffinity(b.m.genirq, irq, cpus(1));
    expect(b.desc(irq).common.effectiveAffinity.toList()).toBe('1');
  });

  test('moves away from a CPU that goes, and a pending interrupt with it', () => {
    const b = new Bench().boot();
    const { irq, runs } = b.request(10);
    irqSetAffinity(b.m.genirq, irq, cpus(1));
    b.m.smp.cpus.runOn(1, () => b.m.smp.cpus.localIrqDisable());
    b.hw.setInput(10, true);
    b.m.smp.cpus.runOn(1, () => b.m.smp.cpus.localIrqEnable());
    b.m.cpuhp.cpuDown(1);
    b.settle();
    expect([b.desc(irq).common.affinity.toList(), runs.length]).toEqual(['0,2-3', 1]);
  });
});

describe('trigger types', () => {
  test('without edges in hardware every type is taken and none is recorded', () => {
    const b = new Bench().boot();
    const { irq } = b.request(10);
    for (const type of [IRQ_TYPE.EDGE_RISING, IRQ_TYPE.LEVEL_LOW]) setIrqType(b.m.genirq, irq, type);
    expect([b.desc(irq).common.state & (IRQD.TRIGGER_MASK | IRQD.LEVEL), flowSymbol(b.desc(irq).handleIrq)]).toEqual([0, 'handle_fasteoi_irq']);
  });

  test.each(['andestech,nceplic100', 'thead,c900-plic'])('%s has two cells: rising edges are acknowledged first, high levels completed last', (compatible) => {
    const b = new Bench({ compatible, hw: { edgeSources: [10] } }).boot();
    const edge = b.request(10, () => undefined, [10, IRQ_TYPE.EDGE_RISING]);
    const level = b.request(11, undefined, [11, IRQ_TYPE.LEVEL_HIGH]);
    expect([edge, level].map(({ irq }) => [flowSymbol(b.desc(irq).handleIrq), b.desc(irq).irqData.chip.name])).toEqual([['handle_edge_irq', 'SiFive PLIC'], ['handle_fasteoi_irq', 'SiFive PLIC']]);
    expect(codeOf(() => setIrqType(b.m.genirq, edge.irq, IRQ_TYPE.EDGE_FALLING))).toBe('EINVAL');
    expect(b.site.map(12)).toBe(0);
  });

  test('an edge that comes during its handler is not lost', () => {
    const b = new Bench({ compatible: 'thead,c900-plic', hw: { edgeSources: [10] } }).boot();
    const { runs } = b.request(10, () => {
      if (runs.length === 1) {
        b.lower(10);
        b.hw.setInput(10, true);
      }
      return undefined;
    }, [10, IRQ_TYPE.EDGE_RISING]);
    b.raise(10);
    expect(runs).toEqual([0, 0]);
  });

  test('with the level flow and edges that are dropped it is', () => {
    const b = new Bench({ hw: { edgeSources: [10] } }).boot();
    const { runs } = b.request(10, () => {
      b.lower(10);
      b.hw.setInput(10, true);
      return undefined;
    });
    b.raise(10);
    expect(runs).toEqual([0]);
  });
});

describe('the claim erratum of the CP100', () => {
  const boot = (): Bench => new Bench({ compatible: 'ultrarisc,cp100-plic', nrCpus: 1, linux: '7.2' }).boot();

  test('at each claim one pending source is enabled, the lowest, and the others come back', () => {
    const b = boot();
    const seen: number[] = [];
    for (const source of [3, 40, 5]) b.request(source, () => { seen.push(source); b.lower(source); return undefined; });
    b.site.writes = [];
    b.m.smp.cpus.localIrqDisable();
    for (const source of [40, 5, 3]) b.hw.setInput(source, true);
    b.m.smp.cpus.localIrqEnable();
    b.settle();
    expect(seen).toEqual([3, 5, 40]);
    expect(b.site.writes.slice(0, 5)).toEqual(['cpu0 2080=8', 'cpu0 2084=0', 'cpu0 2080=28', 'cpu0 2084=100', 'cpu0 201004=3']);
    expect([read(b, ENABLE(1)), read(b, ENABLE(1, 1))]).toEqual([0x28, 0x100]);
    expect(flowSymbol(b.desc(b.plics.parentIrq).handleIrq)).toBe('plic_handle_irq_cp100');
    expect(b.open()).toEqual([]);
  });

  test('pending sources that are not enabled are not looked at', () => {
    const b = boot();
    const { runs } = b.request(40);
    b.hw.setInput(3, true);
    b.raise(40);
    expect([runs, read(b, PENDING(0))]).toEqual([[0], 8]);
  });
});

test('suspend and resume give back priorities and enables', () => {
  const b = new Bench().boot();
  const { irq, runs } = b.request(10);
  const masked = b.desc(b.request(40).irq).irqData;
  masked.chip.irqMask!(masked);
  irqSetAffinity(b.m.genirq, irq, cpus(2));
  b.plics.suspend();
  for (let source = 1; source < 96; source++) b.hw.write(PRIORITY(source), 4, 0);
  for (const context of [1, 3, 5, 7]) for (const word of [0, 1, 2]) b.hw.write(ENABLE(context, word), 4, 0);
  b.plics.resume();
  expect([read(b, PRIORITY(10)), read(b, PRIORITY(40)), enabledOn(b), read(b, ENABLE(1, 1))]).toEqual([1, 0, [2], 0x100]);
  b.raise(10);
  expect(runs).toEqual([2]);
});

test('shared wires run every handler', () => {
  const b = new Bench().boot();
  const irq = b.site.map(10);
  const ran: string[] = [];
  for (const name of ['a', 'b']) requestIrq(b.m.genirq, irq, () => { ran.push(name); b.lower(10); return IRQ_HANDLED; }, 0x80, name, {});
  b.raise(10);
  expect(ran).toEqual(['a', 'b']);
});

test('a late end of a notification costs one trap that finds nothing', () => {
  const b = new Bench({ hw: { posted: true } }).boot();
  const { irq, runs } = b.request(10);
  disableIrq(b.m.genirq, irq);
  b.raise(10);
  enableIrq(b.m.genirq, irq);
  b.settle();
  disableIrq(b.m.genirq, irq);
  b.settle();
  expect([runs, b.m.pendingOn(0), b.open()]).toEqual([[0], 0, []]);
});
