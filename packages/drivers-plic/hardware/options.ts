/** Which recorded emulator to be like. */
export type PlicQuirkSet = 'qemu-7.2' | 'qemu-10.0' | 'qemu-11.1';

/** Ways to differ from the specification, each on its own. All off by default. */
export interface PlicQuirks {
  /** A claim returns only sources above the context's threshold. Against "Interrupt Claim Process". */
  readonly claimHonoursThreshold?: boolean;
  /** A completion counts from any context, whether the source is enabled there or not. Against "Interrupt Completion". */
  readonly completeUnchecked?: boolean;
  /** A level that is still high at completion is not pended again. Against "Interrupt Gateways". */
  readonly completeForgetsLevel?: boolean;
  /** A source that rises while it is claimed pends at once, and notifies after the completion. Against "Interrupt Gateways". */
  readonly raiseWhileClaimedPends?: boolean;
  /** A wire that is driven high while it is high pends again. Against "Interrupt Gateways". */
  readonly repeatedHighPends?: boolean;
  /** A write of enable bits changes no line until something else does. Against "Interrupt Notifications". */
  readonly enableWriteIsLazy?: boolean;
  /** Enable words keep the bits of source 0 and of sources that do not exist. Against "Interrupt Enables". */
  readonly enableKeepsAllBits?: boolean;
  /** There is a priority register for one source more than there are. */
  readonly priorityBeyondLast?: boolean;
}

/** Switches of the model. */
export interface PlicOptions extends PlicQuirks {
  /** Every quirk that the recordings of that emulator show; single ones may still be set or unset beside it. */
  readonly quirks?: PlicQuirkSet;
  /** Highest priority and threshold. Default: `riscv,max-priority` of the node, else 7. */
  readonly maxPriority?: number;
  /** Sources with an edge gateway; the others have a level gateway. Default: none. */
  readonly edgeSources?: readonly number[];
  /** What an edge gateway does with edges before the completion: it forgets or counts them. Default `drop`. */
  readonly edges?: 'drop' | 'count';
  /** A notification that ends reaches its hart late: at the next read of the device, or at `flush()`. */
  readonly posted?: boolean;
}

const QEMU: PlicQuirks = {
  claimHonoursThreshold: true,
  completeUnchecked: true,
  completeForgetsLevel: true,
  raiseWhileClaimedPends: true,
  repeatedHighPends: true,
  enableWriteIsLazy: true,
  enableKeepsAllBits: true,
};

const SETS: Readonly<Record<PlicQuirkSet, PlicQuirks>> = {
  'qemu-7.2': { ...QEMU, priorityBeyondLast: true },
  'qemu-10.0': QEMU,
  'qemu-11.1': QEMU,
};

/** The options with their quirk set spelled out. An unknown set is none. */
export function expandQuirks(options: PlicOptions): PlicOptions {
  return options.quirks === undefined ? options : { ...SETS[options.quirks], ...options };
}
