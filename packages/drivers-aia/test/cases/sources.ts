import { R, type Board, type SpecCase } from '../hardware-board.ts';

const M = 'aplic_m';
const S = 'aplic_s';
const DETACHED = 1;
const RISING = 4;
const FALLING = 5;
const HIGH = 6;
const LOW = 7;
const D = 0x400;

/** Source active, for a hart, with a priority, enabled; the domain and the hart's structure on. */
function open(b: Board, source: number, mode: number, { hart = 0, priority = 1, domain = M } = {}): void {
  b.write(domain, R.sourcecfg(source), mode);
  b.write(domain, R.target(source), (hart << 18) | priority);
  b.write(domain, R.setienum, source);
  b.write(domain, R.idelivery(hart), 1);
  b.write(domain, R.domaincfg, 0x100);
}

const pending = (b: Board, domain = M): number => b.read(domain, R.setip(0));

export const sourceCases: readonly SpecCase[] = [
  {
    name: 'riscv-isa-sim 1456: an edge is latched: a pulse that is over before the claim is signalled and claimed',
    run: (make) => {
      const b = make();
      open(b, 3, RISING);
      b.pulse(3);
      expect([b.line(0, 11), pending(b), b.read(M, R.claimi(0)), b.line(0, 11), pending(b)]).toEqual([true, 8, 0x30001, false, 0]);
    },
  },
  {
    name: 'renode 403: an edge that was claimed does not come again while its wire stays high',
    run: (make) => {
      const b = make();
      open(b, 3, RISING);
      b.wire(3, true);
      expect([b.read(M, R.claimi(0)), b.read(M, R.claimi(0)), b.line(0, 11)]).toEqual([0x30001, 0, false]);
      b.wire(3, true);
      expect(b.line(0, 11)).toBe(false);
    },
  },
  {
    name: 'hvisor 129: of two sources claimed back to back, each claim takes its own pending bit and no other',
    run: (make) => {
      const b = make();
      open(b, 3, RISING);
      open(b, 4, RISING);
      b.pulse(3);
      b.pulse(4);
      expect([b.read(M, R.claimi(0)), pending(b), b.line(0, 11)]).toEqual([0x30001, 0x10, true]);
      b.pulse(3);
      expect([b.read(M, R.claimi(0)), b.read(M, R.claimi(0)), b.read(M, R.claimi(0))]).toEqual([0x30001, 0x40001, 0]);
    },
  },
  {
    name: 'RVVM 59: registers that set and clear change the bits written as 1 and no others',
    run: (make) => {
      const b = make();
      for (const source of [1, 2, 3, 33]) b.write(M, R.sourcecfg(source), DETACHED);
      b.write(M, R.setie(0), 0b0110);
      b.write(M, R.setie(0), 0b1000);
      b.write(M, R.clrie(0), 0b0100);
      b.write(M, R.setip(0), 0b1100);
      b.write(M, R.setipnum, 1);
      b.write(M, R.inClrip(0), 0b1000);
      b.write(M, R.setipnum, 33);
      b.write(M, R.clripnum, 2);
      expect([b.read(M, R.setie(0)), pending(b), b.read(M, R.setip(1)), b.read(M, R.setie(1))]).toEqual([0b1010, 0b0010, 2, 0]);
      expect([R.setipnum, R.clripnum, R.setienum, R.clrienum, R.clrie(0), R.setipnumLe, R.setipnumBe].map((register) => b.read(M, register))).toEqual(Array(7).fill(0));
    },
  },
  {
    name: 'riscv-aia 68: a level-sensitive source that sends messages is never pending while its input is low',
    run: (make) => {
      const b = make({ mode: 'msi' });
      b.write(M, R.sourcecfg(3), HIGH);
      b.write(M, R.setipnum, 3);
      expect(pending(b)).toBe(0);
      b.wire(3, true);
      expect(pending(b)).toBe(8);
      b.wire(3, false);
      expect(pending(b)).toBe(0);
      b.wire(3, true);
      b.write(M, R.clripnum, 3);
      expect(pending(b)).toBe(0);
      b.write(M, R.setip(0), 8);
      expect(pending(b)).toBe(8);
    },
  },
  {
    name: 'AIA 4.7: pending of a level-sensitive source in direct mode is a copy of its input: no claim and no register changes it',
    run: (make) => {
      for (const [mode, asserted] of [[HIGH, true], [LOW, false]] as const) {
        const b = make();
        b.wire(3, !asserted);
        open(b, 3, mode);
        b.write(M, R.setipnum, 3);
        expect([pending(b), b.line(0, 11)]).toEqual([0, false]);
        b.wire(3, asserted);
        b.write(M, R.clripnum, 3);
        b.write(M, R.inClrip(0), 8);
        expect([b.read(M, R.claimi(0)), b.read(M, R.claimi(0)), b.line(0, 11), b.read(M, R.inClrip(0))]).toEqual([0x30001, 0x30001, true, 8]);
        b.wire(3, !asserted);
        expect([pending(b), b.line(0, 11), b.read(M, R.claimi(0))]).toEqual([0, false, 0]);
      }
    },
  },
  {
    name: 'AIA 4.7: a falling edge pends once, a rising one not at all, when the source is inverted',
    run: (make) => {
      const b = make();
      b.wire(3, true);
      open(b, 3, FALLING);
      expect(b.read(M, R.inClrip(0))).toBe(0);
      b.wire(3, false);
      expect([pending(b), b.read(M, R.inClrip(0))]).toEqual([8, 8]);
      b.write(M, R.clripnum, 3);
      b.wire(3, true);
      expect([pending(b), b.line(0, 11)]).toEqual([0, false]);
    },
  },
  {
    name: 'AIA 4.5.2: a Detached source hears software and not its wire, and has no rectified input',
    run: (make) => {
      const b = make();
      open(b, 3, DETACHED);
      b.pulse(3);
      b.wire(3, true);
      expect([pending(b), b.read(M, R.inClrip(0))]).toEqual([0, 0]);
      b.write(M, R.setipnum, 3);
      expect([b.line(0, 11), b.read(M, R.claimi(0)), pending(b)]).toEqual([true, 0x30001, 0]);
    },
  },
  {
    name: 'AIA 4.5.2: pending, enable and target of an inactive source are read-only zero, and do not come back with it',
    run: (make) => {
      const b = make();
      open(b, 3, RISING, { priority: 5 });
      b.wire(3, true);
      b.write(M, R.sourcecfg(3), 0);
      for (const register of [R.setipnum, R.setienum]) b.write(M, register, 3);
      b.write(M, R.target(3), 0x40007);
      expect([pending(b), b.read(M, R.setie(0)), b.read(M, R.target(3)), b.read(M, R.inClrip(0)), b.line(0, 11)]).toEqual([0, 0, 0, 0, false]);
      b.wire(3, false);
      b.write(M, R.sourcecfg(3), RISING);
      expect([pending(b), b.read(M, R.setie(0)), b.read(M, R.target(3))]).toEqual([0, 0, 1]);
    },
  },
  {
    name: 'AIA 4.5.2: from one active mode to another pending and enable stay, but a level that is low takes pending away',
    run: (make) => {
      const b = make();
      open(b, 3, RISING);
      b.write(M, R.setipnum, 3);
      b.write(M, R.sourcecfg(3), DETACHED);
      expect([pending(b), b.read(M, R.setie(0))]).toEqual([8, 8]);
      b.write(M, R.sourcecfg(3), HIGH);
      expect(pending(b)).toBe(0);
      b.write(M, R.sourcecfg(3), RISING);
      expect(pending(b)).toBe(0);
    },
  },
  {
    name: 'AIA 4.5.2: becoming active with the input high pends, or does not, as the switch says',
    run: (make) => {
      for (const sourcecfgSetsPending of [true, false]) {
        const b = make({ aplic: { sourcecfgSetsPending } });
        b.wire(3, true);
        b.write(M, R.sourcecfg(3), RISING);
        b.write(M, R.sourcecfg(4), LOW);
        expect(pending(b)).toBe(sourcecfgSetsPending ? 0x18 : 0x10);
      }
    },
  },
  {
    name: 'AIA 4.5.2: reserved modes make a source inactive, and a leaf turns a delegation into 0',
    run: (make) => {
      const b = make({ without: ['aplic_s'] });
      for (const value of [2, 3, D, D | 4, 0x8, 0xfffffff8]) {
        b.write(M, R.sourcecfg(3), RISING);
        b.write(M, R.sourcecfg(3), value);
        expect(b.read(M, R.sourcecfg(3))).toBe(0);
      }
      b.write(M, R.sourcecfg(3), 0xfffff3ff & ~D);
      expect(b.read(M, R.sourcecfg(3))).toBe(7);
    },
  },
  {
    name: 'AIA 4.5.2: a source that is not delegated to a domain is not there: read-only zero',
    run: (make) => {
      const b = make();
      open(b, 3, RISING, { domain: S });
      b.write(S, R.setipnum, 3);
      expect([R.sourcecfg(3), R.target(3), R.setie(0), R.setip(0)].map((register) => b.read(S, register))).toEqual([0, 0, 0, 0]);
      b.write(M, R.sourcecfg(3), D);
      expect(b.read(S, R.sourcecfg(3))).toBe(0);
      open(b, 3, RISING, { domain: S, hart: 2 });
      b.pulse(3);
      expect([b.line(2, 9), b.line(2, 11), b.read(S, R.claimi(2))]).toEqual([true, false, 0x30001]);
      b.pulse(3);
      b.write(M, R.sourcecfg(3), HIGH);
      expect([b.line(2, 9), b.read(S, R.sourcecfg(3)), b.read(S, R.setip(0)), b.read(S, R.setie(0))]).toEqual([false, 0, 0, 0]);
    },
  },
  {
    name: 'AIA 4.2: a wire that is high when its source is delegated, or taken back, is high where it arrives',
    run: (make) => {
      const b = make();
      b.wire(3, true);
      b.write(M, R.sourcecfg(3), D);
      open(b, 3, HIGH, { domain: S });
      expect([b.line(0, 9), b.read(M, R.inClrip(0)), b.read(S, R.inClrip(0))]).toEqual([true, 0, 8]);
      b.write(M, R.sourcecfg(3), HIGH);
      expect([b.line(0, 9), pending(b), b.read(S, R.inClrip(0))]).toEqual([false, 8, 0]);
    },
  },
  {
    name: 'AIA 4.5.2: a source delegated to a child that is not there goes nowhere',
    run: (make) => {
      const b = make();
      b.write(M, R.sourcecfg(3), D | 1);
      open(b, 3, RISING, { domain: S });
      b.pulse(3);
      expect([b.read(M, R.sourcecfg(3)), pending(b), b.read(S, R.setip(0)), b.harts.changes]).toEqual([0x401, 0, 0, []]);
    },
  },
  {
    name: 'AIA 4.2: a wire put into the child goes to the root of both',
    run: (make) => {
      const b = make();
      open(b, 3, RISING);
      b.pulse(3, S);
      expect(b.line(0, 11)).toBe(true);
    },
  },
  {
    name: 'a supervisor domain whose root has no model has all sources and takes the wires itself',
    run: (make) => {
      const b = make({ without: ['aplic_m'] });
      open(b, 3, RISING, { domain: S });
      b.pulse(3, S);
      expect([b.line(0, 9), b.read(S, R.claimi(0))]).toEqual([true, 0x30001]);
    },
  },
  {
    name: 'firmware may have delegated what riscv,delegation names',
    run: (make) => {
      const b = make({ aplic: { delegateAtReset: true }, more: { aplic_m: 'riscv,delegation = <&aplic_s 2 4>;' } });
      open(b, 4, RISING, { domain: S });
      b.pulse(4);
      expect([1, 2, 4, 5].map((source) => b.read(M, R.sourcecfg(source)))).toEqual([0, D, D, 0]);
      expect(b.line(0, 9)).toBe(true);
    },
  },
  {
    name: 'AIA 4.1: sources 0 and beyond the last do not exist; source 1023 does',
    run: (make) => {
      const b = make({ sources: 1023 });
      open(b, 1023, RISING, { hart: 3 });
      b.pulse(1023);
      expect([b.line(3, 11), b.read(M, R.setip(31)), b.read(M, R.claimi(3))]).toEqual([true, 0x80000000, 0x3ff0001]);
      const few = make({ sources: 5 });
      for (const source of [0, 6, 1024, 0xffffffff]) {
        few.write(M, R.setipnum, source);
        few.write(M, R.setienum, source);
        few.wire(source, true);
      }
      few.write(M, R.sourcecfg(6), RISING);
      few.write(M, R.setip(0), 0xffffffff);
      few.write(M, R.setie(0), 0xffffffff);
      few.write(M, R.target(6), 1);
      expect([R.setip(0), R.setie(0), R.sourcecfg(6), R.target(6), R.setip(1)].map((register) => few.read(M, register))).toEqual([0, 0, 0, 0, 0]);
    },
  },
  {
    name: 'AIA 4.5: accesses other than of 4 bytes are ignored, and reserved bytes are read-only zero',
    run: (make) => {
      const b = make();
      for (const width of [1, 2, 8]) b.write(M, R.sourcecfg(1), RISING, width);
      expect([b.read(M, R.sourcecfg(1)), b.read(M, R.domaincfg, 8), b.read(M, R.domaincfg, 1)]).toEqual([0, 0, 0]);
      for (const reserved of [0x1000, 0x1bbc, 0x1bd0, 0x1c80, 0x1ce0, 0x1dd8, 0x2008, 0x2ffc, 0x400c, 0x4014, 0x7ffc]) {
        b.write(M, reserved, 0xffffffff);
        expect(b.read(M, reserved)).toBe(0);
      }
    },
  },
  {
    name: 'AIA 4.5.1: with BE set all registers turn round, setipnum_le and setipnum_be do not',
    run: (make) => {
      const b = make({ aplic: { bigEndian: true } });
      b.write(M, R.domaincfg, 0x01000001);
      expect(b.read(M, R.domaincfg)).toBe(0x01000080);
      b.write(M, R.sourcecfg(3), 0x01000000);
      b.write(M, R.sourcecfg(4), 0x01000000);
      b.write(M, R.setipnumLe, 3);
      b.write(M, R.setipnumBe, 0x04000000);
      expect(b.read(M, R.setip(0))).toBe(0x18000000);
    },
  },
];
