import { allocDescs, freeIrq, getIrqData, handleBadIrq, handleFasteoiIrq, IRQ, IRQ_HANDLED, irqDomainActivateIrq, irqDomainDeactivateIrq, irqToDesc, noIrqChip, requestIrq, setStatusFlags, type IrqData } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  genericHandleDomainIrq, irqDisposeMapping, irqDomainAllocIrqs, irqDomainAllocIrqsAt, irqDomainAllocIrqsParent, irqDomainCreateHierarchy, irqDomainCreateLinear,
  irqDomainCreateTree, irqDomainDisconnectHierarchy, irqDomainFreeIrqs, irqDomainFreeIrqsCommon, irqDomainFreeIrqsParent, irqDomainFreeIrqsTop, irqDomainGetIrqData, irqDomainResetIrqData, irqDomainSetHwirqAndChip,
  irqDomainSetInfo, irqFindMapping, ofFwnode, type IrqDomainOps,
} from '../src/index.ts';
import { bench, codeOf, descCount, inHardirq, logged, spyChip, warnings } from './bench.ts';
import { tower, type Step } from './tower.ts';

function chain(data: IrqData | null): string[] {
  const levels: string[] = [];
  for (; data; data = data.parentData) levels.push(`${data.domain?.name} ${data.hwirq} ${data.chip.name}`);
  return levels;
}

test('the outermost level is the descriptor\'s own, and the chain leads to the root', () => {
  const t = tower();
  const virq = irqDomainAllocIrqs(t.device, 2, -1, 'arg');
  const desc = irqToDesc(t.genirq, virq + 1)!;
  expect(chain(desc.irqData)).toEqual([':device 1 device chip', ':middle 11 middle chip', `:root ${1000 + virq + 1} root chip`]);
  for (let data: IrqData | null = desc.irqData; data; data = data.parentData) expect(data.common).toBe(desc.common);
  expect([desc.handleIrq, desc.name, desc.common.handlerData]).toEqual([handleFasteoiIrq, 'level name', t]);
});

test('alloc is called once for the whole block, and each driver calls its parent', () => {
  const t = tower();
  irqDomainAllocIrqs(t.device, 3, -1, 'arg');
  expect(t.trail).toEqual(['alloc :device 3 arg', 'alloc :middle 3', 'alloc :root 3']);
});

test('every level is counted and findable, and the interrupts may be requested', () => {
  const t = tower();
  const virq = irqDomainAllocIrqs(t.device, 2, -1, null);
  expect(virq).toBe(1);
  expect(t.domainsOutward.map(({ mapcount }) => mapcount)).toEqual([2, 2, 2]);
  expect([irqFindMapping(t.device, 1), irqFindMapping(t.middle, 11), irqFindMapping(t.root, 1002)]).toEqual([2, 2, 2]);
  expect([irqDomainGetIrqData(t.middle, virq)!.hwirq, irqDomainGetIrqData(t.middle, 50)]).toEqual([10, null]);
  expect(irqToDesc(t.genirq, virq)!.settings & IRQ.NOREQUEST).toBe(0);
});

test('blocks take the lowest free run, whatever their hwirqs', () => {
  const t = tower();
  allocDescs(t.genirq, 2, 2, 1, -1);
  expect(irqDomainAllocIrqs(t.root, 2, -1, null)).toBe(3);
  expect(irqDomainAllocIrqs(t.root, 1, -1, null)).toBe(1);
});

test('a given base is used exactly, and refused when taken', () => {
  const t = tower();
  expect(irqDomainAllocIrqsAt(t.root, 20, 2, -1, null, false, null)).toBe(20);
  expect(codeOf(() => irqDomainAllocIrqsAt(t.root, 21, 1, -1, null, false, null))).toBe('EEXIST');
});

test('free: off the maps, then the outermost free for one interrupt at a time', () => {
  const t = tower();
  const virq = irqDomainAllocIrqs(t.device, 2, -1, null);
  t.trail.length = 0;
  irqDomainFreeIrqs(t.domains, virq, 2);
  const once = ['free :device 1', 'free :middle 1', 'free :root 1'];
  expect(t.trail).toEqual([...once, ...once]);
  expect([t.domainsOutward.map(({ mapcount }) => mapcount), irqFindMapping(t.root, 1001), t.taken.size, descCount(t.genirq)]).toEqual([[0, 0, 0], 0, 0, 0]);
});

