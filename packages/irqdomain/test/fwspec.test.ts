import { getTriggerType, IRQ_TYPE } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  DOMAIN_BUS, irqCreateFwspecMapping, irqCreateMapping, irqCreateOfMapping, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainInstantiate, irqDomainSetInfo,
  irqDomainTranslate, irqDomainTranslateOnecell, irqDomainTranslateTwocell, irqDomainTranslateTwothreecell, irqDomainXlateOnecell, irqDomainXlateOnetwocell,
  irqDomainXlateTwocell, irqDomainXlateTwothreecell, ofFwnode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { bench, codeOf, descCount, logged, spyChip, warnings, type Bench } from './bench.ts';

const node = ofFwnode('/soc/pic@c000000');
const twocell: IrqDomainOps = { translate: irqDomainTranslateTwocell };

function domainOf(b: Bench, ops: IrqDomainOps): IrqDomain {
  return irqDomainCreateLinear(b.domains, node, 64, ops, null);
}

describe('translators', () => {
  const { NONE, EDGE_RISING, LEVEL_HIGH } = IRQ_TYPE;
  const xlate = [
    ['onecell', irqDomainXlateOnecell, [7, 9], { hwirq: 7, type: NONE }],
    ['twocell', irqDomainXlateTwocell, [7, 0x104], { hwirq: 7, type: LEVEL_HIGH }],
    ['onetwocell, one', irqDomainXlateOnetwocell, [7], { hwirq: 7, type: NONE }],
    ['onetwocell, two', irqDomainXlateOnetwocell, [7, 0x11], { hwirq: 7, type: EDGE_RISING }],
    ['twothreecell, two', irqDomainXlateTwothreecell, [7, 4], { hwirq: 7, type: LEVEL_HIGH }],
    ['twothreecell, three', irqDomainXlateTwothreecell, [1, 7, 0x11], { hwirq: 7, type: EDGE_RISING }],
  ] as const;
  test.each(xlate)('xlate %s', (_name, fn, cells, expected) => {
    expect(fn(domainOf(bench(), {}), node, cells)).toEqual(expected);
  });

  const translate = [
    ['onecell', irqDomainTranslateOnecell, [7], { hwirq: 7, type: NONE }],
    ['twocell', irqDomainTranslateTwocell, [7, 0x11], { hwirq: 7, type: EDGE_RISING }],
    ['twothreecell', irqDomainTranslateTwothreecell, [1, 7, 4], { hwirq: 7, type: LEVEL_HIGH }],
  ] as const;
  test.each(translate)('translate %s', (_name, fn, param, expected) => {
    expect(fn(domainOf(bench(), {}), { fwnode: node, param })).toEqual(expected);
  });

  test.each([
    ['onecell', irqDomainXlateOnecell, [], 1],
    ['twocell', irqDomainXlateTwocell, [1], 1],
    ['onetwocell', irqDomainXlateOnetwocell, [], 1],
    ['twothreecell', irqDomainXlateTwothreecell, [1], 0],
    ['twothreecell', irqDomainXlateTwothreecell, [1, 2, 3, 4], 0],
  ] as const)('%s refuses the wrong number of cells with EINVAL', (_name, fn, cells, warned) => {
    const b = bench();
    expect(codeOf(() => fn(domainOf(b, {}), node, cells))).toBe('EINVAL');
    expect(warnings(b.smp)).toHaveLength(warned);
  });

  test('translate is preferred to xlate, and without either the first cell counts', () => {
    const b = bench();
    const xlateOnly = domainOf(b, { xlate: (_d, of) => ({ hwirq: of === node ? 2 : 3, type: 0 }) });
    const both = domainOf(b, { translate: () => ({ hwirq: 1, type: 0 }), xlate: () => ({ hwirq: 9, type: 0 }) });
    const spec = { fwnode: node, param: [5, 4] };
    expect([both, xlateOnly, domainOf(b, {})].map((d) => irqDomainTranslate(d, spec))).toEqual([{ hwirq: 1, type: 0 }, { hwirq: 2, type: 0 }, { hwirq: 5, type: 0 }]);
  });
});

test('a described interrupt is mapped with its type', () => {
  const b = bench();
  domainOf(b, twocell);
  const virq = irqCreateOfMapping(b.domains, node, [10, IRQ_TYPE.LEVEL_HIGH]);
  expect([virq, getTriggerType(b.genirq, virq)]).toEqual([10, IRQ_TYPE.LEVEL_HIGH]);
});

