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
  /** First start of a line; default: enable. May throw. @kernel irq_chip.irq_startup */
  irqStartup?(data: IrqData): void;
  /** Default: disable. @kernel irq_chip.irq_shutdown */
  irqShutdown?(data: IrqData): void;
  /** Default: unmask. @kernel irq_chip.irq_enable */
  irqEnable?(data: IrqData): void;
  /** Without it disabling is lazy: masked when the next interrupt comes. @kernel irq_chip.irq_disable */
  irqDisable?(data: IrqData): void;
  /** Forgets the edge that is being handled, before its handler runs; a later one must be remembered. @kernel irq_chip.irq_ack */
  irqAck?(data: IrqData): void;
  /** The line interrupts no more; what comes meanwhile stays pending where the hardware can. @kernel irq_chip.irq_mask */
  irqMask?(data: IrqData): void;
  /** Both at once, where a controller can. @kernel irq_chip.irq_mask_ack */
  irqMaskAck?(data: IrqData): void;
  /** What is pending interrupts at once. @kernel irq_chip.irq_unmask */
  irqUnmask?(data: IrqData): void;
  /** The controller that withheld the line while it was handled may deliver it again. @kernel irq_chip.irq_eoi */
  irqEoi?(data: IrqData): void;
  /** Returns an IRQ_SET_MASK value; throws to refuse. Updates the effective affinity. @kernel irq_chip.irq_set_affinity */
  irqSetAffinity?(data: IrqData, dest: CpuMask, force: boolean): number;
  /** True when the interrupt was raised again. @kernel irq_chip.irq_retrigger */
  irqRetrigger?(data: IrqData): boolean;
  /** Returns an IRQ_SET_MASK value; throws to refuse. @kernel irq_chip.irq_set_type */
  irqSetType?(data: IrqData, flowType: number): number;
  /** Throws to refuse. @kernel irq_chip.irq_set_wake */
  irqSetWake?(data: IrqData, on: boolean): void;
  /** Slow bus: before a management call; may sleep. @kernel irq_chip.irq_bus_lock */
  irqBusLock?(data: IrqData): void;
  /** @kernel irq_chip.irq_bus_sync_unlock */
  irqBusSyncUnlock?(data: IrqData): void;
  /** Sets `data.mask` of a generic chip's line; default: the bit of its place. @kernel irq_chip.irq_calc_mask */
  irqCalcMask?(data: IrqData): void;
  /** What stands for the chip in /proc/interrupts. @kernel irq_chip.irq_print_chip */
  irqPrintChip?(data: IrqData): string;
  /** Before the first action, under the bus lock only; throws to refuse. @kernel irq_chip.irq_request_resources */
  irqRequestResources?(data: IrqData): void;
  /** @kernel irq_chip.irq_release_resources */
  irqReleaseResources?(data: IrqData): void;
  /** Fills in what the device is to write, and where. @kernel irq_chip.irq_compose_msi_msg */
  irqComposeMsiMsg?(data: IrqData, msg: MsiMsg): void;
  /** Tells the device. @kernel irq_chip.irq_write_msi_msg */
  irqWriteMsiMsg?(data: IrqData, msg: MsiMsg): void;
  /** @kernel irq_chip.irq_get_irqchip_state */
  irqGetIrqchipState?(data: IrqData, which: IrqchipIrqState): boolean;
  /** @kernel irq_chip.irq_set_irqchip_state */
  irqSetIrqchipState?(data: IrqData, which: IrqchipIrqState, state: boolean): void;
  /** @kernel irq_chip.irq_set_vcpu_affinity */
  irqSetVcpuAffinity?(data: IrqData, info: unknown): void;
  /** @kernel irq_chip.irq_force_complete_move */
  irqForceCompleteMove?(data: IrqData): void;
  /** Rings one CPU. @kernel irq_chip.ipi_send_single */
  ipiSendSingle?(data: IrqData, cpu: number): void;
  /** Rings every CPU of `dest`. @kernel irq_chip.ipi_send_mask */
  ipiSendMask?(data: IrqData, dest: CpuMask): void;
  /** Extra lines of debugfs' `irqs/N`, each given without indentation. @kernel irq_domain_ops.debug_show (of a chip) */
  debugShow?(data: IrqData): string[];
}
