import {
  allocDescs, disableIrq, enableIrq, freeIrq, Genirq, getChip, getIrqData, handleEdgeIrq, handleFasteoiIrq, handleLevelIrq, irqToDesc, IRQ,
  IRQ_HANDLED, IRQ_TYPE, IRQF, noIrqChip, requestIrq, setIrqType, setIrqWake, type IrqChip,
} from '@irqchip/genirq-core';
import {
  genericHandleDomainIrq, irqCreateMapping, irqDisposeMapping, irqDomainCreateLinear, irqDomainRemove, IrqDomains, ofFwnode,
} from '@irqchip/irqdomain';
import { IrqError, Smp, type MmioRegion } from '@irqchip/smp';
import {
  IRQ_GC, irqAllocGenericChip, irqDataGetChipType, irqDomainAllocGenericChips, irqDomainInstantiateGeneric, irqDomainRemoveGenericChips, irqGcAckClrBit,
  irqGcAckSetBit, irqGcEoi, irqGcMaskClrBit, irqGcMaskDisableAndAckSet, irqGcMaskDisableReg, irqGcMaskSetBit, irqGcNoop, irqGcSetWake,
  irqGcUnmaskEnableReg, irqGenericChipOps, irqGetDomainGenericChip, irqRemoveGenericChip, irqSetupAltChip, irqSetupGenericChip,
  type DomainChipGenericInfo, type IrqChipGeneric,
} from '../src/index.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

/** Registers that remember writes; `start` is what they read at first. */
function registers(start = 0) {
  const writes: [offset: number, value: number][] = [];
  const words = new Map<number, number>();
  const regs = {
    readl: (offset: number) => words.get(offset) ?? start,
    writel: (offset: number, value: number) => { words.set(offset, value); writes.push([offset, value >>> 0]); },
  } as Partial<MmioRegion> as MmioRegion;
  return { regs, writes };
}

function bench() {
  const smp = new Smp({ nrCpus: 2 });
  const genirq = new Genirq(smp);
  return { smp, genirq, domains: new IrqDomains(genirq) };
}

const OFFSETS = { enable: 0x00, disable: 0x04, mask: 0x08, ack: 0x0c, eoi: 0x10 };

/** Eight lines from irq 16 on, whose chip has these callbacks. */
function lines(callbacks: Partial<IrqChip>, { flow = handleLevelIrq, flags = 0, start = 0 } = {}) {
  const parts = bench();
  const { genirq } = parts;
  const { regs, writes } = registers(start);
  allocDescs(genirq, 16, 16, 8, -1, null);
  const gc = irqAllocGenericChip(genirq, 'gc', 1, 16, regs, flow);
  const [type] = gc.chipTypes;
  Object.assign(type!.chip, callbacks);
  type!.regs = { ...OFFSETS };
  irqSetupGenericChip(genirq, gc, 0xff, flags, IRQ.NOREQUEST, 0);
  writes.length = 0;
  return { ...parts, gc, writes, data: (line: number) => getIrqData(genirq, 16 + line)! };
}