test('no domain: 0, and the log names the node', () => {
  const b = bench();
  expect([irqCreateOfMapping(b.domains, node, [1, 4]), irqCreateFwspecMapping(b.domains, { fwnode: null, param: [1] })]).toEqual([0, 0]);
  expect(logged(b.smp, 'found')).toEqual(['irq: no irq domain found for pic@c000000 !', 'irq: no irq domain found for <no-node> !']);
});

test('without a node the default domain serves', () => {
  const b = bench();
  b.domains.setDefaultDomain(domainOf(b, twocell));
  expect(irqCreateFwspecMapping(b.domains, { fwnode: null, param: [12, 1] })).toBe(12);
});

test('a WIRED domain is preferred to a newer one of the same node', () => {
  const b = bench();
  const wired = irqDomainInstantiate(b.domains, { fwnode: node, ops: twocell, size: 8, busToken: DOMAIN_BUS.WIRED });
  irqDomainInstantiate(b.domains, { fwnode: node, ops: twocell, size: 8, busToken: DOMAIN_BUS.NEXUS });
  irqCreateOfMapping(b.domains, node, [3, 1]);
  expect(wired.mapcount).toBe(1);
});

test('a translate that throws gives 0 and no mapping', () => {
  const b = bench();
  const domain = domainOf(b, { translate: () => { throw new IrqError('EINVAL', 'no'); } });
  expect([irqCreateOfMapping(b.domains, node, [1]), domain.mapcount, descCount(b.genirq)]).toEqual([0, 0, 0]);
});

test('type bits outside the sense mask are warned of and dropped', () => {
  const b = bench();
  domainOf(b, { translate: () => ({ hwirq: 3, type: 0x14 }) });
  const virq = irqCreateOfMapping(b.domains, node, [3]);
  expect([getTriggerType(b.genirq, virq), warnings(b.smp).length]).toEqual([IRQ_TYPE.LEVEL_HIGH, 1]);
});

test('seventeen cells are too many', () => {
  const b = bench();
  domainOf(b, {});
  expect([irqCreateOfMapping(b.domains, node, new Array<number>(16).fill(3)), irqCreateOfMapping(b.domains, node, new Array<number>(17).fill(4))]).toEqual([3, 0]);
  expect(warnings(b.smp)).toHaveLength(1);
});

describe('an interrupt that is mapped already', () => {
  test('is found again with the same type, or with none', () => {
    const b = bench();
    domainOf(b, twocell);
    const virq = irqCreateOfMapping(b.domains, node, [3, 4]);
    expect([irqCreateOfMapping(b.domains, node, [3, 4]), irqCreateOfMapping(b.domains, node, [3, 0]), getTriggerType(b.genirq, virq)]).toEqual([virq, virq, 4]);
  });

  test('takes a type while it has none', () => {
    const b = bench();
    const domain = domainOf(b, twocell);
    const virq = irqCreateMapping(domain, 3);
    expect([irqCreateOfMapping(b.domains, node, [3, 1]), getTriggerType(b.genirq, virq)]).toEqual([virq, 1]);
  });

  test('refuses another type', () => {
    const b = bench();
    domainOf(b, twocell);
    const virq = irqCreateOfMapping(b.domains, node, [3, 4]);
    expect([irqCreateOfMapping(b.domains, node, [3, 1]), getTriggerType(b.genirq, virq)]).toEqual([0, 4]);
    expect(logged(b.smp, 'mismatch')).toEqual(['irq: type mismatch, failed to map hwirq-3 for pic@c000000!']);
  });
});

test('a hierarchical domain allocates, with the fwspec as argument and the lowest free virq', () => {
  const b = bench();
  const args: unknown[] = [];
  irqDomainCreateHierarchy(null, 0, 64, node, {
    translate: irqDomainTranslateTwocell,
    alloc: (d, virq, _nr, arg) => { args.push(arg); irqDomainSetInfo(d, virq, 40, spyChip(), null, null, null, null); },
  }, null, b.domains);
  const fwspec = { fwnode: node, param: [40, 4] };
  const virq = irqCreateFwspecMapping(b.domains, fwspec);
  expect([virq, getTriggerType(b.genirq, virq), irqCreateFwspecMapping(b.domains, fwspec)]).toEqual([1, 4, 1]);
  expect(args).toEqual([fwspec]);
});

test('a hierarchical domain that cannot allocate gives 0', () => {
  const b = bench();
  irqDomainCreateHierarchy(null, 0, 64, node, { alloc: () => { throw new IrqError('ENOSPC', 'full'); } }, null, b.domains);
  expect([irqCreateOfMapping(b.domains, node, [3]), descCount(b.genirq)]).toEqual([0, 0]);
});
