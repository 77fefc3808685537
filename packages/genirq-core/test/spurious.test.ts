import {
  allocDescs, Genirq, type GenirqOptions, handleSimpleIrq, IRQ, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQD, type IrqDesc, IRQF, IRQS, noteInterrupt,
  pollSpuriousIrqs,
} from '@irqchip/irqdesc';
import { irqWaitForPoll, misroutedIrq } from '@irqchip/irqdesc/internals';
import { requestIrq } from '../src/index.ts';
import { Smp } from '@irqchip/smp';
import { arrive, makeBench } from './fixture.ts';
import { makeAction } from './proc-board.ts';

interface Bench { smp: Smp; genirq: Genirq; desc: IrqDesc; other: IrqDesc; advance(ms: number): void }

function bench(options: GenirqOptions = {}): Bench {
  let now = 1e9;
  const smp = new Smp({ nrCpus: 2, clock: { nowNs: () => now } });
  const genirq = new Genirq(smp, options);
  const irq = allocDescs(genirq, -1, 5, 2, -1);
  const make = (number: number): IrqDesc => {
    const desc = genirq.irqToDesc(number)!;
    desc.irqData.chip = { name: 'fake', irqMask: () => undefined, irqUnmask: () => undefined };
    desc.common.state = IRQD.ACTIVATED | IRQD.IRQ_STARTED;
    desc.depth = 0;
    return desc;
  };
  const desc = make(irq);
  desc.action = makeAction(desc, 'eth0', makeAction(desc, 'usb'));
  desc.action.handler = function eth0Interrupt() { return IRQ_NONE; };
  desc.action.next!.handler = function usbInterrupt() { return IRQ_NONE; };
  desc.action.next!.threadFn = function usbThread() { return IRQ_HANDLED; };
  for (let action = desc.action as typeof desc.action | null; action; action = action.next) action.flags = IRQF.SHARED;
  return { smp, genirq, desc, other: make(irq + 1), advance: (ms) => { now += ms * 1e6; } };
}

/** Hard irq context has interrupts off. */
function note(desc: IrqDesc, ret: number, times: number): void {
  desc.genirq.smp.cpus.localIrqDisable();
  for (let i = 0; i < times; i++) noteInterrupt(desc, ret);
}

const texts = (smp: Smp): string[] => smp.log.records.map(({ level, text }) => `${level} ${text}`);

describe('an interrupt that nobody handles', () => {
  test('is switched off at the 100,000th, with the words of the kernel', () => {
    const { smp, genirq, desc } = bench();
    note(desc, IRQ_NONE, 99_999);
    expect(desc.depth).toBe(0);
    expect(smp.log.records).toEqual([]);
    note(desc, IRQ_NONE, 1);
    expect(texts(smp)).toEqual([
      'err irq 5: nobody cared (try booting with the "irqpoll" option)',
      'err handlers:',
      'err [<(____ptrval____)>] eth0_interrupt',
      'err [<(____ptrval____)>] usb_interrupt threaded [<(____ptrval____)>] usb_thread',
      'emerg Disabling IRQ #5',
    ]);
    expect(desc.istate & IRQS.SPURIOUS_DISABLED).toBeTruthy();
    expect(desc.common.state & IRQD.IRQ_DISABLED).toBeTruthy();
    expect([desc.depth, desc.irqCount, desc.irqsUnhandled]).toEqual([1, 0, 0]);
    expect(genirq.spurious.nextPollNs).toBe(1e9 + 100e6);
    expect(smp.diagnostics.take('spurious')).toHaveLength(1);
  });

  test.each([[100, true], [99, false]])('with %i of 100,000 handled survives: %s', (handled, survives) => {
    const { desc, smp } = bench();
    note(desc, IRQ_NONE, 1);
    note(desc, IRQ_HANDLED, handled);
    note(desc, IRQ_NONE, 99_999 - handled);
    expect(desc.irqCount).toBe(0);
    expect(desc.depth).toBe(survives ? 0 : 1);
    smp.diagnostics.take();
  });

  test('is forgiven when its unhandled ones lie more than 100 ms apart', () => {
    const { desc, advance } = bench();
    note(desc, IRQ_NONE, 3);
    advance(100);
    note(desc, IRQ_NONE, 1);
    expect(desc.irqsUnhandled).toBe(4);
    advance(101);
    note(desc, IRQ_NONE, 1);
    expect(desc.irqsUnhandled).toBe(1);
    expect(desc.lastUnhandledNs).toBe(1e9 + 201e6);
  });

  test('handled interrupts are not even counted before the first unhandled one', () => {
    const { desc } = bench();
    note(desc, IRQ_HANDLED, 5);
    expect(desc.irqCount).toBe(0);
    note(desc, IRQ_NONE, 1);
    note(desc, IRQ_HANDLED, 5);
    expect(desc.irqCount).toBe(6);
  });

  test('is not judged while it is polled, or is a polled interrupt', () => {
    const { desc } = bench();
    desc.istate |= IRQS.POLL_INPROGRESS;
    note(desc, IRQ_NONE, 1);
    desc.istate &= ~IRQS.POLL_INPROGRESS;
    desc.settings |= IRQ.IS_POLLED;
    note(desc, IRQ_NONE, 1);
    expect([desc.irqsUnhandled, desc.irqCount]).toEqual([0, 0]);
  });
});