describe('callbacks', () => {
  test.each<[string, (chip: ReturnType<typeof lines>) => void, [number, number][], number]>([
    ['irqGcMaskSetBit', ({ data }) => irqGcMaskSetBit(data(3)), [[0x08, 0xf8]], 0xf8],
    ['irqGcMaskClrBit', ({ data }) => irqGcMaskClrBit(data(5)), [[0x08, 0xd0]], 0xd0],
    ['irqGcMaskDisableReg', ({ data }) => irqGcMaskDisableReg(data(4)), [[0x04, 0x10]], 0xe0],
    ['irqGcUnmaskEnableReg', ({ data }) => irqGcUnmaskEnableReg(data(0)), [[0x00, 0x01]], 0xf1],
    ['irqGcAckSetBit', ({ data }) => irqGcAckSetBit(data(7)), [[0x0c, 0x80]], 0xf0],
    ['irqGcAckClrBit', ({ data }) => irqGcAckClrBit(data(7)), [[0x0c, 0xffffff7f]], 0xf0],
    ['irqGcMaskDisableAndAckSet', ({ data }) => irqGcMaskDisableAndAckSet(data(6)), [[0x04, 0x40], [0x0c, 0x40]], 0xb0],
    ['irqGcEoi', ({ data }) => irqGcEoi(data(2)), [[0x10, 0x04]], 0xf0],
    ['irqGcNoop', ({ data }) => irqGcNoop(data(2)), [], 0xf0],
  ])('%s writes what it says and remembers the mask', (_name, act, written, cache) => {
    const chip = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit });
    chip.gc.maskCache.value = 0xf0;
    chip.smp.cpus.localIrqDisable();
    act(chip);
    expect(chip.writes).toEqual(written);
    expect(chip.gc.maskCache.value).toBe(cache);
    expect(chip.gc.lock.locked).toBe(false);
  });

  test('a driver of its own reads and writes as in regs: the offset comes first', () => {
    const { gc, writes } = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit });
    gc.writel(OFFSETS.eoi, 0x55);
    expect([writes, gc.readl(OFFSETS.eoi)]).toEqual([[[0x10, 0x55]], 0x55]);
  });

  test('big-endian registers are swapped both ways', () => {
    const chip = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit }, { flags: IRQ_GC.BE_IO | IRQ_GC.INIT_MASK_CACHE, start: 0x11223344 });
    expect(chip.gc.maskCache.value).toBe(0x44332211);
    chip.smp.cpus.localIrqDisable();
    irqGcAckSetBit(chip.data(0));
    expect(chip.writes).toEqual([[0x0c, 0x01000000]]);
  });

  test('wake: a line outside wakeEnabled is EINVAL, others are remembered', () => {
    const chip = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit, irqSetWake: irqGcSetWake });
    chip.gc.wakeEnabled = 0x0c;
    expect(() => setIrqWake(chip.genirq, 16, true)).toThrow(code('EINVAL'));
    setIrqWake(chip.genirq, 18, true);
    setIrqWake(chip.genirq, 19, true);
    setIrqWake(chip.genirq, 18, false);
    expect(chip.gc.wakeActive).toBe(0x08);
  });
});

