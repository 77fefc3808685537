// start_kernel() keeps interrupts off on the boot CPU until irqchips and timers are there; system_state is SYSTEM_BOOTING until
// kthreadd runs, just before the other CPUs come (init/main.c).
import { handleSimpleIrq, IRQ_HANDLED, IRQ_SET_MASK, irqSetAffinity, irqSetAffinityNotifier, requestIrq, requestThreadedIrq, type IrqChip } from '@irqchip/genirq-core';
import { irqCreateMapping, type ProbeContext } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import type { Machine } from '../src/index.ts';
import { bootStages, ENABLE, PENDING, type Probes } from './fixtures/stages/bench.ts';

const chip: IrqChip = { name: 'early', irqMask: () => undefined, irqUnmask: () => undefined, irqSetAffinity: () => IRQ_SET_MASK.OK };
const handled = (): number => IRQ_HANDLED;
const found = (m: Machine): string[] => m.smp.diagnostics.take().map(({ kind, message }) => `${kind}: ${message}`);
/** The number of line 0 of a controller that has eight. */
const line = ({ linear }: ProbeContext): number => irqCreateMapping(linear(8, chip, handleSimpleIrq).domain, 0);

/** Chains itself, which starts the parent interrupt. What came is cleared by the handler. */
function chain({ regs, parent }: ProbeContext, handler: () => void): void {
  parent.chain(() => {
    handler();
    regs.writel(PENDING, regs.readl(PENDING));
  });
}

describe('a line that firmware left enabled and pending', () => {
  test('does not enter an irqchip driver that chains itself before it clears ENABLE, in its probe or ever', () => {
    const log: string[] = [];
    const m = bootStages({ irqchip: (ctx) => {
      chain(ctx, () => log.push('entered'));
      ctx.regs.writel(ENABLE, 0);
      log.push('probed');
    } });
    m.settle();
    expect([log, m.failures, found(m)]).toEqual([['probed'], [], []]);
  });

  test('enters one that leaves ENABLE as it is once: after irqchips and timers, before the other CPUs and platform devices', () => {
    const log: string[] = [];
    const m = bootStages({
      irqchip: (ctx) => {
        chain(ctx, () => log.push(`entered on CPU${ctx.smp.cpus.current} of ${ctx.smp.cpus.online}`));
        log.push('irqchip');
      },
      arch: () => log.push('arch'), timer: () => log.push('timer'), platform: () => log.push('platform'),
    });
    expect([log, found(m)]).toEqual([['irqchip', 'arch', 'timer', 'entered on CPU0 of 0', 'platform'], []]);
  });

  test('enters a platform driver in its probe, as soon as it is chained', () => {
    const log: string[] = [];
    const m = bootStages({ platform: (ctx) => {
      chain(ctx, () => log.push('entered'));
      log.push('probed');
    } });
    expect([log, found(m)]).toEqual([['entered', 'probed'], []]);
  });
});

test('interrupts, early_boot_irqs_disabled and system_state at each stage, and after boot', () => {
  const log: unknown[] = [];
  const look = (stage: string) => ({ smp }: Pick<ProbeContext, 'smp'>): void => {
    log.push([stage, smp.cpus.irqsDisabled() ? 'off' : 'on', smp.cpus.earlyBootIrqsDisabled, smp.systemState]);
  };
  const m = bootStages({ irqchip: look('irqchip'), arch: look('arch'), timer: look('timer'), platform: look('platform') });
  look('booted')(m);
  expect(log).toEqual([
    ['irqchip', 'off', true, 'SYSTEM_BOOTING'], ['arch', 'off', true, 'SYSTEM_BOOTING'], ['timer', 'off', true, 'SYSTEM_BOOTING'],
    ['platform', 'on', false, 'SYSTEM_SCHEDULING'], ['booted', 'on', false, 'SYSTEM_RUNNING'],
  ]);
  expect([m.smp.cpus.online.toList(), m.smp.cpus.irqsDisabledOn(0), m.smp.cpus.irqsDisabledOn(1), found(m)]).toEqual(['0-1', false, false, []]);
});

