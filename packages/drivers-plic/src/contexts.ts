import type { ParentInterrupt, ProbeContext } from '@irqchip/irqdomain';
import { ofParentHartid, type Harts } from '@irqchip/riscv';
import { PlicHandler } from './handler.ts';
import { PLIC_DISABLE_THRESHOLD } from './hotplug.ts';
import type { Plics } from './plics.ts';
import type { PlicPriv } from './priv.ts';
import { PLIC } from './registers.ts';

/**
 * Finds the contexts of this kernel's CPUs: entry i of `interrupts-extended` is context i. Their enables are cleared, and
 * every source gets priority 1. Returns how many contexts were taken.
 * @throws IrqError `ENOMEM`; undo with {@link releaseContexts}.
 */
export function takeContexts(ctx: ProbeContext, plics: Plics, plic: PlicPriv, harts: Harts): number {
  const { log } = ctx.smp;
  let taken = 0;
  ctx.parents.forEach((parent, context) => {
    const cpu = cpuOf(parent, harts);
    if (cpu === null) log.warn(plic.line(`hwirq for context${context} not found`));
    else if (parent.args[0] !== harts.irq.ext) silenceForeign(plic, context, harts);
    else if (cpu < 0) log.warn(plic.line(`Invalid cpuid for context ${context}`));
    else {
      takeContext(ctx, plics, plic, cpu, context);
      taken++;
    }
  });
  ctx.parentErrors.forEach((_, i) => log.warn(plic.line(`hwirq for context${ctx.parents.length + i} not found`)));
  if (taken > 0) for (let hwirq = 1; hwirq <= plic.ndev; hwirq++) plic.setPriority(hwirq, 1);
  return taken;
}

/** Takes back what {@link takeContexts} did, the registers apart. */
export function releaseContexts(plics: Plics, plic: PlicPriv): void {
  plics.handlers.forEach((handler, cpu) => {
    if (handler?.plic === plic) plics.handlers[cpu] = null;
  });
}

/** null: the entry leads to no hart at all; -1: to one that this kernel does not run on. @kernel plic_parse_context_parent */
function cpuOf({ node }: ParentInterrupt, { hartids }: Harts): number | null {
  const hartid = ofParentHartid(node);
  return hartid === null ? null : hartids.indexOf(hartid);
}

/** Contexts of another privilege level, and absent ones. A kernel that owns the machine switches the supervisor's off. */
function silenceForeign(plic: PlicPriv, context: number, { mode }: Harts): void {
  if (mode !== 'M') return;
  for (let group = 0; group < plic.groups; group++) plic.regs.writel(PLIC.ENABLE + PLIC.ENABLE_STRIDE * context + 4 * group, 0);
}

function takeContext({ smp }: ProbeContext, plics: Plics, plic: PlicPriv, cpu: number, context: number): void {
  let handler = plics.handlers[cpu] ?? null;
  if (handler !== null) {
    // As in the kernel it is the context found first that is silenced, until its CPU starts.
    smp.log.warn(plic.line(`handler already present for context ${context}.`));
    handler.setThreshold(PLIC_DISABLE_THRESHOLD);
  } else {
    handler = new PlicHandler(smp, plic, context);
    plics.handlers[cpu] = handler;
    plic.lmask.set(cpu);
  }
  handler.disableAll(plic.ndev);
}
