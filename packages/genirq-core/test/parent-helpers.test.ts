import { CpuMask } from '@irqchip/smp';
import * as core from '../src/index.ts';
import { makeIrqData, type IrqChip, type IrqData, type MsiMsg } from '../src/index.ts';
import { codeOf, makeBench, notingChip } from './fixture.ts';

function child(callbacks: Parameters<typeof notingChip>[1], more: Partial<IrqChip> = {}): { data: IrqData; calls: string[] } {
  const { data, desc, calls } = makeBench();
  data.parentData = makeIrqData(desc.irq, notingChip(calls, callbacks, more), desc.common, null);
  return { data, calls };
}

describe('plain helpers call the parent with the parent\'s data', () => {
  test.each([
    [core.irqChipMaskParent, 'irqMask'], [core.irqChipUnmaskParent, 'irqUnmask'], [core.irqChipMaskAckParent, 'irqMaskAck'], [core.irqChipAckParent, 'irqAck'], [core.irqChipEoiParent, 'irqEoi'],
    [core.irqChipEnableParent, 'irqEnable'], [core.irqChipDisableParent, 'irqDisable'], [core.irqChipStartupParent, 'irqStartup'], [core.irqChipShutdownParent, 'irqShutdown'],
    [core.irqChipRequestResourcesParent, 'irqRequestResources'], [core.irqChipReleaseResourcesParent, 'irqReleaseResources'],
  ] as const)('%p', (helper, callback) => {
    const seen: IrqData[] = [];
    const { data } = child([], { [callback]: (level: IrqData) => void seen.push(level) });
    helper(data);
    expect(seen).toEqual([data.parentData]);
  });
});

test('enable, disable, startup and shutdown fall back', () => {
  const { data, calls } = child(['irqMask', 'irqUnmask']);
  for (const helper of [core.irqChipEnableParent, core.irqChipDisableParent, core.irqChipStartupParent, core.irqChipShutdownParent]) helper(data);
  expect(calls).toEqual(['irqUnmask', 'irqMask', 'irqUnmask', 'irqMask']);
});

test('resources of a parent that needs none are fine', () => expect(() => core.irqChipRequestResourcesParent(child([]).data)).not.toThrow());

test('affinity, type, wake and vcpu affinity are ENOSYS when the parent cannot', () => {
  const { data } = child([]);
  expect(codeOf(() => core.irqChipSetAffinityParent(data, new CpuMask(2, [0]), false))).toBe('ENOSYS');
  expect(codeOf(() => core.irqChipSetTypeParent(data, 1))).toBe('ENOSYS');
  expect(codeOf(() => core.irqChipSetWakeParent(data, true))).toBe('ENOSYS');
  expect(codeOf(() => core.irqChipSetVcpuAffinityParent(data, null))).toBe('ENOSYS');
});

test.each([core.irqChipMaskParent, core.irqChipUnmaskParent, core.irqChipMaskAckParent, core.irqChipAckParent, core.irqChipEoiParent])('%p of a parent that cannot is ENOSYS, and says what to add', (helper) => {
  const { data } = child([]);
  expect(codeOf(() => helper(data))).toBe('ENOSYS');
  expect(() => helper(data)).toThrow(`irq 0: the parent chip noting has no irq${helper.name.slice('irqChip'.length, -'Parent'.length)}, which its child calls: add it there.`);
});

test.each([[core.irqChipEnableParent, 'irqUnmask'], [core.irqChipDisableParent, 'irqMask']] as const)('%p of a parent that can neither do it nor stand in for it is ENOSYS', (helper, missing) => {
  const { data } = child([]);
  expect(codeOf(() => helper(data))).toBe('ENOSYS');
  expect(() => helper(data)).toThrow(`has no ${missing}, which its child calls`);
});

test('else their results and arguments pass through', () => {
  const seen: unknown[] = [];
  const { data } = child([], {
    irqSetAffinity: (_data, dest, force) => { seen.push(dest.toList(), force); return 2; },
    irqSetType: (_data, type) => { seen.push(type); return 1; },
    irqSetWake: (_data, on) => void seen.push(on),
    irqSetVcpuAffinity: (_data, info) => void seen.push(info),
  });
  expect([core.irqChipSetAffinityParent(data, new CpuMask(2, [1]), true), core.irqChipSetTypeParent(data, 8)]).toEqual([2, 1]);
  core.irqChipSetWakeParent(data, false);
  core.irqChipSetVcpuAffinityParent(data, 'vcpu');
  expect(seen).toEqual(['1', true, 8, false, 'vcpu']);
});

test('a parent that need not be told of wake is not', () => {
  const { data, calls } = child(['irqSetWake'], { flags: core.IRQCHIP.SKIP_SET_WAKE });
  core.irqChipSetWakeParent(data, true);
  expect(calls).toEqual([]);
});

test('state: false and nothing without a parent or a callback', () => {
  const { data } = makeBench();
  expect(core.irqChipGetParentState(data, 'PENDING')).toBe(false);
  core.irqChipSetParentState(data, 'PENDING', true);
  const { data: below, calls } = child(['irqSetIrqchipState'], { irqGetIrqchipState: () => true });
  expect(core.irqChipGetParentState(below, 'PENDING')).toBe(true);
  core.irqChipSetParentState(below, 'PENDING', true);
  expect(calls).toEqual(['irqSetIrqchipState']);
});

test('the outermost level that can compose an MSI message does', () => {
  const msg: MsiMsg = { addressLo: 0, addressHi: 0, data: 0 };
  const compose = (value: number): Partial<IrqChip> => ({ irqComposeMsiMsg: (_data, out) => { out.data = value; } });
  const { data } = child([], compose(1));
  core.irqChipComposeMsiMsg(data, msg);
  expect(msg.data).toBe(1);
  data.chip = { ...data.chip, ...compose(2) };
  core.irqChipComposeMsiMsg(data, msg);
  expect(msg.data).toBe(2);
  expect(codeOf(() => core.irqChipComposeMsiMsg(makeBench().data, msg))).toBe('ENOSYS');
});