test('free of what cannot be freed warns and leaves it', () => {
  const { domains, genirq, smp } = bench();
  const domain = irqDomainCreateTree(domains, null, { alloc: (d, virq) => irqDomainSetHwirqAndChip(d, virq, 1, spyChip(), null) }, null);
  const virq = irqDomainAllocIrqs(domain, 1, -1, null);
  irqDomainFreeIrqs(domains, virq, 1);
  irqDomainFreeIrqs(domains, 50, 1);
  expect([warnings(smp).length, irqFindMapping(domain, 1), descCount(genirq)]).toEqual([2, virq, 1]);
});

test('when the outermost free is called, chip and flow are gone already, and the level is still there', () => {
  const { domains, genirq, smp } = bench();
  const seen: unknown[] = [];
  const domain = irqDomainCreateTree(domains, null, {
    alloc: (d, virq) => irqDomainSetInfo(d, virq, 4, spyChip(), 'data', handleFasteoiIrq, 'handler data', 'name'),
    free: (d, virq, nr) => {
      const { irqData, handleIrq } = irqToDesc(d.domains.genirq, virq)!;
      seen.push([irqData.hwirq, irqData.chip, irqData.domain, handleIrq, d.mapcount]);
      irqDomainFreeIrqsTop(d, virq, nr);
    },
  }, null);
  const virq = irqDomainAllocIrqs(domain, 1, -1, null);
  const desc = irqToDesc(genirq, virq)!;
  irqDomainFreeIrqs(domains, virq, 1);
  expect(seen).toEqual([[4, noIrqChip, domain, handleBadIrq, 0]]);
  expect([desc.irqData.hwirq, desc.irqData.chipData, desc.common.handlerData, smp.diagnostics.open]).toEqual([0, null, null, []]);
});

test('whoever still holds a level after free or a failed alloc sees no domain and no parent', () => {
  const t = tower();
  const held = (): IrqData => irqToDesc(t.genirq, 1)!.irqData;
  const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
  const freed = held();
  irqDomainFreeIrqs(t.domains, virq, 1);
  let failed: IrqData | undefined;
  const domain = irqDomainCreateHierarchy(t.root, 0, 4, null, { alloc: () => { failed = held(); throw new IrqError('ENOSPC', 'no'); } }, null);
  expect(codeOf(() => irqDomainAllocIrqs(domain, 1, -1, null))).toBe('ENOSPC');
  for (const data of [freed, failed!]) expect([data.domain, data.parentData]).toEqual([null, null]);
});

test('NOREQUEST, which alloc may have set, is cleared at the end, and set again by free', () => {
  const { domains, genirq } = bench();
  let atFree = 0;
  const domain = irqDomainCreateTree(domains, null, {
    alloc: (d, virq) => { irqDomainSetHwirqAndChip(d, virq, 1, spyChip(), null); setStatusFlags(genirq, virq, IRQ.NOREQUEST); },
    free: (_d, virq) => { atFree = irqToDesc(genirq, virq)!.settings & IRQ.NOREQUEST; },
  }, null);
  const virq = irqDomainAllocIrqs(domain, 1, -1, null);
  expect(irqToDesc(genirq, virq)!.settings & IRQ.NOREQUEST).toBe(0);
  irqDomainFreeIrqs(domains, virq, 1);
  expect(atFree).toBe(IRQ.NOREQUEST);
});

test('dispose of a hierarchical interrupt frees it', () => {
  const t = tower();
  irqDisposeMapping(t.domains, irqDomainAllocIrqs(t.device, 1, -1, null));
  expect([t.taken.size, descCount(t.genirq)]).toEqual([0, 0]);
});

