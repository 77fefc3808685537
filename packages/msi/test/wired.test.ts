import { freeIrq, getTriggerType, handleFasteoiIrq, IRQ_HANDLED, IRQ_TYPE, requestIrq } from '@irqchip/genirq-core';
import {
  DOMAIN_BUS, irqCreateFwspecMapping, irqDisposeMapping, irqDomainTranslateTwocell, irqFindMapping, ofFwnode, type FwNode, type IrqDomain,
} from '@irqchip/irqdomain';
import {
  irqGetMsiDesc, makeMsiDevice, MSI_FLAG, MSI_SECONDARY_DOMAIN, msiCreateDeviceIrqDomain, msiDeviceDomainAllocWired, msiDeviceDomainFreeWired,
  type MsiDevice, type MsiDomainTemplate,
} from '../src/index.ts';
import { Bench, codeOf, plainTemplate, sitesOf, type BenchOptions } from './bench.ts';

const template = (written: string[]): MsiDomainTemplate => plainTemplate(written, {
  chip: { ...plainTemplate(written).chip, name: 'WIRES', irqEoi: () => undefined },
  ops: {
    setDesc: (arg, desc) => { arg.desc = desc; arg.hwirq = desc.cookie!.lo; },
    msiTranslate: irqDomainTranslateTwocell,
  },
  info: { busToken: DOMAIN_BUS.WIRED_TO_MSI, flags: MSI_FLAG.USE_DEV_FWNODE, handler: handleFasteoiIrq, handlerName: 'fasteoi' },
});

interface Rig { b: Bench; dev: MsiDevice; node: FwNode; domain: IrqDomain; written: string[] }

function rig(options: BenchOptions = {}, hwsize = 96): Rig {
  const b = new Bench(options);
  const node = ofFwnode('/soc/wires@d000000');
  const dev = makeMsiDevice('d000000.wires', { domain: b.parent, fwnode: node });
  const written: string[] = [];
  return { b, dev, node, domain: msiCreateDeviceIrqDomain(dev, 0, template(written), { hwsize }), written };
}

