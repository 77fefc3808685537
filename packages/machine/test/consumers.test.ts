import { parseDtb } from '@irqchip/devicetree';
import { IRQ, irqToDesc } from '@irqchip/genirq-core';
import { checkConsumers, createMachine, type ConsumerSpec, type Machine } from '../src/index.ts';
import { acmeBells, acmeBoard, acmeIpiModule } from './fixtures/acme-ipi/index.ts';
import { dtb } from './recordings.ts';

const PLIC_DEV = dtb('linux-6.12-debugfs/plic-dev-smp4', 'qemu.dtb');
const SERIAL = '/soc/serial@10000000';
const RTC = '/soc/rtc@101000';

function boot(consumers?: readonly ConsumerSpec[] | 'none'): Machine {
  return createMachine({ tree: PLIC_DEV, ...(consumers === undefined ? {} : { consumers }) });
}

function requested(m: Machine): [irq: number, name: string][] { return m.consumers.map(({ irq, name }) => [irq, name]); }

describe('who requests interrupts', () => {
  test('serial ports and clocks of the tree, serial ports first', () => {
    expect(requested(boot())).toEqual([[12, 'ttyS0'], [13, '101000.rtc']]);
  });

  test('those that are listed come first, in their order, under their names', () => {
    const m = boot([{ node: RTC, names: ['rtc0'] }, { node: '/soc/virtio_mmio@10008000', names: ['virtio0'], shared: true }]);
    expect(requested(m)).toEqual([[12, 'rtc0'], [13, 'virtio0'], [14, 'ttyS0']]);
  });

  test('a listed node without names takes those of its rule', () => {
    expect(requested(boot([{ node: RTC }]))).toEqual([[12, '101000.rtc'], [13, 'ttyS0']]);
  });

  test('without names and without a rule an interrupt is mapped, and nothing is requested', () => {
    const m = boot([{ node: '/soc/virtio_mmio@10008000' }]);
    expect(requested(m)).toEqual([[13, 'ttyS0'], [14, '101000.rtc']]);
    expect([m.irqOf('/soc/virtio_mmio@10008000'), irqToDesc(m.genirq, 12)!.action]).toEqual([12, null]);
  });

  test('several names share one interrupt', () => {
    const m = boot([{ pci: '0000:00:03.0', intx: ['nvme0q0', 'nvme0q1'] }]);
    expect(requested(m).slice(0, 2)).toEqual([[12, 'nvme0q0'], [12, 'nvme0q1']]);
    m.consumers[0]!.wire!.raise();
    m.settle();
    expect(m.consumers.slice(0, 2).map(({ handled }) => handled)).toEqual([1, 1]);
  });

  test('pins of PCI devices turn round with the slot, as the map of the host bridge says', () => {
    const m = boot([1, 2, 3, 4].map((pin) => ({ pci: '0000:00:01.0', pin })));
    expect([12, 13, 14, 15].map((irq) => irqToDesc(m.genirq, irq)!.irqData.hwirq)).toEqual([0x21, 0x22, 0x23, 0x20]);
  });

  test('nobody, when there are to be none', () => {
    const m = boot('none');
    expect([m.consumers, m.irqOf(SERIAL)]).toEqual([[], 12]);
  });

  test('the serial port keeps autoprobing off', () => {
    const m = createMachine({ tree: dtb('linux-6.12-debugfs/plic-smp4', 'qemu.dtb') });
    expect(irqToDesc(m.genirq, m.irqOf(SERIAL))!.settings & IRQ.NOPROBE).toBe(IRQ.NOPROBE);
  });

  test('aliases name the lines of serial ports', () => {
    const tree = parseDtb(PLIC_DEV);
    expect(tree.byPath('/aliases')?.string('serial0')).toBe(SERIAL);
    expect(requested(createMachine({ tree }))[0]).toEqual([12, 'ttyS0']);
  });
});

