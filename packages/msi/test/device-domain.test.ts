import { handleFasteoiIrq, irqDebugShow } from '@irqchip/genirq-core';
import { domainDebugShow, DOMAIN_BUS, irqDomainCreateLinear, ofFwnode, type IrqDomain } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import {
  makeMsiDevice, MSI_DEFAULT_DOMAIN, MSI_FLAG, MSI_SECONDARY_DOMAIN, msiCreateDeviceIrqDomain, msiDeviceDataRelease, msiDeviceIrqDomain, msiDomainAllocIrqAt, msiDomainAllocIrqsRange,
  msiDomainFreeIrqsAll, msiGetDomainInfo, msiLockDescs, msiMatchDeviceIrqDomain, msiRemoveDeviceIrqDomain, PciDevice, pciMsixTemplate,
  type MsiDomainTemplate,
} from '../src/index.ts';
import { Bench, codeOf, debugFiles, FakeMsix, plainTemplate, sitesOf } from './bench.ts';

const APLIC: MsiDomainTemplate = plainTemplate([], {
  chip: { ...plainTemplate().chip, name: 'APLIC-MSI' },
  info: { busToken: DOMAIN_BUS.WIRED_TO_MSI, flags: MSI_FLAG.USE_DEV_FWNODE, handler: handleFasteoiIrq, handlerName: 'fasteoi' },
});

describe('names', () => {
  test('chip and domain are <prefix><chip>-<device>, the domain with its token', () => {
    const b = new Bench({ linux: '6.12', ops: { prefix: 'IR-' } });
    const domain = msiCreateDeviceIrqDomain(makeMsiDevice('0000:3d:00.0', { domain: b.parent }), 0, plainTemplate());
    expect([domain.name, msiGetDomainInfo(domain).chip.name]).toEqual(['IR-pMSI-0000:3d:00.0-15', 'IR-pMSI-0000:3d:00.0']);
  });

  test('with its own firmware node the domain is called after that, the chip is not', () => {
    const b = new Bench({ linux: '6.12' });
    const dev = makeMsiDevice('d000000.interrupt-controller', { domain: b.parent, fwnode: ofFwnode('/soc/interrupt-controller@d000000') });
    const domain = msiCreateDeviceIrqDomain(dev, 0, APLIC);
    expect([domain.name, msiGetDomainInfo(domain).chip.name]).toEqual([':soc:interrupt-controller@d000000-16', 'APLIC-MSI-d000000.interrupt-controller']);
    expect(b.domains.liveFwnodes.size).toBe(0);
  });

  test.each(['6.12', '7.2'] as const)('linux %s announces it before it has its token', (linux) => {
    const b = new Bench({ linux });
    msiCreateDeviceIrqDomain(new PciDevice('0000:00:01.0', { domain: b.parent, msix: new FakeMsix(3) }), 0, pciMsixTemplate);
    expect(b.log('PCI-MSIX')).toEqual(['irq: Added domain PCI-MSIX-0000:00:01.0']);
  });
});

