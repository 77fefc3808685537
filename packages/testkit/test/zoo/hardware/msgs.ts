import type { HardwareModel } from '@irqchip/riscv';

const PAGE = 0x1000;
const ALL = 0xfffe;

export const hardware = (): HardwareModel => ({
  compatible: ['acme,msgs'],
  create({ targets, output }) {
    const enable = targets.map(() => 0);
    const pending = targets.map(() => 0);
    const bad = targets.map(() => 0);
    const changed = (row: number): void => output((enable[row]! & pending[row]!) !== 0 || bad[row]! > 0, row);
    const take = (row: number): number => {
      const ready = enable[row]! & pending[row]!;
      if (ready === 0) return 0;
      const id = 31 - Math.clz32(ready & -ready);
      pending[row]! &= ~(1 << id);
      changed(row);
      return id;
    };
    return {
      devices: [{
        read: (offset) => {
          const row = Math.floor(offset / PAGE);
          if (row >= targets.length) return 0;
          const register = offset % PAGE;
          return register === 4 ? take(row) : register === 8 ? enable[row]! : register === 12 ? pending[row]! : register === 16 ? bad[row]! : 0;
        },
        write: (offset, _width, value) => {
          const row = Math.floor(offset / PAGE);
          if (row >= targets.length) return;
          const register = offset % PAGE;
          if (register === 0 && value >= 1 && value <= 15) pending[row]! |= 1 << value;
          else if (register === 0) bad[row]!++;
          else if (register === 8) enable[row] = value & ALL;
          else if (register === 12) pending[row]! &= ~value;
          else if (register === 16) bad[row] = 0;
          changed(row);
        },
      }],
    };
  },
});
