import { irqchipConformance } from '@irqchip/testkit';
import { board } from './boards.ts';

describe.each(['6.12', '7.2'] as const)('Linux %s', (linux) => {
  irqchipConformance({
    linux, kind: 'msi', tree: board('linux-6.12-debugfs/imsic-smp4'), node: '/soc/interrupt-controller@28000000', lines: 6, replays: 2,
    // 255 ids on each of four harts; id 1 is for IPIs.
    vectors: 4 * 254,
    skip: linux === '7.2' ? {} : { 'a disabled line is masked at its first interrupt': 'its flow is handle_simple_irq, which masks nothing; later kernels have handle_edge_irq' },
  });
});
