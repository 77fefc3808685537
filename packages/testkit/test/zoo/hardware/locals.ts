import type { HardwareModel } from '@irqchip/riscv';

const LINES = 8;
const ROW = 0x10;

export const hardware = (): HardwareModel => ({
  compatible: ['acme,locals'],
  create({ targets, output }) {
    const enable = targets.map(() => 0);
    const pending = targets.map(() => 0);
    const high = targets.map(() => 0);
    const changed = (row: number): void => output((enable[row]! & pending[row]!) !== 0, row);
    return {
      devices: [{
        read: (offset) => [enable, pending][(offset % ROW) / 4]?.[Math.floor(offset / ROW)] ?? 0,
        write: (offset, _width, value) => {
          const row = Math.floor(offset / ROW);
          if (row >= targets.length) return;
          if (offset % ROW === 0) enable[row] = value & 0xff;
          else if (offset % ROW === 4) pending[row]! &= ~value;
          changed(row);
        },
      }],
      setInput: (source, level) => {
        const row = Math.floor(source / LINES);
        const bit = 1 << source % LINES;
        if (row >= targets.length) return;
        if (level) pending[row]! |= bit & ~high[row]!;
        high[row] = level ? high[row]! | bit : high[row]! & ~bit;
        changed(row);
      },
    };
  },
});
