import { allocDescs, irqToDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  HWIRQ_NO_LIMIT, IRQ_DOMAIN_FLAG, irqCreateDirectMapping, irqDomainAssociate, irqDomainCreateHierarchy, irqDomainCreateLegacy, irqDomainCreateLinear, irqDomainCreateNomap,
  irqDomainCreateSimple, irqDomainCreateTree, irqDomainInstantiate, irqDomainRemove, irqFindMapping, ofFwnode,
} from '../src/index.ts';
import { bench, codeOf, logged, warnings } from './bench.ts';

const node = ofFwnode('/soc/pic@1000');

test('a linear domain has one slot per hwirq, and no hwirq beyond', () => {
  const { domains } = bench();
  const domain = irqDomainCreateLinear(domains, node, 8, {}, 'mine');
  expect([domain.revmapSize, domain.hwirqMax, domain.flags, domain.hostData, domain.root === domain]).toEqual([8, 8, IRQ_DOMAIN_FLAG.NAME_ALLOCATED, 'mine', true]);
});

test('a tree domain has no slots and no limit', () => {
  const { domains } = bench();
  const domain = irqDomainCreateTree(domains, node, {}, null);
  expect([domain.revmapSize, domain.hwirqMax]).toEqual([0, HWIRQ_NO_LIMIT]);
});

test('alloc in the ops makes any domain hierarchical', () => {
  const { domains } = bench();
  expect(irqDomainCreateLinear(domains, node, 1, { alloc: () => undefined }, null).isHierarchy).toBe(true);
  expect(irqDomainCreateLinear(domains, node, 1, { map: () => undefined }, null).isHierarchy).toBe(false);
});

test.each([[0, HWIRQ_NO_LIMIT], [16, 16]])('a stacked domain of size %d shares its parent\'s root', (size, max) => {
  const { domains } = bench();
  const root = irqDomainCreateTree(domains, node, {}, null);
  const middle = irqDomainCreateHierarchy(root, 0, 4, null, {}, null);
  const top = irqDomainCreateHierarchy(middle, IRQ_DOMAIN_FLAG.IPI_SINGLE, size, null, {}, null);
  expect([top.parent === middle, top.root === root, top.revmapSize, top.hwirqMax]).toEqual([true, true, size, max]);
  expect(top.flags & IRQ_DOMAIN_FLAG.IPI_SINGLE).not.toBe(0);
});

test('a stacked domain without a parent is the root of its own tree', () => {
  const { domains } = bench();
  const domain = irqDomainCreateHierarchy(null, 0, 4, node, {}, null, domains);
  expect([domain.parent, domain.root === domain]).toEqual([null, true]);
});

test('a simple domain without a first irq maps nothing; with one it allocates and maps all', () => {
  const { domains, genirq } = bench();
  const lazy = irqDomainCreateSimple(domains, node, 4, 0, {}, null);
  expect([lazy.mapcount, genirq.descs.get(1)]).toEqual([0, null]);
  const eager = irqDomainCreateSimple(domains, ofFwnode('/b'), 4, 20, {}, null);
  expect([eager.mapcount, irqFindMapping(eager, 0), irqFindMapping(eager, 3)]).toEqual([4, 20, 23]);
});

test('a simple domain takes over descriptors that exist already', () => {
  const { domains, genirq, smp } = bench();
  allocDescs(genirq, 20, 20, 2, -1);
  const domain = irqDomainCreateSimple(domains, node, 2, 20, {}, null);
  expect([domain.mapcount, irqFindMapping(domain, 1)]).toEqual([2, 21]);
  expect(logged(smp, 'Cannot allocate')).toEqual(['irq: Cannot allocate irq_descs @ IRQ20, assuming pre-allocated']);
});

test('a legacy domain maps hwirqs from an offset to the virqs that it is told', () => {
  const { domains, genirq, smp } = bench();
  allocDescs(genirq, 16, 16, 3, -1);
  const mapped: string[] = [];
  const domain = irqDomainCreateLegacy(domains, node, 3, 16, 5, { map: (_d, virq, hwirq) => void mapped.push(`${hwirq}=${virq}`) }, null);
  expect([domain.revmapSize, domain.hwirqMax, domain.mapcount]).toEqual([8, 8, 3]);
  expect([mapped, warnings(smp)]).toEqual([['5=16', '6=17', '7=18'], []]);
});

test('a legacy domain may begin at virq 0', () => {
  const { domains, genirq } = bench();
  allocDescs(genirq, 0, 0, 2, -1);
  expect(irqDomainCreateLegacy(domains, node, 2, 0, 0, {}, null).mapcount).toBe(2);
});