test('a rule whose controller has no driver is left out without a word of blame', () => {
  const m = createMachine({ tree: acmeBoard('M'), mode: 'M', modules: [acmeIpiModule], hardware: [acmeBells] });
  expect([m.consumers, m.failures, m.smp.diagnostics.open]).toEqual([[], [], []]);
});

test('a listed device whose interrupt cannot be had is a failure of the boot, and the others go on', () => {
  const m = boot([{ node: '/soc/test@100000', names: ['test'] }]);
  expect(m.failures).toEqual([{ node: '/soc/test@100000', driver: 'consumer', error: expect.objectContaining({ code: 'EINVAL' }) }]);
  expect(m.smp.diagnostics.take('probe')).toHaveLength(1);
  expect(requested(m)).toEqual([[12, 'ttyS0'], [13, '101000.rtc']]);
});

describe('what is no list of consumers is refused in a sentence', () => {
  const NAMES = { node: SERIAL, names: ['a'] };
  test.each([
    ['no list', { node: SERIAL }, /^Consumers are a list:/],
    ['neither node nor PCI device', [{ names: ['x'] }], /^consumers\[0\]: a consumer names either a node .* or a PCI device/],
    ['both', [{ node: SERIAL, pci: '0000:00:01.0' }], /^consumers\[0\]: a consumer names either/],
    ['null', [null], /^consumers\[0\]: a consumer names either/],
    ['a path without slash', [NAMES, { node: 'soc' }], /^consumers\[1\]\.node is the path of a node, which begins with a slash, not "soc"\.$/],
    ['an unknown word', [{ node: SERIAL, nmaes: ['x'] }], /^consumers\[0\]: there is no "nmaes"; known are node, index, names, shared, noprobe\.$/],
    ['a word that objects have by themselves', [{ node: SERIAL, constructor: 1 }], /there is no "constructor"/],
    ['names that are none', [{ node: SERIAL, names: 'ttyS0' }], /^consumers\[0\]\.names is a list of at most 2048 names, not "ttyS0"\.$/],
    ['an empty name', [{ node: SERIAL, names: [''] }], /names is a list/],
    ['a bad index', [{ node: SERIAL, index: -1 }], /^consumers\[0\]\.index is a whole number from 0 to 65535, not -1\.$/],
    ['a bad flag', [{ node: SERIAL, shared: 1 }], /^consumers\[0\]\.shared is true or false, not 1\.$/],
    ['a PCI address behind a bridge', [{ pci: '0000:01:00.0' }], /^consumers\[0\]\.pci is an address such as 0000:00:01\.0, on bus 0, not "0000:01:00\.0"\.$/],
    ['a pin that PCI does not have', [{ pci: '0000:00:01.0', pin: 5 }], /^consumers\[0\]\.pin is a whole number from 1 to 4, not 5\.$/],
    ['vectors that are no object', [{ pci: '0000:00:01.0', msix: 3 }], /^consumers\[0\]\.msix is an object, not 3\.$/],
    ['no vectors', [{ pci: '0000:00:01.0', msix: { names: [] } }], /^consumers\[0\]\.msix: names gives one entry for each vector/],
    ['nothing left to spread', [{ pci: '0000:00:01.0', msix: { names: ['a'], affinity: { pre: 1 } } }], /^consumers\[0\]\.msix\.affinity: pre and post keep 1 of 1 vectors/],
  ])('%s', (_what, value, sentence) => {
    expect(() => checkConsumers(value)).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(sentence) }));
  });

  test('a node that the tree does not have', () => {
    expect(() => boot([{ node: '/soc/lamp@0' }])).toThrow(expect.objectContaining({ code: 'ENOENT', message: 'The device tree has no node /soc/lamp@0.' }));
  });

  test('a PCI device of a domain without host bridge', () => {
    const m = boot([{ pci: '0001:00:01.0' }]);
    expect(m.failures[0]!.error.message).toMatch(/^PCI device 0001:00:01\.0: the device tree has no host bridge of PCI domain 1/);
    m.smp.diagnostics.take('probe');
  });
});
