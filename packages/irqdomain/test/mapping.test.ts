import { allocDescs, freeDescs, getIrqData, handleSimpleIrq, IRQ, irqdSetHandleEnforceIrqctx, irqToDesc, setChipAndHandler, setStatusFlags } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  genericHandleDomainIrq, genericHandleDomainIrqSafe, irqCreateDirectMapping, irqCreateFwspecMapping, irqCreateMapping, irqDisposeMapping, irqDomainAllocDescs, irqDomainAssociate,
  irqDomainAssociateMany, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainCreateTree, irqDomainDisassociate, irqDomainInstantiate, irqFindMapping,
  irqResolveMapping, ofFwnode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { bench, codeOf, descCount, inHardirq, logged, spyChip, warnings, type Bench } from './bench.ts';

const node = ofFwnode('/cpus/cpu@0/interrupt-controller');
const refusing = (code: 'EPERM' | 'EIO'): IrqDomainOps => ({ map: () => { throw new IrqError(code, 'no'); } });

function linear(b: Bench, size: number, ops: IrqDomainOps = {}): IrqDomain {
  return irqDomainCreateLinear(b.domains, node, size, ops, null);
}

describe('which virq a mapping gets', () => {
  test('that of its hwirq while that is free, else the next free one above', () => {
    const b = bench();
    const domain = linear(b, 32);
    expect(irqCreateMapping(domain, 9)).toBe(9);
    expect(irqCreateMapping(linear(b, 32), 9)).toBe(10);
    expect(irqCreateMapping(linear(b, 32), 9)).toBe(11);
  });

  test('never 0: hwirq 0 starts at 1', () => {
    const b = bench();
    expect(irqCreateMapping(linear(b, 4), 0)).toBe(1);
  });

  test('a hwirq beyond nr_irqs wraps round', () => {
    const b = bench(1, 64);
    const domain = irqDomainCreateTree(b.domains, node, {}, null);
    expect([irqCreateMapping(domain, 64 + 7), irqCreateMapping(domain, 128)]).toEqual([7, 1]);
  });

  test('the hint fails, the search from 1 does not', () => {
    const b = bench();
    const { smp } = b;
    smp.faults.fail('irq_desc');
    expect(irqDomainAllocDescs(b.domains, -1, 1, 9, -1)).toBe(1);
  });

  test('with hint 1 there is no second search', () => {
    const b = bench();
    b.smp.faults.fail('irq_desc');
    expect(codeOf(() => irqDomainAllocDescs(b.domains, -1, 1, 64, -1))).toBe('ENOMEM');
  });

  test('an exact virq is taken as it is, or EEXIST', () => {
    const b = bench();
    expect(irqDomainAllocDescs(b.domains, 0, 2, 9, -1)).toBe(0);
    expect(codeOf(() => irqDomainAllocDescs(b.domains, 1, 1, 9, -1))).toBe('EEXIST');
  });
});

test('a new mapping is findable from both sides, counted, and may be requested', () => {
  const b = bench();
  const mapped: [number, number][] = [];
  const domain = linear(b, 16, { map: (d, virq, hwirq) => { mapped.push([virq, hwirq]); setStatusFlags(d.domains.genirq, virq, IRQ.NOREQUEST); } });
  const virq = irqCreateMapping(domain, 5);
  const data = getIrqData(b.genirq, virq)!;
  expect([virq, mapped, data.hwirq, data.domain === domain, domain.mapcount]).toEqual([5, [[5, 5]], 5, true, 1]);
  expect([irqFindMapping(domain, 5), irqResolveMapping(domain, 5)]).toEqual([5, irqToDesc(b.genirq, 5)]);
  expect(irqToDesc(b.genirq, virq)!.settings & IRQ.NOREQUEST).toBe(0);
  expect(irqCreateMapping(domain, 5)).toBe(5);
  expect(domain.mapcount).toBe(1);
});

test('hwirqs beyond the linear map go to the tree', () => {
  const b = bench();
  const domain = irqDomainInstantiate(b.domains, { fwnode: node, ops: {}, size: 2, hwirqMax: 100 });
  const virqs = [1, 2, 99].map((hwirq) => irqCreateMapping(domain, hwirq));
  expect([1, 2, 99].map((hwirq) => irqFindMapping(domain, hwirq))).toEqual(virqs);
  expect([domain.revmap[1]?.irq, domain.tree.size]).toEqual([virqs[0], 2]);
});

test('what is not mapped is 0, in every kind of domain and without one', () => {
  const b = bench();
  expect([irqFindMapping(linear(b, 4), 3), irqFindMapping(linear(b, 4), 4), irqFindMapping(irqDomainCreateTree(b.domains, node, {}, null), 1), irqFindMapping(null, 1)]).toEqual([0, 0, 0, 0]);
});