describe('a wire that firmware describes', () => {
  test('is mapped by its number, whatever its index; the cookie has type and number', () => {
    const { b, node, domain } = rig();
    const virqs = [33, 10, 7].map((wire) => irqCreateFwspecMapping(b.domains, { fwnode: node, param: [wire, IRQ_TYPE.LEVEL_HIGH] }));
    expect(virqs).toEqual([1, 2, 3]);
    expect(virqs.map((virq) => irqGetMsiDesc(b.genirq, virq)).map((desc) => [desc!.msiIndex, desc!.cookie])).toEqual([[0, { lo: 33, hi: 4 }], [1, { lo: 10, hi: 4 }], [2, { lo: 7, hi: 4 }]]);
    expect([33, 10, 7].map((wire) => irqFindMapping(domain, wire))).toEqual(virqs);
    const desc = b.genirq.irqToDesc(1)!;
    expect([desc.handleIrq.name, desc.name, desc.deviceName, desc.irqData.hwirq, getTriggerType(b.genirq, 1)]).toEqual(['handleFasteoiIrq', 'fasteoi', 'd000000.wires', 33, 4]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('mapped twice is the same interrupt; with another type it is refused', () => {
    const { b, node } = rig();
    const map = (type: number): number => irqCreateFwspecMapping(b.domains, { fwnode: node, param: [33, type] });
    expect([map(4), map(4), map(0), map(1)]).toEqual([1, 1, 1, 0]);
  });

  test('disposed of, it leaves nothing, also after more rounds than there are indexes', () => {
    const { b, dev, node } = rig({}, 4);
    const before = b.state(dev);
    for (let round = 0; round < 10; round++) {
      const virq = irqCreateFwspecMapping(b.domains, { fwnode: node, param: [3, 4] });
      expect(virq).toBe(1);
      irqDisposeMapping(b.domains, virq);
    }
    expect(b.state(dev)).toEqual(before);
    expect(b.warnings()).toEqual([]);
  });

  test('requested and freed, its message is written, for the CPUs that it starts on once more, and cleared', () => {
    const { b, dev, node, written } = rig();
    const virq = irqCreateFwspecMapping(b.domains, { fwnode: node, param: [33, 4] });
    requestIrq(b.genirq, virq, () => IRQ_HANDLED, 0, 'uart', dev);
    freeIrq(b.genirq, virq, dev);
    expect(written.filter((entry) => entry.startsWith('33:'))).toEqual(['33: 0 1000 10', '33: 0 1000 10', '33: 0 0 0']);
  });

  test('no vector at the parent: 0, nothing left', () => {
    const { b, dev, node } = rig({ capacity: 0 });
    const before = b.state(dev);
    expect(irqCreateFwspecMapping(b.domains, { fwnode: node, param: [33, 4] })).toBe(0);
    expect(b.state(dev)).toEqual(before);
  });

  const probe = rig();
  const sites = sitesOf(probe.b.smp, () => void irqCreateFwspecMapping(probe.b.domains, { fwnode: probe.node, param: [33, 4] }));
  test.each(sites)('no memory at %s, number %i: 0, nothing left, and it works the next time', (site, after) => {
    const { b, dev, node } = rig();
    const before = b.state(dev);
    b.smp.faults.fail(site, { after });
    expect(irqCreateFwspecMapping(b.domains, { fwnode: node, param: [33, 4] })).toBe(0);
    expect(b.state(dev)).toEqual(before);
    expect(irqCreateFwspecMapping(b.domains, { fwnode: node, param: [33, 4] })).toBe(1);
  });

  test('more wires than indexes: the rest stays unmapped', () => {
    const { b, node } = rig({}, 2);
    expect([5, 6, 7].map((wire) => irqCreateFwspecMapping(b.domains, { fwnode: node, param: [wire, 4] }))).toEqual([1, 2, 0]);
  });
});

describe('msi_device_domain_alloc_wired', () => {
  test('returns the interrupt, and frees it again', () => {
    const { b, dev, domain } = rig();
    const before = b.state(dev);
    const virq = msiDeviceDomainAllocWired(domain, 40, IRQ_TYPE.EDGE_RISING);
    expect([virq, irqFindMapping(domain, 40)]).toEqual([1, 1]);
    msiDeviceDomainFreeWired(domain, virq);
    expect(b.state(dev)).toEqual(before);
  });

  test('EINVAL with a warning for any other domain', () => {
    const b = new Bench();
    const plain = msiCreateDeviceIrqDomain(makeMsiDevice('dev0', { domain: b.parent }), 0, plainTemplate());
    expect(codeOf(() => msiDeviceDomainAllocWired(plain, 1, 4))).toBe('EINVAL');
    expect(codeOf(() => msiDeviceDomainAllocWired(b.parent, 1, 4))).toBe('EINVAL');
    expect(b.warnings()).toHaveLength(2);
  });

  test('EINVAL with a warning for a device\'s second domain', () => {
    const { b, dev } = rig();
    const second = msiCreateDeviceIrqDomain(dev, MSI_SECONDARY_DOMAIN, template([]));
    expect(codeOf(() => msiDeviceDomainAllocWired(second, 1, 4))).toBe('EINVAL');
    expect(b.warnings()).toEqual([expect.stringMatching(/not the first domain/)]);
  });

  test('freeing what is not a wire of the domain is reported and does nothing', () => {
    const { b, dev, domain } = rig();
    msiDeviceDomainAllocWired(domain, 1, 4);
    const before = b.state(dev);
    msiDeviceDomainFreeWired(domain, 60);
    msiDeviceDomainFreeWired(b.parent, 1);
    const second = msiCreateDeviceIrqDomain(dev, MSI_SECONDARY_DOMAIN, { ...template([]), info: { busToken: DOMAIN_BUS.WIRED_TO_MSI } });
    msiDeviceDomainFreeWired(second, 1);
    expect(b.warnings()).toHaveLength(3);
    expect(irqFindMapping(domain, 1)).toBe(1);
    expect(before).toMatchObject({ irqs: 1 });
  });
});
