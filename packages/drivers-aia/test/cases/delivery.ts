import { R, type Board, type SpecCase } from '../hardware-board.ts';

const M = 'aplic_m';
const DETACHED = 1;

function open(b: Board, source: number, { hart = 0, priority = 1 } = {}): void {
  b.write(M, R.sourcecfg(source), DETACHED);
  b.write(M, R.target(source), (hart << 18) | priority);
  b.write(M, R.setienum, source);
  b.write(M, R.idelivery(hart), 1);
  b.write(M, R.domaincfg, 0x100);
}
const pend = (b: Board, ...sources: number[]): void => sources.forEach((source) => b.write(M, R.setipnum, source));

export const deliveryCases: readonly SpecCase[] = [
  {
    name: 'rv_plic 2: sources that come together are all delivered: smallest priority number first, then smallest source',
    run: (make) => {
      const b = make();
      for (const [source, priority] of [[40, 2], [7, 3], [9, 2], [90, 1]] as const) open(b, source, { priority });
      pend(b, 7, 9, 40, 90);
      expect(Array.from({ length: 5 }, () => b.read(M, R.claimi(0)))).toEqual([0x5a0001, 0x90002, 0x280002, 0x70003, 0]);
      expect(b.line(0, 11)).toBe(false);
    },
  },
  {
    name: 'AIA 4.8.1.3: threshold P hides priority P and above from topi, claimi and the line; 0 hides nothing',
    run: (make) => {
      const b = make();
      open(b, 3, { priority: 4 });
      pend(b, 3);
      const seen = [3, 4, 5, 0].map((threshold) => {
        b.write(M, R.ithreshold(0), threshold);
        return [b.read(M, R.topi(0)), b.line(0, 11)];
      });
      expect(seen).toEqual([[0, false], [0, false], [0x30004, true], [0x30004, true]]);
      b.write(M, R.ithreshold(0), 4);
      expect([b.read(M, R.claimi(0)), b.read(M, R.setip(0))]).toEqual([0, 8]);
    },
  },
  {
    name: 'AIA 4.8.1.3, 4.5.16.1: priorities and thresholds have IPRIOLEN bits, and priority 0 becomes 1',
    run: (make) => {
      for (const [iprioBits, mask] of [[1, 1], [3, 7], [8, 255]] as const) {
        const b = make({ aplic: { iprioBits } });
        b.write(M, R.sourcecfg(3), DETACHED);
        b.write(M, R.ithreshold(0), 0xffffffff);
        const read = [0x1ff, 0x100, 0x40000 | (mask + 1), 0xffffffff].map((value) => {
          b.write(M, R.target(3), value);
          return b.read(M, R.target(3));
        });
        expect([...read, b.read(M, R.ithreshold(0))]).toEqual([mask, 1, 0x40001, (0xfffc0000 | mask) >>> 0, mask]);
      }
    },
  },
  {
    name: 'AIA 4.8.1.4: topi shows what is on top whether or not it is delivered; IE and idelivery gate the line',
    run: (make) => {
      const b = make();
      open(b, 3, { hart: 1, priority: 2 });
      pend(b, 3);
      expect(b.line(1, 11)).toBe(true);
      b.write(M, R.idelivery(1), 0);
      expect([b.line(1, 11), b.read(M, R.topi(1))]).toEqual([false, 0x30002]);
      b.write(M, R.idelivery(1), 0xffffffff);
      b.write(M, R.domaincfg, 0);
      expect([b.line(1, 11), b.read(M, R.topi(1)), b.read(M, R.idelivery(1)), b.read(M, R.topi(0))]).toEqual([false, 0x30002, 1, 0]);
    },
  },
  {
    name: 'AIA 4.8.1.5: claimi returns and claims in one access; what comes later is left alone',
    run: (make) => {
      const b = make();
      open(b, 20);
      open(b, 4);
      pend(b, 20);
      expect(b.read(M, R.topi(0))).toBe(0x140001);
      pend(b, 4);
      expect([b.read(M, R.claimi(0)), b.read(M, R.setip(0))]).toEqual([0x40001, 1 << 20]);
      b.write(M, R.claimi(0), 0xffffffff);
      b.write(M, R.topi(0), 0xffffffff);
      expect(b.read(M, R.claimi(0))).toBe(0x140001);
    },
  },
  {
    name: 'AIA 4.8.1.2: iforce makes a spurious interrupt, which a claim of nothing ends',
    run: (make) => {
      const b = make();
      b.write(M, R.iforce(2), 3);
      expect([b.line(2, 11), b.read(M, R.iforce(2))]).toEqual([false, 1]);
      b.write(M, R.idelivery(2), 1);
      b.write(M, R.domaincfg, 0x100);
      expect([b.line(2, 11), b.read(M, R.topi(2))]).toEqual([true, 0]);
      open(b, 3, { hart: 2 });
      pend(b, 3);
      expect([b.read(M, R.claimi(2)), b.line(2, 11), b.read(M, R.iforce(2))]).toEqual([0x30001, true, 1]);
      expect([b.read(M, R.claimi(2)), b.line(2, 11), b.read(M, R.iforce(2))]).toEqual([0, false, 0]);
    },
  },
  {
    name: 'AIA 4.5.16: a pending interrupt follows its target to another hart',
    run: (make) => {
      const b = make();
      open(b, 3, { hart: 1 });
      b.write(M, R.idelivery(3), 1);
      pend(b, 3);
      b.write(M, R.target(3), (3 << 18) | 1);
      expect([b.line(1, 11), b.line(3, 11), b.read(M, R.claimi(1)), b.read(M, R.claimi(3))]).toEqual([false, true, 0, 0x30001]);
    },
  },
  {
    name: 'AIA 4.5.16: a hart index without a hart is kept, and delivers to nobody',
    run: (make) => {
      const b = make({ harts: 2 });
      open(b, 3, { hart: 9 });
      pend(b, 3);
      expect([b.read(M, R.target(3)), b.read(M, R.idelivery(9)), b.read(M, R.claimi(9)), b.read(M, R.setip(0)), b.harts.changes]).toEqual([(9 << 18) | 1, 0, 0, 8, []]);
    },
  },
  {
    name: 'riscv,hart-indexes: structures and targets go by hart index, not by position',
    run: (make) => {
      const b = make({ harts: 3, more: { aplic_m: 'riscv,hart-indexes = <4 0 17>;' } });
      open(b, 3, { hart: 17 });
      pend(b, 3);
      expect([0, 1, 2].map((hart) => b.line(hart, 11))).toEqual([false, false, true]);
      b.write(M, R.idelivery(1), 1);
      expect([b.read(M, R.idelivery(1)), b.read(M, R.claimi(17))]).toEqual([0, 0x30001]);
    },
  },
  {
    name: 'targetsStickWhileInactive: what is written to an inactive target counts later; strictly it is lost',
    run: (make) => {
      for (const targetsStickWhileInactive of [true, false]) {
        const b = make({ aplic: { targetsStickWhileInactive } });
        b.write(M, R.target(3), (2 << 18) | 5);
        const before = b.read(M, R.target(3));
        b.write(M, R.sourcecfg(3), DETACHED);
        expect([before, b.read(M, R.target(3))]).toEqual(targetsStickWhileInactive ? [0x80005, 0x80005] : [0, 1]);
      }
    },
  },
  {
    name: 'clearDelayNs: a clear arrives late, behind sets that were written after it, or with the next read',
    run: (make) => {
      const b = make({ aplic: { clearDelayNs: 100 } });
      open(b, 3);
      open(b, 4);
      pend(b, 3);
      b.write(M, R.clripnum, 3);
      b.clock.advance(50);
      pend(b, 3);
      expect(b.line(0, 11)).toBe(true);
      b.clock.advance(50);
      expect(b.line(0, 11)).toBe(false);
      pend(b, 4);
      b.write(M, R.clrienum, 4);
      expect(b.line(0, 11)).toBe(true);
      expect([b.read(M, R.setie(0)), b.line(0, 11)]).toEqual([8, false]);
      b.clock.advance(1000);
      expect(b.read(M, R.setip(0))).toBe(16);
    },
  },
];
