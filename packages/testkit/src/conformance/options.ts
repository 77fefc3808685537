import type { HardwareModel } from '@irqchip/riscv';
import type { BenchOptions, FirmwareAccess } from '@irqchip/testbench';

/** How a line asks for attention: by a change, or for as long as it is high. */
export type LineTrigger = 'edge' | 'level';

/** What a driver can provide. */
export type ConformanceKind = 'wired' | 'msi' | 'ipi' | 'percpu';

export interface ConformanceOptions extends Omit<BenchOptions, 'hardware' | 'messages' | 'trigger'> {
  /** A fresh model for each machine. Default: those that come with the framework. */
  readonly hardware?: () => HardwareModel;
  /** What the driver provides: lines with wires (default), messages, the CPUs' IPIs, or lines that each CPU has for itself. */
  readonly kind?: ConformanceKind;
  /** How many lines (of each CPU, for per-CPU lines), or how many messages one device is given; those cannot be judged without. Not for IPIs. */
  readonly lines?: number;
  /** The lowest line. Default 0. */
  readonly first?: number;
  /** What its lines can be. Default: edge. */
  readonly triggers?: readonly LineTrigger[];
  /** IRQ_TYPE values that its `irqSetType` must take, and ones that it must refuse. Whatever else it takes must work, too. */
  readonly types?: { readonly accepted?: readonly number[]; readonly refused?: readonly number[] };
  /** Lines can be sent to any CPU. Default false; true for messages. */
  readonly affinity?: boolean;
  /** How often an edge that is replayed runs its handler. Default 1; 2 where `irqRetrigger` raises it and denies it (Linux's IMSIC). */
  readonly replays?: 1 | 2;
  /** Whether an edge of a per-CPU line that comes while its CPU has it disabled runs the handler once it is enabled. Default true. */
  readonly remembers?: boolean;
  /** CPUs may be taken away. Default true. */
  readonly hotplug?: boolean;
  /** CPUs of the machines. Default 3, or as many as the tree has. */
  readonly cpus?: number;
  /**
   * What a boot loader may leave in the registers: `write(0x70, random(), 1)` writes a byte, and a `read` of a claim register leaves a
   * claim open. Default: anything in the first 16 words; trees are scrambled by the machine.
   */
  readonly scrambleRegisters?: (write: FirmwareAccess['write'], random: () => number, read: FirmwareAccess['read']) => void;
  /** How many messages a device can be given on a fresh machine. Default: not tried. */
  readonly vectors?: number;
  /**
   * Who masks messages: the controller (default), or their device alone (`pci_msi_mask_irq`). Then its chip has no `irqMask`, and
   * what is stored to it although the device has masked it need not be held back.
   */
  readonly maskedBy?: 'controller' | 'device';
  /** Data of messages that name no interrupt. Default: 0, 0x7ff and -1; empty: not tried. */
  readonly strayMessages?: readonly number[];
  /** Cases that do not apply, by name, and why. */
  readonly skip?: Readonly<Record<string, string>>;
}
