import type { HardwareModel } from '@irqchip/riscv';

export const hardware = (): HardwareModel => ({
  compatible: ['acme,msirs'],
  create({ targets, output }) {
    const came = [0, 0, 0, 0];
    const changed = (row: number): void => { if (row < targets.length) output(came[row] !== 0, row); };
    return {
      devices: [{
        read: (offset) => {
          const row = (offset - 0x10) / 4;
          const taken = came[row] ?? 0;
          if (taken !== 0) came[row] = 0;
          changed(row);
          return taken;
        },
        write: (offset, _width, value) => {
          if (offset !== 0) return;
          came[value & 3]! |= 1 << ((value >>> 2) & 31);
          changed(value & 3);
        },
      }],
    };
  },
});
