import type { CpuMask } from '@irqchip/smp';
import type { IrqData } from '../desc/irq-data.ts';

/** States that can be asked of a chip. @kernel irqchip_irq_state */
export type IrqchipIrqState = 'PENDING' | 'ACTIVE' | 'MASKED' | 'LINE_LEVEL';

/** @kernel msi_msg */
export interface MsiMsg { addressLo: number; addressHi: number; data: number }

/**
 * What a controller can do to one of its lines. Every callback is optional; which ones a flow needs is checked when the flow
 * handler is set. Unless said otherwise a callback runs with the descriptor's lock held and interrupts off, on the CPU that
 * caused it. Failure is an `IrqError`, thrown; a callback may throw only where its comment names an error.
 * @kernel irq_chip
 */
export interface IrqChip {
  /** Shown in /proc/interrupts. */
  readonly name: string;
  /** IRQCHIP_* */
  readonly flags?: number;
  /** First start of a line; default: enable. May throw. */
  irqStartup?(data: IrqData): void;
  irqShutdown?(data: IrqData): void;
  irqEnable?(data: IrqData): void;
  irqDisable?(data: IrqData): void;
  irqAck?(data: IrqData): void;
  irqMask?(data: IrqData): void;
  irqMaskAck?(data: IrqData): void;
  irqUnmask?(data: IrqData): void;
  irqEoi?(data: IrqData): void;
  /** Returns an IRQ_SET_MASK value; throws to refuse. Updates the effective affinity. */
  irqSetAffinity?(data: IrqData, dest: CpuMask, force: boolean): number;
  /** True when the interrupt was raised again. */
  irqRetrigger?(data: IrqData): boolean;
  /** Returns an IRQ_SET_MASK value; throws to refuse. */
  irqSetType?(data: IrqData, flowType: number): number;
  /** Throws to refuse. */
  irqSetWake?(data: IrqData, on: boolean): void;
  /** Slow bus: before a management call; may sleep. */
  irqBusLock?(data: IrqData): void;
  irqBusSyncUnlock?(data: IrqData): void;
  /** Sets `data.mask` of a generic chip's line; default: the bit of its place. */
  irqCalcMask?(data: IrqData): void;
  irqPrintChip?(data: IrqData): string;
  /** Before the first action, under the bus lock only; throws to refuse. */
  irqRequestResources?(data: IrqData): void;
  irqReleaseResources?(data: IrqData): void;
  irqComposeMsiMsg?(data: IrqData, msg: MsiMsg): void;
  irqWriteMsiMsg?(data: IrqData, msg: MsiMsg): void;
  irqGetIrqchipState?(data: IrqData, which: IrqchipIrqState): boolean;
  irqSetIrqchipState?(data: IrqData, which: IrqchipIrqState, state: boolean): void;
  irqSetVcpuAffinity?(data: IrqData, info: unknown): void;
  irqForceCompleteMove?(data: IrqData): void;
  ipiSendSingle?(data: IrqData, cpu: number): void;
  ipiSendMask?(data: IrqData, dest: CpuMask): void;
  /** Extra lines of debugfs' `irqs/N`, each given without indentation. @kernel irq_domain_ops.debug_show (of a chip) */
  debugShow?(data: IrqData): string[];
}
