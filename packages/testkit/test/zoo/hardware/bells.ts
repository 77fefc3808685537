import type { HardwareModel } from '@irqchip/riscv';

export const hardware = (): HardwareModel => ({
  compatible: ['acme,bells'],
  create({ targets, lines }) {
    return {
      devices: [{
        read: () => 0,
        write: (offset, _width, value) => {
          const target = targets[(offset & 0xff) / 4];
          if (target !== undefined && (value & 1) !== 0) lines.setLine(target.hartid!, target.irq, offset < 0x100);
        },
      }],
    };
  },
});
