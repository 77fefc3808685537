import { genericHandleIrq, handleFasteoiIrq, handleLevelIrq, IRQ_HANDLED, irqToDesc, requestIrq } from '@irqchip/genirq-core';
import { IrqError, serviceToken } from '@irqchip/smp';
import {
  dataUpdateEffectiveAffinity, defineIrqchip, handleEdgeIrq, IRQ_SET_MASK, IRQ_TYPE, irqCreateFwspecMapping, irqDomainCreateLinear, irqDomainSetInfo, irqDomainXlateOnetwocell,
  irqFindMapping, Lines, makeProbeContext, ofFwnode, setHandlerLocked,
  type IrqDomain, type ParentInterrupt, type ProbeContext,
} from '../src/index.ts';
import { bench, codeOf, fakeNode, fakeRegs, inHardirq, logged, spyChip, warnings, type Bench } from './bench.ts';
import { mux8 } from './mux8.ts';

const ENABLE = 0x0;
const PENDING = 0x4;
const intc = ofFwnode('/cpus/intc');
const self = ofFwnode('/soc/mux8@10000000');
const node = fakeNode('/soc/mux8@10000000', { compatible: ['acme,mux8'] });

function parentOf(args: readonly number[] = [9]): ParentInterrupt {
  return { node: fakeNode('/cpus/intc', { compatible: ['acme,intc'] }), fwnode: intc, args };
}

interface Setup extends Bench {
  parentDomain: IrqDomain;
  parentChip: ReturnType<typeof spyChip>;
  regs: ReturnType<typeof fakeRegs>;
  ctx: ProbeContext;
}

function setup(): Setup {
  const b = bench();
  const parentChip = spyChip('parent');
  const parentDomain = irqDomainCreateLinear(b.domains, intc, 16, {
    map: (d, virq, hwirq) => irqDomainSetInfo(d, virq, hwirq, parentChip, null, handleLevelIrq, null, null),
    xlate: irqDomainXlateOnetwocell,
  }, null);
  // The pending register clears what is written to it; the test sets it directly.
  const regs = fakeRegs(8, (words, offset, value) => { words[offset >> 2] = offset === PENDING ? words[1]! & ~value : value; });
  return { ...b, parentDomain, parentChip, regs, ctx: makeProbeContext({ node, fwnode: self, domains: b.domains, regions: [regs], parents: [parentOf()] }) };
}

describe('the sample driver mux8', () => {
  test('maps its parent, chains itself there, and quiets what firmware left on', () => {
    const s = setup();
    s.regs.words[0] = 0xff;
    const lines = mux8.probe(s.ctx, []);
    expect(lines).toBeInstanceOf(Lines);
    expect([irqFindMapping(s.parentDomain, 9), s.regs.words[0], s.parentChip.calls]).toEqual([9, 0, ['unmask 9']]);
    expect((lines as Lines).domain.name).toBe(':soc:mux8@10000000');
  });

  test('hands each pending and enabled line to its handler, lowest first, inside the parent\'s flow', () => {
    const s = setup();
    mux8.probe(s.ctx, []);
    const ran: number[] = [];
    for (const line of [6, 3, 5]) {
      const virq = irqCreateFwspecMapping(s.domains, { fwnode: self, param: [line] });
      requestIrq(s.genirq, virq, () => { ran.push(line); return IRQ_HANDLED; }, 0, `line${line}`, s);
    }
    expect(s.regs.readl(ENABLE)).toBe(0b0110_1000);
    s.regs.writel(ENABLE, 0b0100_1000);
    s.regs.words[PENDING >> 2] = 0b0110_1001;
    s.parentChip.calls.length = 0;
    inHardirq(s.smp, () => genericHandleIrq(s.genirq, irqFindMapping(s.parentDomain, 9)));
    expect([ran, s.regs.readl(PENDING)]).toEqual([[3, 6], 0b0010_0001]);
    expect(s.parentChip.calls).toEqual(['eoi 9']);
    expect(s.smp.diagnostics.open).toEqual([]);
  });

  test('a parent without eoi is masked and acknowledged around the children', () => {
    const s = setup();
    delete s.parentChip.irqEoi;
    const order: string[] = [];
    mux8.probe(s.ctx, []);
    const virq = irqCreateFwspecMapping(s.domains, { fwnode: self, param: [3] });
    requestIrq(s.genirq, virq, () => { order.push(...s.parentChip.calls.splice(0), 'line 3'); return IRQ_HANDLED; }, 0, 'line3', s);
    s.regs.words[PENDING >> 2] = 1 << 3;
    s.parentChip.calls.length = 0;
    inHardirq(s.smp, () => genericHandleIrq(s.genirq, 9));
    expect([...order, ...s.parentChip.calls]).toEqual(['mask 9', 'ack 9', 'line 3', 'unmask 9']);
  });

  test('a line that nobody mapped is -EINVAL', () => {
    const s = setup();
    const lines = mux8.probe(s.ctx, []) as Lines;
    expect(inHardirq(s.smp, () => [lines.handle(3), lines.handle(8)])).toEqual([-22, -22]);
  });

  test('two on one machine do not disturb each other', () => {
    const s = setup();
    const other = ofFwnode('/soc/mux8@20000000');
    const regs = fakeRegs(8);
    mux8.probe(s.ctx, []);
    mux8.probe(makeProbeContext({ node, fwnode: other, domains: s.domains, regions: [regs], parents: [parentOf([10])] }), []);
    irqCreateFwspecMapping(s.domains, { fwnode: other, param: [3] });
    expect(s.domains.list.map(({ mapcount }) => mapcount)).toEqual([1, 0, 2]);
  });
});

