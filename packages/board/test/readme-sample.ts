import { readBoard, resizeBoard } from '@irqchip/board';
import { parseDts } from '@irqchip/devicetree';

const tree = parseDts(`/dts-v1/;
/ {
  model = "acme,board"; #address-cells = <1>; #size-cells = <1>;
  cpus {
    #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
    cpu@4 {
      device_type = "cpu"; reg = <4>; compatible = "riscv"; riscv,isa = "rv64imafdc_sstc";
      interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; };
    };
  };
};`);

export const one = readBoard(tree, { mode: 'S' });
export const four = readBoard(resizeBoard(tree, 4), { mode: 'S', bootHart: 6 });
export const harts = four.harts.map(({ hartid }) => hartid); // by CPU number: 6, 4, 5, 7