describe('debugfs has the recorded head', () => {
  const head = (text: string): string => text.slice(0, text.indexOf(' parent:')).replace(/ mapped: \d+\n/, '');
  test.each([
    ['6.12', 'linux-6.12-debugfs/imsic-dev-smp4', ':soc:interrupt-controller@d000000-16'],
    ['7.2', 'linux-7.2-debugfs/imsic-smp4', ':soc:interrupt-controller@d000000-15'],
    ['6.12', 'linux-6.12-debugfs/imsic-dev-smp4', 'PCI-MSIX-0000:00:01.0-12'],
    ['6.12', 'linux-6.12-debugfs/imsic-dev-smp4', 'PCI-MSIX-0000:00:03.0-12'],
  ] as const)('linux %s: %s, %s', (linux, board, name) => {
    const b = new Bench({ linux });
    const pci = /PCI-MSIX-(.*)-12/.exec(name)?.[1];
    const domain = pci === undefined
      ? msiCreateDeviceIrqDomain(makeMsiDevice('d000000.interrupt-controller', { domain: b.parent, fwnode: ofFwnode('/soc/interrupt-controller@d000000') }), 0, APLIC)
      : msiCreateDeviceIrqDomain(new PciDevice(pci, { domain: b.parent, msix: new FakeMsix(3) }), 0, pciMsixTemplate);
    expect(head(domainDebugShow(domain))).toBe(head(debugFiles(`${board}/DEBUG_IRQ.txt`).get(`domains/${name}`)!));
  });

  test('linux 7.2 shows the message that the chip keeps, linux 6.12 does not', () => {
    const show = (linux: '6.12' | '7.2'): string[] => {
      const b = new Bench({ linux });
      const dev = makeMsiDevice('dev0', { domain: b.parent });
      const domain = msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
      const { virq } = msiDomainAllocIrqAt(dev, 0, 0);
      const data = b.genirq.irqToDesc(virq)!.irqData;
      Object.assign((data.common.msiDesc as { msg: object }).msg, { addressHi: 0x12, addressLo: 0x28003000, data: 7 });
      const text = irqDebugShow(b.genirq.irqToDesc(virq)!, (level) => (level.domain as IrqDomain).ops.debugShow?.(level.domain as IrqDomain, level, 0) ?? []);
      expect((domain.ops.debugShow!(domain, null, 1))).toEqual([]);
      return text.slice(text.indexOf(' chip:'), text.indexOf(' parent:')).split('\n').slice(2, -1);
    };
    expect(show('6.12')).toEqual([]);
    expect(show('7.2')).toEqual(['', '  address_hi: 0x00000012', '  address_lo: 0x28003000', '  msg_data:   0x00000007']);
  });

  test('linux 7.2: the blank line and the zeros of the recorded APLIC, which keeps no message', () => {
    const recorded = debugFiles('linux-7.2-debugfs/imsic-smp4/DEBUG_IRQ.txt').get('irqs/11')!;
    expect(recorded).toContain('SKIP_SET_WAKE\n\n  address_hi: 0x00000000\n  address_lo: 0x00000000\n  msg_data:   0x00000000\n parent:\n');
  });
});

describe('creation is refused', () => {
  const b = new Bench();
  const bare = { irqMask: () => undefined, irqUnmask: () => undefined };
  const plain = irqDomainCreateLinear(b.domains, null, 4, {}, null);
  test.each<[string, Parameters<typeof msiCreateDeviceIrqDomain>, RegExp]>([
    ['without a parent', [makeMsiDevice('d'), 0, plainTemplate()], /none is not an MSI parent/],
    ['on a domain that is no MSI parent', [makeMsiDevice('d', { domain: plain }), 0, plainTemplate()], /is not an MSI parent/],
    ['for a third domain', [makeMsiDevice('d', { domain: b.parent }), 2, plainTemplate()], /domain id 2/],
    ['with more indexes than there can be', [makeMsiDevice('d', { domain: b.parent }), 0, plainTemplate(), { hwsize: 0x10001 }], /65537/],
    ['without the firmware node that it is to have', [makeMsiDevice('d', { domain: b.parent }), 0, APLIC], /firmware node/],
    ['for a chip that cannot mask', [makeMsiDevice('d', { domain: b.parent }), 0, plainTemplate([], { chip: { name: 'x', irqWriteMsiMsg: () => undefined } })], /irqMask and irqUnmask/],
    ['for a chip that cannot write messages', [makeMsiDevice('d', { domain: b.parent }), 0, plainTemplate([], { chip: { name: 'x', ...bare } })], /irqWriteMsiMsg/],
  ])('%s: EINVAL, nothing left', (_name, args, message) => {
    const before = b.state();
    expect(() => msiCreateDeviceIrqDomain(...args)).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(message) as unknown }));
    expect(b.state(args[0])).toEqual(before);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('when the device has one under this id, with a warning; the other id is free', () => {
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const first = msiCreateDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, plainTemplate());
    const before = b.state(dev);
    expect(codeOf(() => msiCreateDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, plainTemplate()))).toBe('EINVAL');
    expect(b.warnings()).toEqual(['msi_create_device_irq_domain: dev0 has domain 0']);
    expect(b.state(dev)).toEqual(before);
    const second = msiCreateDeviceIrqDomain(dev, MSI_SECONDARY_DOMAIN, plainTemplate());
    expect([msiDeviceIrqDomain(dev, 0), msiDeviceIrqDomain(dev, 1)]).toEqual([first, second]);
    msiDeviceDataRelease(dev);
  });

  test('without the operations that USE_DEF_DOM_OPS would have brought', () => {
    const strict = new Bench({ ops: { requiredFlags: 0 } });
    const dev = makeMsiDevice('d', { domain: strict.parent });
    expect(() => msiCreateDeviceIrqDomain(dev, 0, plainTemplate())).toThrow(/getHwirq, msiInit, msiPrepare/);
    const ops = { getHwirq: () => 0, msiInit: () => undefined, msiPrepare: () => undefined, setDesc: () => undefined };
    const domain = msiCreateDeviceIrqDomain(dev, 0, plainTemplate([], { ops }));
    expect(msiGetDomainInfo(domain).ops).toMatchObject(ops);
    msiRemoveDeviceIrqDomain(dev, 0);
  });
});

