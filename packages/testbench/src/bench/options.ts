import type { DeviceTree } from '@irqchip/devicetree';
import type { MachineOptions } from '@irqchip/machine';
import type { HardwareModel } from '@irqchip/riscv';

/** A model, its class, or how to make a fresh one. */
export type HardwareSource<H extends HardwareModel> = H | (() => H) | (new () => H);

/** What the bench does not decide by itself goes to the machine as it is. */
type PassedOn = Omit<MachineOptions, 'tree' | 'hardware' | 'cpus' | 'stormLimit'>;

/** What firmware does with the registers of a model: bytes, halfwords or, by default, words. */
export interface FirmwareAccess {
  write(offset: number, value: number, width?: 1 | 2 | 4): void;
  /** What the model answers; a claim register takes it as a claim. */
  read(offset: number, width?: 1 | 2 | 4): number;
}

export interface BenchOptions<H extends HardwareModel = HardwareModel> extends PassedOn {
  /** What the generated node says. Not needed with a tree. */
  readonly compatible?: string;
  /** The model behind the driver. Default: those that come with the framework. */
  readonly hardware?: HardwareSource<H>;
  /** More models. */
  readonly otherHardware?: readonly HardwareModel[];
  /** Default 1; with a tree as many as that has. */
  readonly cpus?: number;
  /** `#interrupt-cells` of the generated node. Default 1. */
  readonly cells?: 1 | 2;
  /** Bytes of registers of the generated node; 0: it has no `reg`. Default 4096. */
  readonly size?: number;
  /** Which harts the generated node is wired to. Default: the boot hart. */
  readonly harts?: 'boot' | 'all';
  /** What the generated node is wired to instead, as in `interrupts-extended`: `'&plic 5, &plic 6'`. */
  readonly parents?: string;
  /** More of the generated node, as device-tree source, or instead: what it names here is not generated. */
  readonly properties?: string;
  /** More nodes, as device-tree source; labels: `controller`, `intc0` and up. */
  readonly nodes?: string;
  /** A board instead of the generated one. */
  readonly tree?: Uint8Array | DeviceTree;
  /** Path of the controller in that board. */
  readonly node?: string;
  /** The trigger that two-cell specifiers say. Default: rising edge. */
  readonly trigger?: number;
  /** Lines are this many MSI-X vectors of a device below the controller, not wires. */
  readonly messages?: number;
  /**
   * Which input of the model is a per-CPU line on a hart. A number: each hart has so many, one hart's after the other's in the order
   * in which the node is wired to harts. Default: as many as its domain has lines; of a hart's local controller, which is no device,
   * the hart's own inputs.
   */
  readonly input?: number | ((hartid: number, line: number) => number);
  /**
   * What a boot loader left in the registers, and at which level wires idle: called with the fresh model, before any driver runs.
   * A line that `setInput` drives high stays so until `lower`, as an active-low one does that is
   * content: `(_write, setInput) => setInput(3, true)`. Needs `hardware`.
   */
  readonly firmware?: (write: FirmwareAccess['write'], setInput: (line: number, level: boolean) => void, read: FirmwareAccess['read']) => void;
  /**
   * Interrupts in a row, with no task between them, that are a storm; so are ten register accesses for each of them in one trap.
   * Default 10,000, and never fewer than 100,000 for one that nobody handles: after those the kernel switches it off.
   */
  readonly stormLimit?: number;
  /** Do not throw when a driver refuses its node, nor fail the test: look at `machine.failures`. */
  readonly allowFailures?: boolean;
}
