import { allocDescs } from '@irqchip/genirq-core';
import { CpuMask, IrqError } from '@irqchip/smp';
import {
  IRQ_DOMAIN_FLAG, irqCreateDirectMapping, irqCreateFwspecMapping, irqCreateMapping, irqDestroyIpi, irqDisposeMapping, irqDomainAllocIrqs, irqDomainAssociate,
  irqDomainAssociateMany, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainCreateNomap, irqDomainCreateSimple, irqDomainDisassociate, irqDomainFreeIrqs,
  irqDomainInstantiate, irqDomainRemove, irqDomainXlateOnecell, irqFindMapping, irqReserveIpi, ofFwnode,
} from '../src/index.ts';
import { bench, codeOf, descCount, logged, warnings } from './bench.ts';

const node = ofFwnode('/soc/pic@c000000');
const oops = (): never => { throw new TypeError('not yet written'); };

test('what the kernel warns of with a stack trace is a finding of kind warn', () => {
  const b = bench();
  const { domains, genirq, smp } = b;
  const domain = irqDomainCreateLinear(domains, node, 4, {}, null);
  const virq = allocDescs(genirq, -1, 1, 1, -1);
  const misuse: [string, () => unknown][] = [
    ['a mapping without a domain', () => irqCreateMapping(domains, 1)],
    ['an allocation without a domain', () => codeOf(() => irqDomainAllocIrqs(domains, 1, -1, null))],
    ['a hwirq beyond the domain', () => codeOf(() => irqDomainAssociate(domain, virq, 4))],
    ['untying what does not exist', () => irqDomainDisassociate(domain, 50)],
    ['freeing what no domain can free', () => irqDomainFreeIrqs(domains, virq, 1)],
    ['too few cells', () => codeOf(() => irqDomainXlateOnecell(domain, node, []))],
  ];
  for (const [what, call] of misuse) {
    call();
    expect([what, smp.diagnostics.take().map(({ kind }) => kind)]).toEqual([what, ['warn']]);
  }
});

test('an IPI is given back only if its interrupt belongs to a domain', () => {
  const b = bench();
  const virq = allocDescs(b.genirq, -1, 1, 1, -1);
  expect(codeOf(() => irqDestroyIpi(b.domains, virq, new CpuMask(4, [0])))).toBe('EINVAL');
  expect(warnings(b.smp)).toHaveLength(1);
  expect(descCount(b.genirq)).toBe(1);
});

describe('an exception that is no IrqError reaches the author', () => {
  test('from map', () => {
    const b = bench();
    const domain = irqDomainCreateLinear(b.domains, node, 8, { map: oops }, null);
    const direct = irqDomainCreateNomap(b.domains, ofFwnode('/b'), 16, { map: oops }, null);
    const virq = allocDescs(b.genirq, -1, 1, 1, -1);
    for (const call of [() => irqCreateMapping(domain, 3), () => irqCreateDirectMapping(direct), () => irqDomainAssociateMany(domain, virq, 5, 1)]) {
      expect(call).toThrow(TypeError);
    }
    expect(logged(b.smp, "didn't like")).toEqual([]);
  });

  test('from translate', () => {
    const b = bench();
    irqDomainCreateLinear(b.domains, node, 8, { translate: oops }, null);
    expect(() => irqCreateFwspecMapping(b.domains, { fwnode: node, param: [1] })).toThrow(TypeError);
  });

  test('from alloc', () => {
    const b = bench();
    irqDomainCreateHierarchy(null, 0, 8, node, { alloc: oops }, null, b.domains);
    expect(() => irqCreateFwspecMapping(b.domains, { fwnode: node, param: [1] })).toThrow(TypeError);
    const ipis = irqDomainCreateHierarchy(null, IRQ_DOMAIN_FLAG.IPI_SINGLE, 8, null, { alloc: oops }, null, b.domains);
    expect(() => irqReserveIpi(ipis, new CpuMask(4, [0]))).toThrow(TypeError);
    expect(descCount(b.genirq)).toBe(0);
  });
});

