/** What a hard interrupt must not leave behind: a chained handler that was entered and not left, a lock that was taken and not released. */
import { Spinlock } from '@irqchip/smp';
import {
  allocDesc, chainedIrqEnter, chainedIrqExit, genericHandleIrq, handleSimpleIrq, requestIrq, setChainedHandler, setChip, setHandler, type IrqDesc,
} from '../src/index.ts';
import { findings, handled, makeBench, notingChip, type Bench } from './fixture.ts';

const enter = (desc: IrqDesc): void => chainedIrqEnter(desc.irqData.chip, desc);
const exit = (desc: IrqDesc): void => chainedIrqExit(desc.irqData.chip, desc);

/** A machine whose trap is irq 0, on a chip whose end of interrupt does nothing. */
function withRoot(): Bench & { arrives: (cpu?: number) => void } {
  const b = makeBench({ callbacks: ['irqEoi', 'irqMask', 'irqUnmask'] });
  b.genirq.setHandleIrq((cause) => { genericHandleIrq(b.genirq, cause); });
  const { cpus } = b.smp;
  const arrives = (cpu = 0): void => cpus.runOn(cpu, () => {
    cpus.localIrqDisable();
    b.genirq.handleArchIrq(b.irq);
    cpus.localIrqEnable();
  });
  return { ...b, arrives };
}

/** A second demultiplexer, below the first. */
function below(b: Bench, flow: (desc: IrqDesc) => void): number {
  const irq = allocDesc(b.genirq, 0);
  setChip(b.genirq, irq, notingChip([], ['irqEoi']));
  setChainedHandler(b.genirq, irq, flow);
  return irq;
}

describe('at the end of a hard interrupt', () => {
  test('a chained handler that was entered and never left is told of, with its name and the cure', () => {
    const b = withRoot();
    setChainedHandler(b.genirq, b.irq, function muxHandleIrq(desc) { enter(desc); });
    b.arrives();
    expect(findings(b.smp, 'context')).toEqual(['irq 0: mux_handle_irq called chainedIrqEnter and came back without chainedIrqExit, on CPU0: call chainedIrqExit(chip, desc) on every way out. Most controllers deliver nothing more on that line until then.']);
  });

  test('each interrupt tells anew, and one that is left in between is right', () => {
    const b = withRoot();
    let leave = false;
    setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); if (leave) exit(desc); });
    b.arrives();
    b.arrives(1);
    leave = true;
    b.arrives();
    expect(findings(b.smp, 'context')).toEqual([expect.stringContaining('CPU0'), expect.stringContaining('CPU1')]);
  });

  test('of two below each other the one that was not left is named', () => {
    const b = withRoot();
    const inner = below(b, function innerIrq(desc) { enter(desc); });
    setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); genericHandleIrq(b.genirq, inner); exit(desc); });
    b.arrives();
    expect(findings(b.smp, 'context')).toEqual([expect.stringMatching(/^irq 1: inner_irq called chainedIrqEnter and came back without/)]);
  });

  test('and the outer one, when it is that', () => {
    const b = withRoot();
    const inner = below(b, (desc) => { enter(desc); exit(desc); });
    setChainedHandler(b.genirq, b.irq, function outerIrq(desc) { enter(desc); genericHandleIrq(b.genirq, inner); });
    b.arrives();
    expect(findings(b.smp, 'context')).toEqual([expect.stringMatching(/^irq 0: outer_irq called/)]);
  });

  test('demultiplexers twelve deep are followed, and nothing is told of those that are right', () => {
    const b = withRoot();
    let next = -1;
    for (let i = 0; i < 11; i++) {
      const child = next;
      next = below(b, (desc) => { enter(desc); if (child >= 0) genericHandleIrq(b.genirq, child); exit(desc); });
    }
    setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); genericHandleIrq(b.genirq, next); exit(desc); });
    b.arrives();
    expect(findings(b.smp)).toEqual([]);
  });

  test('an exit without an enter is told of where it is called', () => {
    const b = withRoot();
    setChainedHandler(b.genirq, b.irq, function muxHandleIrq(desc) { exit(desc); });
    b.arrives();
    expect(findings(b.smp, 'context')).toEqual(['irq 0: mux_handle_irq calls chainedIrqExit without chainedIrqEnter before it, on CPU0: begin with chainedIrqEnter(chip, desc).']);
  });

  test('a handler that throws has thrown, and the next interrupt begins afresh', () => {
    const b = withRoot();
    let fail = true;
    setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); if (fail) throw new Error('bus'); exit(desc); });
    expect(() => b.arrives()).toThrow('bus');
    b.smp.cpus.localIrqEnable();
    fail = false;
    b.arrives();
    expect(findings(b.smp)).toEqual([]);
  });

  test('a lock that a handler took and did not release is told of, once', () => {
    const b = withRoot();
    const lock = new Spinlock(b.smp, 'mux8');
    let runs = 0;
    setHandler(b.genirq, b.irq, handleSimpleIrq);
    requestIrq(b.genirq, b.irq, () => { if (++runs === 1) lock.lock(); return handled(); }, 0, 'button', {});
    b.arrives(1);
    b.arrives(1);
    expect(findings(b.smp)).toEqual(['CPU1 still holds mux8 at the end of a hard interrupt that took it: release it on every way out, with unlock() or unlockIrqrestore().']);
  });

  test('locks that the interrupted task holds are its own, and of two that were taken both are told of', () => {
    const b = withRoot();
    const [outside, first, second] = ['task', 'first', 'second'].map((name) => new Spinlock(b.smp, name)) as [Spinlock, Spinlock, Spinlock];
    let take = false;
    setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); if (take) { first.lock(); second.lock(); } exit(desc); });
    outside.lock();
    b.arrives();
    expect(findings(b.smp)).toEqual([]);
    take = true;
    b.arrives();
    expect(findings(b.smp)).toEqual([expect.stringMatching(/^CPU0 still holds second, first at the end/)]);
    outside.unlock();
  });
});

test('the end of a hard interrupt allocates nothing where all is well', () => {
  const b = withRoot();
  const inner = below(b, (desc) => { enter(desc); exit(desc); });
  setChainedHandler(b.genirq, b.irq, (desc) => { enter(desc); genericHandleIrq(b.genirq, inner); exit(desc); });
  b.smp.cpus.localIrqDisable();
  b.desc.irqData.chip = { name: 'quiet', irqEoi: () => undefined };
  b.genirq.irqToDesc(inner)!.irqData.chip = b.desc.irqData.chip;
  const burst = (): number => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 100_000; i++) b.genirq.handleArchIrq(b.irq);
    return process.memoryUsage().heapUsed - before;
  };
  burst();
  expect(Math.min(burst(), burst(), burst())).toBeLessThan(400_000);
});
