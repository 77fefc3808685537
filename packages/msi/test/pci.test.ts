import { disableIrq, enableIrq, freeIrq, genericHandleIrq, IRQ_HANDLED, IRQD, irqSetAffinity, requestIrq } from '@irqchip/genirq-core';
import { CpuMask } from '@irqchip/smp';
import {
  getCachedMsiMsg, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiDeviceDataRelease, msiDeviceIrqDomain, msiDomainGetVirq, msiGetDomainInfo, msiIrqsFiles, PCI_IRQ, pciAllocIrqVectors, PciDevice, pciFreeIrqVectors,
  pciIrqVector, pciMsiDomainSupports, pciSetupMsiDeviceDomain, pciSetupMsixDeviceDomain,
} from '../src/index.ts';
import { Bench, codeOf, FakeMsi, FakeMsix, PARENT_OPS, sitesOf, type BenchOptions } from './bench.ts';

interface Rig { b: Bench; dev: PciDevice; table: FakeMsix; msi: FakeMsi }

function rig(options: BenchOptions = {}, entries = 3, messages = 4): Rig {
  const b = new Bench(options);
  const table = new FakeMsix(entries);
  const msi = new FakeMsi(messages);
  return { b, table, msi, dev: new PciDevice('0000:00:01.0', { domain: b.parent, numaNode: 0, msix: table, msi }) };
}

const request = ({ b, dev }: Rig, nr: number): number => {
  const irq = pciIrqVector(dev, nr);
  requestIrq(b.genirq, irq, () => IRQ_HANDLED, 0, 'x', dev);
  return irq;
};

describe('MSI-X', () => {
  test('messages are in the table before the function mask goes, and every entry is masked until its request', () => {
    const { b, dev, table } = rig();
    expect(pciAllocIrqVectors(dev, 1, 3)).toBe(3);
    expect([0, 1, 2].map((i) => table.entry(i))).toEqual(['1000 0 10 1', '1000 0 11 1', '1000 0 12 1']);
    expect(table.log[0]).toBe('on, masked');
    expect(table.log.slice(-1)).toEqual(['on']);
    expect([dev.msixEnabled, dev.msiEnabled]).toEqual([true, false]);
    expect([0, 1, 2].map((nr) => pciIrqVector(dev, nr))).toEqual([1, 2, 3]);
    expect(b.genirq.irqToDesc(1)!.irqData.chip.name).toBe('PCI-MSIX-0000:00:01.0');
    expect(getCachedMsiMsg(b.genirq, 2)).toEqual({ addressLo: 0x1000, addressHi: 0, data: 17 });
    expect(b.calls.filter((call) => call.startsWith('activate'))).toEqual(['activate 16', 'activate 17', 'activate 18']);
  });

  test('unmasking goes from the parent outwards, masking inwards', () => {
    const r = rig();
    pciAllocIrqVectors(r.dev, 3, 3);
    const order: string[] = [];
    r.b.calls.push = (call): number => order.push(call);
    r.table.log.push = (entry): number => order.push(entry);
    const irq = request(r, 1);
    expect(order.filter((entry) => /mask|ctrl/.test(entry)).slice(0, 2)).toEqual(['unmask 17', 'ctrl[1]=0']);
    order.length = 0;
    r.b.genirq.irqToDesc(irq)!.irqData.chip.irqMask!(r.b.genirq.irqToDesc(irq)!.irqData);
    expect(order).toEqual(['ctrl[1]=1', 'mask 17']);
  });

  test('on a parent that does not want it the parent is left alone', () => {
    const r = rig({ ops: { requiredFlags: PARENT_OPS.requiredFlags & ~MSI_FLAG.PCI_MSI_MASK_PARENT } });
    pciAllocIrqVectors(r.dev, 3, 3);
    request(r, 0);
    expect(r.table.entry(0)).toMatch(/ 0$/);
    expect(r.b.calls.filter((call) => call.includes('mask'))).toEqual([]);
  });

  test('an entry in use is masked while its message changes, and only then', () => {
    const r = rig();
    pciAllocIrqVectors(r.dev, 3, 3);
    const irq = request(r, 0);
    r.table.log.length = 0;
    irqSetAffinity(r.b.genirq, irq, new CpuMask(4, [2]));
    expect(r.table.log).toEqual(['ctrl[0]=1', 'lo[0]=3000', 'hi[0]=0', 'data[0]=10', 'ctrl[0]=0']);
    r.table.log.length = 0;
    irqSetAffinity(r.b.genirq, pciIrqVector(r.dev, 1), new CpuMask(4, [2]));
    expect(r.table.log).toEqual(['lo[1]=3000', 'hi[1]=0', 'data[1]=11']);
  });

  test('freed, its message is zero and its entry masked; all freed, MSI-X is off and nothing but the domain is left', () => {
    const r = rig();
    pciSetupMsixDeviceDomain(r.dev, 3);
    const before = r.b.state(r.dev);
    pciAllocIrqVectors(r.dev, 3, 3);
    const irq = request(r, 2);
    freeIrq(r.b.genirq, irq, r.dev);
    expect(r.table.entry(2)).toBe('0 0 0 1');
    pciFreeIrqVectors(r.dev);
    expect([r.table.control, r.dev.msixEnabled, ...[0, 1, 2].map((i) => r.table.entry(i))]).toEqual(['off', false, '0 0 0 1', '0 0 0 1', '0 0 0 1']);
    expect(r.b.state(r.dev)).toEqual(before);
    pciFreeIrqVectors(r.dev);
    expect(codeOf(() => pciIrqVector(r.dev, 0))).toBe('EINVAL');
    expect(pciAllocIrqVectors(r.dev, 3, 3)).toBe(3);
  });

  test('disabled, the entry is masked at the next arrival; enabled, it is unmasked at once', () => {
    const r = rig();
    const { cpus } = r.b.smp;
    pciAllocIrqVectors(r.dev, 1, 1);
    const irq = request(r, 0);
    disableIrq(r.b.genirq, irq);
    expect(r.table.entry(0)).toMatch(/ 0$/);
    const flags = cpus.localIrqSave();
    cpus.irqEnter();
    genericHandleIrq(r.b.genirq, irq);
    cpus.irqExit();
    cpus.localIrqRestore(flags);
    expect(r.table.entry(0)).toMatch(/ 1$/);
    enableIrq(r.b.genirq, irq);
    expect(r.table.entry(0)).toMatch(/ 0$/);
  });

  test('entries that are not used are masked, however the device came', () => {
    const r = rig();
    r.table.words[2 * 4 + 3] = 0;
    pciAllocIrqVectors(r.dev, 1, 1);
    expect(r.table.entry(2)).toBe('0 0 0 1');
  });
});

