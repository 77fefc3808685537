import type { Board, SpecCase } from '../hardware-board.ts';

const S_PAGE = 0x28000000;
const EIDELIVERY = 0x70;
const EITHRESHOLD = 0x72;
const EIE0 = 0xc0;
const SIREG = 0x151;
const STOPEI = 0x15c;
const HSTATUS = 0x600;
const HGEIE = 0x607;
const HGEIP = 0xe12;
const VSISELECT = 0x250;
const VSIREG = 0x251;
const VSTOPEI = 0x25c;

function ready(b: Board, hart = 0, level: 's' | 'vs' = 's'): void {
  b.ireg(hart, level, EIDELIVERY, 1);
  b.ireg(hart, level, EIE0, -1, -1);
}

export const imsicCases: readonly SpecCase[] = [
  {
    name: 'AIA 3.9: csrrw of topei claims what it returns; a read and a later write may claim something else',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      const topei = b.csr(0, STOPEI);
      b.write32(S_PAGE, 20);
      expect(topei.read()).toBe(0x140014);
      b.write32(S_PAGE, 4);
      expect([topei.swap!(0), topei.read()]).toEqual([0x40004, 0x140014]);
      b.write32(S_PAGE, 4);
      topei.write(0x140014, 0);
      expect([topei.swap!(0), topei.swap!(0), b.line(0, 9)]).toEqual([0x140014, 0, false]);
    },
  },
  {
    name: 'AIA 3.8.2: threshold P hides identity P and above from topei and from the line',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      b.write32(S_PAGE, 9);
      const seen = [9, 10, 8, 0].map((threshold) => {
        b.ireg(0, 's', EITHRESHOLD, threshold);
        return [b.csr(0, STOPEI).read(), b.line(0, 9)];
      });
      expect(seen).toEqual([[0, false], [0x90009, true], [0, false], [0x90009, true]]);
    },
  },
  {
    name: 'AIA 3.8.1: eidelivery gates the line and not topei, and keeps no value that it has not',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      b.write32(S_PAGE, 9);
      for (const [value, kept] of [[0x40000000, 0], [2, 0], [3, 1], [0, 0]] as const) {
        b.ireg(0, 's', EIDELIVERY, value);
        expect([b.csr(0, SIREG).read(), b.line(0, 9), b.csr(0, STOPEI).read()]).toEqual([kept, kept === 1, 0x90009]);
      }
    },
  },
  {
    name: 'AIA 3.8.3: on RV64 an odd number is an illegal instruction, or is ignored if told so; on RV32 it is 32 identities',
    run: (make) => {
      const b = make({ mode: 'msi' });
      expect(() => b.ireg(0, 's', EIE0 + 1, -1)).toThrow(/Illegal instruction.*0xc1/);
      const lenient = make({ mode: 'msi', imsic: { illegalCsr: 'ignore' } });
      lenient.ireg(0, 's', EIE0 + 1, -1, -1);
      lenient.ireg(0, 's', 0x30, -1, -1);
      expect([lenient.csr(0, SIREG).read(), lenient.csr(0, SIREG).readHi!()]).toEqual([0, 0]);
      lenient.csr(0, 0x150).write(EIE0, 0);
      expect([lenient.csr(0, SIREG).read(), lenient.csr(0, SIREG).readHi!()]).toEqual([0, 0]);
      const narrow = make({ mode: 'msi', xlen: 32 });
      narrow.ireg(0, 's', EIDELIVERY, 1);
      narrow.ireg(0, 's', EIE0 + 7, -1, -1);
      narrow.write32(S_PAGE, 223);
      expect(narrow.line(0, 9)).toBe(false);
      narrow.write32(S_PAGE, 255);
      expect([narrow.csr(0, SIREG).read(), narrow.csr(0, SIREG).readHi!(), narrow.csr(0, STOPEI).read()]).toEqual([-1, 0, 0xff00ff]);
    },
  },
  {
    name: 'AIA 3.5: an identity counts once however often it is stored before it is claimed',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      for (let k = 0; k < 3; k++) b.write32(S_PAGE, 7);
      expect([b.csr(0, STOPEI).swap!(0), b.csr(0, STOPEI).swap!(0)]).toEqual([0x70007, 0]);
    },
  },
  {
    name: 'AIA 3.5: with msiDelayNs messages count later, in store order per file',
    run: (make) => {
      const b = make({ mode: 'msi', imsic: { msiDelayNs: 500 } });
      ready(b);
      b.write32(S_PAGE, 30);
      b.clock.advance(100);
      b.write32(S_PAGE, 3);
      b.clock.advance(399);
      expect(b.line(0, 9)).toBe(false);
      b.clock.advance(1);
      expect(b.csr(0, STOPEI).swap!(0)).toBe(0x1e001e);
      b.clock.advance(99);
      expect(b.line(0, 9)).toBe(false);
      b.clock.advance(1);
      expect(b.csr(0, STOPEI).swap!(0)).toBe(0x30003);
    },
  },
  {
    name: 'AIA 3.7, 3.10: a guest file answers at the vs CSRs while VGEIN names it, and shows in hgeip',
    run: (make) => {
      const b = make({ mode: 'msi', guestBits: 2 });
      ready(b, 1);
      b.csr(1, HSTATUS).write(2 << 12, 0);
      ready(b, 1, 'vs');
      const page = S_PAGE + 0x1000 * (4 + 2);
      b.write32(page, 11);
      b.write32(page + 0x1000, 12);
      expect([b.csr(1, HGEIP).read(), b.csr(1, VSTOPEI).read(), b.csr(1, STOPEI).read(), b.line(1, 9)]).toEqual([4, 0xb000b, 0, false]);
      expect([b.csr(1, VSTOPEI).swap!(0), b.csr(1, HGEIP).read()]).toEqual([0xb000b, 0]);
      b.csr(1, HSTATUS).write(3 << 12, 0);
      expect(b.csr(1, VSTOPEI).read()).toBe(0);
      b.csr(1, VSIREG).write(1 << 12, 0);
      expect([b.csr(1, VSISELECT).read(), b.csr(1, VSTOPEI).read()]).toEqual([EIE0, 0xc000c]);
    },
  },
  {
    name: 'hypervisor extension: hgeip and hgeie together make the guest external interrupt; only bits of files that exist count',
    run: (make) => {
      for (const [guestBits, xlen, lo, hi] of [[1, 64, 2, 0], [2, 64, 0xe, 0], [5, 64, -2, 0], [6, 64, -2, -1], [6, 32, -2, 0]] as const) {
        const b = make({ mode: 'msi', guestBits, xlen });
        b.csr(0, HGEIE).write(-1, -1);
        expect([b.csr(0, HGEIE).read(), b.csr(0, HGEIE).readHi!()]).toEqual([lo, hi]);
        b.csr(0, HGEIE).write(0, 0);
        b.csr(0, HSTATUS).write(1 << 12, 0);
        b.ireg(0, 'vs', EIDELIVERY, 1);
        b.ireg(0, 'vs', EIE0, -1, -1);
        b.write32(S_PAGE + 0x1000, 5);
        expect([b.csr(0, HGEIP).read(), b.line(0, 12)]).toEqual([2, false]);
        b.csr(0, HGEIE).write(2, 0);
        expect(b.line(0, 12)).toBe(true);
        b.csr(0, VSTOPEI).write(0, 0);
        expect([b.csr(0, HGEIP).read(), b.line(0, 12)]).toEqual([0, false]);
      }
    },
  },
  {
    name: 'AIA 3.7: vs CSRs are illegal while VGEIN names no file, or ignored if told so',
    run: (make) => {
      const b = make({ mode: 'msi', guestBits: 1 });
      for (const guest of [0, 2]) {
        b.csr(0, HSTATUS).write(guest << 12, 0);
        expect(() => b.csr(0, VSTOPEI).read()).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('guest interrupt files 1 to 1') as string }));
        expect(() => b.csr(0, VSIREG).write(1, 0)).toThrow(/VGEIN/);
      }
      const lenient = make({ mode: 'msi', guestBits: 1, imsic: { illegalCsr: 'ignore' } });
      lenient.csr(0, VSIREG).write(1, 0);
      expect([lenient.csr(0, VSIREG).read(), lenient.csr(0, VSTOPEI).swap!(0), lenient.csr(0, HSTATUS).read()]).toEqual([0, 0, 0]);
    },
  },
  {
    name: 'AIA 3.8.1: a guest file cannot stand aside for an APLIC, and starts off',
    run: (make) => {
      const b = make({ mode: 'msi', guestBits: 1, imsic: { alternateDelivery: true } });
      b.csr(0, HSTATUS).write(1 << 12, 0);
      b.csr(0, VSISELECT).write(EIDELIVERY, 0);
      const reset = b.csr(0, VSIREG).read();
      b.csr(0, VSIREG).write(0x40000000, 0);
      expect([reset, b.csr(0, VSIREG).read()]).toEqual([0, 0]);
    },
  },
  {
    name: 'pulses: an access while the line is up takes it down and up again; otherwise nothing moves',
    run: (make) => {
      for (const pulses of [true, false]) {
        const b = make({ mode: 'msi', imsic: { pulses } });
        ready(b);
        b.write32(S_PAGE, 9);
        b.harts.changes.length = 0;
        b.write32(S_PAGE, 10);
        b.csr(0, STOPEI).read();
        expect(b.harts.changes).toEqual(pulses ? ['0.9=0', '0.9=1', '0.9=0', '0.9=1'] : []);
      }
    },
  },
];