describe('irqSetupGenericChip', () => {
  test('gives the lines of the mask chip, flow, chip data, bit and settings, and counts up to the highest', () => {
    const { genirq } = bench();
    allocDescs(genirq, 16, 16, 8, -1, null);
    const gc = irqAllocGenericChip(genirq, 'gc', 1, 16, registers().regs, handleLevelIrq);
    Object.assign(gc.chipTypes[0]!.chip, { irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit });
    irqSetupGenericChip(genirq, gc, 0b10100, 0, IRQ.NOREQUEST, IRQ.NOPROBE);
    expect([18, 20].map((irq) => [getChip(genirq, irq)!.name, getIrqData(genirq, irq)!.mask, irqToDesc(genirq, irq)!.handleIrq, irqToDesc(genirq, irq)!.settings & (IRQ.NOREQUEST | IRQ.NOPROBE)]))
      .toEqual([['gc', 4, handleLevelIrq, IRQ.NOPROBE], ['gc', 16, handleLevelIrq, IRQ.NOPROBE]]);
    expect(getChip(genirq, 17)).toBe(noIrqChip);
    expect(gc.irqCnt).toBe(5);
  });

  test('irqCalcMask decides the bit, NO_MASK leaves it alone', () => {
    expect(lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit, irqCalcMask: (data) => { data.mask = 0x100 << (data.irq - 16); } }).data(2).mask).toBe(0x400);
    expect(lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit }, { flags: IRQ_GC.NO_MASK }).data(2).mask).toBe(0);
  });

  test('INIT_MASK_CACHE reads the mask register once for all types, or each type\'s own', () => {
    const { genirq } = bench();
    allocDescs(genirq, 16, 16, 8, -1, null);
    const reads: number[] = [];
    const regs = { readl: (offset: number) => { reads.push(offset); return offset + 1; } } as Partial<MmioRegion> as MmioRegion;
    const make = (flags: number): IrqChipGeneric => {
      const gc = irqAllocGenericChip(genirq, 'gc', 2, 16, regs, null);
      gc.chipTypes[0]!.regs.mask = 0x10;
      gc.chipTypes[1]!.regs.mask = 0x20;
      irqSetupGenericChip(genirq, gc, 0, flags, 0, 0);
      return gc;
    };
    const shared = make(IRQ_GC.INIT_MASK_CACHE);
    expect(reads).toEqual([0x10]);
    expect(shared.chipTypes.map(({ maskCache }) => maskCache)).toEqual([shared.maskCache, shared.maskCache]);
    const own = make(IRQ_GC.INIT_MASK_CACHE | IRQ_GC.MASK_CACHE_PER_TYPE);
    expect(own.chipTypes.map(({ maskCache }) => maskCache.value)).toEqual([0x11, 0x21]);
    expect(own.maskCache.value).toBe(0);
    expect(make(0).maskCache.value).toBe(0);
  });

  test('a chip that lacks what the flow calls is EINVAL', () => {
    expect(() => lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit }, { flow: handleFasteoiIrq })).toThrow(code('EINVAL'));
  });

  test('without memory there is no chip', () => {
    const { genirq, smp } = bench();
    smp.faults.fail('irq_chip_generic');
    expect(() => irqAllocGenericChip(genirq, 'gc', 1, 16, registers().regs, null)).toThrow(code('ENOMEM'));
  });

  test('an interrupt goes through: masked while disabled, run once', () => {
    const chip = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit });
    requestIrq(chip.genirq, 17, () => IRQ_HANDLED, 0, 'dev', 1);
    disableIrq(chip.genirq, 17);
    expect(chip.writes.at(-1)).toEqual([0x08, 0x00]);
    enableIrq(chip.genirq, 17);
    freeIrq(chip.genirq, 17, 1);
    expect(chip.writes.at(-1)).toEqual([0x08, 0x02]);
  });

  test('irqRemoveGenericChip takes chip, data and flow off, and changes settings', () => {
    const chip = lines({ irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit });
    irqRemoveGenericChip(chip.genirq, chip.gc, 0x0f, 0, IRQ.NOREQUEST);
    expect([0, 3].map((line) => [chip.data(line).chip, chip.data(line).chipData])).toEqual([[noIrqChip, null], [noIrqChip, null]]);
    expect(irqToDesc(chip.genirq, 16)!.settings & IRQ.NOREQUEST).toBe(IRQ.NOREQUEST);
    expect(chip.data(4).chip.name).toBe('gc');
  });
});

describe('alternative types', () => {
  function edgeAndLevel() {
    const { genirq } = bench();
    allocDescs(genirq, 16, 16, 1, -1, null);
    const gc = irqAllocGenericChip(genirq, 'gc', 2, 16, registers().regs, handleLevelIrq);
    const [level, edge] = gc.chipTypes;
    Object.assign(level!.chip, { irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit, irqSetType: (data: never, type: number) => { irqSetupAltChip(data, type); return 0; } });
    Object.assign(edge!.chip, { irqAck: irqGcAckSetBit, irqSetType: level!.chip.irqSetType });
    Object.assign(level!, { type: IRQ_TYPE.LEVEL_HIGH });
    Object.assign(edge!, { type: IRQ_TYPE.EDGE_BOTH, handler: handleEdgeIrq });
    irqSetupGenericChip(genirq, gc, 1, 0, IRQ.NOREQUEST, 0);
    return { genirq, gc, data: getIrqData(genirq, 16)! };
  }

  test('a trigger picks the type that serves it, with its flow', () => {
    const { genirq, gc, data } = edgeAndLevel();
    expect(irqDataGetChipType(data)).toBe(gc.chipTypes[0]);
    setIrqType(genirq, 16, IRQ_TYPE.EDGE_FALLING);
    expect([irqDataGetChipType(data), irqToDesc(genirq, 16)!.handleIrq]).toEqual([gc.chipTypes[1], handleEdgeIrq]);
    setIrqType(genirq, 16, IRQ_TYPE.LEVEL_HIGH);
    expect([irqDataGetChipType(data), irqToDesc(genirq, 16)!.handleIrq]).toEqual([gc.chipTypes[0], handleLevelIrq]);
  });

  test('a trigger that none serves is EINVAL and changes nothing', () => {
    const { genirq, gc, data } = edgeAndLevel();
    expect(() => requestIrq(genirq, 16, () => IRQ_HANDLED, IRQF.TRIGGER_LOW, 'dev', 1)).toThrow(code('EINVAL'));
    expect(irqDataGetChipType(data)).toBe(gc.chipTypes[0]);
  });
});