describe('errors of allocation', () => {
  test('no alloc: ENOSYS, here and at the parent', () => {
    const { domains, genirq } = bench();
    const flat = irqDomainCreateLinear(domains, null, 4, {}, null);
    const top = irqDomainCreateHierarchy(flat, 0, 4, null, { alloc: (d, virq, nr) => irqDomainAllocIrqsParent(d, virq, nr, null) }, null);
    expect([codeOf(() => irqDomainAllocIrqs(flat, 1, -1, null)), codeOf(() => irqDomainAllocIrqs(top, 1, -1, null)), descCount(genirq)]).toEqual(['ENOSYS', 'ENOSYS', 0]);
  });

  test('no parent to allocate from: ENOSYS, and nothing to free there', () => {
    const t = tower();
    expect(codeOf(() => irqDomainAllocIrqsParent(t.root, 1, 1, null))).toBe('ENOSYS');
    irqDomainFreeIrqsParent(t.root, 1, 1);
    expect(t.trail).toEqual([]);
  });

  test('no domain and no default: EINVAL with a warning', () => {
    const { domains, smp } = bench();
    expect(codeOf(() => irqDomainAllocIrqs(domains, 1, -1, null))).toBe('EINVAL');
    expect(warnings(smp)).toEqual(['domain is NULL; cannot allocate IRQ']);
  });

  test('the default domain stands in', () => {
    const t = tower();
    t.domains.setDefaultDomain(t.root);
    expect(irqDomainAllocIrqs(t.domains, 1, -1, null)).toBe(1);
  });

  test('setting a level that is not there: ENOENT', () => {
    const t = tower();
    const virq = irqDomainAllocIrqs(t.root, 1, -1, null);
    expect(codeOf(() => irqDomainSetHwirqAndChip(t.device, virq, 1, spyChip(), null))).toBe('ENOENT');
    expect(codeOf(() => irqDomainSetInfo(t.device, virq, 1, spyChip(), null, null, null, null))).toBe('ENOENT');
    expect(codeOf(() => irqDomainDisconnectHierarchy(t.device, virq))).toBe('EINVAL');
  });

  test('a level set to no chip has "none"; reset forgets number, chip and data', () => {
    const t = tower();
    const data = getIrqData(t.genirq, irqDomainAllocIrqs(t.root, 1, -1, null))!;
    irqDomainSetHwirqAndChip(t.root, data.irq, 5, null, 'x');
    expect([data.hwirq, data.chip, data.chipData]).toEqual([5, noIrqChip, 'x']);
    irqDomainResetIrqData(data);
    expect([data.hwirq, data.chip, data.chipData]).toEqual([0, noIrqChip, null]);
  });

  test('a chip that lacks what its flow needs is refused when it is set, and nothing is left', () => {
    const { domains, genirq } = bench();
    const ops: IrqDomainOps = { alloc: (d, virq) => irqDomainSetInfo(d, virq, 1, { name: 'poor', irqAck: () => undefined }, null, handleFasteoiIrq, null, null) };
    const domain = irqDomainCreateTree(domains, null, ops, null);
    expect(() => irqDomainAllocIrqs(domain, 1, -1, null)).toThrow(/handleFasteoiIrq needs irqEoi: add it to poor, or use handleEdgeIrq/);
    expect(descCount(genirq)).toBe(0);
  });

  test('also when the flow was set by an inner level before the outermost chip', () => {
    const t = tower();
    const ops: IrqDomainOps = {
      alloc: (d, virq, nr) => { irqDomainAllocIrqsParent(d, virq, nr, null); irqDomainSetHwirqAndChip(d, virq, 1, { name: 'poor', irqAck: () => undefined }, null); },
      free: irqDomainFreeIrqsCommon,
    };
    const domain = irqDomainCreateHierarchy(t.root, 0, 4, null, ops, null);
    expect(() => irqDomainAllocIrqs(domain, 1, -1, null)).toThrow(/handleFasteoiIrq needs irqEoi: add irqChipEoiParent to poor, as its parent .* has it/);
    expect([descCount(t.genirq), t.taken.size]).toEqual([0, 0]);
  });
});

