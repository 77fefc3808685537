import { parseDts } from '@irqchip/devicetree';
import { defineIrqchip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import type { IrqError, MmioRegion } from '@irqchip/smp';
import { createMachine } from '../src/index.ts';

/** Eight bytes of memory, little-endian, that notes how it is asked. */
function memory(asked: string[]): HardwareModel {
  const bytes = new Uint8Array(8);
  return {
    compatible: ['acme,memory'],
    create: () => ({
      devices: [{
        read: (offset, width) => { asked.push(`read ${offset} ${width}`); return bytes.slice(offset, offset + width).reduceRight((value, byte) => 256 * value + byte, 0); },
        write: (offset, width, value) => { asked.push(`write ${offset} ${width} ${value}`); for (let i = 0; i < width; i++) bytes[offset + i] = value >> (8 * i); },
      }],
    }),
  };
}

/** What `use` makes of the registers, in a probe. */
function registers(use: (regs: MmioRegion) => void): { asked: string[]; failures: string[] } {
  const asked: string[] = [];
  const driver = irqchipModule(defineIrqchip('acme,memory', ({ regs }) => use(regs)));
  const { failures, smp } = createMachine({
    tree: parseDts(`/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;
      cpus { #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
        cpu@0 { device_type = "cpu"; reg = <0>; riscv,isa = "rv64imafdc"; compatible = "riscv";
          intc: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; }; };
      memory@10000000 { compatible = "acme,memory"; reg = <0x10000000 8>; interrupt-controller; #interrupt-cells = <1>; };
    };`),
    modules: [driver], hardware: [memory(asked)], consumers: 'none',
  });
  smp.diagnostics.take('probe');
  return { asked, failures: failures.map(({ error }) => `${(error as IrqError).code} ${error.message}`) };
}

test('bytes, halfwords and words reach the device as they are, values cut to their width', () => {
  const seen: number[] = [];
  const { asked, failures } = registers((regs) => {
    regs.writel(4, 0x8899aabb);
    regs.writeb(5, 0x1ff);
    regs.writew(6, -1);
    seen.push(regs.readb(5), regs.readw(6), regs.readl(4), regs.readl(4) >>> 0);
  });
  expect(failures).toEqual([]);
  expect(asked).toEqual(['write 4 4 -2003195205', 'write 5 1 255', 'write 6 2 65535', 'read 5 1', 'read 6 2', 'read 4 4', 'read 4 4']);
  expect(seen).toEqual([0xff, 0xffff, 0xffffffbb | 0, 0xffffffbb]);
});

test.each<[string, (regs: MmioRegion) => void, string]>([
  ['a halfword at an odd offset', (regs) => regs.readw(3), 'EINVAL /memory@10000000: register offset 0x3 is not a multiple of 2.'],
  ['a byte behind the end', (regs) => regs.writeb(8, 0), 'EFAULT /memory@10000000: register offset 0x8 is outside its 8 bytes.'],
  ['a halfword across the end', (regs) => regs.readw(7), 'EFAULT /memory@10000000: register offset 0x7 is outside its 8 bytes.'],
  ['a value that is none', (regs) => regs.writew(0, NaN), 'EINVAL /memory@10000000: value NaN for register offset 0x0 is no number; is the constant imported?'],
])('refused: %s', (_, use, message) => {
  expect(registers(use)).toEqual({ asked: [], failures: [message] });
});
