// A probe that throws takes nothing back by itself, but for the domains of linear(): what it leaves, the next attempt makes again on top.
import type { CpuHotplug } from '@irqchip/cpuhp';
import { freePercpuIrq, handleSimpleIrq, IRQ_HANDLED, requestPercpuIrq, setChainedHandler } from '@irqchip/genirq-core';
import { irqDomainCreateLinear, irqDomainRemove, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { IrqError, PerCpu } from '@irqchip/smp';
import type { Machine } from '../src/index.ts';
import { bootStages, ENABLE } from './fixtures/stages/bench.ts';

type Probe = (ctx: ProbeContext, cpuhp: CpuHotplug) => void;

const leaks = (m: Machine): string[] => m.smp.diagnostics.take('leak').map(({ message }) => message);
const defer = (): never => { throw new IrqError('EPROBE_DEFER', 'the clock is not there yet'); };
const linear = ({ domains, fwnode }: ProbeContext): IrqDomain => irqDomainCreateLinear(domains, fwnode, 8, {}, null);
const LATE = 'acme,late: /late@30000000: its probe failed and left behind ';
const WHEN = ' Make them after the last thing that can fail, or take them back in a catch; another attempt makes them again.';

/** The first probe of the platform driver does this and then defers; its second one, which comes as another driver succeeds, does that. */
function boot(first: Probe, second: Probe = () => undefined): Machine {
  let probes = 0;
  return bootStages({ platform: (ctx, cpuhp) => {
    ctx.regs.writel(ENABLE, 0);
    if (++probes > 1) return second(ctx, cpuhp);
    first(ctx, cpuhp);
    defer();
  } });
}

describe('a probe that defers is told of what it left', () => {
  test('a domain, and both of them stay', () => {
    const m = boot(linear, linear);
    expect(leaks(m)).toEqual([`${LATE}domain :late@30000000 (irqDomainRemove).${WHEN}`]);
    expect(m.domains.list.filter(({ fwnode }) => fwnode?.path === '/late@30000000')).toHaveLength(2);
  });

  test('a domain under a name of its own', () => {
    const m = boot(({ domains }) => { irqDomainCreateLinear(domains, domains.allocNamedFwnode('late-ipi'), 8, {}, null); });
    expect(leaks(m)).toEqual([expect.stringContaining('left behind domain late-ipi (irqDomainRemove).')]);
  });

  test('a chained handler', () => {
    const m = boot(({ genirq, parent }) => setChainedHandler(genirq, parent.virq, function lateHandleIrq() { /* never called */ }));
    expect(leaks(m)).toEqual([expect.stringMatching(/left behind chained handler late_handle_irq of irq \d+ \(setChainedHandler with null\)\./)]);
  });

  test('a chained handler that took the place of another', () => {
    const m = boot(
      ({ genirq, parent }) => { setChainedHandler(genirq, parent.virq, handleSimpleIrq); },
      ({ genirq, parent }) => { setChainedHandler(genirq, parent.virq, () => undefined); defer(); },
    );
    expect(leaks(m)).toEqual([expect.stringContaining('chained handler handle_simple_irq'), expect.stringContaining('chained handler (anonymous)')]);
    m.smp.diagnostics.take('probe');
  });

  test('the handler of a per-CPU interrupt', () => {
    const m = boot(({ genirq, parent }) => requestPercpuIrq(genirq, parent.virq, () => IRQ_HANDLED, 'late', new PerCpu(() => 0)));
    expect(leaks(m)).toEqual([expect.stringMatching(/left behind handler late of irq \d+ \(freePercpuIrq\)\./)]);
  });

  test('a hotplug state', () => {
    const m = boot((_, cpuhp) => { cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'irqchip/late:online', () => undefined, null); });
    expect(leaks(m)).toEqual([expect.stringContaining('left behind hotplug state irqchip/late:online (removeState).')]);
  });

  test('all of it, in one finding', () => {
    const m = boot((ctx, cpuhp) => {
      linear(ctx);
      cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'irqchip/late:online', () => undefined, null);
    });
    expect(leaks(m)).toEqual([`${LATE}domain :late@30000000 (irqDomainRemove), hotplug state irqchip/late:online (removeState).${WHEN}`]);
  });
});

test('so is one that fails for good, at any stage', () => {
  const m = bootStages({ irqchip: (ctx) => { linear(ctx); throw new IrqError('EIO', 'no answer'); } });
  expect(leaks(m)).toEqual([expect.stringMatching(/^acme,early: \/early@10000000: its probe failed and left behind domain :early@10000000/)]);
  expect(m.smp.diagnostics.take('probe')).toHaveLength(1);
});

test('nothing is told of what was taken back, of linear(), of a parent that was mapped, or of a probe that succeeds', () => {
  const m = boot((ctx, cpuhp) => {
    const { genirq, parent, linear: managed } = ctx;
    managed(4, { name: 'late' }, handleSimpleIrq);
    const domain = linear(ctx);
    const ids = new PerCpu(() => 0);
    const state = cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'irqchip/late:online', () => undefined, null);
    requestPercpuIrq(genirq, parent.virq, () => IRQ_HANDLED, 'late', ids);
    freePercpuIrq(genirq, parent.virq, ids);
    setChainedHandler(genirq, parent.virq, () => undefined);
    setChainedHandler(genirq, parent.virq, null);
    cpuhp.removeState(state);
    irqDomainRemove(domain);
  }, (ctx, cpuhp) => {
    linear(ctx);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'irqchip/late:online', () => undefined, null);
    setChainedHandler(ctx.genirq, ctx.parent.virq, () => undefined);
  });
  expect([m.smp.diagnostics.open, m.failures]).toEqual([[], []]);
});
