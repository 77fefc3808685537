import { parseDts } from '@irqchip/devicetree';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { runConformance } from '@irqchip/testkit';
import { hardware } from './hardware/mux8.ts';
import { plant } from './plant.ts';

const BOARD = parseDts(`/dts-v1/;
/ {
  #address-cells = <1>; #size-cells = <1>;
  cpus {
    #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
    ${[0, 1].map((cpu) => `cpu@${cpu} {
      device_type = "cpu"; reg = <${cpu}>; riscv,isa = "rv64imafdc"; compatible = "riscv";
      intc${cpu}: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; };
    };`).join(' ')}
  };
  plic: interrupt-controller@c000000 {
    compatible = "sifive,plic-1.0.0"; reg = <0xc000000 0x4000000>; riscv,ndev = <31>;
    interrupt-controller; #interrupt-cells = <1>; #address-cells = <0>; interrupts-extended = <&intc0 9 &intc1 9>;
  };
  mux@10000000 {
    compatible = "acme,mux8"; reg = <0x10000000 0x1000>;
    interrupt-controller; #interrupt-cells = <1>; interrupt-parent = <&plic>; interrupts = <5>;
  };
};`);

test('a controller below a controller keeps to all that is asked of one at a hart', async () => {
  const find = "defineIrqchip('acme,mux8', (";
  const driver = await plant({ driver: 'mux8', what: '', find, replace: "defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, (", killedBy: '', uses: '' });
  const results = runConformance({ tree: BOARD, node: '/mux@10000000', modules: [irqchipModule(driver)], hardware, lines: 8 });
  expect(results.filter(({ result }) => result === 'failed')).toEqual([]);
  expect(results.find(({ name }) => name === 'a spurious interrupt of the controller runs no handler')!.result).toBe('passed');
});
