import type { IrqchipNode } from '@irqchip/irqdomain';
import type { MmioDevice } from '@irqchip/smp';

/**
 * The contract between a machine and the register-level models of its controllers. Harts are named by hartid here: hardware
 * knows nothing of Linux CPU numbers.
 */

/** A CSR that a device model owns, such as an IMSIC's `topei`. Called as the hart that accesses it. */
export interface CsrPort {
  /** Low half. */
  read(): number;
  /** High half; 0 when left out. */
  readHi?(): number;
  write(lo: number, hi: number): void;
  /** Read and write in one instruction; default: read, then write. */
  swap?(lo: number): number;
}

/** The interrupt inputs of the harts. `irq` is the bit in `mip`: MSIP 3, MTIP 7, MEIP 11, SSIP 1, STIP 5, SEIP 9. */
export interface HartLines {
  /** Drives a wired pending bit; it reads as the level for as long as it is driven. */
  setLine(hartid: number, irq: number, level: boolean): void;
  /** Sets a software-writable pending bit: software clears it. */
  pend(hartid: number, irq: number): void;
  clearPend(hartid: number, irq: number): void;
  /** Whether the bit reads 1, from wire or software. */
  isPending(hartid: number, irq: number): boolean;
  /** Routes accesses of `csr` on that hart to a device. */
  attachCsr(hartid: number, csr: number, port: CsrPort): void;
}

/** Simulated time, as devices see it. */
export interface DeviceClock {
  /** Since power-on. */
  nowNs(): number;
  /** Ticks per second of `time` and mtime. */
  readonly timebaseHz: number;
  /** Calls `fn` once when time reaches `ns` (absolute); returns how to cancel. */
  at(ns: number, fn: () => void): () => void;
}

/** One entry of `interrupts-extended`, seen from the hardware: which input of which hart a wire ends at. */
export interface HardwareTarget {
  /** null: the entry leads to no hart of this machine. */
  readonly hartid: number | null;
  readonly irq: number;
}

/** Writes of devices to the bus: how messages are sent. */
export interface DeviceDma {
  /** `address` in bytes, a multiple of 4. Returns false where nobody answers; the write is lost then. */
  write32(address: number, value: number): boolean;
}

/** What a model is built from. */
export interface HardwareContext {
  readonly node: IrqchipNode;
  readonly regions: readonly { readonly base: number; readonly size: number }[];
  /** The entries of `interrupts-extended`, in order. */
  readonly targets: readonly HardwareTarget[];
  /**
   * Drives the controller's own interrupt output: the wire of entry `index`, default 0, of `interrupts-extended` or `interrupts`, to
   * whatever it leads to: a hart, or an input of another controller. A wire that leads nowhere may be driven, too.
   */
  output(level: boolean, index?: number): void;
  readonly lines: HartLines;
  readonly hartids: readonly number[];
  readonly clock: DeviceClock;
  /** The bus as a device sees it that sends messages. */
  readonly dma: DeviceDma;
  /** The model of another node, by path, once everything is built: not from within `create`. null: that node has none. */
  peer(path: string): HardwareInstance | null;
  readonly xlen: 32 | 64;
  /** Switches of this model, by name. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A device on the bus: one register file per region. */
export interface HardwareInstance {
  readonly devices: readonly MmioDevice[];
  /** Drives wire `source` of a controller that has wires: its level at the pin, before any polarity. Sources that do not exist are ignored. */
  setInput?(source: number, level: boolean): void;
}

/** A kind of device, found by `compatible`. */
export interface HardwareModel {
  readonly compatible: readonly string[];
  create(ctx: HardwareContext): HardwareInstance;
}
