import { clintModel, sswiModel } from '@irqchip/drivers-clint/hardware';
import { irqchipConformance } from '@irqchip/testkit';
import { board, source } from './boards.ts';

const PLIC = board('linux-6.12-debugfs/plic-smp4');
const IMSIC = board('linux-6.12-debugfs/imsic-smp4');
const MMODE = board('linux-7.2-mmode/mmode-smp4');

describe('SBI', () => irqchipConformance({ kind: 'ipi', tree: PLIC }));
describe('IMSIC, Linux 6.12', () => irqchipConformance({ kind: 'ipi', tree: IMSIC }));
describe('IMSIC, Linux 7.2', () => irqchipConformance({ kind: 'ipi', tree: IMSIC, linux: '7.2' }));
describe('CLINT', () => irqchipConformance({ kind: 'ipi', tree: MMODE, mode: 'M', linux: '7.2', hardware: () => ({ ...clintModel }), scrambleRegisters: () => undefined }));
describe('SSWI', () => irqchipConformance({ kind: 'ipi', tree: source('sswi'), linux: '7.2', hardware: () => ({ ...sswiModel }) }));
