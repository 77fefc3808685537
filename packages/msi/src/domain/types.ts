import type { IrqChip, IrqFlowHandler } from '@irqchip/genirq-core';
import type { IrqDomain, IrqFwspec, IrqTranslation } from '@irqchip/irqdomain';
import type { MsiDesc } from '../device/desc.ts';
import type { MsiDevice } from '../device/device.ts';

/** The argument of an MSI domain's `alloc`, through the whole hierarchy. @kernel msi_alloc_info_t */
export interface MsiAllocInfo {
  desc: MsiDesc | null;
  hwirq: number;
  flags: number;
  /** The parents' own. */
  scratchpad: unknown;
}

/** A chip that can still be completed. */
export type MsiIrqChip = { -readonly [K in keyof IrqChip]: IrqChip[K] };

/** What a device's driver tells its MSI domain; each may be left out. Failure is an `IrqError`, thrown. Task context. @kernel msi_domain_ops */
export interface MsiDomainOps {
  /** hwirq of an allocation; default: what `setDesc` left in `arg`. */
  getHwirq?(info: MsiDomainInfo, arg: MsiAllocInfo): number;
  /** Sets one interrupt's level up; default: chip, and the flow handler if it has a name as well. */
  msiInit?(domain: IrqDomain, info: MsiDomainInfo, virq: number, hwirq: number, arg: MsiAllocInfo): void;
  /** Undoes `msiInit`. */
  msiFree?(domain: IrqDomain, info: MsiDomainInfo, virq: number): void;
  /** Fills `arg`: when the domain is made, with the size of the domain; on Linux 6.12 before each allocation, with its size. */
  msiPrepare?(domain: IrqDomain, dev: MsiDevice, nvec: number, arg: MsiAllocInfo): void;
  /** Undoes `msiPrepare` when the domain goes. Not on Linux 6.12. */
  msiTeardown?(domain: IrqDomain, arg: MsiAllocInfo): void;
  /** Before each descriptor's allocation. */
  prepareDesc?(domain: IrqDomain, arg: MsiAllocInfo, desc: MsiDesc): void;
  /** Puts descriptor and hwirq into `arg`. The stock one leaves the hwirq alone. */
  setDesc?(arg: MsiAllocInfo, desc: MsiDesc): void;
  /** What a firmware description means; without it the domain cannot be used that way. */
  msiTranslate?(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation;
}

/** Everything about one device's MSI domain; its `hostData`. @kernel msi_domain_info */
export interface MsiDomainInfo {
  /** MSI_FLAG.* */
  flags: number;
  /** DOMAIN_BUS.* */
  busToken: number;
  /** Indexes that it has. */
  hwsize: number;
  ops: MsiDomainOps;
  chip: MsiIrqChip;
  chipData: unknown;
  handler: IrqFlowHandler | null;
  handlerData: unknown;
  handlerName: string | null;
  /** The driver's own. */
  data: unknown;
  allocData: MsiAllocInfo;
  readonly dev: MsiDevice;
}

/** What the domains of a kind of devices have in common. It is copied. @kernel msi_domain_template */
export interface MsiDomainTemplate {
  /** Its `name` becomes `<prefix><name>-<device>`. */
  readonly chip: IrqChip;
  readonly ops?: MsiDomainOps;
  readonly info: {
    readonly busToken: number;
    readonly flags?: number;
    /** Effective only together with `handlerName`. */
    readonly handler?: IrqFlowHandler;
    readonly handlerName?: string;
    readonly handlerData?: unknown;
  };
}

/** What an MSI parent offers to the devices above it. @kernel msi_parent_ops */
export interface MsiParentOps {
  /** MSI_FLAG.* that devices may use; others are taken away. */
  readonly supportedFlags: number;
  /** MSI_FLAG.* that devices get in any case. */
  readonly requiredFlags: number;
  /** MSI_CHIP_FLAG.* */
  readonly chipFlags?: number;
  /** DOMAIN_BUS.* of the parent itself. */
  readonly busSelectToken: number;
  /** One bit for each DOMAIN_BUS.* that the parent is found under besides. */
  readonly busSelectMask: number;
  /** Goes before chip and domain names of the devices. */
  readonly prefix?: string;
  /** Checks and completes a device's domain; false refuses it. Usually {@link msiLibInitDevMsiInfo}. */
  initDevMsiInfo(dev: MsiDevice, domain: IrqDomain, realParent: IrqDomain, info: MsiDomainInfo): boolean;
}

/** The MSI parent operations of `domain`, or null. @kernel irq_domain.msi_parent_ops (with its type) */
export function msiParentOpsOf(domain: IrqDomain): MsiParentOps | null {
  return domain.msiParentOps as MsiParentOps | null;
}

/** What an MSI domain was made of. Only for domains that `msiCreateDeviceIrqDomain` made. @kernel msi_get_domain_info */
export function msiGetDomainInfo(domain: IrqDomain): MsiDomainInfo {
  return domain.hostData as MsiDomainInfo;
}