test('a nomap domain gives out virqs that are their own hwirqs, below its limit', () => {
  const { domains, smp, genirq } = bench();
  const domain = irqDomainCreateNomap(domains, node, 3, {}, null);
  expect(domain.flags & IRQ_DOMAIN_FLAG.NO_MAP).not.toBe(0);
  expect([irqCreateDirectMapping(domain), irqCreateDirectMapping(domain), irqCreateDirectMapping(domain)]).toEqual([1, 2, 0]);
  expect([irqFindMapping(domain, 2), irqFindMapping(domain, 3), domain.mapcount]).toEqual([2, 0, 2]);
  expect(logged(smp, 'no free irqs')).toEqual(['irq: ERROR: no free irqs available below 3 maximum']);
  expect(irqToDesc(genirq, 3)).toBeNull();
});

test('a nomap domain finds nothing under a virq that was tied to another hwirq', () => {
  const { domains, genirq } = bench();
  const domain = irqDomainCreateNomap(domains, node, 8, {}, null);
  irqDomainAssociate(domain, allocDescs(genirq, 5, 5, 1, -1), 2);
  expect([irqFindMapping(domain, 5), irqFindMapping(domain, 2)]).toEqual([0, 0]);
});

test('instantiate refuses sizes that contradict each other, with a warning', () => {
  const { domains, smp } = bench();
  expect(codeOf(() => irqDomainInstantiate(domains, { fwnode: node, ops: {}, size: 4, directMax: 4 }))).toBe('EINVAL');
  expect(codeOf(() => irqDomainInstantiate(domains, { fwnode: node, ops: {}, directMax: 4, hwirqMax: 5 }))).toBe('EINVAL');
  expect(warnings(smp)).toHaveLength(2);
  expect(domains.list).toEqual([]);
});

test('init runs before the domain can be found; when it throws there is no domain', () => {
  const { domains } = bench();
  const seen: number[] = [];
  const refuse = (): never => { throw new IrqError('EIO', 'dead'); };
  expect(codeOf(() => irqDomainInstantiate(domains, { fwnode: node, ops: {}, init: refuse }))).toBe('EIO');
  irqDomainInstantiate(domains, { fwnode: node, ops: {}, init: () => void seen.push(domains.list.length) });
  expect([seen, domains.list.length]).toEqual([[0], 1]);
});

test('out of memory for the domain or its name leaves nothing behind', () => {
  const { domains, smp } = bench();
  for (const site of ['irq_domain', 'irq_domain_name']) {
    smp.faults.fail(site);
    expect(codeOf(() => irqDomainCreateLinear(domains, node, 4, {}, null))).toBe('ENOMEM');
  }
  expect([domains.list.length, logged(smp, 'Added')]).toEqual([0, []]);
});

test('removal calls exit, resets the default, and warns only of what lies beyond the linear map', () => {
  const { domains, smp, genirq } = bench();
  const gone: string[] = [];
  const domain = irqDomainInstantiate(domains, { fwnode: node, ops: {}, size: 2, hwirqMax: 9, virqBase: 5, exit: (d) => void gone.push(d.name) });
  domains.setDefaultDomain(domain);
  allocDescs(genirq, 5, 5, 1, -1);
  domain.revmap[0] = irqToDesc(genirq, 5);
  warnings(smp);
  irqDomainRemove(domain);
  expect([domains.list, domains.defaultDomain, gone, warnings(smp)]).toEqual([[], null, [':soc:pic@1000'], []]);
  expect(logged(smp, 'Removed')).toEqual(['irq: Removed domain :soc:pic@1000']);

  const tree = irqDomainCreateTree(domains, node, {}, null);
  tree.tree.set(1, irqToDesc(genirq, 5)!);
  irqDomainRemove(tree);
  expect(warnings(smp)).toEqual([expect.stringContaining('irq_domain_remove')]);
});

test('a removed default domain is not the default any more, another one stays', () => {
  const { domains } = bench();
  const [a, b] = [irqDomainCreateTree(domains, node, {}, null), irqDomainCreateTree(domains, node, {}, null)];
  domains.setDefaultDomain(a);
  irqDomainRemove(b);
  expect(domains.defaultDomain).toBe(a);
});

test('two machines share nothing', () => {
  const [a, b] = [bench(), bench()];
  irqDomainCreateLinear(a.domains, null, 1, {}, null);
  expect(b.domains.list).toEqual([]);
  expect(irqDomainCreateLinear(b.domains, null, 1, {}, null).name).toBe('unknown-1');
});
