import { irqWaitForPoll, misroutedIrq } from '@irqchip/irqdesc/internals';
import { Smp } from '@irqchip/smp';
import { allocDescs, Genirq, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQD, IRQF, IRQS, noteInterrupt, pollSpuriousIrqs, type GenirqOptions, type IrqDesc } from '../src/index.ts';
import { makeAction } from './proc-board.ts';

interface Bench { smp: Smp; genirq: Genirq; ran: string[]; irq(number: number, name: string, handler?: () => number): IrqDesc }

/** Started, shared interrupts with numbers of one's choice. */
function bench(options: GenirqOptions = {}): Bench {
  const smp = new Smp({ nrCpus: 4, clock: { nowNs: () => 1e9 } });
  const genirq = new Genirq(smp, options);
  const ran: string[] = [];
  return {
    smp, genirq, ran,
    irq(number, name, handler = () => IRQ_HANDLED) {
      const desc = genirq.irqToDesc(allocDescs(genirq, number, 0, 1, -1))!;
      desc.irqData.chip = { name: 'fake', irqMask: () => undefined, irqUnmask: () => undefined };
      desc.common.state = IRQD.ACTIVATED | IRQD.IRQ_STARTED;
      desc.depth = 0;
      desc.action = makeAction(desc, name);
      desc.action.flags = IRQF.SHARED;
      desc.action.handler = () => { ran.push(name); return handler(); };
      return desc;
    },
  };
}

/** Switched off as stuck. */
function stuck(desc: IrqDesc): IrqDesc {
  desc.istate |= IRQS.SPURIOUS_DISABLED;
  desc.common.state |= IRQD.IRQ_DISABLED;
  desc.depth = 1;
  return desc;
}

function note(desc: IrqDesc, ret: number): void {
  const { cpus } = desc.genirq.smp;
  const flags = cpus.localIrqSave();
  noteInterrupt(desc, ret);
  cpus.localIrqRestore(flags);
}

test('interrupt 0 is never polled, stuck or not', () => {
  const b = bench({ irqfixup: 1 });
  const timer = stuck(b.irq(0, 'timer'));
  const other = stuck(b.irq(7, 'other'));
  pollSpuriousIrqs(b.genirq);
  expect(b.ran).toEqual(['other']);
  timer.common.state &= ~IRQD.IRQ_DISABLED;
  expect([misroutedIrq(other), b.ran]).toEqual([false, ['other']]);
});

test('while one CPU polls, no other does, and nobody looks for misrouted interrupts', () => {
  for (const pollCpu of [0, 2]) {
    const b = bench({ irqfixup: 1 });
    const lost = b.irq(5, 'lost');
    stuck(b.irq(6, 'stuck'));
    b.irq(7, 'fine');
    b.genirq.spurious.pollCpu = pollCpu;
    pollSpuriousIrqs(b.genirq);
    expect([misroutedIrq(lost), b.ran, b.genirq.spurious.pollCpu]).toEqual([false, [], pollCpu]);
    b.genirq.spurious.pollCpu = -1;
    pollSpuriousIrqs(b.genirq);
    expect([b.ran, b.genirq.spurious.pollCpu]).toEqual([['stuck'], -1]);
  }
});

test('while it is polled an interrupt says so, and it runs again as long as more comes', () => {
  let more = 2;
  const b = bench();
  const desc: IrqDesc = stuck(b.irq(6, 'stuck', () => {
    expect(desc.istate & IRQS.POLL_INPROGRESS).toBe(IRQS.POLL_INPROGRESS);
    if (more-- > 0) desc.istate |= IRQS.PENDING;
    return IRQ_HANDLED;
  }));
  pollSpuriousIrqs(b.genirq);
  expect([b.ran, desc.istate & (IRQS.PENDING | IRQS.POLL_INPROGRESS)]).toEqual([['stuck', 'stuck', 'stuck'], 0]);
  expect(desc.istate & IRQS.SPURIOUS_DISABLED).toBe(IRQS.SPURIOUS_DISABLED);
});

test('a poll ends when the handler is freed from inside it', () => {
  const b = bench();
  const desc: IrqDesc = stuck(b.irq(6, 'stuck', () => {
    desc.istate |= IRQS.PENDING;
    desc.action = null;
    return IRQ_HANDLED;
  }));
  pollSpuriousIrqs(b.genirq);
  expect(b.ran).toEqual(['stuck']);
});

test('who waited for a poll may not handle an interrupt that lost its handler meanwhile, and waits again if it runs again', () => {
  const b = bench();
  const desc = b.irq(6, 'x');
  const wait = (relax: () => boolean): boolean => {
    b.smp.cpus.attach({ deliver: () => undefined, relax });
    desc.common.state |= IRQD.IRQ_INPROGRESS;
    desc.lock.lock();
    try {
      return irqWaitForPoll(desc);
    } finally {
      desc.lock.unlock();
    }
  };
  expect(wait(() => { desc.common.state &= ~IRQD.IRQ_INPROGRESS; return true; })).toBe(true);
  expect(wait(() => { desc.common.state &= ~IRQD.IRQ_INPROGRESS; desc.action = null; return true; })).toBe(false);
});

describe('looking for misrouted interrupts', () => {
  test('one that nobody handled anywhere is counted, one that another line handled is not', () => {
    const b = bench({ irqfixup: 1 });
    const lost = b.irq(5, 'lost');
    let answer = IRQ_NONE;
    b.irq(7, 'other', () => answer);
    note(lost, IRQ_NONE);
    expect([lost.irqsUnhandled, lost.irqCount]).toEqual([1, 1]);
    answer = IRQ_HANDLED;
    note(lost, IRQ_NONE);
    expect([lost.irqsUnhandled, lost.irqCount, b.ran]).toEqual([1, 2, ['other', 'other']]);
  });

  test('with irqpoll, interrupt 0 looks around even when it was handled, and one that has lost its handler does not', () => {
    const b = bench({ irqfixup: 2 });
    const timer = b.irq(0, 'timer');
    const gone = b.irq(5, 'gone');
    b.irq(7, 'other');
    note(timer, IRQ_HANDLED);
    expect(b.ran).toEqual(['gone', 'other']);
    gone.action = null;
    note(gone, IRQ_HANDLED);
    expect(b.ran).toHaveLength(2);
    expect([timer.irqsUnhandled, gone.irqsUnhandled]).toEqual([0, 0]);
  });

  test('nobody looks without irqfixup', () => {
    const b = bench();
    const lost = b.irq(5, 'lost');
    b.irq(7, 'other');
    note(lost, IRQ_NONE);
    expect([b.ran, lost.irqsUnhandled]).toEqual([[], 1]);
  });
});

test('a thread is judged by what it did since the last time, not by what it ever did', () => {
  const b = bench();
  const desc = b.irq(5, 'threaded');
  desc.threadsHandled = 3;
  note(desc, IRQ_WAKE_THREAD);
  expect(desc.irqsUnhandled).toBe(0);
  note(desc, IRQ_WAKE_THREAD);
  expect(desc.irqsUnhandled).toBe(0);
  note(desc, IRQ_WAKE_THREAD);
  expect(desc.irqsUnhandled).toBe(1);
  note(desc, IRQ_WAKE_THREAD | IRQ_HANDLED);
  expect(desc.threadsHandledLast & 0x7fffffff).toBe(3);
});
