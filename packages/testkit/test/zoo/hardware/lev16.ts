import type { HardwareModel } from '@irqchip/riscv';

export const hardware = (): HardwareModel => ({
  compatible: ['acme,lev16'],
  create({ output }) {
    let input = 0;
    let mask = 0;
    const changed = (): void => output((input & ~mask) !== 0);
    return {
      devices: [{
        read: (offset) => (offset === 0 ? input : offset === 4 ? mask : 0),
        write: (offset, _width, value) => {
          if (offset === 4) mask = value & 0xffff;
          changed();
        },
      }],
      setInput: (line, level) => {
        if (line > 15) return;
        input = level ? input | (1 << line) : input & ~(1 << line);
        changed();
      },
    };
  },
});