describe('failure at every step leaves nothing', () => {
  const clean = (t: ReturnType<typeof tower>): void => {
    expect(descCount(t.genirq)).toBe(0);
    for (const domain of t.domainsOutward) {
      expect([domain.mapcount, domain.tree.size, domain.revmap.every((slot) => slot === null)]).toEqual([0, 0, true]);
    }
    expect(t.taken.size).toBe(0);
    expect(t.smp.diagnostics.open).toEqual([]);
  };

  const steps: Step[] = ['root', 'middle', 'device', 'device, after its parent'];
  test.each(steps.flatMap((step) => [0, 1, 2].map((i) => [step, i] as const)))('alloc of %s throws at interrupt %d', (step, i) => {
    const t = tower();
    t.fail = { step, at: i };
    expect(codeOf(() => irqDomainAllocIrqs(t.device, 3, -1, null))).toBe('ENOSPC');
    expect(t.trail.filter((line) => line.startsWith('free :device'))).toEqual([]);
    clean(t);
    t.fail = { step: null, at: 0 };
    expect(irqDomainAllocIrqs(t.device, 3, -1, null)).toBe(1);
  });

  const sites = tower();
  sites.smp.faults.record = true;
  irqDomainAllocIrqs(sites.device, 3, -1, null);
  const asked = sites.smp.faults.asked.map((site, i, all) => [site, all.slice(0, i).filter((other) => other === site).length] as const);

  test('the block of three asks for three descriptors and six levels', () => {
    expect(asked.map(([site]) => site).sort()).toEqual([...new Array<string>(6).fill('irq_data'), ...new Array<string>(3).fill('irq_desc')]);
  });

  test.each(asked)('no memory for %s after %d of them', (site, after) => {
    const t = tower();
    t.smp.faults.fail(site, { after, times: 99 });
    expect(codeOf(() => irqDomainAllocIrqs(t.device, 3, -1, null))).toBe('ENOMEM');
    t.smp.faults.clear();
    clean(t);
  });

  test('a programming error in alloc is passed on, and cleaned up after as well', () => {
    const { domains, genirq } = bench();
    const domain = irqDomainCreateTree(domains, null, { alloc: () => { throw new RangeError('bug'); } }, null);
    expect(() => irqDomainAllocIrqs(domain, 2, -1, null)).toThrow(RangeError);
    expect(descCount(genirq)).toBe(0);
  });

  test('with realloc the caller\'s descriptors go too', () => {
    const t = tower();
    allocDescs(t.genirq, 5, 5, 2, -1);
    t.fail = { step: 'middle', at: 1 };
    expect(codeOf(() => irqDomainAllocIrqsAt(t.device, 5, 2, -1, null, true, null))).toBe('ENOSPC');
    clean(t);
  });
});

describe('incomplete and trimmed chains', () => {
  type Mark = 'chip' | 'unset' | 'cut';
  function make(marks: readonly [Mark, Mark, Mark]): { b: ReturnType<typeof bench>; virq: () => number; names: () => string[] } {
    const b = bench();
    const ops = (mark: Mark, last: boolean): IrqDomainOps => ({
      alloc: (d, virq, nr) => {
        if (mark === 'chip') irqDomainSetHwirqAndChip(d, virq, 7, spyChip(), null);
        if (mark === 'cut') irqDomainDisconnectHierarchy(d, virq);
        if (!last) irqDomainAllocIrqsParent(d, virq, nr, null);
      },
    });
    const root = irqDomainCreateHierarchy(null, 0, 0, ofFwnode('/root'), ops(marks[2], true), null, b.domains);
    const middle = irqDomainCreateHierarchy(root, 0, 0, ofFwnode('/middle'), ops(marks[1], false), null);
    const top = irqDomainCreateHierarchy(middle, 0, 0, ofFwnode('/top'), ops(marks[0], false), null);
    return { b, virq: () => irqDomainAllocIrqs(top, 1, -1, null), names: () => [top, middle, root].filter(({ mapcount }) => mapcount > 0).map(({ name }) => name) };
  }

  test.each([
    ['the root cut off', ['chip', 'chip', 'cut'], [':top', ':middle'], ':root'],
    ['all below the outermost cut off', ['chip', 'cut', 'unset'], [':top'], ':middle'],
  ] as const)('%s', (_what, marks, names, from) => {
    const t = make(marks);
    const virq = t.virq();
    expect(t.names()).toEqual(names);
    expect(chain(getIrqData(t.b.genirq, virq)).length).toBe(names.length);
    expect(logged(t.b.smp, 'trimming')).toEqual([`irq: IRQ${virq}: trimming hierarchy from ${from}`]);
  });

  test.each([
    ['a parent without a chip', ['chip', 'unset', 'chip']],
    ['the root without a chip', ['chip', 'chip', 'unset']],
    ['a chip below the cut', ['chip', 'cut', 'chip']],
    ['two cuts', ['chip', 'cut', 'cut']],
    ['the outermost level cut', ['cut', 'unset', 'unset']],
  ] as const)('%s is EINVAL, and nothing is left', (_what, marks) => {
    const t = make(marks);
    expect(codeOf(t.virq)).toBe('EINVAL');
    expect([t.names(), descCount(t.b.genirq), logged(t.b.smp, 'trimming')]).toEqual([[], 0, []]);
  });
});

