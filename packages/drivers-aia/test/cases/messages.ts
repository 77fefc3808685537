import { R, type Board, type SpecCase } from '../hardware-board.ts';

const M = 'aplic_m';
const S = 'aplic_s';
const DETACHED = 1;
const RISING = 4;
const HIGH = 6;
const D = 0x400;

/** Interrupt files of virt, at both levels, all identities enabled. */
function ready(b: Board, lhxs = 0): void {
  b.write(M, R.mmsiaddrcfg, 0x24000);
  b.write(M, R.mmsiaddrcfgh, 0x2000);
  b.write(M, R.smsiaddrcfg, 0x28000);
  b.write(M, R.smsiaddrcfgh, lhxs << 20);
  for (let hart = 0; hart < 4; hart++) {
    for (const level of ['m', 's'] as const) {
      b.ireg(hart, level, 0x70, 1);
      for (const k of [0, 2, 4, 6]) b.ireg(hart, level, 0xc0 + k, -1, -1);
    }
  }
}
function open(b: Board, source: number, mode: number, target: number, domain = M): void {
  if (domain === S) b.write(M, R.sourcecfg(source), D);
  b.write(domain, R.sourcecfg(source), mode);
  b.write(domain, R.target(source), target);
  b.write(domain, R.setienum, source);
  b.write(domain, R.domaincfg, 0x100);
}
const claim = (b: Board, hart: number, level: 'm' | 's' = 'm'): number => b.csr(hart, level === 'm' ? 0x35c : 0x15c).swap!(0) >>> 16;
const to = (hart: number, eiid: number, guest = 0): number => (hart << 18) | (guest << 12) | eiid;

