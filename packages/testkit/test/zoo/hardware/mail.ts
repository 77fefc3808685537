import type { HardwareModel } from '@irqchip/riscv';

export const hardware = (): HardwareModel => ({
  compatible: ['acme,mail'],
  create({ targets, output }) {
    const open = targets.map(() => false);
    const bits = targets.map(() => 0);
    return {
      devices: [{
        read: (offset) => bits[(offset & 0xf) / 4] ?? 0,
        write: (offset, _width, value) => {
          const row = (offset & 0xf) / 4;
          if (row >= targets.length) return;
          if (offset < 0x10) open[row] = (value & 1) !== 0;
          else if (offset < 0x20) bits[row]! |= value;
          else if (offset < 0x30) bits[row]! &= ~value;
          output(open[row]! && bits[row] !== 0, row);
        },
      }],
    };
  },
});
