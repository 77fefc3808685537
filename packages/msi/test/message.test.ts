import { freeIrq, IRQ_HANDLED, IRQ_SET_MASK, irqSetAffinity, requestIrq } from '@irqchip/genirq-core';
import { irqCreateFwspecMapping } from '@irqchip/irqdomain';
import { CpuMask, IrqError } from '@irqchip/smp';
import { makeMsiDevice, msiCreateDeviceIrqDomain, msiDomainAllocIrqAt, msiDomainSetAffinity } from '../src/index.ts';
import { Bench, codeOf, plainTemplate } from './bench.ts';

function rig(): { b: Bench; written: string[]; virq: number; devId: object } {
  const b = new Bench();
  const written: string[] = [];
  const dev = makeMsiDevice('dev0', { domain: b.parent });
  msiCreateDeviceIrqDomain(dev, 0, plainTemplate(written));
  return { b, written, virq: msiDomainAllocIrqAt(dev, 0, 0).virq, devId: dev };
}

test('allocated and not requested, nothing is written', () => {
  expect(rig().written).toEqual([]);
});

test('requested: the parent is activated first, then the message is written, then both are unmasked; freed: in reverse, and the message is zero', () => {
  const { b, written, virq, devId } = rig();
  const at = b.calls.length;
  const { ops } = b.parent;
  b.parent.ops = {
    ...ops,
    activate: (domain, data) => { ops.activate!(domain, data, false); written.push('parent active'); },
    deactivate: (domain, data) => { ops.deactivate!(domain, data); written.push('parent inactive'); },
  };
  requestIrq(b.genirq, virq, () => IRQ_HANDLED, 0, 'x', devId);
  expect(written.slice(0, 3)).toEqual(['parent active', '0: 0 1000 10', 'unmask 0']);
  written.length = 0;
  freeIrq(b.genirq, virq, devId);
  expect(written).toEqual(['mask 0', '0: 0 0 0', 'parent inactive']);
  expect(b.calls.slice(at).filter((call) => call.includes('activate'))).toEqual(['activate 16', 'deactivate 16']);
});

describe('affinity', () => {
  test.each([
    ['OK', IRQ_SET_MASK.OK, ['0: 0 4000 10']],
    ['OK_NOCOPY', IRQ_SET_MASK.OK_NOCOPY, ['0: 0 4000 10']],
    ['OK_DONE, which says that the parent did all', IRQ_SET_MASK.OK_DONE, []],
  ])('the parent answers %s: messages written', (_name, answer, messages) => {
    const { b, written, virq } = rig();
    b.moved = answer;
    irqSetAffinity(b.genirq, virq, new CpuMask(4, [3]));
    expect(written).toEqual(messages);
    expect(b.calls).toEqual(['affinity 3 16']);
  });

  test('a parent that refuses: its error, and the old message stays', () => {
    const { b, written, virq } = rig();
    const parent = b.genirq.irqToDesc(virq)!.irqData.parentData!;
    parent.chip = { ...parent.chip, irqSetAffinity: () => { throw new IrqError('ENOSPC', 'The test refuses.'); } };
    expect(codeOf(() => irqSetAffinity(b.genirq, virq, new CpuMask(4, [3])))).toBe('ENOSPC');
    expect(written).toEqual([]);
  });

  test('a parent that cannot move interrupts: ENOSYS', () => {
    const { b, virq } = rig();
    const data = b.genirq.irqToDesc(virq)!.irqData;
    data.parentData!.chip = { name: 'fixed' };
    expect(codeOf(() => msiDomainSetAffinity(data, new CpuMask(4, [3]), false))).toBe('ENOSYS');
  });
});

test('an interrupt whose hierarchy cannot compose a message cannot be activated', () => {
  const { b, virq, devId } = rig();
  b.genirq.irqToDesc(virq)!.irqData.parentData!.chip = { name: 'mute' };
  expect(codeOf(() => requestIrq(b.genirq, virq, () => IRQ_HANDLED, 0, 'x', devId))).toBe('ENOSYS');
});

test('firmware cannot describe interrupts of such a domain: no mapping', () => {
  const { b } = rig();
  const { domain } = b.genirq.irqToDesc(1)!.irqData;
  const { fwnode } = domain as never as { fwnode: never };
  expect(irqCreateFwspecMapping(b.domains, { fwnode, param: [3, 1] })).toBe(0);
});