describe('without memory', () => {
  const create = (b: Bench): [ReturnType<typeof makeMsiDevice>, () => IrqDomain] => {
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    return [dev, () => msiCreateDeviceIrqDomain(dev, 0, plainTemplate())];
  };
  const probe = new Bench();
  const sites = sitesOf(probe.smp, create(probe)[1]);

  test('creation asks at these sites', () => {
    expect(sites).toEqual([
      ['msi_domain_template', 0], ['fwnode', 0], ['msi_device_data', 0], ['irq_domain', 0], ['irq_domain_name', 0], ['irq_domain_name', 1],
    ]);
  });

  test.each(sites.slice(0, -1))('%s, number %i: ENOMEM, nothing left, and it works the next time', (site, after) => {
    const b = new Bench();
    const [dev, make] = create(b);
    const before = b.state();
    b.smp.faults.fail(site, { after });
    expect(codeOf(make)).toBe('ENOMEM');
    expect(b.state(dev)).toEqual(before);
    expect(make().name).toBe('pMSI-dev0-14');
  });

  test('for the name with the token: the domain keeps the one without, as in the kernel', () => {
    const b = new Bench();
    b.smp.faults.fail('irq_domain_name', { after: 1 });
    expect(create(b)[1]().name).toBe('pMSI-dev0');
  });
});

describe('msi_prepare', () => {
  const template = (calls: string[], fail = false): MsiDomainTemplate => plainTemplate([], {
    ops: {
      ...plainTemplate().ops,
      msiPrepare: (_domain, dev, nvec, arg) => {
        calls.push(`prepare ${dev.name} ${nvec}`);
        if (fail) throw new IrqError('ENODEV', 'The test refuses.');
        arg.scratchpad = 'mine';
      },
      msiTeardown: (_domain, arg) => void calls.push(`teardown ${String(arg.scratchpad)}`),
      msiInit: (_domain, _info, _virq, hwirq, arg) => {
        calls.push(`init ${hwirq} ${String(arg.scratchpad)}`);
        throw new IrqError('EIO', 'The test stops here.');
      },
    },
  });

  test('linux 7.2: once for the whole domain, and undone with it; its argument is a fresh copy each time', () => {
    const b = new Bench();
    const calls: string[] = [];
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    msiCreateDeviceIrqDomain(dev, 0, template(calls), { hwsize: 8 });
    for (const index of [3, 4]) codeOf(() => msiDomainAllocIrqAt(dev, 0, index));
    msiRemoveDeviceIrqDomain(dev, 0);
    expect(calls).toEqual(['prepare dev0 8', 'init 3 mine', 'init 4 mine', 'teardown mine']);
  });

  test('linux 6.12: before each allocation, with its size; never undone', () => {
    const b = new Bench({ linux: '6.12' });
    const calls: string[] = [];
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    msiCreateDeviceIrqDomain(dev, 0, template(calls), { hwsize: 8 });
    codeOf(() => msiDomainAllocIrqsRange(dev, 0, 2, 4));
    msiRemoveDeviceIrqDomain(dev, 0);
    expect(calls).toEqual(['prepare dev0 3', 'init 2 mine']);
  });

  test('its refusal takes the domain back', () => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const before = b.state();
    expect(codeOf(() => msiCreateDeviceIrqDomain(dev, 0, template([], true)))).toBe('ENODEV');
    expect(b.state(dev)).toEqual(before);
  });
});

