import { ImsicFile, type ImsicHardware, imsicHardware } from '../hardware/index.ts';
import { FakeLines, hardwareContext } from './fake-lines.ts';

const EIDELIVERY = 0x70;
const EITHRESHOLD = 0x72;
const EIP0 = 0x80;
const EIE0 = 0xc0;

function file(nrIds = 255, xlen: 32 | 64 = 64): { file: ImsicFile; put(select: number, lo: number, hi?: number): void; get(select: number): [number, number]; level(): boolean } {
  let level = false;
  const it = new ImsicFile(nrIds, xlen, (high) => { level = high; });
  return {
    file: it,
    put: (select, lo, hi = 0) => { it.select = select; it.writeIreg(lo, hi); },
    get: (select) => { it.select = select; return [it.readIreg(), it.readIregHi()]; },
    level: () => level,
  };
}

test('the lowest pending and enabled identity is on top, and a claim takes exactly that one', () => {
  const f = file();
  f.put(EIE0, -1, -1);
  for (const id of [40, 9, 3, 63]) f.file.setPending(id);
  expect([f.file.claim(), f.file.claim(), f.file.claim(), f.file.claim(), f.file.claim()])
    .toEqual([0x30003, 0x90009, 0x280028, 0x3f003f, 0]);
});

test('a message that comes between looking at topei and claiming changes what is claimed', () => {
  const f = file();
  f.put(EIE0, -1);
  f.file.setPending(20);
  expect(f.file.topei()).toBe(0x140014);
  f.file.setPending(4);
  expect(f.file.claim()).toBe(0x40004);
  expect(f.file.isPending(20)).toBe(true);
});

test('delivery gates the line, not topei; the threshold gates both', () => {
  const f = file();
  f.put(EIE0, -1);
  f.file.setPending(10);
  expect([f.file.topei(), f.level()]).toEqual([0xa000a, false]);
  f.put(EIDELIVERY, 1);
  expect(f.level()).toBe(true);
  f.put(EITHRESHOLD, 10);
  expect([f.file.topei(), f.level()]).toEqual([0, false]);
  f.put(EITHRESHOLD, 11);
  expect([f.file.topei(), f.level()]).toEqual([0xa000a, true]);
});

test('identity 0 and identities above the last do not exist', () => {
  const f = file(63);
  f.put(EIE0, -1, -1);
  expect(f.get(EIE0)).toEqual([~1, -1]);
  for (const id of [0, 64, 2047, 0xffffffff]) f.file.setPending(id);
  expect(f.file.topei()).toBe(0);
  f.put(EIP0 + 2, -1, -1);
  expect(f.get(EIP0 + 2)).toEqual([0, 0]);
});

test('up to identity 2047: bit 63 of eip62 and eie62', () => {
  const f = file(2047);
  f.put(EIE0 + 62, 0, 1 << 31);
  f.file.setPending(2047);
  expect(f.get(EIP0 + 62)).toEqual([0, 1 << 31]);
  expect(f.file.claim()).toBe((2047 << 16) | 2047);
});

test('software may set pending bits through eip', () => {
  const f = file();
  f.put(EIE0, 0x100);
  f.put(EIDELIVERY, 1);
  f.put(EIP0, 0x101);
  expect(f.get(EIP0)).toEqual([0x100, 0]);
  expect(f.level()).toBe(true);
  f.put(EIP0, 0);
  expect(f.level()).toBe(false);
});

