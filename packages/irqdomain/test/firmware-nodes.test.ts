import { getIrqData } from '@irqchip/genirq-core';
import { irqCreateDirectMapping, irqCreateMapping, irqDomainCreateLinear, irqDomainCreateNomap, irqDomainCreateSimple, NUMA_NO_NODE, ofFwnode, softwareFwnode } from '../src/index.ts';
import { bench } from './bench.ts';

test('a device-tree node goes by the last part of its path, the root by a slash', () => {
  expect(['/soc/plic@c000000', '/plic', '/'].map((path) => ofFwnode(path).name)).toEqual(['plic@c000000', 'plic', '/']);
  expect(ofFwnode('/soc/plic@c000000').path).toBe('/soc/plic@c000000');
});

test('so does a software node', () => {
  expect(['gpio/bank0', 'bank'].map((path) => softwareFwnode(path)).map(({ kind, name, path }) => [kind, name, path]))
    .toEqual([['software', 'bank0', 'gpio/bank0'], ['software', 'bank', 'bank']]);
});

test('nodes without memory affinity are on NUMA node -1, and so are their interrupts', () => {
  const b = bench();
  expect([NUMA_NO_NODE, ofFwnode('/a').nid, softwareFwnode('b').nid, b.domains.allocNamedFwnode('c').nid]).toEqual([-1, -1, -1, -1]);
  const domain = irqDomainCreateLinear(b.domains, null, 8, {}, null);
  expect(getIrqData(b.genirq, irqCreateMapping(domain, 1))!.common.node).toBe(-1);
  expect(getIrqData(b.genirq, irqCreateDirectMapping(irqDomainCreateNomap(b.domains, null, 16, {}, null)))!.common.node).toBe(-1);
  irqDomainCreateSimple(b.domains, null, 2, 20, {}, null);
  expect(getIrqData(b.genirq, 20)!.common.node).toBe(-1);
});

test('the interrupts of a node live in its memory', () => {
  const b = bench();
  const node = ofFwnode('/soc/pic', 1);
  const common = (virq: number): number => getIrqData(b.genirq, virq)!.common.node;
  const mapped = irqCreateMapping(irqDomainCreateLinear(b.domains, node, 8, {}, null), 3);
  const direct = irqCreateDirectMapping(irqDomainCreateNomap(b.domains, node, 16, {}, null));
  irqDomainCreateSimple(b.domains, node, 2, 20, {}, null);
  expect([common(mapped), common(direct), common(20), common(21)]).toEqual([1, 1, 1, 1]);
});
