import { parseDtb } from '@irqchip/devicetree';
import { plicHardware } from '@irqchip/drivers-plic/hardware';
import { IRQ_TYPE } from '@irqchip/genirq-core';
import { irqchipConformance } from '@irqchip/testkit';
import { board } from './boards.ts';

const { EDGE_RISING, EDGE_FALLING, EDGE_BOTH, LEVEL_HIGH, LEVEL_LOW } = IRQ_TYPE;
const PLIC = board('linux-6.12-debugfs/plic-smp4');
const ndev = parseDtb(PLIC).byPath('/soc/plic@c000000')!.u32('riscv,ndev')!;
const ANY = { accepted: [EDGE_RISING, EDGE_FALLING, LEVEL_HIGH, LEVEL_LOW], refused: [EDGE_BOTH] };

describe.each(['6.12', '7.2'] as const)('Linux %s', (linux) => {
  irqchipConformance({
    linux, tree: PLIC, node: '/soc/plic@c000000', hardware: () => ({ ...plicHardware }),
    first: 1, lines: ndev, triggers: ['level'], affinity: true,
    skip: { 'a line that does not exist is refused': 'allocating through a hierarchy checks no limit, in the kernel as here' },
  });

  irqchipConformance({
    linux, tree: board('linux-6.12-debugfs/aplic-smp4'), node: '/soc/interrupt-controller@d000000',
    first: 1, lines: 96, triggers: ['edge', 'level'], affinity: true, types: ANY,
  });

  irqchipConformance({
    linux, tree: board('linux-6.12-debugfs/imsic-smp4'), node: '/soc/interrupt-controller@d000000',
    first: 1, lines: 96, triggers: ['edge', 'level'], affinity: true, types: ANY, replays: 2,
  });
});