test('the kernel\'s debug lines, in order', () => {
  const b = bench();
  const domain = linear(b, 16);
  irqCreateMapping(domain, 9);
  irqCreateMapping(domain, 9);
  expect(b.smp.log.records.map(({ level, text }) => `${level} ${text}`)).toEqual([
    'debug irq: Added domain :cpus:cpu@0:interrupt-controller',
    'debug irq: irq_create_mapping(0x(____ptrval____), 0x9)',
    'debug irq: irq 9 on domain interrupt-controller mapped to virtual irq 9',
    'debug irq: existing mapping on virq 9',
  ]);
});

describe('associate refuses, with EINVAL and a warning,', () => {
  test.each([
    ['a hwirq at the limit', 8, 1, 'error: hwirq 0x8 is too large for :cpus:cpu@0:interrupt-controller'],
    ['a virq that is not allocated', 3, 2, 'error: virq2 is not allocated'],
  ])('%s', (_what, hwirq, virq, message) => {
    const b = bench();
    allocDescs(b.genirq, 1, 1, 1, -1);
    const domain = linear(b, 8);
    expect(codeOf(() => irqDomainAssociate(domain, virq, hwirq))).toBe('EINVAL');
    expect([warnings(b.smp), domain.mapcount]).toEqual([[message], 0]);
  });

  test('a virq that has a domain', () => {
    const b = bench();
    const domain = linear(b, 8);
    const virq = irqCreateMapping(domain, 3);
    expect(codeOf(() => irqDomainAssociate(linear(b, 8), virq, 3))).toBe('EINVAL');
    expect([warnings(b.smp), getIrqData(b.genirq, virq)!.domain]).toEqual([['error: virq3 is already associated'], domain]);
  });
});

describe('a map that fails', () => {
  test('undoes the association, says so, and the mapping is 0 with no descriptor left', () => {
    const b = bench();
    const domain = linear(b, 16, refusing('EIO'));
    expect(irqCreateMapping(domain, 10)).toBe(0);
    expect([domain.mapcount, irqFindMapping(domain, 10), descCount(b.genirq)]).toEqual([0, 0, 0]);
    expect(logged(b.smp, 'like')).toEqual([`irq: :cpus:cpu@0:interrupt-controller didn't like hwirq-0xa to VIRQ10 mapping (rc=-5)`]);
  });

  test('keeps what was thrown for whoever is told 0, until the next mapping', () => {
    const b = bench();
    linear(b, 16);
    const domain = irqDomainCreateLinear(b.domains, ofFwnode('/soc/refuses'), 16, refusing('EIO'), null);
    for (const make of [() => irqCreateMapping(domain, 10), () => irqCreateFwspecMapping(b.domains, { fwnode: domain.fwnode, param: [10] })]) {
      expect([make(), b.domains.mappingError]).toEqual([0, expect.objectContaining({ code: 'EIO', message: 'no' })]);
      expect(irqCreateMapping(b.domains.list.at(-1)!, 3)).toBe(3);
      expect(b.domains.mappingError).toBeNull();
    }
  });

  test.each([
    ['translate', { translate: () => { throw new IrqError('EINVAL', 'three cells'); } }],
    ['alloc', { alloc: () => { throw new IrqError('EINVAL', 'three cells'); } }],
  ] as [string, IrqDomainOps][])('and so is what its %s throws', (_, ops) => {
    const b = bench();
    expect(irqCreateFwspecMapping(b.domains, { fwnode: linear(b, 16, ops).fwnode, param: [1] })).toBe(0);
    expect(b.domains.mappingError).toMatchObject({ message: 'three cells' });
  });

  test('with EPERM is silent', () => {
    const b = bench();
    expect(irqCreateMapping(linear(b, 16, refusing('EPERM')), 10)).toBe(0);
    expect(logged(b.smp, 'like')).toEqual([]);
  });

  test('through associate throws what it threw', () => {
    const b = bench();
    allocDescs(b.genirq, 4, 4, 1, -1);
    const domain = linear(b, 16, refusing('EPERM'));
    expect(codeOf(() => irqDomainAssociate(domain, 4, 4))).toBe('EPERM');
    expect([getIrqData(b.genirq, 4)!.domain, getIrqData(b.genirq, 4)!.hwirq]).toEqual([null, 0]);
  });

  test('through a programming error is not swallowed, and leaves nothing', () => {
    const b = bench();
    const domain = linear(b, 16, { map: () => { throw new TypeError('oops'); } });
    expect(() => irqCreateMapping(domain, 4)).toThrow(TypeError);
    expect([domain.mapcount, descCount(b.genirq)]).toEqual([0, 0]);
  });
});

