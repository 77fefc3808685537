import { irqInitOrder, parseDts, parseInterrupts, regRegions, writeDtb } from '@irqchip/devicetree';

export const tree = parseDts(`/dts-v1/;
/ {
  interrupt-parent = <&plic>;
  cpu-intc { intc: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; };
  soc {
    #address-cells = <1>;
    #size-cells = <1>;
    ranges = <0x0 0xc000000 0x10000000>;
    plic: plic@0 {
      compatible = "sifive,plic-1.0.0";
      reg = <0x0 0x600000>;
      interrupt-controller;
      #interrupt-cells = <1>;
      interrupts-extended = <&intc 9>;
    };
    serial@4000000 { compatible = "ns16550a"; reg = <0x4000000 0x100>; interrupts = <10>; };
  };
};`);

const serial = tree.byPath('/soc/serial@4000000')!;
export const [irq] = parseInterrupts(serial); // { controller: the node /soc/plic@0, args: [10] }
export const [regs] = regRegions(serial); // { base: 0x10000000, size: 0x100 }
export const order = irqInitOrder(tree, (node) => node.compatible.length > 0); // cpu-intc first, then the PLIC
export const file = writeDtb(tree); // what dtc would have made; parseDtb reads it
