/** Switches of the models of this package. Without any they follow the ACLINT specification, 1.0-rc4. */
export interface ClintOptions {
  /** MMIO clears wait until the next read of the device or its `flush()`; sets do not wait for them. */
  readonly posted?: boolean;
  /** What MTIMECMP is at reset, which the specification leaves open: 0 (timer interrupt pending) or all ones. Default 0. */
  readonly mtimecmpReset?: 'zero' | 'ones';
  /**
   * What a 1 in a register of an SSWI is. `pulse` (default): an edge that sets SSIP, 0 does nothing, reads give 0 (1.0-rc4).
   * `level`: SSIP is up while the bit is 1, and the bit reads back (earlier drafts, and devices made after them).
   */
  readonly ssip?: 'pulse' | 'level';
  /**
   * The timer counts whole ticks from the write that arms it: armed between two ticks it fires so much late, although MTIME
   * reads right.
   */
  readonly lateAlarms?: boolean;
  /** A 4-byte write to MTIME takes the other half from the time since power-on, not from MTIME. */
  readonly mtimeHalvesFromRaw?: boolean;
  /** All departures from the specification that recordings of this emulator show. Switches beside it go first. */
  readonly quirks?: 'qemu-7.2' | 'qemu-10.0' | 'qemu-11.1';
}

const QUIRKS: Readonly<Record<NonNullable<ClintOptions['quirks']>, ClintOptions>> = {
  'qemu-7.2': { lateAlarms: true, mtimeHalvesFromRaw: true },
  'qemu-10.0': { lateAlarms: true },
  'qemu-11.1': { lateAlarms: true },
};

/** Spells a quirk set out. */
export function expandOptions(options: ClintOptions): ClintOptions {
  return options.quirks === undefined ? options : { ...QUIRKS[options.quirks], ...options };
}