test('a cut level of a single-level domain is EINVAL', () => {
  const { domains, genirq } = bench();
  const domain = irqDomainCreateTree(domains, null, { alloc: irqDomainDisconnectHierarchy }, null);
  expect([codeOf(() => irqDomainAllocIrqs(domain, 1, -1, null)), descCount(genirq)]).toEqual(['EINVAL', 0]);
});

test('every interrupt of a block is checked, not only the first', () => {
  const t = tower();
  const domain = irqDomainCreateHierarchy(t.root, 0, 4, null, { alloc: (d, virq) => irqDomainSetHwirqAndChip(t.root, virq, 1, spyChip(), d) }, null);
  expect([codeOf(() => irqDomainAllocIrqs(domain, 2, -1, null)), descCount(t.genirq)]).toEqual(['EINVAL', 0]);
});

test('a level that was cut off is not asked to free', () => {
  const t = tower();
  const domain = irqDomainCreateHierarchy(t.root, 0, 4, null, {
    alloc: (d, virq) => { irqDomainSetHwirqAndChip(d, virq, 1, spyChip(), null); irqDomainDisconnectHierarchy(t.root, virq); },
    free: irqDomainFreeIrqsCommon,
  }, null);
  irqDomainFreeIrqs(t.domains, irqDomainAllocIrqs(domain, 1, -1, null), 1);
  expect(t.trail).toEqual([]);
});

describe('activation', () => {
  test('goes from the root outwards, once; deactivation the other way', () => {
    const t = tower();
    const data = getIrqData(t.genirq, irqDomainAllocIrqs(t.device, 1, -1, null))!;
    t.trail.length = 0;
    irqDomainActivateIrq(data, false);
    irqDomainActivateIrq(data, false);
    irqDomainDeactivateIrq(data);
    expect(t.trail).toEqual(['activate :root 1001', 'activate :middle 10', 'activate :device 0', 'deactivate :device 0', 'deactivate :middle 10', 'deactivate :root 1001']);
  });

  test('a level that fails takes its parents back, and the request fails with its error', () => {
    const t = tower();
    const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
    t.trail.length = 0;
    t.activateFails = t.device;
    expect(codeOf(() => requestIrq(t.genirq, virq, () => IRQ_HANDLED, 0, 'dev', t))).toBe('EIO');
    expect(t.trail).toEqual(['activate :root 1001', 'activate :middle 10', 'deactivate :middle 10', 'deactivate :root 1001']);
  });

  test('a request activates, the last free deactivates, and delivery works by the hwirq of any level', () => {
    const t = tower();
    const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
    let runs = 0;
    t.trail.length = 0;
    requestIrq(t.genirq, virq, () => { runs++; return IRQ_HANDLED; }, 0, 'dev', t);
    inHardirq(t.smp, () => [genericHandleDomainIrq(t.device, 0), genericHandleDomainIrq(t.root, 1001)]);
    freeIrq(t.genirq, virq, t);
    expect([runs, t.trail.map((line) => line.split(' ')[0])]).toEqual([2, ['activate', 'activate', 'activate', 'deactivate', 'deactivate', 'deactivate']]);
    expect(t.chips.device.calls.filter((call) => call === 'eoi 0')).toHaveLength(2);
  });
});