test('on RV64 odd eip and eie numbers are illegal instructions; on RV32 each covers 32 identities', () => {
  const wide = file();
  expect(() => wide.get(EIP0 + 1)).toThrow(/Illegal instruction.*0x81.*RV64/);
  expect(() => wide.put(EIE0 + 1, 1)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  const narrow = file(63, 32);
  narrow.put(EIE0 + 1, 4, -1);
  expect(narrow.get(EIE0 + 1)).toEqual([4, 0]);
  narrow.file.setPending(34);
  expect(narrow.file.claim()).toBe(0x220022);
});

test('reserved numbers read 0 and ignore writes; numbers of other devices are illegal', () => {
  const f = file();
  f.put(0x71, -1);
  f.put(0x7f, -1);
  expect([f.get(0x71), f.get(0x7f)]).toEqual([[0, 0], [0, 0]]);
  expect(() => f.get(0x30)).toThrow(/selects no IMSIC register/);
});

describe('a node', () => {
  const twoSockets = (lines: FakeLines, options = {}): ImsicHardware => imsicHardware.create(hardwareContext(lines, {
    properties: { 'riscv,num-ids': 255, 'riscv,guest-index-bits': 1 },
    regions: [{ base: 0x28000000, size: 0x4000 }, { base: 0x29000000, size: 0x4000 }],
    targets: [{ hartid: 0, irq: 9 }, { hartid: 1, irq: 9 }, { hartid: 4, irq: 9 }, { hartid: 5, irq: 9 }],
    options,
  }));
  const enableAll = (lines: FakeLines, hartid: number, base = 0x150): void => {
    lines.csr(hartid, base).write(EIE0, 0);
    lines.csr(hartid, base + 1).write(-1, -1);
    lines.csr(hartid, base).write(EIDELIVERY, 0);
    lines.csr(hartid, base + 1).write(1, 0);
  };

  test('lays its files out hart after hart, region after region, guests in between', () => {
    const lines = new FakeLines();
    const imsic = twoSockets(lines);
    imsic.devices[1]!.write(0x2000, 4, 7); // second hart of the second socket
    expect(imsic.file(5).isPending(7)).toBe(true);
    imsic.devices[0]!.write(0x1000, 4, 8); // guest 1 of hart 0
    expect([imsic.file(0, 1).isPending(8), imsic.file(0).isPending(8)]).toEqual([true, false]);
    expect(() => imsic.file(2)).toThrow(/no interrupt file 0 for hart 2; it serves harts 0, 1, 4, 5/);
  });

  test('drives the external line of the right hart, once a change', () => {
    const lines = new FakeLines();
    const imsic = twoSockets(lines);
    enableAll(lines, 4);
    imsic.devices[1]!.write(0, 4, 5);
    imsic.devices[1]!.write(0, 4, 6);
    expect([0, 1, 4, 5].map((hart) => lines.isPending(hart, 9))).toEqual([false, false, true, false]);
    expect(lines.changes).toBe(1);
    expect(lines.csr(4, 0x15c).swap!(0)).toBe(0x50005);
    expect(lines.csr(4, 0x15c).swap!(0)).toBe(0x60006);
    expect(lines.isPending(4, 9)).toBe(false);
  });

  test('reads 0 everywhere; takes 4-byte stores in either byte order, and no others', () => {
    const lines = new FakeLines();
    const imsic = twoSockets(lines);
    const page = imsic.devices[0]!;
    for (const width of [1, 2, 8]) page.write(0, width, 9);
    page.write(8, 4, 9);
    expect(imsic.file(0).isPending(9)).toBe(false);
    page.write(4, 4, 0x09000000);
    expect(imsic.file(0).isPending(9)).toBe(true);
    expect([page.read(0, 4), page.read(4, 4), page.read(8, 4)]).toEqual([0, 0, 0]);
  });

  test('delayed: messages wait in store order per file until they are let through', () => {
    const lines = new FakeLines();
    const imsic = twoSockets(lines, { delayed: true });
    enableAll(lines, 0);
    for (const id of [30, 20, 10]) imsic.devices[0]!.write(0, 4, id);
    imsic.devices[0]!.write(0x2000, 4, 3);
    expect([imsic.waiting(0), imsic.waiting(), lines.isPending(0, 9)]).toEqual([3, 4, false]);
    imsic.flush(0, 2);
    expect([30, 20, 10].map((id) => imsic.file(0).isPending(id))).toEqual([true, true, false]);
    expect(lines.csr(0, 0x15c).swap!(0)).toBe(0x140014);
    imsic.flush();
    expect([imsic.file(0).isPending(10), imsic.file(1).isPending(3), imsic.waiting()]).toEqual([true, true, 0]);
  });

  test('M-level files answer at the machine CSRs and drive MEIP', () => {
    const lines = new FakeLines();
    const imsic = imsicHardware.create(hardwareContext(lines, {
      properties: { 'riscv,num-ids': 63 }, regions: [{ base: 0x24000000, size: 0x1000 }], targets: [{ hartid: 0, irq: 11 }],
    }));
    enableAll(lines, 0, 0x350);
    imsic.devices[0]!.write(0, 4, 1);
    expect([lines.isPending(0, 11), lines.isPending(0, 9), lines.csr(0, 0x35c).read()]).toEqual([true, false, 0x10001]);
  });

  test('a hart that does not exist leaves its page empty and the others in place', () => {
    const lines = new FakeLines();
    const imsic = imsicHardware.create(hardwareContext(lines, {
      properties: { 'riscv,num-ids': 63 }, regions: [{ base: 0x28000000, size: 0x2000 }], targets: [{ hartid: null, irq: 9 }, { hartid: 1, irq: 9 }],
    }));
    imsic.devices[0]!.write(0, 4, 2);
    imsic.devices[0]!.write(0x1000, 4, 2);
    expect(imsic.file(1).isPending(2)).toBe(true);
  });

  test.each([undefined, 0, 62, 64, 2048, 100])('num-ids %s is refused', (nr) => {
    expect(() => imsicHardware.create(hardwareContext(new FakeLines(), {
      properties: nr === undefined ? {} : { 'riscv,num-ids': nr }, regions: [], targets: [],
    }))).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('64 * n - 1') }));
  });
});
