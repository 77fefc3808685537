import type { CpuHotplug } from '@irqchip/cpuhp';
import { disablePercpuIrq, enablePercpuIrq, getTriggerType, setChainedHandler } from '@irqchip/genirq-core';
import { DOMAIN_BUS, irqCreateMapping, irqFindMatchingFwnode, type ProbeContext } from '@irqchip/irqdomain';
import type { Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { plicIrqHandler } from './irq-handler.ts';
import type { Plics } from './plics.ts';
import type { PlicPriv } from './priv.ts';

/** Thresholds: all that have a priority, and none. */
const PLIC_ENABLE_THRESHOLD = 0;
export const PLIC_DISABLE_THRESHOLD = 7;

/**
 * Once a machine, as soon as every online CPU has a context: takes the external interrupt, and follows CPUs as they come and
 * go. Registration runs the start on every online CPU.
 */
export function globalSetup(ctx: ProbeContext, plics: Plics, { isolatedClaim }: PlicPriv, harts: Harts, cpuhp: CpuHotplug): void {
  if (plics.globalSetupDone || !everyOnlineCpuHasOne(plics)) return;
  const { domains, genirq, node, smp } = ctx;
  const domain = harts.intcFwnode === null ? null : irqFindMatchingFwnode(domains, harts.intcFwnode, DOMAIN_BUS.ANY);
  if (domain !== null) plics.parentIrq = irqCreateMapping(domain, harts.irq.ext);
  if (plics.parentIrq !== 0) setChainedHandler(genirq, plics.parentIrq, plicIrqHandler(plics, isolatedClaim));
  try {
    cpuhp.setupState('CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING', 'irqchip/sifive/plic:starting', startingCpu(plics), dyingCpu(plics));
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    // The kernel ignores it; its tests would not.
    smp.diagnostics.report('warn', `${node.path}: hotplug state not registered, so no further CPU takes interrupts of PLICs: ${error.message} The chained handler on irq ${plics.parentIrq} stays.`);
  }
  plics.globalSetupDone = true;
}

function everyOnlineCpuHasOne({ genirq, handlers }: Plics): boolean {
  for (const cpu of genirq.smp.cpus.online) if (handlers[cpu] === null) return false;
  return true;
}

/** On the CPU that comes up, interrupts off. */
function startingCpu(plics: Plics): (cpu: number) => void {
  const { genirq } = plics;
  const { diagnostics, log } = genirq.smp;
  /** @kernel plic_starting_cpu */
  return function plicStartingCpu(cpu: number): void {
    const handler = plics.handlers[cpu] ?? null;
    // The kernel would write through a null pointer here.
    if (diagnostics.warnOn(handler === null, `CPU${cpu} comes up and has no PLIC context: no external interrupt reaches it.`)) return;
    if (plics.parentIrq !== 0) enablePercpuIrq(genirq, plics.parentIrq, getTriggerType(genirq, plics.parentIrq));
    else log.warn(handler!.plic.line(`cpu${cpu}: parent irq not available`));
    handler!.setThreshold(PLIC_ENABLE_THRESHOLD);
  };
}

/** On the CPU that goes, interrupts off. Its context keeps its enables: the interrupts have been moved away. */
function dyingCpu(plics: Plics): () => void {
  /** @kernel plic_dying_cpu */
  return function plicDyingCpu(): void {
    if (plics.parentIrq !== 0) disablePercpuIrq(plics.genirq, plics.parentIrq);
  };
}
