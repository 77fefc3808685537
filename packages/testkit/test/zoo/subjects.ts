import { IRQ_TYPE } from '@irqchip/genirq-core';
import type { IrqchipDriver } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { ConformanceOptions } from '@irqchip/testkit';
import { hardware as bells } from './hardware/bells.ts';
import { hardware as fast } from './hardware/fast.ts';
import { hardware as lev16 } from './hardware/lev16.ts';
import { hardware as locals } from './hardware/locals.ts';
import { hardware as mail } from './hardware/mail.ts';
import { hardware as msgs } from './hardware/msgs.ts';
import { hardware as msirs } from './hardware/msirs.ts';
import { hardware as mux8 } from './hardware/mux8.ts';

/** What the small drivers declare. */
const DECLARED = {
  mux8: { hardware: mux8, lines: 8 },
  lev16: { hardware: lev16, lines: 16, triggers: ['level'], cells: 2, types: { accepted: [IRQ_TYPE.LEVEL_HIGH], refused: [IRQ_TYPE.EDGE_RISING, IRQ_TYPE.LEVEL_LOW] } },
  fast: {
    hardware: fast, lines: 32, triggers: ['edge', 'level'], affinity: true, cells: 2, harts: 'all',
    types: { accepted: [IRQ_TYPE.EDGE_RISING, IRQ_TYPE.LEVEL_HIGH], refused: [IRQ_TYPE.EDGE_FALLING, IRQ_TYPE.LEVEL_LOW] },
  },
  bells: { hardware: bells, kind: 'ipi', harts: 'all' },
  mail: { hardware: mail, kind: 'ipi', harts: 'all' },
  msgs: { hardware: msgs, kind: 'msi', lines: 8, vectors: 45, harts: 'all', size: 0x8000 },
  msirs: { hardware: msirs, kind: 'msi', lines: 8, vectors: 32, harts: 'all', maskedBy: 'device', strayMessages: [124, -1] },
  locals: { hardware: locals, kind: 'percpu', lines: 8, harts: 'all' },
} as const satisfies Record<string, ConformanceOptions>;

export type Subject = keyof typeof DECLARED;
export const SUBJECTS = Object.keys(DECLARED) as Subject[];

/** How a driver, whole or broken, is put to the suite. */
export function optionsOf(subject: Subject, driver: IrqchipDriver): ConformanceOptions {
  return { compatible: `acme,${subject}`, modules: [irqchipModule(driver)], ...DECLARED[subject] };
}