test('out of descriptors maps to 0', () => {
  const b = bench();
  b.smp.faults.fail('irq_desc', { times: 2 });
  expect(irqCreateMapping(linear(b, 16), 4)).toBe(0);
  expect([logged(b.smp, 'failed'), descCount(b.genirq)]).toEqual([['irq: -> virq allocation failed'], 0]);
});

test('associate-many skips what fails', () => {
  const b = bench();
  allocDescs(b.genirq, 10, 10, 3, -1);
  freeDescs(b.genirq, 11, 1);
  const domain = linear(b, 8);
  irqDomainAssociateMany(domain, 10, 2, 3);
  expect([2, 3, 4].map((hwirq) => irqFindMapping(domain, hwirq))).toEqual([10, 0, 12]);
  expect(warnings(b.smp)).toEqual(['error: virq11 is not allocated']);
});

describe('the default domain', () => {
  test('stands in where no domain is named', () => {
    const b = bench();
    const domain = linear(b, 16);
    b.domains.setDefaultDomain(domain);
    expect([irqCreateMapping(b.domains, 6), irqFindMapping(b.domains.defaultDomain, 6)]).toEqual([6, 6]);
  });

  test('when there is none, mapping warns and gives 0', () => {
    const b = bench();
    expect([irqCreateMapping(b.domains, 0x1f), irqCreateDirectMapping(b.domains)]).toEqual([0, 0]);
    expect(warnings(b.smp)).toEqual(['irq_create_mapping_affinity(, 1f) called with NULL domain']);
  });
});

describe('dispose', () => {
  test('takes chip, handler, map and descriptor away, and tells the driver while the hwirq is still known', () => {
    const b = bench();
    const unmapped: string[] = [];
    const domain = linear(b, 16, {
      map: (d, virq) => setChipAndHandler(d.domains.genirq, virq, spyChip(), handleSimpleIrq),
      unmap: (d, virq) => void unmapped.push(`${virq} ${getIrqData(d.domains.genirq, virq)!.hwirq} ${getIrqData(d.domains.genirq, virq)!.chip.name}`),
    });
    const virq = irqCreateMapping(domain, 7);
    irqDisposeMapping(b.domains, virq);
    expect([unmapped, domain.mapcount, irqFindMapping(domain, 7), descCount(b.genirq)]).toEqual([['7 7 none'], 0, 0, 0]);
  });

  test('ignores 0 and unknown virqs, warns of one without a domain', () => {
    const b = bench();
    irqDisposeMapping(b.domains, 0);
    irqDisposeMapping(b.domains, 33);
    expect(warnings(b.smp)).toEqual([]);
    allocDescs(b.genirq, 3, 3, 1, -1);
    irqDisposeMapping(b.domains, 3);
    expect([warnings(b.smp).length, descCount(b.genirq)]).toEqual([1, 1]);
  });

  test('of a plainly mapped interrupt of a hierarchical domain goes through free', () => {
    const b = bench();
    const freed: number[] = [];
    const domain = irqDomainCreateHierarchy(null, 0, 16, node, { alloc: () => undefined, free: (_d, virq) => void freed.push(virq) }, null, b.domains);
    const virq = irqCreateMapping(domain, 9);
    irqDisposeMapping(b.domains, virq);
    expect([freed, domain.mapcount, descCount(b.genirq)]).toEqual([[9], 0, 0]);
  });

  test('disassociate of another domain\'s virq is reported', () => {
    const b = bench();
    const virq = irqCreateMapping(linear(b, 16), 9);
    irqDomainDisassociate(linear(b, 16), virq);
    expect(warnings(b.smp)).toEqual(["virq9 doesn't exist; cannot disassociate"]);
  });
});

