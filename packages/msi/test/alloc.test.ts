import { freeIrq, IRQ_HANDLED, IRQD, requestIrq } from '@irqchip/genirq-core';
import { CpuMask, IrqError } from '@irqchip/smp';
import {
  getCachedMsiMsg, irqGetMsiDesc, makeMsiDevice, MSI_ANY_INDEX, MSI_FLAG, msiCreateDeviceIrqDomain, msiDomainAllocIrqAt, msiDomainAllocIrqsAllLocked,
  msiDomainAllocIrqsRange, msiDomainDescs, msiDomainFreeIrqsAll, msiDomainFreeIrqsRange, msiDomainFreeMsiDescsRange, msiDomainGetVirq, msiDomainInsertMsiDesc, msiLockDescs,
  type MsiDevice, type MsiDomainTemplate,
} from '../src/index.ts';
import { Bench, codeOf, PARENT_OPS, plainTemplate, sitesOf, type BenchOptions } from './bench.ts';

interface Rig { b: Bench; dev: MsiDevice; written: string[] }

function rig(options: BenchOptions = {}, template: (written: string[]) => MsiDomainTemplate = (written) => plainTemplate(written), hwsize = 8): Rig {
  const b = new Bench(options);
  const written: string[] = [];
  const dev = makeMsiDevice('dev0', { domain: b.parent, numaNode: 0 });
  msiCreateDeviceIrqDomain(dev, 0, template(written), { hwsize });
  return { b, dev, written };
}

/** A domain whose descriptors the bus's code makes, as PCI's does: no ALLOC_SIMPLE_MSI_DESCS. */
const busOps = { initDevMsiInfo: (...args: Parameters<typeof PARENT_OPS.initDevMsiInfo>): boolean => {
  const ok = PARENT_OPS.initDevMsiInfo(...args);
  args[3].flags &= ~MSI_FLAG.ALLOC_SIMPLE_MSI_DESCS;
  return ok;
} };

const virqs = (dev: MsiDevice, n = 8): number[] => Array.from({ length: n }, (_, i) => msiDomainGetVirq(dev, 0, i));

describe('a range', () => {
  test('one descriptor and one interrupt for each index', () => {
    const { b, dev } = rig();
    expect(msiDomainAllocIrqsRange(dev, 0, 2, 4)).toBe(0);
    expect(virqs(dev)).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    const desc = b.genirq.irqToDesc(2)!;
    expect([desc.irqData.hwirq, desc.irqData.parentData!.hwirq, desc.deviceName, desc.common.node]).toEqual([3, 17, 'dev0', 0]);
    expect(irqGetMsiDesc(b.genirq, 2)).toMatchObject({ msiIndex: 3, irq: 2, nvecUsed: 1 });
    expect([irqGetMsiDesc(b.genirq, 60), getCachedMsiMsg(b.genirq, 60)]).toEqual([null, null]);
  });

  test('given back it leaves nothing; the neighbours stay', () => {
    const { b, dev } = rig();
    const before = b.state(dev);
    msiDomainAllocIrqsRange(dev, 0, 0, 3);
    msiDomainFreeIrqsRange(dev, 0, 1, 2);
    expect(virqs(dev, 4)).toEqual([1, 0, 0, 4]);
    msiDomainFreeIrqsRange(dev, 0, 1, 2);
    msiDomainFreeIrqsAll(dev, 0);
    expect(b.state(dev)).toEqual(before);
    expect(b.warnings()).toEqual([]);
  });

  test.each([['backwards', 3, 2], ['beyond the end', 7, 8], ['from beyond the end', 8, 8]])('%s: EINVAL with a warning', (_name, first, last) => {
    const { b, dev } = rig();
    const before = b.state(dev);
    expect(codeOf(() => msiDomainAllocIrqsRange(dev, 0, first, last))).toBe('EINVAL');
    expect(b.warnings()).toEqual([`msi: dev0 has MSI indexes 0 to 7, not ${first} to ${last}`]);
    expect(b.state(dev)).toEqual(before);
  });

  test.each([1, 2])('of domain %i, which the device does not have: EINVAL with a warning', (domid) => {
    const { b, dev } = rig();
    expect(codeOf(() => msiDomainAllocIrqsRange(dev, domid, 0, 0))).toBe('EINVAL');
    expect(b.warnings()).not.toEqual([]);
  });

  test('of a device without parent and domain: ENODEV', () => {
    const { dev } = rig();
    dev.msi.domain = null;
    expect(codeOf(() => msiDomainAllocIrqsRange(dev, 1, 0, 0))).toBe('ENODEV');
    expect(codeOf(() => msiDomainAllocIrqsRange(makeMsiDevice('none'), 0, 0, 0))).toBe('ENODEV');
  });

  test('with an index that has a descriptor: EBUSY, and what the call made is taken back', () => {
    const { b, dev } = rig();
    msiDomainAllocIrqsRange(dev, 0, 4, 4);
    const before = b.state(dev);
    expect(codeOf(() => msiDomainAllocIrqsRange(dev, 0, 2, 5))).toBe('EBUSY');
    expect(b.state(dev)).toEqual(before);
    expect(b.warnings()).toEqual([]);
  });

  test('more than the parent has: ENOSPC with its reason, nothing left', () => {
    const { b, dev } = rig({ capacity: 2 });
    const before = b.state(dev);
    expect(() => msiDomainAllocIrqsRange(dev, 0, 0, 2)).toThrow(expect.objectContaining({ code: 'ENOSPC', message: expect.stringContaining('no vector left') as unknown }));
    expect(b.state(dev)).toEqual(before);
    expect(msiDomainAllocIrqsRange(dev, 0, 0, 1)).toBe(0);
  });
});

