import type { CpuHotplug } from '@irqchip/cpuhp';
import { disablePercpuIrq, enablePercpuIrq, getTriggerType, setChainedHandler } from '@irqchip/genirq-core';
import { DOMAIN_BUS, irqCreateMapping, irqDomainCreateLinear, irqFindMatchingFwnode, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { ofParentHartid, type Harts } from '@irqchip/riscv';
import { IrqError, type MmioRegion } from '@irqchip/smp';
import type { AplicDevice } from './device.ts';
import { aplicDirectDomainOps } from './direct-domain.ts';
import { aplicDirectHandler } from './direct-handler.ts';
import { riscvGetHartIndex } from './hart-index.ts';
import { AplicDirect, AplicIdc, type AplicParent } from './idc.ts';
import { aplicInitHwGlobal, aplicSetupPriv } from './priv.ts';

/**
 * The harts' external interrupts come from this APLIC itself.
 * @throws IrqError `EINVAL` for the node, `ENODEV` when it reaches no CPU, `ENOMEM`. The chained handler, which all APLICs of
 * the machine share, stays.
 * @kernel aplic_direct_setup
 */
export function aplicDirectSetup(ctx: ProbeContext, device: AplicDevice, regs: MmioRegion, harts: Harts, cpuhp: CpuHotplug, parent: AplicParent): IrqDomain {
  const { domains, fwnode, genirq, node, smp } = ctx;
  smp.faults.check('aplic');
  const priv = aplicSetupPriv(ctx, device, regs);
  const direct = new AplicDirect(priv, smp.cpus.nrCpuIds);
  priv.idcs.forEach((_, index) => setupIdc(ctx, direct, harts, index));
  parent.connect(direct);
  if (parent.irq === 0) takeParent(ctx, harts, cpuhp, parent);
  if (direct.lmask.isEmpty()) {
    throw new IrqError('ENODEV', `${node.path} reaches no CPU: interrupts-extended must name local interrupt ${harts.irq.ext} of this machine's harts.`);
  }
  aplicInitHwGlobal(priv, 0);
  try {
    direct.domain = irqDomainCreateLinear(domains, fwnode, priv.nrIrqs + 1, aplicDirectDomainOps(genirq, direct), priv);
  } catch (cause) {
    parent.disconnect(direct);
    throw device.refuse('ENOMEM', 'failed to create direct irq domain', 'See the cause.', cause);
  }
  device.info(`${priv.nrIrqs} interrupts directly connected to ${priv.idcs.length} CPUs`);
  return direct.domain;
}

/** A hart that has no place here is left out, with a warning. */
function setupIdc({ node, smp }: ProbeContext, direct: AplicDirect, harts: Harts, index: number): void {
  const { priv } = direct;
  const { node: intc, args } = priv.idcs[index]!;
  const hartid = ofParentHartid(intc);
  if (hartid === null) return priv.device.warn(`parent irq for IDC${index} not found`);
  if (args[0] !== harts.irq.ext) return;
  const cpu = harts.hartids.indexOf(hartid);
  if (cpu < 0) return priv.device.warn(`invalid cpuid for IDC${index}`);
  const hartIndex = riscvGetHartIndex(node, index);
  // The kernel counts the CPU among those that it can interrupt even so, and would read through a null pointer there.
  if (hartIndex === undefined) return priv.device.warn(`hart index not found for IDC${index}`);
  const idc = new AplicIdc(direct, hartIndex);
  idc.enableDelivery();
  direct.idcs[cpu] = idc;
  direct.lmask.set(cpu);
  // Sources lead to hart index 0 so far, which may be none of ours.
  if (cpu === smp.cpus.current && hartIndex !== 0) for (let source = 1; source <= priv.nrIrqs; source++) priv.setTarget(source, idc.target);
}

/** Chains to the external interrupt, on every CPU that is online or comes. */
function takeParent(ctx: ProbeContext, harts: Harts, cpuhp: CpuHotplug, parent: AplicParent): void {
  const { domains, genirq, node, smp } = ctx;
  const domain = irqFindMatchingFwnode(domains, harts.intcFwnode, DOMAIN_BUS.ANY);
  if (domain !== null) parent.irq = irqCreateMapping(domain, harts.irq.ext);
  // The kernel says nothing, here and below; its tests would.
  if (parent.irq === 0) return smp.diagnostics.report('warn', `${node.path}: local interrupt ${harts.irq.ext} cannot be mapped, so no CPU takes interrupts from it; the INTC driver must come first`);
  setChainedHandler(genirq, parent.irq, aplicDirectHandler(genirq, parent));

  function aplicDirectStartingCpu(): void { enablePercpuIrq(genirq, parent.irq, getTriggerType(genirq, parent.irq)); }
  function aplicDirectDyingCpu(): void { disablePercpuIrq(genirq, parent.irq); }

  try {
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'irqchip/riscv/aplic:starting', aplicDirectStartingCpu, aplicDirectDyingCpu);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    smp.diagnostics.report('warn', `${node.path}: hotplug state not registered, so only CPU${smp.cpus.current} takes its interrupts: ${error.message}`);
  }
}
