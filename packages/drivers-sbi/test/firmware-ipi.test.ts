import { SBI_ERR } from '@irqchip/riscv';
import { bench, type Bench } from './bench.ts';

const IPI = 0x735049;
const RFENCE = 0x52464e43;
const SSIP = 1;

const HARTIDS = [0, 1, 2, 3];
const online = (over: object = {}): Bench => bench({ hartids: HARTIDS, started: HARTIDS, ...over });
const told = ({ lines }: Bench, hartids: readonly number[] = HARTIDS): number[] => hartids.filter((hart) => lines.isPending(hart, SSIP));

describe('kvm-unit-tests riscv/sbi.c: IPI', () => {
  test('a bad FID is NOT_SUPPORTED', () => {
    const sbi = online().firmware.forHart(0);
    expect(sbi.ecall(IPI, 0xbad, 1, 0)).toBe(SBI_ERR.NOT_SUPPORTED);
  });

  test.each(HARTIDS)('one hart, %i, receives and nobody else', (target) => {
    const b = online();
    expect(b.firmware.forHart(0).ecall(IPI, 0, 1, target)).toBe(SBI_ERR.SUCCESS);
    expect(told(b)).toEqual([target]);
  });

  test('two harts in one mask', () => {
    const b = online();
    expect(b.firmware.forHart(0).ecall(IPI, 0, 0b101, 1)).toBe(SBI_ERR.SUCCESS);
    expect(told(b)).toEqual([1, 3]);
  });

  test('broadcast, base -1, reaches all', () => {
    const b = online();
    expect(b.firmware.forHart(2).ecall(IPI, 0, 0, -1)).toBe(SBI_ERR.SUCCESS);
    expect(told(b)).toEqual(HARTIDS);
  });

  test.each([0, 1])('an empty mask with base %i succeeds and reaches nobody', (base) => {
    const b = online();
    expect(b.firmware.forHart(0).ecall(IPI, 0, 0, base)).toBe(SBI_ERR.SUCCESS);
    expect(told(b)).toEqual([]);
  });

  test('max hartid + 1, named by its mask bit, is INVALID_PARAM and reaches nobody', () => {
    const b = online();
    expect(b.firmware.forHart(0).ecall(IPI, 0, 0b11000, 0)).toBe(SBI_ERR.INVALID_PARAM);
    expect(told(b)).toEqual([]);
  });

  test('max hartid + 1, named by the base, is INVALID_PARAM', () => {
    const b = online();
    expect(b.firmware.forHart(0).ecall(IPI, 0, 1, 4)).toBe(SBI_ERR.INVALID_PARAM);
    expect(told(b)).toEqual([]);
  });
});

describe('hart masks', () => {
  test('the base need not exist unless its bit is set', () => {
    const b = bench({ hartids: [3, 5], started: [3, 5] });
    const sbi = b.firmware.forHart(3);
    expect(sbi.ecall(IPI, 0, 0b1000, 0)).toBe(SBI_ERR.SUCCESS);
    expect(sbi.ecall(IPI, 0, 0b10, 4)).toBe(SBI_ERR.SUCCESS);
    expect(told(b, [3, 5])).toEqual([3, 5]);
    expect(sbi.ecall(IPI, 0, 0b11, 4)).toBe(SBI_ERR.INVALID_PARAM);
  });

  test('all 64 bits count on RV64, the lower 32 on RV32', () => {
    const ids = [0, 31, 32, 63];
    const wide = bench({ hartids: ids, started: ids });
    expect(wide.firmware.forHart(0).ecallHalves(IPI, 0, [1 << 31, (1 << 31) | 1])).toBe(SBI_ERR.SUCCESS);
    expect(told(wide, ids)).toEqual([31, 32, 63]);
    const narrow = bench({ hartids: ids, started: ids, xlen: 32 });
    expect(narrow.firmware.forHart(0).ecallHalves(IPI, 0, [1 << 31, -1], [0, 5])).toBe(SBI_ERR.SUCCESS);
    expect(told(narrow, ids)).toEqual([31]);
  });

  test('on RV32 base -1 may be given as 0xffffffff', () => {
    const b = online({ xlen: 32 });
    expect(b.firmware.forHart(0).ecall(IPI, 0, 0, 0xffffffff)).toBe(SBI_ERR.SUCCESS);
    expect(told(b)).toEqual(HARTIDS);
  });

  test('large sparse hartids, as a base', () => {
    const ids = [0, 0x1000, 0x8000_0000_0000];
    const b = bench({ hartids: ids, started: ids });
    expect(b.firmware.forHart(0).ecall(IPI, 0, 1, 0x8000_0000_0000)).toBe(SBI_ERR.SUCCESS);
    expect(told(b, ids)).toEqual([0x8000_0000_0000]);
  });

  test('remote fences check theirs', () => {
    const sbi = online().firmware.forHart(0);
    for (let fid = 0; fid <= 6; fid++) expect([fid, sbi.ecall(RFENCE, fid, 0b1111, 0)]).toEqual([fid, SBI_ERR.SUCCESS]);
    expect(sbi.ecall(RFENCE, 7, 1, 0)).toBe(SBI_ERR.NOT_SUPPORTED);
    expect(sbi.ecall(RFENCE, 0, 1, 9)).toBe(SBI_ERR.INVALID_PARAM);
    expect(sbi.ecall(RFENCE, 1, 0, -1)).toBe(SBI_ERR.SUCCESS);
  });
});

