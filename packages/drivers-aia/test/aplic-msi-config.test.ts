/** How the IMSIC's layout becomes the APLIC's address fields, and a message its target. */
import type { MsiMsg } from '@irqchip/genirq-core';
import { Smp } from '@irqchip/smp';
import { FakeNode } from '@irqchip/test-support';
import { AplicDevice } from '../src/aplic/device.ts';
import { aplicMsicfg, msiaddrcfgWords, msiTarget, type AplicMsicfg } from '../src/aplic/msi-config.ts';
import type { ImsicGlobalConfig } from '../src/index.ts';

const smp = (): Smp => new Smp({ nrCpus: 1 });
const imsic = (over: Partial<ImsicGlobalConfig> = {}): ImsicGlobalConfig => ({
  guestIndexBits: 0, hartIndexBits: 2, groupIndexBits: 0, groupIndexShift: 24, baseAddr: 0x28000000, nrIds: 255, nrGuestIds: 255, ...over,
});
const cfgOf = (over: Partial<ImsicGlobalConfig>, on = smp()): AplicMsicfg => aplicMsicfg(new AplicDevice(on.log, new FakeNode('/soc/interrupt-controller@d000000', null), []), imsic(over));
const msg = (address: number, data: number): MsiMsg => ({ addressHi: Math.floor(address / 2 ** 32), addressLo: address | 0, data });

describe('the layout', () => {
  test('of a plain IMSIC', () => {
    expect(cfgOf({})).toEqual({ basePpn: 0x28000, hhxs: 0, hhxw: 0, lhxs: 0, lhxw: 2 });
  });

  test('with guests and groups; index bits of the base address do not count', () => {
    expect(cfgOf({ guestIndexBits: 3, hartIndexBits: 4, groupIndexBits: 2, groupIndexShift: 28, baseAddr: 0x1_a800_7000 }))
      .toEqual({ basePpn: 0x1_88000, hhxs: 4, hhxw: 2, lhxs: 3, lhxw: 4 });
  });

  test.each<[Partial<ImsicGlobalConfig>, string]>([
    [{ guestIndexBits: 8 }, 'IMSIC guest index bits big for APLIC LHXS'],
    [{ hartIndexBits: 16 }, 'IMSIC hart index bits big for APLIC LHXW'],
    [{ groupIndexBits: 8 }, 'IMSIC group index bits big for APLIC HHXW'],
    [{ groupIndexShift: 23 }, 'IMSIC group index shift should be >= 24'],
    [{ groupIndexShift: 56 }, 'IMSIC group index shift big for APLIC HHXS'],
  ])('%o: EINVAL', (over, message) => {
    const on = smp();
    expect(() => cfgOf(over, on)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(on.log.records.map(({ text }) => text)).toEqual([`riscv-aplic soc:interrupt-controller@d000000: ${message}`]);
  });

  test.each<[Partial<ImsicGlobalConfig>, Partial<AplicMsicfg>]>([
    [{ guestIndexBits: 7 }, { lhxs: 7 }],
    [{ hartIndexBits: 15 }, { lhxw: 15 }],
    [{ groupIndexBits: 7, groupIndexShift: 24 }, { hhxw: 7 }],
    [{ groupIndexShift: 55 }, { hhxs: 31 }],
  ])('%o is the most that fits', (over, expected) => {
    expect(cfgOf(over)).toMatchObject(expected);
  });

  test('in the registers: LHXW 15:12, HHXW 18:16, LHXS 22:20, HHXS 28:24, and the page number', () => {
    expect(msiaddrcfgWords({ basePpn: 0xabc_89ab_cdef, hhxs: 0x15, hhxw: 5, lhxs: 6, lhxw: 0xd })).toEqual({ low: 0x89abcdef | 0, high: 0x1565dabc });
  });
});

describe('the target of a message', () => {
  const groups: AplicMsicfg = { basePpn: 0x28000, hhxs: 0, hhxw: 1, lhxs: 2, lhxw: 3 };

  test.each([
    ['the first hart', 0x2800_0000, 5, 5],
    ['hart 3', 0x2800_0000 + (3 << 14), 5, (3 << 18) | 5],
    ['hart 3 of group 1: above the hart\'s bits', 0x2800_0000 + 2 ** 24 + (3 << 14), 5, (11 << 18) | 5],
    ['guest 2 of hart 1', 0x2800_0000 + (1 << 14) + 0x2000, 2047, (1 << 18) | (2 << 12) | 2047],
  ])('%s', (_name, address, data, target) => {
    const on = smp();
    expect(msiTarget(groups, msg(address, data), on.diagnostics)).toBe(target);
    expect(on.diagnostics.open).toEqual([]);
  });

  test('above 4 GiB', () => {
    const cfg = cfgOf({ baseAddr: 0x12_3800_0000, groupIndexShift: 40, groupIndexBits: 2 });
    const on = smp();
    expect(msiTarget(cfg, msg(0x12_3800_3000 + 2 ** 40 * 3, 7), on.diagnostics)).toBe((15 << 18) | 7);
    expect(on.diagnostics.open).toEqual([]);
  });

  test.each([
    ['an identity above 2047', msg(0x2800_0000, 2048), 0, /identity does not fit/],
    ['an address of somebody else', msg(0x2900_0000 * 2, 9), 9, /not one of the IMSIC/],
  ])('%s: a finding', (_name, message, target, finding) => {
    const on = smp();
    expect(msiTarget(groups, message, on.diagnostics)).toBe(target);
    expect(on.diagnostics.take('warn').map(({ message: text }) => text)).toEqual([expect.stringMatching(finding)]);
  });

  test('a hart index above 16383: a finding, for the register has 14 bits', () => {
    const cfg: AplicMsicfg = { basePpn: 0, hhxs: 4, hhxw: 7, lhxs: 0, lhxw: 8 };
    const on = smp();
    expect(msiTarget(cfg, msg(0x40 * 2 ** 28 + 0x1000, 1), on.diagnostics)).toBe((1 << 18) | 1);
    expect(on.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringMatching(/hart index 16385 does not fit/)]);
  });
});
