import type { CpuMask } from '@irqchip/smp';
import type { IrqChip } from '../chip/irq-chip.ts';
import type { IrqDesc } from './irq-desc.ts';

/** What genirq knows of an irq_domain: its name, and the two callbacks that request and free go through. */
export interface IrqDataDomain {
  readonly name: string;
  /** IRQ_DOMAIN_FLAG_* */
  readonly flags?: number;
  readonly ops: {
    /** @kernel irq_domain_ops.activate */
    activate?(domain: never, data: IrqData, reserve: boolean): void;
    /** @kernel irq_domain_ops.deactivate */
    deactivate?(domain: never, data: IrqData): void;
  };
}

/** Per-interrupt data that every level of a hierarchy shares. @kernel irq_common_data */
export interface IrqCommonData {
  /** The descriptor that all levels belong to. */
  readonly desc: IrqDesc;
  /** IRQD_* ("dstate"). */
  state: number;
  /** @kernel irq_desc_get_handler_data, irq_data_get_irq_handler_data */
  handlerData: unknown;
  msiDesc: unknown;
  readonly affinity: CpuMask;
  readonly effectiveAffinity: CpuMask;
  ipiOffset: number;
  node: number;
}

/** One interrupt as one level of the hierarchy sees it. What chip callbacks get. @kernel irq_data */
export interface IrqData {
  /** Linux interrupt number. */
  readonly irq: number;
  /** The number inside `domain`. */
  hwirq: number;
  /** Precomputed `1 << idx` of generic chips. */
  mask: number;
  /** @kernel irq_data_get_irq_chip, irq_desc_get_chip */
  chip: IrqChip;
  /** @kernel irq_data_get_irq_chip_data, irq_desc_get_chip_data */
  chipData: unknown;
  domain: IrqDataDomain | null;
  /** Towards the root: the controller that this level's controller is wired to. */
  parentData: IrqData | null;
  readonly common: IrqCommonData;
}
