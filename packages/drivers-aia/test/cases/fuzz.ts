import { R, type Board } from '../hardware-board.ts';

/** A fixed sequence that looks random. */
export function lcg(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const LABELS = ['aplic_m', 'aplic_s'] as const;

/** Accesses of every width, to every register and between them, and wires. */
export function shake(board: Board, seed: number, steps: number): void {
  const random = lcg(seed);
  const offsets = [
    () => R.sourcecfg(1 + random(100)), () => R.target(1 + random(100)), () => 0x1bc0 + 4 * random(4), () => 0x1c00 + 0x100 * random(4) + 4 * random(64),
    () => R.domaincfg, () => R.setipnumLe, () => R.setipnumBe, () => R.genmsi, () => 0x4000 + 4 * random(64), () => 4 * random(0x2000),
  ];
  const values = [() => random(2 ** 32), () => random(128), () => 1 << random(32), () => (random(8) << 18) | random(256), () => 0x400 | random(3), () => 4 + random(4), () => 0x100];
  for (let step = 0; step < steps; step++) {
    const label = LABELS[random(2)]!;
    const offset = offsets[random(offsets.length)]!();
    const width = random(20) === 0 ? [1, 2, 8][random(3)]! : 4;
    const kind = random(4);
    if (kind === 0) board.wire(random(100), random(2) === 1, label);
    else if (kind === 1) board.read(label, offset, width);
    else board.write(label, offset, values[random(values.length)]!(), width);
    if (random(50) === 0) board.clock.advance(random(500));
  }
}
