export { irqDomainCreateSim, irqDomainRemoveSim, type IrqSimOps, type IrqSimOptions } from './irq-sim.ts';
