import { Plic, plicHardware, type PlicOptions } from '@irqchip/drivers-plic/hardware';
import { lcg, runCase, specCases } from './spec-cases.ts';
import { Board, ENABLE, PENDING, plicContext, PRIORITY, Wires } from './wires.ts';

/** Named after public reports of controllers that broke the rule, where there are any. */
describe('the specification', () => {
  for (const specCase of specCases) test(specCase.name, () => runCase(specCase, Plic));
});

/** What each switch does, alone: the state after `3 raised, claimed, …`. */
describe('a quirk that is switched on alone', () => {
  const board = (options: PlicOptions): Board => {
    const b = new Board(options);
    b.open(0, { 3: 2 });
    return b;
  };

  test('claimHonoursThreshold: a claim finds only what is above the threshold', () => {
    const b = board({ claimHonoursThreshold: true });
    b.raise(3);
    b.write(0x200000, 2);
    expect(b.claim(0)).toBe(0);
    b.write(0x200000, 1);
    expect(b.claim(0)).toBe(3);
  });

  test('completeUnchecked: any context completes anything', () => {
    const b = board({ completeUnchecked: true });
    b.raise(3);
    b.claim(0);
    b.complete(1, 3);
    expect(b.claim(0)).toBe(3);
  });

  test('completeForgetsLevel: a level that stays high comes once', () => {
    const b = board({ completeForgetsLevel: true });
    b.raise(3);
    b.claim(0);
    b.complete(0, 3);
    b.raise(3);
    expect([b.isPending(3), b.claim(0)]).toEqual([false, 0]);
  });

  test('repeatedHighPends: driving a high wire high again pends', () => {
    const b = board({ completeForgetsLevel: true, repeatedHighPends: true });
    b.raise(3);
    b.claim(0);
    b.complete(0, 3);
    b.raise(3);
    expect(b.claim(0)).toBe(3);
  });

  test('raiseWhileClaimedPends: the second request is there at once, and is notified after the completion', () => {
    const b = board({ raiseWhileClaimedPends: true });
    b.raise(3);
    b.claim(0);
    b.lower(3);
    b.pulse(3);
    expect([b.isPending(3), b.line(0), b.claim(0)]).toEqual([true, false, 0]);
    b.complete(0, 3);
    expect([b.line(0), b.claim(0)]).toEqual([true, 3]);
  });

  test('enableWriteIsLazy: the line follows at the next write elsewhere', () => {
    const b = board({ enableWriteIsLazy: true });
    b.raise(3);
    b.write(ENABLE(0), 0);
    expect(b.line(0)).toBe(true);
    b.write(PRIORITY(9), 1);
    expect(b.line(0)).toBe(false);
  });

  test('enableKeepsAllBits and priorityBeyondLast: registers keep what does not exist', () => {
    const b = board({ enableKeepsAllBits: true, priorityBeyondLast: true });
    b.write(ENABLE(0), -1);
    b.write(PRIORITY(96), 2);
    b.write(PRIORITY(97), 2);
    expect([b.read(ENABLE(0)), b.read(PRIORITY(96)), b.read(PRIORITY(97)), b.read(PENDING(0))]).toEqual([0xffffffff, 2, 0, 0]);
  });

  test('a single switch beside a set wins over it', () => {
    const b = board({ quirks: 'qemu-10.0', enableWriteIsLazy: false });
    b.raise(3);
    b.write(ENABLE(0), 0);
    expect(b.line(0)).toBe(false);
  });
});

describe('the model of a node', () => {
  test('takes sources and priorities from its properties, and switches from the machine', () => {
    const wires = new Wires();
    const plic = plicHardware.create(plicContext(wires, [{ hartid: 0, irq: 9 }], { 'riscv,ndev': [5], 'riscv,max-priority': [3] }, { quirks: 'qemu-7.2' }));
    plic.write(PRIORITY(6), 4, 7);
    plic.write(PRIORITY(7), 4, 7);
    expect([plic.read(PRIORITY(6), 4), plic.read(PRIORITY(7), 4)]).toEqual([3, 0]);
    expect(plic.devices).toEqual([plic]);
  });

  test('has all 1,023 sources where the node does not say, and where it says more', () => {
    for (const properties of [{}, { 'riscv,ndev': [0xffffffff] }] as Record<string, number[]>[]) {
      const plic = plicHardware.create(plicContext(new Wires(), [{ hartid: 0, irq: 9 }], properties));
      plic.setInput(1023, true);
      expect(plic.read(PENDING(31), 4) >>> 0).toBe(0x80000000);
    }
  });

  test('survives any access', () => {
    const random = lcg(7);
    const b = new Board({ edgeSources: [0, 5, 4000] }, { ndev: 33 });
    for (let i = 0; i < 20_000; i++) {
      const offset = [random(0x40), 0x400 + random(8), 0x800 + random(0x80), 0x80000 + random(0x1000) * 0x400, random(0x1000000)][random(5)]! * 4;
      const width = [1, 2, 4, 4, 4, 8][random(6)]!;
      if (random(2)) b.plic.write(offset, width, random(2) ? random(40) : -random(1000));
      else expect(Number.isInteger(b.plic.read(offset, width))).toBe(true);
      b.plic.setInput(random(40), random(2) === 1);
    }
  });
});