describe('delivery by hwirq', () => {
  test('0 when a flow handler ran, -EINVAL when nothing is mapped there', () => {
    const b = bench();
    const ran: number[] = [];
    const domain = linear(b, 16, { map: (d, virq) => setChipAndHandler(d.domains.genirq, virq, spyChip(), ({ irq }) => void ran.push(irq)) });
    irqCreateMapping(domain, 3);
    expect(inHardirq(b.smp, () => [genericHandleDomainIrq(domain, 3), genericHandleDomainIrq(domain, 4), genericHandleDomainIrq(domain, 99), genericHandleDomainIrq(null, 3)])).toEqual([0, -22, -22, -22]);
    expect(ran).toEqual([3]);
  });

  test('the safe form switches interrupts off for the handler, and back to what they were', () => {
    const b = bench();
    const off: boolean[] = [];
    const { cpus } = b.smp;
    const domain = linear(b, 4, { map: (d, virq) => setChipAndHandler(d.domains.genirq, virq, spyChip(), () => void off.push(cpus.irqsDisabled())) });
    irqCreateMapping(domain, 3);
    expect([genericHandleDomainIrqSafe(domain, 3), genericHandleDomainIrqSafe(null, 3), off, cpus.irqsDisabled()]).toEqual([0, -22, [true], false]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('the safe form refuses an interrupt that insists on hard irq, and leaves interrupts as they were when a handler throws', () => {
    const b = bench();
    const { cpus } = b.smp;
    const domain = linear(b, 4, { map: (d, virq) => setChipAndHandler(d.domains.genirq, virq, spyChip(), () => { throw new Error('flow'); }) });
    const virq = irqCreateMapping(domain, 3);
    expect(() => genericHandleDomainIrqSafe(domain, 3)).toThrow('flow');
    expect(cpus.irqsDisabled()).toBe(false);
    irqdSetHandleEnforceIrqctx(getIrqData(b.genirq, virq)!);
    expect([genericHandleDomainIrqSafe(domain, 3), genericHandleDomainIrqSafe(domain, 2)]).toEqual([-1, -22]);
    expect(warnings(b.smp)).toEqual([`irq ${virq} may only be handled in hard irq context`]);
  });
});

describe('the tree\'s lock', () => {
  test('mapping from hard irq context is reported', () => {
    const b = bench();
    const domain = linear(b, 4);
    inHardirq(b.smp, () => irqCreateMapping(domain, 1));
    expect(new Set(b.smp.diagnostics.take().map(({ kind }) => kind))).toEqual(new Set(['context']));
  });

  test('mapping from a callback of the same tree is reported', () => {
    const b = bench();
    const domain: IrqDomain = linear(b, 4, { map: (d, _virq, hwirq) => { if (hwirq === 1) irqCreateMapping(d, 2); } });
    irqCreateMapping(domain, 1);
    expect(b.smp.diagnostics.take().map(({ kind }) => kind)).toEqual(['lock-order']);
    expect(irqCreateMapping(domain, 3)).not.toBe(0);
    expect(b.smp.diagnostics.open).toEqual([]);
  });
});

describe('a line that comes and is not mapped', () => {
  const told = (b: Bench): string[] => b.smp.log.records.filter(({ level, text }) => level === 'debug' && text.includes('not mapped')).map(({ text }) => text);

  test.each([['genericHandleDomainIrq', genericHandleDomainIrq], ['genericHandleDomainIrqSafe', genericHandleDomainIrqSafe]])('%s is EINVAL as before, and the log says once which line of which domain', (_, handle) => {
    const b = bench();
    const domain = linear(b, 64);
    irqCreateMapping(domain, 3);
    const answers = inHardirq(b.smp, () => [handle(domain, 60), handle(domain, 60), handle(domain, 192), handle(domain, 60)]);
    expect(answers).toEqual([-22, -22, -22, -22]);
    expect(told(b)).toEqual([
      'irq: hwirq-0x3c came to :cpus:cpu@0:interrupt-controller and is not mapped there; mapped: 0x3',
      'irq: hwirq-0xc0 came to :cpus:cpu@0:interrupt-controller and is not mapped there; mapped: 0x3',
    ]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('the same line of two domains is told of twice', () => {
    const b = bench();
    const domains = [linear(b, 8), irqDomainCreateTree(b.domains, ofFwnode('/soc/tree'), {}, null)];
    inHardirq(b.smp, () => domains.forEach((domain) => genericHandleDomainIrq(domain, 5)));
    expect(told(b)).toEqual([expect.stringContaining('interrupt-controller and is not mapped there; mapped: none'), expect.stringContaining(':soc:tree')]);
  });

  test('of many that are mapped the first eight are named', () => {
    const b = bench();
    const domain = irqDomainCreateTree(b.domains, node, {}, null);
    for (let hwirq = 20; hwirq > 0; hwirq--) irqCreateMapping(domain, hwirq);
    inHardirq(b.smp, () => genericHandleDomainIrq(domain, 40));
    expect(told(b)).toEqual([expect.stringMatching(/mapped: 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8 and 12 more$/)]);
  });

  test('one that is mapped is not told of', () => {
    const b = bench();
    const domain = linear(b, 8, { map: (d, virq) => setChipAndHandler(d.domains.genirq, virq, spyChip(), () => undefined) });
    irqCreateMapping(domain, 3);
    inHardirq(b.smp, () => genericHandleDomainIrq(domain, 3));
    expect(told(b)).toEqual([]);
  });
});
