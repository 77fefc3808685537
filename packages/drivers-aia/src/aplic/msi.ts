import { DOMAIN_BUS, irqFindMatchingFwnode, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { makeMsiDevice, MSI_DEFAULT_DOMAIN, msiCreateDeviceIrqDomain } from '@irqchip/msi';
import type { Harts } from '@irqchip/riscv';
import { IrqError, type MmioRegion } from '@irqchip/smp';
import type { Imsic } from '../imsic/imsic.ts';
import { APLIC } from '../registers.ts';
import type { AplicDevice } from './device.ts';
import { aplicMsiTemplate } from './msi-chip.ts';
import { aplicMsicfg, msiaddrcfgWords, type AplicMsicfg } from './msi-config.ts';
import { aplicInitHwGlobal, aplicSetupPriv, type AplicPriv } from './priv.ts';

/**
 * The wires become messages to the harts' IMSIC.
 * @throws IrqError `EINVAL` for the node, or an IMSIC that is laid out as no APLIC can express; `ENODEV` without IMSIC;
 * `EPROBE_DEFER` while its MSI domain is missing; `ENOMEM`.
 * @kernel aplic_msi_setup
 */
export function aplicMsiSetup(ctx: ProbeContext, device: AplicDevice, regs: MmioRegion, harts: Harts, imsic: Imsic): IrqDomain {
  const { domains, fwnode, msiParent, node, smp } = ctx;
  smp.faults.check('aplic');
  const priv = aplicSetupPriv(ctx, device, regs);
  const { globalConfig } = imsic;
  if (globalConfig === null) throw device.refuse('ENODEV', 'IMSIC global config not found', 'The early driver of an IMSIC must have taken its node; see the log.');
  const cfg = aplicMsicfg(device, globalConfig);
  // A supervisor's domain sends where firmware told the root to.
  if (harts.mode === 'M') programAddresses(priv, cfg);
  aplicInitHwGlobal(priv, APLIC.DOMAINCFG_DM);
  const parent = msiParent === null ? null : irqFindMatchingFwnode(domains, msiParent, DOMAIN_BUS.PLATFORM_MSI);
  if (parent === null) throw new IrqError('EPROBE_DEFER', `${node.path}: its msi-parent has no domain for messages of devices yet; its driver must be probed first.`);
  const domain = createDomain();
  const base = cfg.basePpn * 2 ** APLIC.XMSICFGADDR_PPN_SHIFT;
  device.info(`${priv.nrIrqs} interrupts forwarded to MSI base 0x${base.toString(16).padStart(harts.xlen / 4, '0')}`);
  return domain;

  function createDomain(): IrqDomain {
    const dev = makeMsiDevice(device.name, { fwnode, numaNode: fwnode.nid, domain: parent });
    try {
      return msiCreateDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, aplicMsiTemplate(priv, cfg), { hwsize: priv.nrIrqs + 1, domainData: priv, chipData: priv });
    } catch (cause) {
      throw device.refuse('ENOMEM', 'failed to create MSI irq domain', 'See the cause.', cause);
    }
  }
}

function programAddresses({ regs }: AplicPriv, cfg: AplicMsicfg): void {
  const { low, high } = msiaddrcfgWords(cfg);
  regs.writel(APLIC.MMSICFGADDR, low);
  regs.writel(APLIC.MMSICFGADDRH, high);
}