describe('chips of a domain', () => {
  const level: DomainChipGenericInfo = {
    name: 'gc', handler: handleLevelIrq, irqsPerChip: 8,
    init: (gc) => Object.assign(gc.chipTypes[0]!.chip, { irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit }),
  };
  function domainOf(size: number, info: Partial<DomainChipGenericInfo> = {}, start = 0) {
    const parts = bench();
    const { regs, writes } = registers(start);
    const init = info.init ?? level.init!;
    const domain = irqDomainInstantiateGeneric(parts.domains, { fwnode: parts.domains.allocNamedFwnode('gc'), size }, {
      ...level, ...info,
      init: (gc) => { gc.regs = regs; gc.chipTypes[0]!.regs = { ...OFFSETS, mask: gc.irqBase }; init(gc); },
    });
    return { ...parts, domain, writes };
  }

  test('each eight lines have a chip, the last one however few', () => {
    const { domain } = domainOf(20);
    expect([0, 7, 8, 19, 23].map((hwirq) => irqGetDomainGenericChip(domain, hwirq)!.irqBase)).toEqual([0, 0, 8, 16, 16]);
    expect(irqGetDomainGenericChip(domain, 24)).toBeNull();
  });

  test('a line that is mapped has chip, bit of its place, flow and settings', () => {
    const { genirq, domain } = domainOf(20, { irqFlagsToSet: IRQ.NOPROBE });
    const virq = irqCreateMapping(domain, 11);
    const data = getIrqData(genirq, virq)!;
    expect([data.mask, data.chipData, irqToDesc(genirq, virq)!.handleIrq, irqToDesc(genirq, virq)!.settings & IRQ.NOPROBE])
      .toEqual([8, irqGetDomainGenericChip(domain, 8), handleLevelIrq, IRQ.NOPROBE]);
    expect(irqGetDomainGenericChip(domain, 8)!.installed).toBe(8);
  });

  test('the mask cache is read at the first mapping of each chip', () => {
    const { domain } = domainOf(16, { gcFlags: IRQ_GC.INIT_MASK_CACHE }, 0xff);
    expect(irqGetDomainGenericChip(domain, 0)!.maskCache.value).toBe(0);
    irqCreateMapping(domain, 1);
    expect([0, 8].map((hwirq) => irqGetDomainGenericChip(domain, hwirq)!.maskCache.value)).toEqual([0xff, 0]);
  });

  test('map: ENODEV without chips, EINVAL beyond them, ENOTSUPP for an unused line, EBUSY for a mapped one', () => {
    const { domains } = bench();
    const bare = irqDomainCreateLinear(domains, domains.allocNamedFwnode('bare'), 8, irqGenericChipOps, null);
    expect(() => irqGenericChipOps.map!(bare, 1, 0)).toThrow(code('ENODEV'));
    const { domain } = domainOf(8, { init: (gc) => { level.init!(gc); gc.unused = 0x20; } });
    expect(() => irqGenericChipOps.map!(domain, 1, 8)).toThrow(code('EINVAL'));
    expect(() => irqGenericChipOps.map!(domain, 1, 5)).toThrow(code('ENOTSUPP'));
    irqCreateMapping(domain, 2);
    expect(() => irqGenericChipOps.map!(domain, 9, 2)).toThrow(code('EBUSY'));
  });

  test('a line whose chip is refused is not left installed', () => {
    const { domain } = domainOf(8, { handler: handleFasteoiIrq });
    expect(irqCreateMapping(domain, 2)).toBe(0);
    expect(irqGetDomainGenericChip(domain, 2)!.installed).toBe(0);
  });

  test('why it was refused is kept for whoever asked for the mapping', () => {
    const { domain, domains } = domainOf(8, { handler: handleEdgeIrq });
    expect([irqCreateMapping(domain, 2), domains.mappingError?.message]).toEqual([0, expect.stringMatching(/^handleEdgeIrq needs irqAck: add it to gc/)]);
  });

  test('an unmapped line can be mapped again', () => {
    const { domain, domains } = domainOf(8);
    irqDisposeMapping(domains, irqCreateMapping(domain, 2));
    expect(irqGetDomainGenericChip(domain, 2)!.installed).toBe(0);
    expect(irqCreateMapping(domain, 2)).not.toBe(0);
  });

  test('twice is EBUSY, no lines or more than 32 a chip EINVAL, no memory ENOMEM; nothing is left behind', () => {
    const { domains, smp } = bench();
    const domain = irqDomainCreateLinear(domains, domains.allocNamedFwnode('gc'), 8, irqGenericChipOps, null);
    for (const irqsPerChip of [0, 33]) expect(() => irqDomainAllocGenericChips(domain, { ...level, irqsPerChip })).toThrow(code('EINVAL'));
    smp.faults.fail('irq_chip_generic');
    expect(() => irqDomainAllocGenericChips(domain, level)).toThrow(code('ENOMEM'));
    expect(domain.gc).toBeNull();
    irqDomainAllocGenericChips(domain, level);
    expect(() => irqDomainAllocGenericChips(domain, level)).toThrow(code('EBUSY'));
    const empty = irqDomainCreateLinear(domains, domains.allocNamedFwnode('empty'), 0, irqGenericChipOps, null);
    expect(() => irqDomainAllocGenericChips(empty, level)).toThrow(code('EINVAL'));
  });

  test('an init that fails undoes the chips before it, and there is no domain', () => {
    const { domains } = bench();
    const before = domains.list.length;
    const exits: number[] = [];
    const init = (gc: IrqChipGeneric): void => { if (gc.irqBase === 16) throw new IrqError('EIO', 'no answer'); };
    expect(() => irqDomainInstantiateGeneric(domains, { fwnode: domains.allocNamedFwnode('gc'), size: 32 }, { ...level, init, exit: (gc) => exits.push(gc.irqBase) }))
      .toThrow(code('EIO'));
    expect(exits).toEqual([8, 0]);
    expect(domains.list.length).toBe(before);
    const late = (): never => { throw new IrqError('EIO', 'no answer'); };
    expect(() => irqDomainInstantiateGeneric(domains, { fwnode: domains.allocNamedFwnode('gc'), size: 8, init: late }, { ...level, exit: (gc) => exits.push(100 + gc.irqBase) }))
      .toThrow(code('EIO'));
    expect(exits).toEqual([8, 0, 100]);
  });

  test('the chips go with the domain, their lines lose chip and flow', () => {
    const exits: number[] = [];
    const { domain, genirq } = domainOf(16, { exit: (gc) => exits.push(gc.irqBase) });
    const virq = irqCreateMapping(domain, 9);
    irqDomainRemove(domain);
    expect(exits).toEqual([0, 8]);
    expect(getIrqData(genirq, virq)!.chip).toBe(noIrqChip);
    expect(domain.gc).toBeNull();
    expect(() => irqDomainRemoveGenericChips(domain)).not.toThrow();
  });

  test('a line that is asserted is masked, handled and unmasked', () => {
    const { domain, genirq, smp, writes } = domainOf(16);
    const order: string[] = [];
    const virq = irqCreateMapping(domain, 9);
    requestIrq(genirq, virq, () => { order.push(`mask ${writes.at(-1)![1].toString(2)}`); return IRQ_HANDLED; }, 0, 'dev', 1);
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    expect(genericHandleDomainIrq(domain, 9)).toBe(0);
    smp.cpus.irqExit();
    expect(order).toEqual(['mask 10']);
    expect(writes.at(-1)).toEqual([8, 0]);
  });
});

