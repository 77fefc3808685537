import type { HardwareModel } from '@irqchip/riscv';

const LINES = 32;

export const hardware = (): HardwareModel => ({
  compatible: ['acme,fast'],
  create({ output, targets }) {
    let enable = 0;
    let edge = 0;
    let input = 0;
    let latched = 0;
    let active = 0;
    const target = new Int32Array(LINES);
    const pending = (): number => (latched | (input & ~edge)) & enable & ~active;
    const lowestFor = (row: number): number => {
      for (let line = 0; line < LINES; line++) if ((pending() & (1 << line)) !== 0 && target[line] === row) return line;
      return -1;
    };
    const changed = (): void => targets.forEach((_, row) => output(lowestFor(row) >= 0, row));
    const claim = (row: number): number => {
      const line = lowestFor(row);
      if (line < 0) return 0;
      active |= 1 << line;
      latched &= ~(1 << line);
      changed();
      return line + 1;
    };
    const write = (offset: number, value: number): void => {
      if (offset === 0) enable |= value;
      else if (offset === 4) enable &= ~value;
      else if (offset === 8) edge = value;
      else if (offset >= 0x100 && offset < 0x100 + 4 * LINES) target[(offset - 0x100) / 4] = value;
      else if (offset >= 0x200 && value >= 1 && value <= LINES) active &= ~(1 << (value - 1));
      changed();
    };
    return {
      devices: [{
        read: (offset) => (offset === 0 ? enable : offset === 8 ? edge : offset === 12 ? input : offset >= 0x200 && offset < 0x200 + 4 * targets.length ? claim((offset - 0x200) / 4) : 0),
        write: (offset, _width, value) => write(offset, value),
      }],
      setInput: (line, level) => {
        const bit = 1 << line;
        if (line >= LINES) return;
        if (level && (input & bit) === 0) latched |= bit;
        input = level ? input | bit : input & ~bit;
        changed();
      },
    };
  },
});