describe('managed interrupts', () => {
  // linux-6.12 imsic-dev-smp4: PROC_IRQ.txt and DEBUG_IRQ.txt of virtio0 (3 vectors) and nvme0 (5 vectors) on 4 CPUs.
  test.each([
    [3, { preVectors: 1 }, ['0-3', '0-1', '2-3']],
    [5, { preVectors: 1 }, ['0-3', '0', '1', '2', '3']],
  ])('%i vectors, the first for configuration: spread as recorded', (nvec, affinity, masks) => {
    const r = rig({}, nvec);
    expect(pciAllocIrqVectors(r.dev, 1, nvec, PCI_IRQ.MSIX, affinity)).toBe(nvec);
    const descs = Array.from({ length: nvec }, (_, nr) => r.b.genirq.irqToDesc(pciIrqVector(r.dev, nr))!);
    expect(descs.map(({ common }) => common.affinity.toList())).toEqual(masks);
    expect(descs.map(({ common }) => (common.state & IRQD.AFFINITY_MANAGED) !== 0)).toEqual(masks.map((_, i) => i > 0));
    expect(descs.every(({ common }) => (common.state & IRQD.AFFINITY_SET) !== 0)).toBe(true);
  });

  test('no more than there are CPUs to serve, and their number may be too few', () => {
    const r = rig({}, 16);
    expect(pciAllocIrqVectors(r.dev, 1, 16, PCI_IRQ.MSIX, { preVectors: 1 })).toBe(5);
    pciFreeIrqVectors(r.dev);
    expect(codeOf(() => pciAllocIrqVectors(r.dev, 7, 16, PCI_IRQ.MSIX, { preVectors: 1 }))).toBe('ENOSPC');
    expect(r.dev.msixEnabled).toBe(false);
  });
});

