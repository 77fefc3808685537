import { defineIrqchip, type IrqchipDriver, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { msiCreateParentIrqDomain } from '@irqchip/msi';
import { HARTS, type Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { IMSIC_COMPATIBLE } from '../registers.ts';
import { imsicBaseDomainOps } from './domain.ts';
import { IMSIC_SERVICE, type Imsic } from './imsic.ts';
import { imsicMsiParentOps } from './parent-ops.ts';
import type { ImsicState } from './state.ts';

/** @throws IrqError `ENODEV` without the early driver, for another node, or twice; `ENOMEM`. @kernel imsic_platform_probe */
function probe(ctx: ProbeContext, harts: Harts, imsic: Imsic): IrqDomain {
  const { state } = imsic;
  if (state === null) throw refuse(ctx, 'early driver not probed', 'The irqchip stage must have taken this node; see the log.', false);
  if (state.fwnode !== ctx.fwnode) throw refuse(ctx, 'fwnode mismatch', 'A machine has one IMSIC, and it is another node.');
  if (imsic.baseDomain !== null) throw refuse(ctx, 'irq domain already created', 'Probe it once.');
  imsic.baseDomain = createBaseDomain(ctx, state);
  announce(ctx, state, harts);
  return imsic.baseDomain;
}

/** @throws IrqError `ENOMEM` */
function createBaseDomain(ctx: ProbeContext, state: ImsicState): IrqDomain {
  const { domains, fwnode, node, smp } = ctx;
  try {
    const info = { fwnode, ops: imsicBaseDomainOps(domains, state), hostData: state };
    return msiCreateParentIrqDomain(domains, info, imsicMsiParentOps(domains.genirq.linux));
  } catch (error) {
    smp.log.err(`riscv-imsic: ${node.name}: failed to create IMSIC base domain`);
    throw error;
  }
}

function announce({ node, smp }: ProbeContext, { config }: ImsicState, { xlen }: Harts): void {
  const say = (text: string): void => smp.log.info(`riscv-imsic: ${node.name}: ${text}`);
  say(` hart-index-bits: ${config.hartIndexBits},  guest-index-bits: ${config.guestIndexBits}`);
  say(`group-index-bits: ${config.groupIndexBits}, group-index-shift: ${config.groupIndexShift}`);
  say(`per-CPU IDs ${config.nrIds} at base address 0x${config.baseAddr.toString(16).padStart(xlen / 4, '0')}`);
  say(`total ${smp.cpus.possible.weight() * (config.nrIds - 1)} interrupts available`);
}

function refuse({ node, smp }: ProbeContext, what: string, cure: string, named = true): IrqError {
  smp.log.err(`riscv-imsic: ${named ? `${node.name}: ` : ''}${what}`);
  return new IrqError('ENODEV', `${node.path}: ${what}. ${cure}`);
}

/** The MSI half of `riscv,imsics`: the parent domain of all message-signalled interrupts. @kernel imsic_irqdomain_init */
export const imsicPlatform: IrqchipDriver = defineIrqchip(
  { name: 'riscv-imsic', compatible: IMSIC_COMPATIBLE, stage: 'platform', services: [HARTS, IMSIC_SERVICE] as const },
  probe,
);