test('interrupts that cannot be tied are skipped, whatever the reason, and the others are tied', () => {
  const b = bench();
  const domain = irqDomainCreateLinear(b.domains, node, 8, {}, null);
  allocDescs(b.genirq, 10, 10, 1, -1);
  allocDescs(b.genirq, 12, 12, 1, -1);
  irqDomainAssociateMany(domain, 10, 0, 3);
  expect([0, 1, 2].map((hwirq) => irqFindMapping(domain, hwirq))).toEqual([10, 0, 12]);
  expect(warnings(b.smp)).toEqual(['error: virq11 is not allocated']);
});

describe('a domain in which hwirq and virq are the same number', () => {
  test('keeps no map of its own, and can be removed with its interrupts in use', () => {
    const b = bench();
    const domain = irqDomainCreateNomap(b.domains, node, 16, {}, null);
    const virq = irqCreateDirectMapping(domain);
    expect([virq, irqFindMapping(domain, virq), domain.tree.size, domain.revmap, domain.mapcount]).toEqual([1, 1, 0, [], 1]);
    expect(logged(b.smp, 'create_direct')).toEqual(['irq: create_direct obtained virq 1']);
    irqDomainRemove(domain);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('gives 0 and keeps nothing when memory is out, or when the driver refuses', () => {
    const b = bench();
    const domain = irqDomainCreateNomap(b.domains, node, 16, {}, null);
    b.smp.faults.fail('irq_desc');
    expect([irqCreateDirectMapping(domain), descCount(b.genirq), b.smp.diagnostics.open]).toEqual([0, 0, []]);
    const refusing = irqDomainCreateNomap(b.domains, ofFwnode('/b'), 16, { map: () => { throw new IrqError('EPERM', 'not this one'); } }, null);
    expect([irqCreateDirectMapping(refusing), descCount(b.genirq), refusing.mapcount]).toEqual([0, 0, 0]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });
});

test('a simple domain without a first virq maps nothing, and asks for nothing', () => {
  const b = bench();
  expect(irqDomainCreateSimple(b.domains, node, 4, 0, {}, null).mapcount).toBe(0);
  expect([descCount(b.genirq), b.smp.diagnostics.open]).toEqual([0, []]);
});

test('disposing of interrupt 0 does nothing: it is no interrupt that firmware describes', () => {
  const b = bench();
  allocDescs(b.genirq, 0, 0, 1, -1);
  irqDisposeMapping(b.domains, 0);
  expect([descCount(b.genirq), b.smp.diagnostics.open]).toEqual([1, []]);
});

test('a trigger type within the senses is taken without a word, bits beyond them are reported and dropped', () => {
  const b = bench();
  let type = 4;
  irqDomainCreateLinear(b.domains, node, 8, { translate: (_d, { param }) => ({ hwirq: param[0]!, type }) }, null);
  const map = (hwirq: number): number => {
    const virq = irqCreateFwspecMapping(b.domains, { fwnode: node, param: [hwirq] });
    return b.genirq.irqToDesc(virq)!.common.state & 0xf;
  };
  expect([map(1), warnings(b.smp)]).toEqual([4, []]);
  type = 0x101;
  expect(map(2)).toBe(1);
  expect(warnings(b.smp)).toHaveLength(1);
});

test('an xlate gets the node only if it is a device-tree node', () => {
  const b = bench();
  const given: unknown[] = [];
  const named = b.domains.allocNamedFwnode('pic');
  for (const fwnode of [node, named]) {
    irqDomainInstantiate(b.domains, { fwnode, size: 8, ops: { xlate: (_d, of, cells) => { given.push(of); return { hwirq: cells[0]!, type: 0 }; } } });
    irqCreateFwspecMapping(b.domains, { fwnode, param: [3] });
  }
  expect(given).toEqual([node, null]);
});