describe('not enough', () => {
  test('vectors at the parent: the driver gets what there is, unless it needs more', () => {
    const r = rig({ capacity: 2 }, 5);
    expect(pciAllocIrqVectors(r.dev, 1, 5)).toBe(2);
    expect([r.b.vectors.size, r.table.control]).toEqual([2, 'on']);
    pciFreeIrqVectors(r.dev);
    expect(codeOf(() => pciAllocIrqVectors(r.dev, 3, 5, PCI_IRQ.MSIX))).toBe('ENOSPC');
    expect([r.b.vectors.size, r.table.control, r.dev.msixEnabled, r.b.warnings()]).toEqual([0, 'off', false, []]);
  });

  test('entries in the table: ENOSPC', () => {
    const { dev } = rig();
    expect(codeOf(() => pciAllocIrqVectors(dev, 4, 8, PCI_IRQ.MSIX))).toBe('ENOSPC');
    expect(pciAllocIrqVectors(dev, 2, 8, PCI_IRQ.MSIX)).toBe(3);
  });

  test('capabilities: ENOTSUPP, of the device or of its parent', () => {
    const b = new Bench();
    expect(codeOf(() => pciAllocIrqVectors(new PciDevice('a', { domain: b.parent }), 1, 1))).toBe('ENOTSUPP');
    expect(codeOf(() => pciAllocIrqVectors(new PciDevice('a', { msix: new FakeMsix(1) }), 1, 1))).toBe('ENOTSUPP');
    const plain = rig({ ops: { supportedFlags: MSI_GENERIC_FLAGS_MASK } });
    expect([pciMsiDomainSupports(plain.dev, MSI_FLAG.PCI_MSIX), pciMsiDomainSupports(plain.dev, MSI_FLAG.DEV_SYSFS)]).toEqual([false, true]);
    expect(codeOf(() => pciAllocIrqVectors(plain.dev, 1, 1, PCI_IRQ.MSIX))).toBe('ENOTSUPP');
  });

  test('sense: ERANGE for no vectors, EINVAL while messages are enabled', () => {
    const { dev } = rig();
    expect([codeOf(() => pciAllocIrqVectors(dev, 0, 3)), codeOf(() => pciAllocIrqVectors(dev, 3, 2))]).toEqual(['ERANGE', 'ERANGE']);
    pciAllocIrqVectors(dev, 1, 1);
    expect(codeOf(() => pciAllocIrqVectors(dev, 1, 1))).toBe('EINVAL');
  });
});

describe('without memory', () => {
  const probe = rig();
  const sites = sitesOf(probe.b.smp, () => void pciAllocIrqVectors(probe.dev, 3, 3, PCI_IRQ.MSIX, { preVectors: 1 }));
  const tokenName = sites.findLastIndex(([site]) => site === 'irq_domain_name');
  test('three vectors ask thirty times or so', () => {
    expect(sites.length).toBeGreaterThan(20);
    expect(new Set(sites.map(([site]) => site))).toEqual(new Set([
      'msi_domain_template', 'fwnode', 'msi_device_data', 'irq_domain', 'irq_domain_name', 'msi_desc', 'msi_desc_affinity', 'msi_store', 'irq_desc', 'irq_data', 'parent', 'msi_sysfs',
    ]));
  });

  test.each(sites.filter((_, i) => i !== tokenName))('at %s, number %i: MSI-X stays off, no interrupt is left, and it works the next time', (site, after) => {
    const r = rig();
    const before = r.b.state();
    r.b.smp.faults.fail(site, { after });
    expect(codeOf(() => pciAllocIrqVectors(r.dev, 3, 3, PCI_IRQ.MSIX, { preVectors: 1 }))).toMatch(/^(ENOMEM|ENODEV|ENOSPC)$/);
    expect([r.table.control === 'off' || r.table.control === '', r.dev.msixEnabled, r.b.warnings()]).toEqual([true, false, []]);
    expect([0, 1, 2].map((i) => r.table.entry(i))).toEqual(new Array(3).fill(expect.stringMatching(/^0 0 0 1$/)));
    // The domain, once made, stays for the next attempt.
    expect(r.b.state(r.dev)).toMatchObject({ irqs: 0, vectors: [] });
    if (site.startsWith('msi_dom') || site === 'fwnode' || site === 'msi_device_data' || site === 'irq_domain') expect(r.b.state(r.dev)).toEqual(before);
    expect(pciAllocIrqVectors(r.dev, 3, 3, PCI_IRQ.MSIX, { preVectors: 1 })).toBe(3);
  });
});