test('hotplug callbacks of an irqchip run with interrupts off on the boot CPU, which has no hotplug thread yet; online ones with them on elsewhere', () => {
  const log: unknown[] = [];
  const m = bootStages({ irqchip: ({ smp: { cpus } }, cpuhp) => {
    cpuhp.setupState('CPUHP_AP_IRQ_GIC_STARTING', 'early:starting', (cpu) => void log.push(['starting', cpu, cpus.irqsDisabled()]), null);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'early:online', (cpu) => void log.push(['online', cpu, cpus.irqsDisabled()]), null);
  } });
  expect([log, found(m)]).toEqual([[['starting', 0, true], ['online', 0, true], ['starting', 1, true], ['online', 1, false]], []]);
});

describe('an early driver that switches interrupts on', () => {
  const EARLY = /^warn: CPU0 switches interrupts on while early_boot_irqs_disabled/;

  test.each(['irqchip', 'arch', 'timer'] as const)('%s: is reported where it does, and where start_kernel() looks', (stage) => {
    const m = bootStages({ [stage]: ({ smp }: ProbeContext) => smp.cpus.localIrqEnable() });
    expect(m.smp.diagnostics.open[0]?.stack).toContain('early-boot.test.ts');
    expect(found(m)).toEqual([expect.stringMatching(EARLY), expect.stringMatching(/^warn: Interrupts were enabled early/)]);
    expect(m.smp.cpus.irqsDisabled()).toBe(false);
  });

  test('is reported where it does when it switches them off again', () => {
    const m = bootStages({ irqchip: ({ smp: { cpus } }) => { cpus.localIrqEnable(); cpus.localIrqDisable(); } });
    expect(found(m)).toEqual([expect.stringMatching(EARLY)]);
  });

  test('is entered from then on', () => {
    const log: string[] = [];
    const m = bootStages({ irqchip: (ctx) => {
      chain(ctx, () => log.push('entered'));
      ctx.smp.cpus.localIrqEnable();
      log.push('probed');
    } });
    expect([log, found(m).length]).toEqual([['entered', 'probed'], 2]);
  });

  test('saving and restoring is no such thing', () => {
    const m = bootStages({ irqchip: ({ smp: { cpus } }) => cpus.localIrqRestore(cpus.localIrqSave()) });
    expect(found(m)).toEqual([]);
  });
});

describe('what may sleep', () => {
  const calls: Probes[keyof Probes] = (ctx) => {
    requestIrq(ctx.genirq, line(ctx), handled, 0, 'x');
    ctx.smp.mightSleep('sleep()');
  };

  test('may do so in early boot, interrupts off or not', () => {
    expect(found(bootStages({ irqchip: calls }))).toEqual([]);
  });

  test('may not with interrupts off in a platform driver', () => {
    const m = bootStages({ platform: ({ smp }) => {
      const flags = smp.cpus.localIrqSave();
      smp.mightSleep('sleep()');
      smp.cpus.localIrqRestore(flags);
    } });
    expect(found(m)).toEqual(['context: sleep() may sleep and was called with interrupts off on CPU0; call it from a task.']);
  });
});

describe('an interrupt thread', () => {
  const threaded = (ctx: ProbeContext): void => requestThreadedIrq(ctx.genirq, line(ctx), handled, handled, 0, 'x', 'dev');

  test('cannot be made in early boot: there is no kthreadd', () => {
    expect(found(bootStages({ irqchip: threaded }))).toEqual([expect.stringMatching(/^context: x asks for the thread of irq \d+ while system_state is SYSTEM_BOOTING/)]);
  });

  test('can be for a platform driver', () => {
    expect(found(bootStages({ platform: threaded }))).toEqual([]);
  });
});

test('an affinity notifier that is due in early boot is told when workers run, before the other CPUs come', () => {
  const told: string[] = [];
  const m = bootStages({ irqchip: (ctx) => {
    const irq = line(ctx);
    irqSetAffinityNotifier(ctx.genirq, irq, (mask) => told.push(`${mask} of ${ctx.smp.cpus.online}`));
    irqSetAffinity(ctx.genirq, irq, new CpuMask(2, [0]));
    told.push('probed');
  } });
  expect([told, found(m)]).toEqual([['probed', '0 of 0'], []]);
});

test('a platform driver that leaves interrupts off is told off, and the next one finds them on', () => {
  const on: boolean[] = [];
  const m = bootStages({
    platform: ({ smp }) => smp.cpus.localIrqDisable(),
    next: ({ smp }) => on.push(!smp.cpus.irqsDisabled()),
  });
  expect([on, found(m)]).toEqual([[true], [expect.stringMatching(/^warn: initcall acme,late returned with disabled interrupts/)]]);
});