describe('a woken thread', () => {
  test('is judged at the next interrupt: handled if its count moved', () => {
    const { desc } = bench();
    note(desc, IRQ_WAKE_THREAD, 1);
    expect(desc.irqsUnhandled).toBe(0);
    desc.threadsHandled++;
    note(desc, IRQ_WAKE_THREAD, 1);
    expect(desc.irqsUnhandled).toBe(0);
    note(desc, IRQ_WAKE_THREAD, 1);
    expect(desc.irqsUnhandled).toBe(1);
  });

  test('next to a handler that handled it is not judged, and the deferral ends', () => {
    const { desc } = bench();
    note(desc, IRQ_WAKE_THREAD, 1);
    note(desc, IRQ_WAKE_THREAD | IRQ_HANDLED, 1);
    note(desc, IRQ_WAKE_THREAD, 1);
    expect(desc.irqsUnhandled).toBe(0);
    note(desc, IRQ_WAKE_THREAD, 1);
    expect(desc.irqsUnhandled).toBe(1);
  });
});

test('a bogus return value is reported in hexadecimal, 100 times a machine, and not counted', () => {
  const { smp, desc } = bench();
  note(desc, 0x1f, 101);
  note(desc, -22, 1);
  const bogus = texts(smp).filter((line) => line.includes('bogus'));
  expect(bogus).toHaveLength(100);
  expect(bogus[0]).toBe('err irq event 5: bogus return value 1f');
  expect(desc.irqsUnhandled).toBe(0);
  expect(smp.diagnostics.take()[0]!.message).toMatch(/^irq event 5: bogus return value 1f, of .*: handlers return IRQ_NONE/);
  const board = makeBench({ flow: handleSimpleIrq });
  requestIrq(board.genirq, board.irq, () => 4, 0, 'order');
  arrive(board);
  expect(board.smp.diagnostics.take()[0]!.message).toContain('value 4, of order: handlers');
  const negative = bench();
  note(negative.desc, -22, 1);
  expect(texts(negative.smp)[0]).toBe('err irq event 5: bogus return value ffffffea');
  negative.smp.diagnostics.take();
});