describe('without memory', () => {
  const probe = rig();
  const sites = sitesOf(probe.b.smp, () => void msiDomainAllocIrqsRange(probe.dev, 0, 0, 2));

  test('a range of three asks at these sites', () => {
    const each = ['irq_desc', 'irq_data', 'parent'];
    expect(sites.map(([site]) => site)).toEqual(['msi_desc', 'msi_store', 'msi_desc', 'msi_store', 'msi_desc', 'msi_store', ...each, ...each, ...each]);
  });

  test.each(sites)('at %s, number %i, nothing is left', (site, after) => {
    const { b, dev } = rig();
    const before = b.state(dev);
    b.smp.faults.fail(site, { after });
    // What the interrupt's own allocation lacks is ENOSPC to the driver.
    expect(codeOf(() => msiDomainAllocIrqsRange(dev, 0, 0, 2))).toBe(site.startsWith('msi') ? 'ENOMEM' : 'ENOSPC');
    expect(b.state(dev)).toEqual(before);
    expect(b.warnings()).toEqual([]);
    expect(msiDomainAllocIrqsRange(dev, 0, 0, 2)).toBe(0);
  });

  const single = rig();
  const affinity = { mask: new CpuMask(4, [1]), isManaged: true };
  const atSites = sitesOf(single.b.smp, () => void msiDomainAllocIrqAt(single.dev, 0, MSI_ANY_INDEX, affinity));
  test.each(atSites)('one interrupt, at %s: nothing is left', (site, after) => {
    const { b, dev } = rig();
    const before = b.state(dev);
    b.smp.faults.fail(site, { after });
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 0, MSI_ANY_INDEX, affinity))).toBe(site.startsWith('msi') ? 'ENOMEM' : 'ENOSPC');
    expect(b.state(dev)).toEqual(before);
    expect(msiDomainAllocIrqAt(dev, 0, MSI_ANY_INDEX, affinity)).toEqual({ index: 0, virq: 1 });
  });
});