describe('a chip whose registers were never set', () => {
  const UNSET = "generic chip gc of :gc, lines from 8 on: its registers are not set. Set gc.regs before a line is mapped, in the init of irqDomainAllocGenericChips or irqDomainInstantiateGeneric.";
  function bare(gcFlags = 0) {
    const parts = bench();
    const domain = irqDomainInstantiateGeneric(parts.domains, { fwnode: ofFwnode('/gc'), size: 16 }, {
      name: 'gc', handler: handleLevelIrq, irqsPerChip: 8, gcFlags,
      init: (gc) => Object.assign(gc.chipTypes[0]!.chip, { irqMask: irqGcMaskSetBit, irqUnmask: irqGcMaskClrBit }),
    });
    return { ...parts, domain, gc: irqGetDomainGenericChip(domain, 8)! };
  }
  const line = ({ genirq, domain }: ReturnType<typeof bare>) => getIrqData(genirq, irqCreateMapping(domain, 9))!;

  test.each([
    irqGcMaskDisableReg, irqGcMaskSetBit, irqGcMaskClrBit, irqGcUnmaskEnableReg, irqGcAckSetBit, irqGcAckClrBit, irqGcMaskDisableAndAckSet, irqGcEoi,
  ])('%p says which chip and what to do, and holds no lock afterwards', (callback) => {
    const parts = bare();
    const data = line(parts);
    expect(() => callback(data)).toThrow(expect.objectContaining({ code: 'EINVAL', message: UNSET }));
    expect([parts.gc.lock.locked, parts.gc.regs]).toEqual([false, null]);
  });

  test('requestIrq tells, with no lock held and no interrupts off', () => {
    const parts = bare();
    const { irq } = line(parts);
    expect(() => requestIrq(parts.genirq, irq, () => IRQ_HANDLED, 0, 'device', 1)).toThrow(UNSET);
    expect([parts.gc.lock.locked, irqToDesc(parts.genirq, irq)!.lock.locked, parts.smp.cpus.irqsDisabled()]).toEqual([false, false, false]);
  });

  test('a mask that is to be read from it refuses the mapping, and says so', () => {
    const { domain, domains } = bare(IRQ_GC.INIT_MASK_CACHE);
    expect([irqCreateMapping(domain, 9), domains.mappingError]).toEqual([0, expect.objectContaining({ code: 'EINVAL', message: UNSET })]);
  });

  test('works once they are, and not when they are taken off again', () => {
    const parts = bare();
    const data = line(parts);
    const { regs, writes } = registers();
    parts.gc.regs = regs;
    irqGcMaskSetBit(data);
    expect([writes, parts.gc.regs]).toEqual([[[0, 2]], regs]);
    parts.gc.regs = null;
    expect(() => irqGcMaskSetBit(data)).toThrow(UNSET);
  });

  test('without a domain it is named by its first irq', () => {
    const { genirq } = bench();
    const gc = irqAllocGenericChip(genirq, 'gc', 1, 16, undefined as never, handleLevelIrq);
    expect(() => gc.readl(0)).toThrow('generic chip gc, irqs from 16 on: its registers are not set. Give irqAllocGenericChip its region.');
  });
});
