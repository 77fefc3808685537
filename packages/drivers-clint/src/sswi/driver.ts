import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, disablePercpuIrq, enablePercpuIrq, getTriggerType, setChainedHandler, type IrqDesc,
} from '@irqchip/genirq-core';
import { IPI_MUX, type IpiMux, type IpiMuxes } from '@irqchip/ipi-mux';
import {
  defineIrqchip, DOMAIN_BUS, irqCreateMapping, irqDisposeMapping, irqFindMatchingFwnode, type IrqchipDriver, type ProbeContext,
} from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI, type Csr, type Harts, type RiscvIpi } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { SSWI_COMPATIBLE } from '../registers.ts';
import { registersOf } from './registers-of.ts';
import { ACLINT_SSWI, type AclintSswi } from './sswi.ts';

/** BITS_PER_BYTE in the kernel. */
const NR_IPI = 8;
const THEAD = 'thead,c900-aclint-sswi';
/** @kernel THEAD_VENDOR_ID */
const THEAD_VENDOR_ID = 0x5b7;
/** @kernel THEAD_C9XX_CSR_SXSTATUS */
const CSR_SXSTATUS = 0x5c0;
/** @kernel THEAD_C9XX_SXSTATUS_CLINTEE */
const SXSTATUS_CLINTEE = 0x20000;

/** What the driver needs besides its node. */
interface Services {
  readonly harts: Harts;
  readonly csr: Csr;
  readonly muxes: IpiMuxes;
  readonly cpuhp: CpuHotplug;
  readonly ipi: RiscvIpi;
  readonly sswi: AclintSswi;
}

/**
 * The first device provides IPIs; further ones add the registers of their harts. When a step fails, what went before it is
 * undone. Linux 6.12 has no such driver: then all is left as it is.
 * @throws IrqError see {@link aclintSswi}.
 */
function init(ctx: ProbeContext, services: Services): void {
  const { genirq, smp } = ctx;
  if (genirq.linux === '6.12') {
    smp.log.info(`irq_aclint_sswi: ${ctx.node.name}: Linux 6.12 has no driver for it; IPIs are left to others`);
    return;
  }
  const thead = ctx.node.compatible.includes(THEAD);
  if (thead) checkThead(ctx, services);
  const region = ctx.regions[0];
  if (!region) throw new IrqError('ENOMEM', `${ctx.node.path} has no register region to map; give it a reg property.`);
  const takeBack = services.sswi.add(region, registersOf(ctx, services.harts));
  try {
    if (services.sswi.virq === 0) provideIpis(ctx, services);
  } catch (error) {
    takeBack();
    throw error;
  }
  smp.log.info(`irq_aclint_sswi: providing IPIs using ${thead ? 'THEAD ' : ''}ACLINT SSWI`);
}

/** T-Head's harts let supervisors use the device only where firmware says so. */
function checkThead({ node }: ProbeContext, { csr, sswi }: Services): void {
  if (sswi.mvendorid !== THEAD_VENDOR_ID || (csr.read(CSR_SXSTATUS) & SXSTATUS_CLINTEE) !== 0) return;
  throw new IrqError('ENOTSUPP', `${node.path}: CLINTEE in sxstatus is 0, so supervisors cannot reach the device; firmware must set it.`);
}

function provideIpis(ctx: ProbeContext, services: Services): void {
  const { genirq } = ctx;
  const { cpuhp, ipi, sswi } = services;
  const virq = mapSoft(ctx, services.harts);
  const mux = createMux(ctx, services, virq);
  sswi.virq = virq;
  setChainedHandler(genirq, virq, handlerOf(services, mux));
  setupHotplug(ctx, cpuhp, sswi);
  ipi.setVirqRange(mux.virq, NR_IPI);
}

function mapSoft({ domains, node, smp }: ProbeContext, harts: Harts): number {
  const domain = irqFindMatchingFwnode(domains, harts.intcFwnode, DOMAIN_BUS.ANY);
  if (domain === null) {
    smp.log.err(`irq_aclint_sswi: ${node.name}: Failed to find INTC domain`);
    throw new IrqError('ENOENT', `${node.path}: no domain of the harts' local controllers; the INTC driver must come first.`);
  }
  const virq = irqCreateMapping(domain, harts.irq.soft);
  if (virq === 0) {
    smp.log.err('irq_aclint_sswi: unable to create ACLINT SSWI IRQ mapping');
    throw new IrqError('ENOMEM', `${node.path}: software interrupt ${harts.irq.soft} cannot be mapped; the log says why.`);
  }
  return virq;
}

function createMux({ domains, smp }: ProbeContext, { muxes, sswi }: Services, virq: number): IpiMux {
  try {
    return muxes.create({ nrIpi: NR_IPI, send: (cpu) => sswi.send(cpu) });
  } catch (error) {
    smp.log.err('irq_aclint_sswi: unable to create muxed IPIs');
    irqDisposeMapping(domains, virq);
    throw error;
  }
}

function handlerOf({ csr, harts, sswi }: Services, mux: IpiMux): (desc: IrqDesc) => void {
  const { ip } = harts.csr;
  const ssip = 1 << harts.irq.soft;

  /** Hard irq, interrupts off. @kernel aclint_sswi_ipi_handle */
  function aclintSswiIpiHandle(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    chainedIrqEnter(chip, desc);
    // Both before the mux looks: a doorbell that comes later must raise the interrupt again. Which one takes it away depends
    // on the device.
    csr.clear(ip, ssip);
    sswi.clear();
    mux.process();
    chainedIrqExit(chip, desc);
  }

  return aclintSswiIpiHandle;
}

/** Registration enables the interrupt on the boot CPU at once. A CPU that goes is left with nothing pending in the device. */
function setupHotplug({ genirq, node, smp }: ProbeContext, cpuhp: CpuHotplug, sswi: AclintSswi): void {
  function aclintSswiStartingCpu(): void {
    enablePercpuIrq(genirq, sswi.virq, getTriggerType(genirq, sswi.virq));
  }

  function aclintSswiDyingCpu(): void {
    sswi.clear();
    disablePercpuIrq(genirq, sswi.virq);
  }

  try {
    cpuhp.setupState('CPUHP_AP_IRQ_ACLINT_SSWI_STARTING', 'irqchip/aclint-sswi:starting', aclintSswiStartingCpu, aclintSswiDyingCpu);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    // The kernel ignores it; its tests would not.
    smp.diagnostics.report('warn', `${node.path}: hotplug state not registered, so no CPU takes IPIs: ${error.message}`);
  }
}

/**
 * IPIs of supervisor kernels through an SSWI device. Probing throws
 * `ENOTSUPP` where T-Head's harts do not let supervisors reach it, and for a wire that is not the kernel's software interrupt;
 * `ENOMEM` without registers or mapping; `EINVAL` without wires or hart index; `ENODEV` and `ENOENT` for wires to unknown
 * harts; `ENOENT` without the local controllers' domain; what the mux throws, `EEXIST` when another driver provides IPIs.
 * @kernel aclint_sswi_probe
 */
export const aclintSswi: IrqchipDriver = defineIrqchip(
  { name: 'aclint-sswi', compatible: SSWI_COMPATIBLE, services: [HARTS, CSR, IPI_MUX, CPUHP, RISCV_IPI, ACLINT_SSWI] as const },
  (ctx, harts, csr, muxes, cpuhp, ipi, sswi) => init(ctx, { harts, csr, muxes, cpuhp, ipi, sswi }),
);