describe('polling', () => {
  test('runs the handlers of an interrupt that was switched off, and of no other, and sets the next time', () => {
    const { genirq, desc, other, advance } = bench();
    const ran: string[] = [];
    desc.action!.handler = () => { ran.push('stuck'); return IRQ_HANDLED; };
    other.action = makeAction(other, 'fine');
    other.action.flags = IRQF.SHARED;
    other.action.handler = () => { ran.push('fine'); return IRQ_HANDLED; };
    desc.istate |= IRQS.SPURIOUS_DISABLED;
    desc.common.state |= IRQD.IRQ_DISABLED;
    advance(500);
    pollSpuriousIrqs(genirq);
    expect(ran).toEqual(['stuck']);
    expect(genirq.spurious.nextPollNs).toBe(1e9 + 600e6);
    expect(desc.istate & IRQS.POLL_INPROGRESS).toBe(0);
    expect(desc.lock.locked).toBe(false);
  });

  test.each([
    ['exclusive', (desc: IrqDesc) => { desc.action!.flags = 0; }],
    ['a timer', (desc: IrqDesc) => { desc.action!.flags |= IRQF.TIMER; }],
    ['per-CPU', (desc: IrqDesc) => { desc.settings |= IRQ.PER_CPU; }],
    ['nested', (desc: IrqDesc) => { desc.settings |= IRQ.NESTED_THREAD; }],
    ['without action', (desc: IrqDesc) => { desc.action = null; }],
  ])('never runs an interrupt that is %s', (_name, change) => {
    const { genirq, desc } = bench();
    let ran = 0;
    desc.action!.handler = () => { ran++; return IRQ_HANDLED; };
    desc.istate |= IRQS.SPURIOUS_DISABLED;
    change(desc);
    pollSpuriousIrqs(genirq);
    expect(ran).toBe(0);
  });

  test('an interrupt that runs elsewhere is marked to run once more', () => {
    const { genirq, desc } = bench();
    desc.istate |= IRQS.SPURIOUS_DISABLED;
    desc.common.state |= IRQD.IRQ_INPROGRESS;
    pollSpuriousIrqs(genirq);
    expect(desc.istate & IRQS.PENDING).toBeTruthy();
    expect(desc.istate & IRQS.POLL_INPROGRESS).toBe(0);
  });

  test('who waits for the poll may handle afterwards unless it was disabled; on the polling CPU it is refused with a warning', () => {
    const { smp, genirq, desc } = bench();
    desc.common.state |= IRQD.IRQ_INPROGRESS;
    smp.cpus.attach({ deliver: () => undefined, relax: () => { desc.common.state &= ~IRQD.IRQ_INPROGRESS; return true; } });
    const wait = (): boolean => {
      desc.lock.lock();
      const may = irqWaitForPoll(desc);
      desc.lock.unlock();
      return may;
    };
    expect(wait()).toBe(true);
    desc.common.state |= IRQD.IRQ_INPROGRESS | IRQD.IRQ_DISABLED;
    expect(wait()).toBe(false);
    genirq.spurious.pollCpu = 0;
    expect(wait()).toBe(false);
    expect(smp.diagnostics.take('warn')).toMatchObject([{ message: 'irq poll in progress on cpu 0 for irq 5' }]);
  });
});

describe('irqfixup', () => {
  test('an unhandled interrupt is offered to the shared handlers of other lines', () => {
    const { desc, other, smp } = bench({ irqfixup: 1 });
    let ran = 0;
    other.action = makeAction(other, 'lost');
    other.action.flags = IRQF.SHARED;
    other.action.handler = () => { ran++; return IRQ_HANDLED; };
    note(desc, IRQ_NONE, 1);
    expect([ran, desc.irqsUnhandled, desc.irqCount]).toEqual([1, 0, 0]);
    desc.action!.handler = () => { ran += 10; return IRQ_HANDLED; };
    note(desc, IRQ_NONE, 1);
    expect(ran).toBe(2); // its own handlers had their chance
    other.common.state |= IRQD.IRQ_DISABLED;
    expect(misroutedIrq(desc)).toBe(false);
    expect(smp.diagnostics.open).toEqual([]);
  });

  test('is off by default; irqpoll also looks after handled interrupts marked IRQPOLL', () => {
    for (const [irqfixup, expected] of [[0, 0], [1, 0], [2, 1]] as const) {
      const { desc, other } = bench({ irqfixup });
      let ran = 0;
      other.action = makeAction(other, 'lost');
      other.action.flags = IRQF.SHARED;
      other.action.handler = () => { ran++; return IRQ_NONE; };
      note(desc, IRQ_HANDLED, 1);
      expect(ran).toBe(0);
      desc.action!.flags |= IRQF.IRQPOLL;
      note(desc, IRQ_HANDLED, 1);
      expect(ran).toBe(expected);
    }
  });
});
