import { IrqError } from '@irqchip/smp';
import { getIrqchipState, handleSimpleIrq, makeIrqData, requestIrq, setIrqchipState, setVcpuAffinity, synchronizeIrq } from '../src/index.ts';
import { codeOf, handled, logTexts, makeBench, notingChip } from './fixture.ts';

describe('handing an interrupt to a virtual CPU', () => {
  test('EINVAL without a descriptor', () => expect(codeOf(() => setVcpuAffinity(makeBench().genirq, 9, null))).toBe('EINVAL'));

  test('ENOSYS when no chip of the hierarchy can', () => {
    const { genirq, irq, data, desc, calls } = makeBench();
    expect(codeOf(() => setVcpuAffinity(genirq, irq, 'vcpu 0'))).toBe('ENOSYS');
    data.parentData = makeIrqData(irq, notingChip(calls, []), desc.common, null);
    expect(codeOf(() => setVcpuAffinity(genirq, irq, 'vcpu 0'))).toBe('ENOSYS');
    expect(desc.lock.locked).toBe(false);
  });

  test('the nearest level that can is asked, under the lock, with its own data; what it throws is thrown', () => {
    const seen: unknown[] = [];
    const { genirq, irq, data, desc, calls } = makeBench();
    let fail = false;
    data.parentData = makeIrqData(irq, notingChip(calls, [], {
      irqSetVcpuAffinity: (level, info) => { if (fail) throw new IrqError('EBUSY', 'not now'); seen.push(level === data.parentData, info, desc.lock.locked); },
    }), desc.common, null);
    setVcpuAffinity(genirq, irq, 'vcpu 0');
    setVcpuAffinity(genirq, irq, null);
    expect(seen).toEqual([true, 'vcpu 0', true, true, null, true]);
    fail = true;
    expect(codeOf(() => setVcpuAffinity(genirq, irq, null))).toBe('EBUSY');
  });
});

test('the error of a chip\'s startup is not the request\'s: the interrupt counts as started', () => {
  const { genirq, irq, desc } = makeBench({ flow: handleSimpleIrq, chip: { irqStartup: () => { throw new IrqError('EIO', 'stuck'); } } });
  expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBeUndefined();
  expect(desc.depth).toBe(0);
});

test('a chip that refuses to tell or to take a state: its error from the calls, and no wait in synchronizeIrq', () => {
  const refuse = (): never => { throw new IrqError('EIO', 'bus error'); };
  const { smp, genirq, irq } = makeBench({ flow: handleSimpleIrq, chip: { irqGetIrqchipState: refuse, irqSetIrqchipState: refuse } });
  expect([codeOf(() => getIrqchipState(genirq, irq, 'PENDING')), codeOf(() => setIrqchipState(genirq, irq, 'PENDING', true))]).toEqual(['EIO', 'EIO']);
  expect(() => synchronizeIrq(genirq, irq)).not.toThrow();
  expect(logTexts(smp)).toEqual([]);
});
