import { irqChipAckParent, irqChipEoiParent } from '@irqchip/genirq-core';
import { DOMAIN_BUS } from '@irqchip/irqdomain';
import {
  makeMsiDevice, MSI_CHIP_FLAG, MSI_FLAG, msiCreateDeviceIrqDomain, msiDomainAllocIrqsRange, msiDomainSetAffinity, msiGetDomainInfo, msiLibInitDevMsiInfo,
  pciMsiTemplate, pciMsixTemplate, type MsiDomainInfo, type MsiDomainTemplate, type MsiParentOps,
} from '../src/index.ts';
import { Bench, codeOf, plainTemplate } from './bench.ts';

function infoOf(ops: Partial<MsiParentOps>, template: MsiDomainTemplate): MsiDomainInfo {
  const b = new Bench({ ops });
  const dev = makeMsiDevice('dev0', { domain: b.parent });
  return msiGetDomainInfo(msiCreateDeviceIrqDomain(dev, 0, template));
}

describe('flags', () => {
  test('what the parent does not support is taken away, what it requires is added', () => {
    const { flags } = infoOf({ supportedFlags: MSI_FLAG.DEV_SYSFS | MSI_FLAG.PCI_MSIX, requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT }, pciMsixTemplate);
    expect(flags).toBe(MSI_FLAG.DEV_SYSFS | MSI_FLAG.PCI_MSIX | MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT);
  });

  test('those of a PCI domain on a parent that can do all', () => {
    const all = MSI_FLAG.FREE_MSI_DESCS | MSI_FLAG.ACTIVATE_EARLY | MSI_FLAG.DEV_SYSFS;
    expect(infoOf({ supportedFlags: -1, requiredFlags: 1 }, pciMsixTemplate).flags).toBe(all | MSI_FLAG.PCI_MSIX | MSI_FLAG.PCI_MSIX_ALLOC_DYN | 1);
    expect(infoOf({ supportedFlags: -1, requiredFlags: 1 }, pciMsiTemplate).flags).toBe(all | MSI_FLAG.MULTI_PCI_MSI | 1);
  });

  test('a plain device\'s descriptors come and go with its interrupts; the parent\'s wish to be masked is PCI\'s alone', () => {
    expect(infoOf({}, plainTemplate()).flags).toBe(MSI_FLAG.ALLOC_SIMPLE_MSI_DESCS | MSI_FLAG.FREE_MSI_DESCS | MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS);
    expect(infoOf({}, plainTemplate([], { info: { busToken: DOMAIN_BUS.WIRED_TO_MSI } })).flags).toBe(MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS);
  });
});

describe('the chip', () => {
  const chipOf = (ops: Partial<MsiParentOps>, more: Partial<MsiDomainTemplate> = {}): MsiDomainInfo['chip'] => infoOf(ops, plainTemplate([], more)).chip;

  test('acknowledges and ends at the parent where the parent asks for it', () => {
    expect(chipOf({ chipFlags: 0 })).not.toHaveProperty('irqAck');
    expect(chipOf({ chipFlags: MSI_CHIP_FLAG.SET_ACK | MSI_CHIP_FLAG.SET_EOI })).toMatchObject({ irqAck: irqChipAckParent, irqEoi: irqChipEoiParent });
  });

  test('that is not told to acknowledge at its parent is refused by an edge flow, with the flag that tells it', () => {
    const b = new Bench({ ops: { chipFlags: 0 } });
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
    const before = b.state(dev);
    expect(() => msiDomainAllocIrqsRange(dev, 0, 0, 0))
      .toThrow('handleEdgeIrq needs irqAck: add irqChipAckParent to pMSI-dev0, as its parent PARENT has it (an MSI parent says so by chipFlags: MSI_CHIP_FLAG.SET_ACK).');
    expect(b.state(dev)).toEqual(before);
  });

  test('moves by its parent, unless affinity is not a thing there', () => {
    expect(chipOf({}).irqSetAffinity).toBe(msiDomainSetAffinity);
    expect(chipOf({ requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.NO_AFFINITY })).not.toHaveProperty('irqSetAffinity');
  });

  test('what the template has stays', () => {
    const irqSetAffinity = (): number => 0;
    const irqAck = (): void => undefined;
    expect(chipOf({}, { chip: { ...plainTemplate().chip, irqSetAffinity, irqAck } })).toMatchObject({ irqSetAffinity, irqAck });
  });

  test('the template itself is not touched', () => {
    const template = plainTemplate();
    const before = { ...template.chip };
    infoOf({}, template);
    expect(template.chip).toEqual(before);
  });
});

describe('refusals, each with a warning', () => {
  test.each([
    ['an unknown kind of domain', {}, plainTemplate([], { info: { busToken: DOMAIN_BUS.IPI } }), /bus token 6/],
    ['feature flags on a plain device', {}, plainTemplate([], { info: { busToken: DOMAIN_BUS.DEVICE_MSI, flags: MSI_FLAG.DEV_SYSFS } }), /no feature flags/],
  ])('%s', (_name, ops, template, message) => {
    const b = new Bench({ ops });
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const before = b.state();
    expect(codeOf(() => msiCreateDeviceIrqDomain(dev, 0, template))).toBe('EINVAL');
    expect(b.warnings()).toEqual([expect.stringMatching(message)]);
    expect(b.state(dev)).toEqual(before);
  });

  test('a parent under another token, another parent than the one asked, and one without operations', () => {
    const b = new Bench();
    const other = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const info = { ...msiGetDomainInfo(msiCreateDeviceIrqDomain(dev, 0, plainTemplate())), flags: 0 };
    expect(msiLibInitDevMsiInfo(dev, b.parent, other.parent, info)).toBe(false);
    b.parent.busToken = DOMAIN_BUS.DMAR;
    expect(msiLibInitDevMsiInfo(dev, b.parent, b.parent, info)).toBe(false);
    other.parent.msiParentOps = null;
    expect(msiLibInitDevMsiInfo(dev, b.parent, other.parent, info)).toBe(false);
    expect(b.warnings()).toEqual([/stacked MSI parents/, /bus token 13/, /no MSI parent operations/].map((part) => expect.stringMatching(part)));
  });
});
