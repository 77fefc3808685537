/** What an IMSIC may be told apart from its device-tree node; each off unless said otherwise. */
export interface ImsicOptions {
  /** Deviations of one version of QEMU, as recorded: a set of single switches. 7.2's interrupt files were never reached. */
  readonly quirks?: 'qemu-7.2' | 'qemu-10.0' | 'qemu-11.1';
  /** Keep message writes in a queue per interrupt file until {@link ImsicHardware.flush}. */
  readonly delayed?: boolean;
  /** Messages count so many nanoseconds after the write, in store order per file. Default 0. */
  readonly msiDelayNs?: number;
  /** Whether writes to `seteipnum_be` count; a little-endian machine may leave it out (AIA 3.5). Default true. */
  readonly seteipnumBe?: boolean;
  /** `eidelivery` has the value 0x40000000, and starts with it: an APLIC with this `msi-parent` supplies the signal (AIA 3.8.1). */
  readonly alternateDelivery?: boolean;
  /** An access to `ireg` or a CSR that the specification calls illegal throws `EINVAL`, or is ignored and reads 0. Default `throw`. */
  readonly illegalCsr?: 'throw' | 'ignore';
  /** An 8-byte access to a page counts as two of 4 bytes. */
  readonly splitWide?: boolean;
  /** Each access of `ireg` and `topei`, and each message, lowers an active line and raises it again. */
  readonly pulses?: boolean;
}

const QEMU: ImsicOptions = { seteipnumBe: false, splitWide: true, pulses: true };

const QUIRKS: Readonly<Record<string, ImsicOptions>> = { 'qemu-7.2': QEMU, 'qemu-10.0': QEMU, 'qemu-11.1': QEMU };

/** The single switches of a named set, with those given besides on top. */
export function imsicSwitches(options: ImsicOptions): ImsicOptions {
  return options.quirks === undefined ? options : { ...QUIRKS[options.quirks], ...options };
}