export const messageCases: readonly SpecCase[] = [
  {
    name: 'AIA 4.9: a pending and enabled source is sent once, to its hart with its identity, and is then not pending',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      open(b, 3, RISING, to(2, 77));
      b.wire(3, true);
      expect([b.line(2, 11), b.read(M, R.setip(0)), claim(b, 2), claim(b, 2)]).toEqual([true, 0, 77, 0]);
    },
  },
  {
    name: 'AIA 4.9: pending waits for enable and for IE; several are sent smallest source first',
    run: (make) => {
      const b = make({ mode: 'msi' });
      for (const source of [40, 9, 5, 7]) open(b, source, DETACHED, to(0, source));
      b.write(M, R.domaincfg, 0);
      b.write(M, R.clrienum, 7);
      for (const source of [40, 9, 5, 7]) b.write(M, R.setipnum, source);
      expect([b.read(M, R.setip(0)), b.lost]).toEqual([0x2a0, []]);
      b.write(M, R.domaincfg, 0x100);
      b.write(M, R.setienum, 7);
      expect(b.lost.map((message) => message.split(':')[1])).toEqual(['5', '9', '40', '7']);
    },
  },
  {
    name: 'AIA 4.9.2: a level is sent once while it stays; setipnum sends it again only while it is high',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      open(b, 3, HIGH, to(1, 33));
      b.wire(3, true);
      b.wire(3, true);
      expect([claim(b, 1), claim(b, 1), b.read(M, R.inClrip(0))]).toEqual([33, 0, 8]);
      b.write(M, R.setipnumLe, 3);
      expect([claim(b, 1), claim(b, 1)]).toEqual([33, 0]);
      b.wire(3, false);
      b.write(M, R.setipnumLe, 3);
      expect(claim(b, 1)).toBe(0);
      b.wire(3, true);
      expect(claim(b, 1)).toBe(33);
    },
  },
  {
    name: 'AIA 4.9.1: supervisor messages take LHXS from smsiaddrcfgh, and LHXW from mmsiaddrcfgh',
    run: (make) => {
      const b = make({ mode: 'msi', guestBits: 1 });
      ready(b, 1);
      open(b, 3, RISING, to(3, 5), S);
      b.pulse(3);
      expect([claim(b, 3, 's'), claim(b, 0, 's')]).toEqual([5, 0]);
      expect([R.smsiaddrcfgh, R.mmsiaddrcfgh].map((register) => b.read(M, register))).toEqual([0x100000, 0x2000]);
      b.write(M, R.smsiaddrcfgh, 0xffffffff);
      expect(b.read(M, R.smsiaddrcfgh)).toBe(0x700fff);
    },
  },
  {
    name: 'AIA 4.9.1: page = base | group << (HHXS + 12) | hart << LHXS | guest, in all 44 bits',
    run: (make) => {
      const b = make({ mode: 'msi' });
      // HHXS 19, LHXS 2, HHXW 3, LHXW 4.
      b.write(M, R.mmsiaddrcfg, 0x80000000);
      b.write(M, R.mmsiaddrcfgh, (19 << 24) | (2 << 20) | (3 << 16) | (4 << 12) | 0x800);
      b.write(M, R.smsiaddrcfg, 0x00000040);
      b.write(M, R.smsiaddrcfgh, (3 << 20) | 0x001);
      open(b, 3, DETACHED, to(0x3fff, 7, 0x3f));
      open(b, 4, DETACHED, to(0x2a5, 9, 5), S);
      b.write(M, R.setipnum, 3);
      b.write(S, R.setipnum, 4);
      const page = (base: bigint, group: bigint, hart: bigint, lhxs: bigint, guest: bigint): string => ((base | (group << 31n) | (hart << lhxs) | guest) << 12n).toString(16);
      expect(b.lost).toEqual([`${page(0x80080000000n, 7n, 15n, 2n, 0n)}:7`, `${page(0x100000040n, 2n, 5n, 3n, 5n)}:9`]);
    },
  },
  {
    name: 'AIA 4.5.16.2: a machine-level target has no guest index, and bit 11 is reserved',
    run: (make) => {
      const b = make({ mode: 'msi' });
      open(b, 3, DETACHED, 0xffffffff);
      open(b, 4, DETACHED, 0xffffffff, S);
      expect([b.read(M, R.target(3)), b.read(S, R.target(4))]).toEqual([0xfffc07ff, 0xfffff7ff]);
    },
  },
  {
    name: 'AIA 4.5.3, 4.5.4: L locks all four address registers; only the root has them, and only if messages are sent',
    run: (make) => {
      const b = make({ mode: 'msi' });
      const registers = [R.mmsiaddrcfg, R.smsiaddrcfg, R.smsiaddrcfgh, R.mmsiaddrcfgh];
      for (const [k, register] of registers.entries()) b.write(M, register, k === 3 ? 0x80000fff : 0x55);
      for (const register of registers) {
        b.write(M, register, 0x33);
        b.write(S, register, 0x33);
      }
      expect(registers.map((register) => b.read(M, register))).toEqual([0x55, 0x55, 0x55, 0x80000fff]);
      expect(registers.map((register) => b.read(S, register))).toEqual([0, 0, 0, 0]);
      const direct = make();
      direct.write(M, R.mmsiaddrcfg, 0x55);
      expect(direct.read(M, R.mmsiaddrcfg)).toBe(0);
      const alone = make({ mode: 'msi', without: ['aplic_s', 'imsic_s'] });
      for (const register of registers) alone.write(M, register, 0x44);
      expect(registers.map((register) => alone.read(M, register))).toEqual([0x44, 0, 0, 0x44]);
    },
  },
  {
    name: 'AIA 4.5.15: genmsi sends at the level of its domain whatever IE is; in direct mode it is read-only zero',
    run: (make) => {
      const b = make({ mode: 'msi' });
      ready(b);
      b.write(M, R.genmsi, to(1, 9));
      b.write(S, R.genmsi, 0xffffffff & to(2, 8, 0x3f));
      expect([claim(b, 1), claim(b, 2, 's'), b.read(M, R.genmsi), b.read(S, R.genmsi)]).toEqual([9, 8, to(1, 9), to(2, 8)]);
      const direct = make();
      direct.write(M, R.genmsi, to(1, 9));
      expect([direct.read(M, R.genmsi), direct.lost]).toEqual([0, []]);
    },
  },
  {
    name: 'AIA 4.9.3: genmsi is busy until its message has arrived behind all earlier ones, and ignores writes until then',
    run: (make) => {
      const b = make({ mode: 'msi', aplic: { msiDelayNs: 1000 } });
      ready(b);
      open(b, 3, DETACHED, to(0, 30));
      b.write(M, R.setipnum, 3);
      b.write(M, R.genmsi, to(0, 20));
      b.write(M, R.genmsi, to(0, 10));
      expect([b.read(M, R.genmsi), b.line(0, 11), b.read(M, R.setip(0))]).toEqual([to(0, 20) | 0x1000, false, 0]);
      b.clock.advance(999);
      expect([b.read(M, R.genmsi) & 0x1000, b.line(0, 11)]).toEqual([0x1000, false]);
      b.clock.advance(1);
      expect([b.read(M, R.genmsi), claim(b, 0), claim(b, 0), claim(b, 0)]).toEqual([to(0, 20), 20, 30, 0]);
      b.write(M, R.genmsi, to(0, 10));
      b.clock.advance(1000);
      expect(claim(b, 0)).toBe(10);
    },
  },
  {
    name: 'AIA 4.5.13: a message to setipnum_le of the domain itself is taken up; one that feeds itself does not hang it',
    run: (make) => {
      const b = make({ mode: 'msi' });
      b.write(M, R.mmsiaddrcfg, 0xc002);
      for (const source of [5, 4, 3]) open(b, source, DETACHED, to(0, source - 1));
      b.write(M, R.setipnum, 5);
      expect(b.read(M, R.setip(0))).toBe(0);
      open(b, 7, DETACHED, to(0, 7));
      b.write(M, R.setipnum, 7);
      expect(b.read(M, R.setip(0))).toBe(1 << 7);
    },
  },
  {
    name: 'a supervisor domain whose root has no model sends to the files of its msi-parent',
    run: (make) => {
      const b = make({ mode: 'msi', without: ['aplic_m', 'imsic_m'], guestBits: 2 });
      for (let hart = 0; hart < 4; hart++) {
        b.ireg(hart, 's', 0x70, 1);
        b.ireg(hart, 's', 0xc0, -1, -1);
      }
      b.write(S, R.sourcecfg(3), RISING);
      b.write(S, R.target(3), to(3, 6));
      b.write(S, R.setienum, 3);
      b.write(S, R.domaincfg, 0x104);
      b.pulse(3, S);
      expect([b.read(S, R.domaincfg), claim(b, 3, 's')]).toEqual([0x80000104, 6]);
    },
  },
  {
    name: 'a supervisor domain without root or files sends where the layout says, groups and all',
    run: (make) => {
      const b = make({
        mode: 'msi', without: ['aplic_m', 'imsic_m'], more: { imsic_s: '' },
        aplic: { msiLayout: { base: 0x128000000, guestIndexBits: 1, hartIndexBits: 2, groupIndexBits: 1, groupIndexShift: 25 } },
      });
      b.write(S, R.sourcecfg(3), DETACHED);
      b.write(S, R.target(3), to(0b110, 6, 1));
      b.write(S, R.setienum, 3);
      b.write(S, R.domaincfg, 0x100);
      b.write(S, R.setipnum, 3);
      expect(b.lost).toEqual(['12a005000:6']);
    },
  },
  {
    name: 'AIA 4.5.1: DM can be written where both modes are there; targets start anew, pending bits go on by the new rules',
    run: (make) => {
      const b = make({ more: { aplic_m: 'msi-parent = <&aplic_s>;' } });
      open(b, 3, HIGH, (1 << 18) | 5);
      open(b, 4, RISING, (1 << 18) | 5);
      b.write(M, R.domaincfg, 0);
      b.wire(3, true);
      b.wire(4, true);
      b.write(M, R.domaincfg, 4);
      expect([b.read(M, R.domaincfg), b.read(M, R.setip(0)), b.read(M, R.target(3))]).toEqual([0x80000004, 0x18, 0]);
      b.write(M, R.clripnum, 3);
      b.write(M, R.domaincfg, 0);
      expect([b.read(M, R.domaincfg), b.read(M, R.setip(0)), b.read(M, R.target(3))]).toEqual([0x80000000, 0x18, 1]);
      b.wire(3, false);
      expect(b.read(M, R.setip(0))).toBe(0x10);
    },
  },
  {
    name: 'AIA 4.8.2, 3.8.1: harts with interrupt files hear a direct-mode domain while eidelivery is 0x40000000',
    run: (make) => {
      const wires = 'interrupts-extended = <&intc0 9>, <&intc1 9>, <&intc2 9>, <&intc3 9>;';
      const b = make({ mode: 'msi', without: ['aplic_m', 'imsic_m'], more: { aplic_s: wires }, imsic: { alternateDelivery: true } });
      b.csr(1, 0x150).write(0x70, 0);
      expect(b.csr(1, 0x151).read()).toBe(0x40000000);
      b.write(S, R.idelivery(1), 1);
      b.write(S, R.domaincfg, 0x100);
      b.write(S, R.iforce(1), 1);
      expect(b.line(1, 9)).toBe(true);
      b.csr(1, 0x151).write(1, 0);
      expect([b.csr(1, 0x151).read(), b.line(1, 9)]).toEqual([1, false]);
      b.csr(1, 0x151).write(0x40000000, 0);
      expect(b.line(1, 9)).toBe(true);
      b.write(S, R.claimi(1), 0);
      b.read(S, R.claimi(1));
      expect(b.line(1, 9)).toBe(false);
    },
  },
];