describe('the probe context', () => {
  test('may be taken apart', () => {
    const { ctx, smp, genirq, domains, regs } = setup();
    const { linear, parentIrq } = ctx;
    expect([ctx.smp, ctx.genirq, ctx.domains, ctx.regs, ctx.fwnode, ctx.node, ctx.regions]).toEqual([smp, genirq, domains, regs, self, node, [regs]]);
    expect([linear(1, spyChip(), handleEdgeIrq).domain.fwnode, parentIrq(0).virq]).toEqual([self, 9]);
  });

  test('the parent is mapped when asked for, once', () => {
    const { ctx, smp, parentDomain } = setup();
    expect(parentDomain.mapcount).toBe(0);
    expect([ctx.parent.virq, ctx.parent.virq, logged(smp, 'irq_create_mapping').length]).toEqual([9, 9, 1]);
  });

  test('without registers, or without the parent, what needs them says so', () => {
    const { domains } = bench();
    const cause = new IrqError('EINVAL', 'phandle 7 is no controller');
    const bare = makeProbeContext({ node, fwnode: self, domains, regions: [], parents: [], parentErrors: [cause] });
    expect(() => bare.regs).toThrow(/no register region/);
    expect(() => bare.parent).toThrow(/phandle 7 is no controller/);
    expect([codeOf(() => bare.regs), codeOf(() => bare.parent), bare.parentErrors]).toEqual(['ENODEV', 'ENODEV', [cause]]);
    expect(makeProbeContext({ node, fwnode: self, domains, regions: [], parents: [] }).parentErrors).toEqual([]);
  });

  test('parents and registers by the names that the node gives them', () => {
    const { domains, regs, ctx: { fwnode } } = setup();
    const named = fakeNode('/soc/named', { 'interrupt-names': ['rx', 'tx'], 'reg-names': ['main', 'isr'] });
    const { parentIrq, parentIrqByName, regionByName } = makeProbeContext({ node: named, fwnode, domains, regions: [regs], parents: [parentOf([3]), parentOf([4])] });
    expect([parentIrqByName('tx').virq, regionByName('main')]).toEqual([parentIrq(1).virq, regs]);
    expect([codeOf(() => parentIrqByName('err')), codeOf(() => regionByName('isr'))]).toEqual(['ENODATA', 'ENODATA']);
    expect(() => parentIrqByName('err')).toThrow('/soc/named: interrupt-names has no "err"; it has rx, tx.');
    expect(() => regionByName('isr')).toThrow('/soc/named has 1 register regions, and reg-names calls number 1 "isr"; correct one of the two.');
  });

  test('a parent controller without a domain defers the probe, and the message names it', () => {
    const { domains } = bench();
    const ctx = makeProbeContext({ node, fwnode: self, domains, regions: [], parents: [parentOf()] });
    expect(codeOf(() => ctx.parent.virq)).toBe('EPROBE_DEFER');
    expect(() => ctx.parent.chain(() => undefined)).toThrow(/\/cpus\/intc.*acme,intc/);
  });

  test('a parent that cannot be mapped is EINVAL', () => {
    const s = setup();
    const ctx = makeProbeContext({ node, fwnode: self, domains: s.domains, regions: [], parents: [parentOf([99])] });
    expect(codeOf(() => ctx.parent.virq)).toBe('EINVAL');
    expect(warnings(s.smp)).toEqual([expect.stringContaining('too large')]);
  });

  test('what the parent controller says against its mapping is told to whoever asks for it, and is the cause', () => {
    const s = setup();
    const cause = new IrqError('EINVAL', 'bcm2836: there is no local interrupt 5');
    s.parentDomain.ops.map = () => { throw cause; };
    const refused = makeProbeContext({ node, fwnode: self, domains: s.domains, regions: [], parents: [parentOf([5])] });
    expect(() => refused.parent.virq).toThrow(expect.objectContaining({ code: 'EINVAL', cause, message: 'Interrupt <5> of /cpus/intc cannot be mapped: bcm2836: there is no local interrupt 5' }));
    expect(logged(s.smp, 'like')).toEqual(["irq: :cpus:intc didn't like hwirq-0x5 to VIRQ5 mapping (rc=-22)"]);
  });

  test('linear refuses a chip that lacks what the flow calls, before any line is mapped', () => {
    const { ctx, domains } = setup();
    const before = domains.list.length;
    expect(() => ctx.linear(8, { name: 'mux8', irqAck: () => undefined }, handleFasteoiIrq)).toThrow('handleFasteoiIrq needs irqEoi: add it to mux8, or use handleEdgeIrq if its lines are edges.');
    expect(domains.list.length).toBe(before);
  });

  test('lines take one cell or two', () => {
    const { ctx, domains, genirq } = setup();
    ctx.linear(8, spyChip(), handleEdgeIrq);
    const virq = irqCreateFwspecMapping(domains, { fwnode: self, param: [5, 1] });
    expect([virq, irqToDesc(genirq, virq)!.common.state & 0xf, irqCreateFwspecMapping(domains, { fwnode: self, param: [6] })]).toEqual([5, 1, 6]);
  });

  test('chaining again replaces the handler', () => {
    const { ctx, smp, genirq } = setup();
    const ran: string[] = [];
    ctx.parent.chain(() => void ran.push('old'));
    ctx.parent.chain(() => void ran.push('new'));
    inHardirq(smp, () => genericHandleIrq(genirq, ctx.parent.virq));
    expect(ran).toEqual(['new']);
  });
});

