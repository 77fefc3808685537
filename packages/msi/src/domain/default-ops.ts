import { setHandler, setHandlerData } from '@irqchip/genirq-core';
import { irqDomainSetHwirqAndChip } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { MSI_FLAG } from '../flags.ts';
import { msiDomainSetAffinity } from './message.ts';
import type { MsiAllocInfo, MsiDomainInfo, MsiDomainOps } from './types.ts';

/** The argument of an allocation before anybody filled it. */
export function emptyAllocInfo(): MsiAllocInfo {
  return { desc: null, hwirq: 0, flags: 0, scratchpad: null };
}

/** Operations that there is a stock one of. */
type StockOps = 'getHwirq' | 'msiInit' | 'msiPrepare' | 'msiTeardown' | 'setDesc';

/** @kernel msi_domain_ops_default */
const DEFAULT_OPS: Required<Pick<MsiDomainOps, StockOps>> = {
  /** @kernel msi_domain_ops_get_hwirq */
  getHwirq: (_info, arg) => arg.hwirq,
  /** @kernel msi_domain_ops_init */
  msiInit(domain, info, virq, hwirq) {
    const { genirq } = domain.domains;
    irqDomainSetHwirqAndChip(domain, virq, hwirq, info.chip, info.chipData);
    if (info.handler === null || info.handlerName === null) return;
    setHandler(genirq, virq, info.handler, false, info.handlerName);
    if (info.handlerData !== null) setHandlerData(genirq, virq, info.handlerData);
  },
  /** @kernel msi_domain_ops_prepare */
  msiPrepare: (_domain, _dev, _nvec, arg) => { Object.assign(arg, emptyAllocInfo()); },
  /** @kernel msi_domain_ops_teardown */
  msiTeardown: () => undefined,
  /** @kernel msi_domain_ops_set_desc */
  setDesc: (arg, desc) => { arg.desc = desc; },
};

/** The operations that every MSI domain has in the end. */
export type CompleteMsiOps = MsiDomainOps & Required<Pick<MsiDomainOps, StockOps>>;

/** The domain's operations, complete since it was made. */
export function opsOf(info: MsiDomainInfo): CompleteMsiOps {
  return info.ops as CompleteMsiOps;
}

/**
 * Fills in what the template left out.
 * @throws IrqError `EINVAL` when something is missing and USE_DEF_DOM_OPS does not ask for the stock one.
 * @kernel msi_domain_update_dom_ops
 */
export function updateDomOps(info: MsiDomainInfo, name: string): void {
  if (info.flags & MSI_FLAG.USE_DEF_DOM_OPS) {
    info.ops = { ...DEFAULT_OPS, ...info.ops };
    return;
  }
  const missing = (['getHwirq', 'msiInit', 'msiPrepare', 'setDesc'] as const).filter((op) => !info.ops[op]);
  if (missing.length > 0) throw new IrqError('EINVAL', `The MSI operations of ${name} have no ${missing.join(', ')}; add them, or set MSI_FLAG.USE_DEF_DOM_OPS in its parent's requiredFlags.`);
  info.ops = { msiTeardown: DEFAULT_OPS.msiTeardown, ...info.ops };
}

/**
 * Checks the chip, and lets the parent move its interrupts.
 * @throws IrqError `EINVAL` for a chip that lacks what an MSI chip must have; the kernel stops there.
 * @kernel msi_domain_update_chip_ops
 */
export function updateChipOps({ chip, flags }: MsiDomainInfo): void {
  const needs = (flags & MSI_FLAG.USE_DEF_CHIP_OPS) !== 0 ? ['irqMask', 'irqUnmask', 'irqWriteMsiMsg'] as const : ['irqWriteMsiMsg'] as const;
  const missing = needs.filter((callback) => !chip[callback]);
  if (missing.length > 0) throw new IrqError('EINVAL', `The chip ${chip.name} of an MSI domain needs ${missing.join(' and ')}.`);
  if (flags & MSI_FLAG.USE_DEF_CHIP_OPS && !(flags & MSI_FLAG.NO_AFFINITY)) chip.irqSetAffinity ??= msiDomainSetAffinity;
}
