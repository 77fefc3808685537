import {
  handleFasteoiIrq, IRQ_TYPE, IRQCHIP, irqChipMaskParent, irqChipSetAffinityParent, irqChipUnmaskParent, type IrqData, type MsiMsg,
} from '@irqchip/genirq-core';
import { DOMAIN_BUS } from '@irqchip/irqdomain';
import { MSI_FLAG, msiGetDomainInfo, type MsiDomainTemplate } from '@irqchip/msi';
import { APLIC } from '../registers.ts';
import { msiTarget, type AplicMsicfg } from './msi-config.ts';
import { aplicIrqdomainTranslate, aplicIrqMask, aplicIrqSetType, aplicIrqUnmask, type AplicPriv } from './priv.ts';

/** @kernel aplic_msi_irq_mask */
function aplicMsiIrqMask(data: IrqData): void {
  aplicIrqMask(data);
  irqChipMaskParent(data);
}

/** @kernel aplic_msi_irq_unmask */
function aplicMsiIrqUnmask(data: IrqData): void {
  irqChipUnmaskParent(data);
  aplicIrqUnmask(data);
}

/**
 * Sending its message cleared the source's pending bit, and a level that is still up sets it no more: writing the number does,
 * if the level is still up (AIA 4.9.2).
 * @kernel aplic_msi_irq_retrigger_level
 */
function aplicMsiIrqRetriggerLevel(data: IrqData): void {
  if ((data.common.state & IRQ_TYPE.LEVEL_MASK) !== 0) (data.chipData as AplicPriv).regs.writel(APLIC.SETIPNUM_LE, data.hwirq);
}

/** @throws IrqError `EINVAL` as {@link aplicIrqSetType}. @kernel aplic_msi_irq_set_type */
function aplicMsiIrqSetType(data: IrqData, type: number): number {
  const result = aplicIrqSetType(data, type);
  // Whether a change of the mode sets pending is the device's choice. As in the kernel, the type before the change decides.
  aplicMsiIrqRetriggerLevel(data);
  return result;
}

/** Chip and domain of one APLIC in MSI mode. @kernel aplic_msi_template */
export function aplicMsiTemplate(priv: AplicPriv, cfg: AplicMsicfg): MsiDomainTemplate {
  /** A message of zeros goes nowhere: identity 0 does not exist. @kernel aplic_msi_write_msg */
  function aplicMsiWriteMsg({ hwirq }: IrqData, msg: MsiMsg): void {
    const none = msg.addressHi === 0 && msg.addressLo === 0 && msg.data === 0;
    priv.setTarget(hwirq, none ? 0 : msiTarget(cfg, msg, priv.diagnostics));
  }

  return {
    chip: {
      name: 'APLIC-MSI',
      flags: IRQCHIP.SET_TYPE_MASKED | IRQCHIP.SKIP_SET_WAKE | IRQCHIP.MASK_ON_SUSPEND,
      irqMask: aplicMsiIrqMask,
      irqUnmask: aplicMsiIrqUnmask,
      irqSetType: aplicMsiIrqSetType,
      irqEoi: aplicMsiIrqRetriggerLevel,
      irqSetAffinity: irqChipSetAffinityParent,
      irqWriteMsiMsg: aplicMsiWriteMsg,
    },
    ops: {
      setDesc(arg, desc) {
        arg.desc = desc;
        arg.hwirq = desc.cookie?.lo ?? 0;
      },
      msiTranslate: (domain, fwspec) => aplicIrqdomainTranslate(msiGetDomainInfo(domain).data as AplicPriv, fwspec),
    },
    info: { busToken: DOMAIN_BUS.WIRED_TO_MSI, flags: MSI_FLAG.USE_DEV_FWNODE, handler: handleFasteoiIrq, handlerName: 'fasteoi' },
  };
}
