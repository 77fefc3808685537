import { irqCreateFwspecMapping, irqFindHost, type ParentInterrupt, type ProbeContext } from '@irqchip/irqdomain';
import { ofParentCpu, type Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';

/** Linux interrupts of the running hart's two wires. */
export interface ClintIrqs { readonly soft: number; readonly timer: number }

function refuse(ctx: ProbeContext, what: string, cure: string): never {
  ctx.smp.log.err(`clint: ${ctx.node.name}: ${what}`);
  throw new IrqError('ENODEV', `${ctx.node.path}: ${what}. ${cure}`);
}

/** Maps a wire if its end has a domain: only the boot hart's local controller has one. */
function mapIfHosted(ctx: ProbeContext, { fwnode, args }: ParentInterrupt): number {
  return irqFindHost(ctx.domains, fwnode) === null ? 0 : irqCreateFwspecMapping(ctx.domains, { fwnode, param: args });
}

/**
 * Walks `interrupts-extended` and maps the first software and the first timer interrupt that end at a controller with a
 * domain.
 * @throws IrqError `ENODEV` for a wire that is neither of the kernel's mode, and when one of the two is missing.
 */
export function mapClintIrqs(ctx: ProbeContext, harts: Harts): ClintIrqs {
  ctx.parentErrors.forEach((_error, index) => ctx.smp.log.err(`clint: ${ctx.node.name}: failed to parse irq ${index}.`));
  let soft = 0;
  let timer = 0;
  ctx.parents.forEach((parent, index) => {
    const hwirq = parent.args[0];
    if (parent.args.length !== 1 || (hwirq !== harts.irq.soft && hwirq !== harts.irq.timer)) {
      refuse(ctx, `invalid irq ${index} (hwirq ${hwirq ?? -1})`, `A ${harts.mode}-mode kernel expects ${harts.irq.soft} (software) and ${harts.irq.timer} (timer).`);
    }
    if (soft === 0 && hwirq === harts.irq.soft) soft = mapIfHosted(ctx, parent);
    if (timer === 0 && hwirq === harts.irq.timer) timer = mapIfHosted(ctx, parent);
  });
  if (soft === 0 || timer === 0) refuse(ctx, 'ipi/timer irq not found', 'interrupts-extended must lead to the boot hart, and the INTC driver must come first.');
  return { soft, timer };
}

/**
 * `timebase-frequency` of the `cpus` node that the wires lead to, in Hz.
 * @throws IrqError `EINVAL` without one.
 * @kernel riscv_timebase
 */
export function timebaseHz(ctx: ProbeContext, harts: Harts): number {
  const end = ctx.parents[0];
  const cpus = end === undefined ? null : ofParentCpu(end.node)?.parent;
  const hz = cpus?.u32('timebase-frequency') ?? harts.timebaseHz;
  if (!hz) throw new IrqError('EINVAL', `${ctx.node.path}: /cpus has no timebase-frequency; the timer cannot count without.`);
  return hz;
}