describe('what goes into a domain', () => {
  test('size, data of driver and chip, the handler only together with its name', () => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const info = msiGetDomainInfo(msiCreateDeviceIrqDomain(dev, 0, plainTemplate(), { hwsize: 8, domainData: 'data', chipData: 'chip data' }));
    expect(info).toMatchObject({ hwsize: 8, data: 'data', chipData: 'chip data', dev, handler: null });
    const { virq } = msiDomainAllocIrqAt(dev, 0, 0);
    expect(b.genirq.irqToDesc(virq)!.irqData.chipData).toBe('chip data');
  });

  test.each([[undefined, 'handleEdgeIrq', null], ['fasteoi', 'handleFasteoiIrq', 'fasteoi']])('a handler with the name %s: the flow is %s', (handlerName, flow, name) => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const chip = { ...plainTemplate().chip, irqEoi: () => undefined };
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate([], { chip, info: { busToken: DOMAIN_BUS.DEVICE_MSI, handler: handleFasteoiIrq, handlerData: 7, ...(handlerName !== undefined && { handlerName }) } }));
    const desc = b.genirq.irqToDesc(msiDomainAllocIrqAt(dev, 0, 0).virq)!;
    expect([desc.handleIrq.name, desc.name, desc.common.handlerData]).toEqual([flow, name, name === null ? null : 7]);
  });
});

describe('removal', () => {
  test('takes domain and firmware node away, and is nothing for a device without', () => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    const before = b.state();
    msiRemoveDeviceIrqDomain(dev, 0);
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
    expect([msiMatchDeviceIrqDomain(dev, 0, DOMAIN_BUS.DEVICE_MSI), msiMatchDeviceIrqDomain(dev, 0, DOMAIN_BUS.WIRED_TO_MSI), msiMatchDeviceIrqDomain(dev, 1, DOMAIN_BUS.DEVICE_MSI)]).toEqual([true, false, false]);
    msiRemoveDeviceIrqDomain(dev, 0);
    msiRemoveDeviceIrqDomain(dev, 0);
    expect(msiMatchDeviceIrqDomain(dev, 0, DOMAIN_BUS.DEVICE_MSI)).toBe(false);
    expect(b.state(dev)).toEqual(before);
  });

  test('the end of the device takes all, and complains of interrupts that are left', () => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    msiDeviceDataRelease(dev);
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
    msiDomainAllocIrqsRange(dev, 0, 0, 1);
    msiDomainFreeIrqsAll(dev, 0);
    msiDeviceDataRelease(dev);
    expect([b.warnings(), dev.msi.data]).toEqual([[], null]);
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
    msiDomainAllocIrqsRange(dev, 0, 0, 1);
    msiDeviceDataRelease(dev);
    expect(b.warnings()).toEqual([expect.stringMatching(/still maps 2/), expect.stringMatching(/still has 2 MSI descriptors/)]);
  });
});

describe('the lock of the descriptors', () => {
  test('taken twice would wait for ever; in hard irq context it may not be taken; the …Locked forms want it', () => {
    const b = new Bench();
    const dev = makeMsiDevice('dev0', { domain: b.parent });
    msiCreateDeviceIrqDomain(dev, 0, plainTemplate());
    const kinds = (fn: () => void): string[] => { fn(); return b.smp.diagnostics.take().map(({ kind }) => kind); };
    expect(kinds(() => msiLockDescs(dev, () => msiDomainFreeIrqsAll(dev, 0)))).toEqual(['lock-order']);
    expect(kinds(() => {
      const flags = b.smp.cpus.localIrqSave();
      b.smp.cpus.irqEnter();
      msiDomainFreeIrqsAll(dev, 0);
      b.smp.cpus.irqExit();
      b.smp.cpus.localIrqRestore(flags);
    })).toEqual(['context']);
  });

  test('a device without MSI data: ENODEV', () => {
    expect(codeOf(() => msiLockDescs(makeMsiDevice('d'), () => undefined))).toBe('ENODEV');
  });
});