describe('plain MSI', () => {
  test('a block of messages is one descriptor and one write; vectors are masked one by one', () => {
    const r = rig();
    expect(pciAllocIrqVectors(r.dev, 1, 4, PCI_IRQ.MSI)).toBe(4);
    expect(r.msi.log).toEqual(['off', 'mask f', 'msg 0 1000 10 x4', 'on']);
    expect([0, 1, 2, 3, 4].map((nr) => msiDomainGetVirq(r.dev, 0, nr))).toEqual([1, 2, 3, 4, 0]);
    expect(msiIrqsFiles(r.dev)).toEqual(['1', '2', '3', '4'].map((name) => ({ name, text: 'msi\n' })));
    r.msi.log.length = 0;
    request(r, 2);
    expect(r.msi.log).toEqual(['mask b']);
    expect(r.b.genirq.irqToDesc(3)!.irqData.chip.name).toBe('PCI-MSI-0000:00:01.0');
  });

  test('on a parent without blocks there is one', () => {
    const r = rig({ ops: { supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX } });
    expect(pciAllocIrqVectors(r.dev, 1, 4, PCI_IRQ.MSI)).toBe(1);
    pciFreeIrqVectors(r.dev);
    expect(codeOf(() => pciAllocIrqVectors(r.dev, 2, 4, PCI_IRQ.MSI))).toBe('ENOSPC');
    expect([r.b.state(r.dev), r.dev.msiEnabled]).toMatchObject([{ irqs: 0, vectors: [] }, false]);
  });

  test('a block that the parent cannot give shrinks to one', () => {
    const r = rig({ capacity: 2 });
    expect(pciAllocIrqVectors(r.dev, 1, 4, PCI_IRQ.MSI)).toBe(1);
    expect([r.b.vectors.size, r.msi.log.slice(-2)]).toEqual([1, ['msg 0 1000 10 x1', 'on']]);
  });

  test('a device without mask bits is never masked', () => {
    const b = new Bench();
    const msi = new FakeMsi(1, false);
    const dev = new PciDevice('0000:00:02.0', { domain: b.parent, msi });
    pciAllocIrqVectors(dev, 1, 1);
    request({ b, dev, msi, table: new FakeMsix(1) }, 0);
    expect(msi.log.filter((entry) => entry.startsWith('mask'))).toEqual([]);
  });

  test('is what is left when MSI-X fails, its domain taking the place of the other', () => {
    const r = rig({}, 2, 4);
    expect(pciAllocIrqVectors(r.dev, 4, 4)).toBe(4);
    expect(msiDeviceIrqDomain(r.dev, 0)!.name).toBe('PCI-MSI-0000:00:01.0-10');
    pciFreeIrqVectors(r.dev);
    expect(pciAllocIrqVectors(r.dev, 2, 2)).toBe(2);
    expect(r.b.domains.list.map(({ name }) => name)).toEqual(['PCI-MSIX-0000:00:01.0-11', r.b.parent.name]);
  });
});

describe('domains', () => {
  test('are kept for the next time; the other kind is refused while one is enabled', () => {
    const { b, dev } = rig();
    pciSetupMsixDeviceDomain(dev, 3);
    const first = msiDeviceIrqDomain(dev, 0)!;
    pciSetupMsixDeviceDomain(dev, 3);
    expect([msiDeviceIrqDomain(dev, 0), msiGetDomainInfo(first).hwsize]).toEqual([first, 3]);
    pciAllocIrqVectors(dev, 1, 1);
    expect(codeOf(() => pciSetupMsiDeviceDomain(dev, 1))).toBe('EINVAL');
    expect(b.warnings()).toHaveLength(1);
    pciFreeIrqVectors(dev);
    msiDeviceDataRelease(dev);
    expect(b.domains.list).toEqual([b.parent]);
  });

  test('a device on a parent that refuses it: ENODEV', () => {
    const { b, dev } = rig({ ops: { initDevMsiInfo: () => false } });
    expect(codeOf(() => pciAllocIrqVectors(dev, 1, 1, PCI_IRQ.MSIX))).toBe('ENODEV');
    expect(b.state(dev)).toMatchObject({ fwnodes: [] });
  });

  // linux-6.12 imsic-dev-smp4: MSI.txt lists 0000:00:01.0/msi_irqs/12 to 14, each "msix".
  test('msi_irqs lists the interrupts and their kind', () => {
    const { dev } = rig();
    expect(msiIrqsFiles(dev)).toEqual([]);
    pciAllocIrqVectors(dev, 3, 3);
    expect(msiIrqsFiles(dev)).toEqual(['1', '2', '3'].map((name) => ({ name, text: 'msix\n' })));
    pciFreeIrqVectors(dev);
    expect(msiIrqsFiles(dev)).toEqual([]);
  });
});
