import { irqchipConformance } from '@irqchip/testkit';
import { board } from './boards.ts';

/** The local interrupts of a hart that are nobody's, 16 and up: levels, as the overflow of its PMU (13) is one. */
const LOCAL = {
  kind: 'percpu', node: '/cpus/cpu@0/interrupt-controller', first: 16, lines: 16, triggers: ['level'],
  skip: { 'a line that does not exist is refused': 'there are 64 local interrupts, and half of them have a wire' },
} as const;

describe.each(['6.12', '7.2'] as const)('Linux %s', (linux) => {
  describe('INTC', () => irqchipConformance({ ...LOCAL, linux, tree: board('linux-6.12-debugfs/plic-smp4') }));
  describe('INTC with AIA', () => irqchipConformance({ ...LOCAL, linux, tree: board('linux-6.12-debugfs/imsic-smp4') }));
});

describe('INTC, the PMU alone', () => irqchipConformance({ ...LOCAL, first: 13, lines: 1, tree: board('linux-6.12-debugfs/plic-smp4') }));
