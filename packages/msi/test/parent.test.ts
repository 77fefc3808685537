import { domainDebugShow, DOMAIN_BUS, IRQ_DOMAIN_FLAG, irqFindMatchingFwnode, irqFindMatchingFwspec, ofFwnode } from '@irqchip/irqdomain';
import { msiCreateParentIrqDomain, msiParentInitDevMsiInfo, msiParentOpsOf, makeMsiDevice, msiGetDomainInfo, msiCreateDeviceIrqDomain } from '../src/index.ts';
import { Bench, codeOf, debugFiles, PARENT_OPS, plainTemplate } from './bench.ts';

describe('an MSI parent', () => {
  test('has the token of its operations and the flag MSI_PARENT', () => {
    const { parent, parentOps } = new Bench();
    expect([parent.busToken, parent.isMsiParent, parent.isMsiDevice]).toEqual([DOMAIN_BUS.NEXUS, true, false]);
    expect(msiParentOpsOf(parent)).toBe(parentOps);
  });

  // linux-6.12 and linux-7.2 imsic-smp4: DMESG_FILTERED.txt.
  test.each([
    ['6.12', 'irq: Added domain :soc:msi@28000000'],
    ['7.2', 'irq: Added domain :soc:msi@28000000-5'],
  ] as const)('linux %s announces it as "%s"', (linux, line) => {
    expect(new Bench({ linux }).log('Added domain')).toEqual([line]);
  });

  test.each(['linux-6.12-debugfs', 'linux-7.2-debugfs'])('%s: name, size and flags as recorded', (kernel) => {
    const recorded = debugFiles(`${kernel}/imsic-smp4/DEBUG_IRQ.txt`).get('domains/:soc:interrupt-controller@28000000-5')!;
    const { domains } = new Bench({ linux: kernel === 'linux-7.2-debugfs' ? '7.2' : '6.12' });
    const parent = msiCreateParentIrqDomain(domains, { fwnode: ofFwnode('/soc/interrupt-controller@28000000'), ops: { alloc: () => undefined } }, PARENT_OPS);
    const head = (text: string): string[] => text.replace(/mapped: \d+/, '').split('\n').slice(0, 7);
    expect(head(domainDebugShow(parent))).toEqual(head(recorded.split('Online')[0]!));
  });

  test('takes the larger of size and hwirq_max for both', () => {
    const { domains } = new Bench();
    const make = (info: object): number[] => {
      const domain = msiCreateParentIrqDomain(domains, { fwnode: null, ops: {}, ...info }, PARENT_OPS);
      return [domain.revmapSize, domain.hwirqMax];
    };
    expect([make({ size: 8 }), make({ hwirqMax: 16 }), make({ size: 4, hwirqMax: 32 })]).toEqual([[8, 8], [16, 16], [32, 32]]);
  });

  test.each(['6.12', '7.2'] as const)('linux %s: without memory there is none', (linux) => {
    const b = new Bench({ linux });
    for (const site of ['irq_domain', 'irq_domain_name']) {
      b.smp.faults.fail(site);
      expect(codeOf(() => msiCreateParentIrqDomain(b.domains, { fwnode: ofFwnode('/x'), ops: {} }, PARENT_OPS))).toBe('ENOMEM');
      expect(b.domains.list).toEqual([b.parent]);
    }
  });

  test('keeps the flags that it is given', () => {
    const { domains } = new Bench();
    const domain = msiCreateParentIrqDomain(domains, { fwnode: null, ops: {}, domainFlags: IRQ_DOMAIN_FLAG.ISOLATED_MSI }, PARENT_OPS);
    expect(domain.flags & (IRQ_DOMAIN_FLAG.ISOLATED_MSI | IRQ_DOMAIN_FLAG.MSI_PARENT)).toBe(IRQ_DOMAIN_FLAG.ISOLATED_MSI | IRQ_DOMAIN_FLAG.MSI_PARENT);
  });
});

describe('msi_lib_irq_domain_select', () => {
  test('is found as itself, and as what the mask names', () => {
    const b = new Bench();
    const found = [DOMAIN_BUS.NEXUS, DOMAIN_BUS.PCI_MSI, DOMAIN_BUS.PLATFORM_MSI, DOMAIN_BUS.WIRED, DOMAIN_BUS.IPI, DOMAIN_BUS.DEVICE_MSI]
      .map((token) => irqFindMatchingFwnode(b.domains, b.node, token) === b.parent);
    expect(found).toEqual([true, true, true, false, false, false]);
  });

  test('only under its node, and only without cells', () => {
    const b = new Bench();
    expect(irqFindMatchingFwnode(b.domains, ofFwnode('/other'), DOMAIN_BUS.NEXUS)).toBeNull();
    expect(irqFindMatchingFwspec(b.domains, { fwnode: b.node, param: [3] }, DOMAIN_BUS.NEXUS)).toBeNull();
  });

  test('a domain without MSI parent operations is not found by it', () => {
    const b = new Bench();
    b.parent.msiParentOps = null;
    expect(irqFindMatchingFwnode(b.domains, b.node, DOMAIN_BUS.NEXUS)).toBeNull();
  });
});

test('a domain in between hands the question on to its parent, and refuses with a warning without one', () => {
  const b = new Bench();
  const dev = makeMsiDevice('dev0', { domain: b.parent });
  const domain = msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
  const info = { ...msiGetDomainInfo(domain), flags: 0 };
  expect(msiParentInitDevMsiInfo(dev, domain, b.parent, info)).toBe(true);
  expect(b.warnings()).toEqual([]);
  expect(msiParentInitDevMsiInfo(dev, b.parent, b.parent, info)).toBe(false);
  expect(b.warnings()).toHaveLength(1);
});
