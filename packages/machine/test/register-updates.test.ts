import { parseDts } from '@irqchip/devicetree';
import { defineIrqchip, handleSimpleIrq } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import type { MmioRegion } from '@irqchip/smp';
import { createMachine } from '../src/index.ts';

const TREE = parseDts(`/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;
  cpus { #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
    cpu@0 { device_type = "cpu"; reg = <0>; riscv,isa = "rv64imafdc"; compatible = "riscv";
      intc: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; }; };
  eager@10000000 { compatible = "acme,eager"; reg = <0x10000000 4>; interrupts-extended = <&intc 9>; interrupt-controller; #interrupt-cells = <1>; };
};`);

/** What happens to a register that interrupts whenever it is read, while the CPU has interrupts on. */
function updated(change: (regs: MmioRegion) => void): string[] {
  const seen: string[] = [];
  let regs: MmioRegion;
  let word = 0b0110;
  const eager: HardwareModel = { compatible: ['acme,eager'], create: ({ output }) => ({
    devices: [{
      read: () => { output(true); seen.push('read'); return word; },
      write: (_offset, _width, value) => { output(false); word = value; seen.push(`write ${value.toString(2)}`); },
    }],
  }) };
  const driver = defineIrqchip('acme,eager', (ctx) => {
    ({ regs } = ctx);
    const lines = ctx.linear(4, { name: 'eager', irqMask: () => undefined, irqUnmask: () => undefined }, handleSimpleIrq);
    // Another line's callback, as far as the register is concerned.
    ctx.parent.chain(() => { seen.push('interrupt'); regs.writel(0, 0); });
    return lines;
  });
  createMachine({ tree: TREE, modules: [irqchipModule(driver)], hardware: [eager], consumers: 'none' }).on(0, () => change(regs));
  return seen;
}

test('setl and clearl are not interrupted between the two accesses', () => {
  expect(updated((regs) => regs.setl(0, 1))).toEqual(['read', 'write 111']);
  expect(updated((regs) => regs.clearl(0, 2))).toEqual(['read', 'write 100']);
});

test('readl and writel are', () => {
  expect(updated((regs) => regs.writel(0, regs.readl(0) | 1))).toEqual(['read', 'interrupt', 'write 0', 'write 111']);
});
