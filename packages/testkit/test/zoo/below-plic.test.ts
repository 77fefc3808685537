import { parseDts } from '@irqchip/devicetree';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { runConformance, type CaseResult } from '@irqchip/testkit';
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

const HEAD = "export const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {";

async function run(head: string, only?: (name: string) => boolean, uses = ''): Promise<CaseResult[]> {
  const driver = await plant({ driver: 'mux8', what: '', find: HEAD, replace: head, killedBy: '', uses });
  return runConformance({ tree: BOARD, node: '/mux@10000000', modules: [irqchipModule(driver)], hardware, lines: 8 }, only);
}

test('a controller below a controller keeps to all that is asked of one at a hart', async () => {
  const results = await run(HEAD.replace("'acme,mux8'", "{ compatible: 'acme,mux8', stage: 'platform' }"));
  expect(results.filter(({ result }) => result === 'failed')).toEqual([]);
  const passed = results.filter(({ result }) => result === 'passed').map(({ name }) => name);
  expect(passed).toEqual(expect.arrayContaining([
    'a spurious interrupt of the controller runs no handler', 'a second controller of its kind works beside the first', 'a node without registers is refused with an error code',
  ]));
});

test.each([
  ['the registers are those of the node that was probed last', 'a second controller of its kind works beside the first',
    "let regs: import('@irqchip/irqdomain').MmioRegion;\nexport const driver = defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, ({ regs: own, parent, linear }) => {\n  regs = own;"],
  ['a wrong node is not refused', 'a node without registers is refused with an error code',
    "export const driver = defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, ({ regions, parent, linear }) => {\n  const regs = regions[0]!;"],
])('on a given board, too: %s', async (_what, name, head) => {
  expect((await run(head, (each) => each === name)).map(({ result }) => result)).toEqual(['failed']);
});

/** mux8 that sets its chained handler by itself. */
const chained = (handler: string, then: string): string => `export const driver = defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, ({ genirq, regs, parent: { virq }, linear }) => {
  const parent = { chain: (fn: () => void) => { setChainedHandler(genirq, virq, (desc) => { ${handler} }); ${then} } };`;

test.each([
  ['was left open says so', 'chainedIrqEnter(desc.irqData.chip, desc); fn();', '',
    /^after it asked 2 times: [^]*\nthe controller raises \/interrupt-controller@c000000 input 5; it was taken there before, and is not any more: does the chained handler end with chainedIrqExit\(\)\?\n/],
  ['never came does not', 'fn();', 'const { irqData } = genirq.irqToDesc(virq)!; irqData.chip.irqMask!(irqData);',
    /^after it asked once: [^]*\nthe controller raises \/interrupt-controller@c000000 input 5; nobody takes it there\. /],
])('a failure whose parent interrupt %s', async (_what, handler, then, told) => {
  const results = await run(chained(handler, then), undefined, 'chainedIrqEnter, setChainedHandler');
  expect(results.find(({ result }) => result === 'failed')!.reason).toMatch(told);
});