describe('defineIrqchip', () => {
  class Answer { constructor(readonly value: number) {} }
  const ANSWER = serviceToken<Answer>('test', 'Answer');
  const { ctx } = setup();

  test('of a string, or a list of them', () => {
    const one = defineIrqchip('acme,a', () => 1);
    expect([one.name, one.compatible, one.stage, one.services]).toEqual(['acme,a', ['acme,a'], 'irqchip', []]);
    expect(defineIrqchip(['acme,a', 'acme,b'], () => 1).compatible).toEqual(['acme,a', 'acme,b']);
  });

  test('of a specification: services are handed in after the context, in order', () => {
    const driver = defineIrqchip({ name: 'a', compatible: 'acme,a', stage: 'platform', services: [ANSWER, ANSWER] }, (c, first, second) => [c, first.value, second.value]);
    expect([driver.name, driver.stage, driver.services]).toEqual(['a', 'platform', [ANSWER, ANSWER]]);
    expect(driver.probe(ctx, [new Answer(1), new Answer(2)])).toEqual([ctx, 1, 2]);
  });

  test('of a class: made with the services, once a node', () => {
    let made = 0;
    class Plic {
      constructor(private readonly answer: Answer) { made++; }
      probe(c: ProbeContext): unknown { return [c, this.answer.value]; }
    }
    const driver = defineIrqchip({ compatible: 'acme,plic', services: [ANSWER] }, Plic);
    expect(made).toBe(0);
    expect([driver.probe(ctx, [new Answer(3)]), driver.probe(ctx, [new Answer(4)]), made]).toEqual([[ctx, 3], [ctx, 4], 2]);
  });

  test('without a compatible string it would match nothing, and is refused', () => {
    expect(codeOf(() => defineIrqchip([], () => 1))).toBe('EINVAL');
  });

  test('what it makes cannot be changed', () => {
    const driver = defineIrqchip('acme,a', () => 1);
    expect(() => { (driver as { name: string }).name = 'b'; }).toThrow(TypeError);
    expect(() => { (driver.compatible as string[]).push('b'); }).toThrow(TypeError);
  });
});

test('what irqSetType and irqSetAffinity need is here, too', () => {
  expect([IRQ_TYPE.LEVEL_HIGH, IRQ_SET_MASK.OK, typeof setHandlerLocked, typeof dataUpdateEffectiveAffinity]).toEqual([4, 0, 'function', 'function']);
});