test('a stopped hart hears nothing, and naming it is no error', () => {
  const b = bench({ hartids: HARTIDS, started: [0, 1] });
  expect(b.firmware.forHart(0).ecall(IPI, 0, 0b1111, 0)).toBe(SBI_ERR.SUCCESS);
  expect(told(b)).toEqual([0, 1]);
});

describe('legacy calls', () => {
  test('send_ipi takes the mask by address, clear_ipi tells and clears', () => {
    const b = online();
    const sbi = b.firmware.forHart(1);
    const address = sbi.storeHartMask(0b110, 0);
    expect(sbi.ecall(4, 0, address)).toBe(0);
    expect(told(b)).toEqual([1, 2]);
    expect([sbi.ecall(3, 0), sbi.ecall(3, 0)]).toEqual([1, 0]);
    expect(told(b)).toEqual([2]);
  });

  test('the function id is ignored and the value stays as it was', () => {
    const sbi = online().firmware.forHart(0);
    sbi.ecall(0x10, 0);
    expect(sbi.value).toBe(0x200_0000);
    expect(sbi.ecall(4, 99, sbi.storeHartMask(1, 0))).toBe(0);
    expect(sbi.value).toBe(0x200_0000);
  });

  test('address 0 is every hart; an address that holds no mask is refused; harts that do not exist are left out', () => {
    const b = online();
    const sbi = b.firmware.forHart(0);
    expect(sbi.ecall(4, 0, 0)).toBe(0);
    expect(told(b)).toEqual(HARTIDS);
    expect(sbi.ecall(4, 0, 0x1234)).toBe(SBI_ERR.INVALID_ADDRESS);
    expect(sbi.ecall(4, 0, sbi.storeHartMask(0x100, 0))).toBe(0);
  });

  test('each hart has a mask word of its own', () => {
    const b = online();
    const [first, second] = [b.firmware.forHart(0), b.firmware.forHart(1)];
    const address = first.storeHartMask(0b1000, 0);
    second.storeHartMask(0b0001, 0);
    first.ecall(4, 0, address);
    expect(told(b)).toEqual([3]);
  });

  test('fences, console, shutdown', () => {
    const b = online();
    const sbi = b.firmware.forHart(0);
    expect([5, 6, 7].map((eid) => sbi.ecall(eid, 0, 0))).toEqual([0, 0, 0]);
    expect(sbi.ecall(5, 0, 0x1234)).toBe(SBI_ERR.INVALID_ADDRESS);
    sbi.ecall(1, 0, 'k'.charCodeAt(0));
    expect([b.output.join(''), sbi.ecall(2, 0)]).toEqual(['k', -1]);
    sbi.ecall(8, 0);
    expect(b.events).toEqual(['reset 0 0']);
  });
});