describe('one interrupt', () => {
  test('at its index, or the lowest free one', () => {
    const { dev } = rig();
    expect(msiDomainAllocIrqAt(dev, 0, 1)).toEqual({ index: 1, virq: 1 });
    expect([0, 1, 2].map(() => msiDomainAllocIrqAt(dev, 0, MSI_ANY_INDEX).index)).toEqual([0, 2, 3]);
    msiDomainFreeIrqsRange(dev, 0, 2, 2);
    expect(msiDomainAllocIrqAt(dev, 0, MSI_ANY_INDEX)).toEqual({ index: 2, virq: 3 });
  });

  test('ERANGE beyond the domain, EBUSY where one is, EBUSY when all are taken, ENODEV without domain', () => {
    const { b, dev } = rig({}, undefined, 2);
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 0, 2))).toBe('ERANGE');
    msiDomainAllocIrqAt(dev, 0, 1);
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 0, 1))).toBe('EBUSY');
    msiDomainAllocIrqAt(dev, 0, 0);
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 0, MSI_ANY_INDEX))).toBe('EBUSY');
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 1, 0))).toBe('ENODEV');
    expect(b.warnings()).toEqual([]);
    expect(codeOf(() => msiDomainAllocIrqAt(dev, 2, 0))).toBe('ENODEV');
    expect(b.warnings()).toHaveLength(1);
  });

  test('its cookie and its own copy of the affinity', () => {
    const { b, dev } = rig();
    const affinity = { mask: new CpuMask(4, [2, 3]), isManaged: true };
    const { virq } = msiDomainAllocIrqAt(dev, 0, 0, affinity, { lo: 7, hi: 4 });
    affinity.mask.clearAll();
    const desc = irqGetMsiDesc(b.genirq, virq)!;
    expect([desc.cookie, desc.affinity![0]!.mask.toList()]).toEqual([{ lo: 7, hi: 4 }, '2-3']);
    const { common } = b.genirq.irqToDesc(virq)!;
    expect([common.affinity.toList(), common.state & (IRQD.AFFINITY_MANAGED | IRQD.AFFINITY_SET)]).toEqual(['2-3', IRQD.AFFINITY_MANAGED | IRQD.AFFINITY_SET]);
  });

  test('a hwirq that is mapped: EEXIST underneath, ENOSPC to the driver', () => {
    const { b, dev } = rig({}, (written) => plainTemplate(written, { ops: { setDesc: (arg, desc) => { arg.desc = desc; arg.hwirq = 5; } } }));
    msiDomainAllocIrqAt(dev, 0, 0);
    const before = b.state(dev);
    expect(() => msiDomainAllocIrqAt(dev, 0, 1)).toThrow(expect.objectContaining({ code: 'ENOSPC', cause: expect.objectContaining({ code: 'EEXIST' }) as unknown }));
    expect(b.state(dev)).toEqual(before);
  });
});

describe('descriptors that the bus makes', () => {
  const insert = (dev: MsiDevice, ...indexes: number[]): void => msiLockDescs(dev, () => indexes.forEach((msiIndex) => void msiDomainInsertMsiDesc(dev, 0, { msiIndex })));

  test('all without interrupt get one; those that have one keep it', () => {
    const { dev } = rig({ ops: busOps });
    insert(dev, 5, 1);
    expect(msiLockDescs(dev, () => msiDomainAllocIrqsAllLocked(dev, 0, 2))).toBe(0);
    insert(dev, 3);
    expect(msiLockDescs(dev, () => msiDomainAllocIrqsAllLocked(dev, 0, 1))).toBe(0);
    expect(virqs(dev)).toEqual([0, 1, 0, 3, 0, 2, 0, 0]);
    expect(msiLockDescs(dev, () => (['all', 'associated', 'notassociated'] as const).map((filter) => msiDomainDescs(dev, 0, filter).map(({ msiIndex }) => msiIndex)))).toEqual([[1, 3, 5], [1, 3, 5], []]);
  });

  test('more of them than interrupts: EINVAL with a warning, and everything is freed', () => {
    const { b, dev } = rig({ ops: busOps });
    const before = b.state(dev);
    insert(dev, 0, 1, 2);
    expect(codeOf(() => msiLockDescs(dev, () => msiDomainAllocIrqsAllLocked(dev, 0, 2)))).toBe('EINVAL');
    expect(b.warnings()).toHaveLength(1);
    expect(b.state(dev)).toEqual(before);
  });

  test('dropping one that still has its interrupt is reported', () => {
    const { b, dev } = rig();
    msiDomainAllocIrqsRange(dev, 0, 0, 0);
    msiLockDescs(dev, () => msiDomainFreeMsiDescsRange(dev, 0, 0, 7));
    expect(b.warnings()).toEqual([expect.stringMatching(/index 0 still has irq 1/)]);
  });

  test('outside the lock it is reported; a domain id that does not exist: EINVAL', () => {
    const { b, dev } = rig();
    msiDomainInsertMsiDesc(dev, 0, { msiIndex: 0 });
    expect(b.smp.diagnostics.take().map(({ kind }) => kind)).toContain('lock');
    expect(codeOf(() => msiLockDescs(dev, () => msiDomainInsertMsiDesc(dev, 2, { msiIndex: 0 })))).toBe('EINVAL');
  });
});

