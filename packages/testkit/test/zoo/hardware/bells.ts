import type { HardwareModel } from '@irqchip/riscv';

export const hardware = (): HardwareModel => ({
  compatible: ['acme,bells'],
  create({ output }) {
    return {
      devices: [{
        read: () => 0,
        write: (offset, _width, value) => {
          if ((value & 1) !== 0) output(offset < 0x100, (offset & 0xff) / 4);
        },
      }],
    };
  },
});
