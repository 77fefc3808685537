import type { ImsicLayout } from '../imsic/imsic.ts';

/** Liberties that the specification grants, and deviations from it; each off unless said otherwise. */
export interface AplicOptions {
  /** Deviations of one version of QEMU, as recorded: a set of the switches from {@link AplicOptions.splitWide} on. */
  readonly quirks?: 'qemu-7.2' | 'qemu-10.0' | 'qemu-11.1';
  /** IPRIOLEN, 1 to 8 (AIA 4.5.16.1). Default 3. */
  readonly iprioBits?: number;
  /** `domaincfg.BE` can be set (AIA 4.5.1). */
  readonly bigEndian?: boolean;
  /** A write to `sourcecfg` sets the pending bit while the rectified input is high (AIA 4.5.2 leaves it open). Default true. */
  readonly sourcecfgSetsPending?: boolean;
  /** The root starts with what `riscv,delegation` names delegated, as firmware leaves it. */
  readonly delegateAtReset?: boolean;
  /** Messages arrive so many nanoseconds after they were sent, and `genmsi` is busy for as long. Default 0. */
  readonly msiDelayNs?: number;
  /** Writes that clear (`in_clrip`, `clripnum`, `clrie`, `clrienum`) take effect so much later, or at the next read of the device. Default 0. */
  readonly clearDelayNs?: number;
  /** Message addresses of a supervisor domain whose root has no model; default: those of `msi-parent`. */
  readonly msiLayout?: ImsicLayout;

  /** An 8-byte access counts as two of 4 bytes. */
  readonly splitWide?: boolean;
  /** `target` of an inactive source keeps what is written and reads it back. */
  readonly targetsStickWhileInactive?: boolean;
  /** `target` of a source that was inactive is again what it was before; it read 0 meanwhile. Else it starts with hart index 0 and priority 1 or identity 0. */
  readonly targetsSurviveInactive?: boolean;
  /** `target` and `genmsi` keep reserved bits. */
  readonly reservedBitsStick?: boolean;
  /** `sourcecfg` keeps the reserved modes 2 and 3, which then act as Detached. */
  readonly reservedModesStick?: boolean;
  /** A Detached source has a rectified input: its wire. */
  readonly detachedSeesWire?: boolean;
  /** Pending of a level-sensitive source outlives the level: until claimed, sent or cleared. */
  readonly levelPendingLatches?: boolean;
  /** A source made level-sensitive with its input low stays pending until its wire is driven, or until claimed, sent or cleared. */
  readonly modeChangeKeepsPending?: boolean;
  /** A level driven again, unchanged, counts as a new arrival at a level-sensitive source. */
  readonly levelRepeats?: boolean;
  /** `setip` and `setipnum` set a level-sensitive source pending though its input is low (MSI delivery mode). */
  readonly setipIgnoresInput?: boolean;
  /** `in_clrip` and `clripnum` leave a level-sensitive source pending (MSI delivery mode). */
  readonly clripLeavesLevel?: boolean;
  /** A child domain has all sources, delegated to it or not, and keeps its settings when one is taken back. */
  readonly undelegatedVisible?: boolean;
  /** A domain knows the level of a wire only from changes that came while the source was its own. */
  readonly inputPerDomain?: boolean;
  /** Supervisor messages take HHXS, HHXW and LHXW from `smsiaddrcfgh`, which holds them too. */
  readonly supervisorFieldsOwn?: boolean;
  /** The guest index of a message is cut to LHXS bits. */
  readonly guestIndexWithinLhxs?: boolean;
  /** `mmsiaddrcfgh.L` does not lock `smsiaddrcfg` and `smsiaddrcfgh`. */
  readonly lockLeavesSupervisor?: boolean;
  /** A claim of nothing clears `iforce`, but the line stays up until something else changes. */
  readonly spuriousClaimKeepsLine?: boolean;
}

const QEMU_ALL: AplicOptions = {
  splitWide: true,
  targetsSurviveInactive: true,
  reservedBitsStick: true,
  reservedModesStick: true,
  detachedSeesWire: true,
  modeChangeKeepsPending: true,
  levelRepeats: true,
  undelegatedVisible: true,
  inputPerDomain: true,
  guestIndexWithinLhxs: true,
};

const QEMU_10_0: AplicOptions = {
  ...QEMU_ALL,
  targetsStickWhileInactive: true,
  levelPendingLatches: true,
  supervisorFieldsOwn: true,
};

const QUIRKS: Readonly<Record<string, AplicOptions>> = {
  'qemu-7.2': { ...QEMU_10_0, lockLeavesSupervisor: true, spuriousClaimKeepsLine: true, setipIgnoresInput: true, clripLeavesLevel: true },
  'qemu-10.0': QEMU_10_0,
  'qemu-11.1': QEMU_ALL,
};

/** The single switches of a named set, with those given besides on top. */
export function aplicSwitches(options: AplicOptions): AplicOptions {
  return options.quirks === undefined ? options : { ...QUIRKS[options.quirks], ...options };
}