describe('a block whose msiInit fails half way', () => {
  test.each([0, 1, 2, 3])('at number %i: the ones before are undone in reverse, the parent\'s are freed', (failing) => {
    const calls: string[] = [];
    const { b, dev } = rig({ ops: busOps }, (written) => plainTemplate(written, { ops: {
      ...plainTemplate().ops,
      msiInit: (_domain, _info, virq, hwirq) => {
        if (hwirq === failing) throw new IrqError('EIO', 'The test refuses.');
        calls.push(`init ${virq}`);
      },
      msiFree: (_domain, _info, virq) => void calls.push(`free ${virq}`),
    } }));
    const before = b.state(dev);
    msiLockDescs(dev, () => {
      msiDomainInsertMsiDesc(dev, 0, { msiIndex: 0, nvecUsed: 4 });
      expect(codeOf(() => msiDomainAllocIrqsAllLocked(dev, 0, 4))).toBe('ENOSPC');
    });
    const made = Array.from({ length: failing }, (_, i) => i + 1);
    expect(calls).toEqual([...made.map((virq) => `init ${virq}`), ...made.reverse().map((virq) => `free ${virq}`)]);
    expect(b.state(dev)).toEqual(before);
  });
});

test('freeing deactivates what is still active: the device\'s message is zero before the interrupt is gone', () => {
  const { b, dev, written } = rig({ ops: { requiredFlags: PARENT_OPS.requiredFlags | MSI_FLAG.ACTIVATE_EARLY } });
  msiDomainAllocIrqsRange(dev, 0, 0, 0);
  expect(written).toEqual(['0: 0 1000 10']);
  msiDomainFreeIrqsAll(dev, 0);
  expect(written).toEqual(['0: 0 1000 10', '0: 0 0 0']);
  expect(b.calls).toEqual(['activate 16', 'deactivate 16']);
});

test('activation early that fails gives everything back', () => {
  const { b, dev } = rig({ ops: { requiredFlags: PARENT_OPS.requiredFlags | MSI_FLAG.ACTIVATE_EARLY } });
  const before = b.state(dev);
  const { ops } = b.parent;
  b.parent.ops = { ...ops, activate: () => { throw new IrqError('EBUSY', 'The test refuses.'); } };
  expect(codeOf(() => msiDomainAllocIrqsRange(dev, 0, 0, 1))).toBe('EBUSY');
  expect(b.state(dev)).toEqual(before);
});

test('a managed interrupt without an online CPU is shut down rather than activated, until a request finds one', () => {
  const { b, dev, written } = rig({ ops: { requiredFlags: PARENT_OPS.requiredFlags | MSI_FLAG.ACTIVATE_EARLY } });
  b.smp.cpus.online.clear(3);
  const { virq } = msiDomainAllocIrqAt(dev, 0, 0, { mask: new CpuMask(4, [3]), isManaged: true });
  const { common } = b.genirq.irqToDesc(virq)!;
  expect([common.state & IRQD.MANAGED_SHUTDOWN, common.state & IRQD.ACTIVATED, written]).toEqual([IRQD.MANAGED_SHUTDOWN, 0, []]);
  b.smp.cpus.online.set(3);
  requestIrq(b.genirq, virq, () => IRQ_HANDLED, 0, 'x', dev);
  expect(written.slice(0, 1)).toEqual(['0: 0 1000 10']);
  expect(common.state & (IRQD.MANAGED_SHUTDOWN | IRQD.ACTIVATED)).toBe(IRQD.ACTIVATED);
  freeIrq(b.genirq, virq, dev);
});
