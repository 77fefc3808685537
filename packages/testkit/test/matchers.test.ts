import { failOnFindings, History } from '@irqchip/testbench/internals';
import { disableIrqNosync, enableIrq } from '@irqchip/genirq-core';
import { defineIrqchip, handleEdgeIrq } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { hardware as fastHardware } from './zoo/hardware/fast.ts';
import { driver as fast } from './zoo/drivers/fast.ts';
import { bench, type Bench } from '@irqchip/testkit';
import { MUX8, mux8Bench, Mux8Hardware } from './fixtures/mux8/index.ts';
import { said } from './fixtures/said.ts';

test('toHaveFired counts a request\'s runs, or a line\'s', () => {
  const b = mux8Bench();
  const three = b.request(3);
  b.pulse(3);
  expect(three).toHaveFired(1);
  expect(b.line(3)).toHaveFired(1);
  expect(three).not.toHaveFired(2);
  const text = said(() => expect(three).toHaveFired(2));
  expect(text).toMatch(/^The handler line3 fired once, and not 2 times\.\nline 3 is irq 12 \(mux8\), handler: handle_edge_irq, counted 1 times$/m);
  expect(text).toMatch(/IRQD_IRQ_STARTED/);
  expect(text).toMatch(/proc\/interrupts: +12: +1 +mux8 +3 Edge +line3/);
  expect(text).toMatch(/last calls:[^]* {2}mux8.irqAck\(3\)\n {4}writel 0x4 = 0x8 \(CPU0\)\n {2}line3\(\)$/);
  expect(said(() => expect(three).not.toHaveFired(1))).toMatch(/^The handler line3 fired once\.$/m);
});

test('toHaveRunOn wants every run on that CPU, and one at least', () => {
  const b = bench({ modules: [irqchipModule(fast)], compatible: 'acme,fast', hardware: fastHardware(), cells: 2, harts: 'all', cpus: 2 });
  const three = b.request(3);
  expect(said(() => expect(three).toHaveRunOn(0))).toMatch(/^Line 3 ran nowhere, and not only on CPU 0\./);
  b.setAffinity(3, 1);
  b.pulse(3);
  expect(three).toHaveRunOn(1);
  expect(b.line(3)).toHaveRunOn(1);
  b.setAffinity(3, 0);
  b.pulse(3);
  expect(said(() => expect(three).toHaveRunOn(1))).toMatch(/^Line 3 ran on CPU 1, 0, and not only on CPU 1\./);
});

test('toHaveAffinity and toHaveEffectiveAffinity compare CPU lists', () => {
  const b = bench({ modules: [irqchipModule(fast)], compatible: 'acme,fast', hardware: fastHardware(), cells: 2, harts: 'all', cpus: 4 });
  b.request(3);
  b.setAffinity(3, 1, 2, 3);
  expect(b.line(3)).toHaveAffinity('1-3');
  expect(b.line(3)).toHaveEffectiveAffinity(1);
  expect(said(() => expect(b.line(3)).toHaveEffectiveAffinity(2))).toMatch(/^The effective affinity of line 3 is 1, and not 2\./);
});

test('toBePending, toBeMasked and toBeEnabled are the descriptor\'s flags', () => {
  const b = mux8Bench();
  const three = b.request(3);
  const states = (): boolean[] => [() => expect(three).toBePending(), () => expect(three).toBeMasked(), () => expect(three).toBeEnabled()].map((fn) => {
    try { fn(); } catch { return false; }
    return true;
  });
  expect(states()).toEqual([false, false, true]);
  disableIrqNosync(b.machine.genirq, three.irq);
  expect(states()).toEqual([false, false, false]);
  b.pulse(3);
  expect(states()).toEqual([true, true, false]);
  expect(said(() => expect(three).toBeEnabled())).toMatch(/^Line 3 is disabled\.[^]*IRQD_IRQ_DISABLED\n +IRQD_IRQ_MASKED/);
  expect(said(() => expect(three).not.toBeMasked())).toMatch(/^Line 3 is masked\./);
});

test('toStayMasked looks whether the line comes, and not at a flag', () => {
  const chip = { name: 'half', irqAck: () => undefined, irqMask: () => undefined };
  const half = (mask: boolean, flow = handleEdgeIrq) => irqchipModule(defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
    const irqMask = (): void => { if (mask) regs.writel(0, 0); };
    const lines = linear(8, { ...chip, irqMask, irqUnmask: () => regs.writel(0, 0xff), irqAck: () => regs.writel(4, 0xff) }, flow);
    parent.chain(() => void lines.handle(Math.log2(regs.readl(4))));
    return lines;
  }));
  const masked = (mask: boolean): Bench => {
    const b = bench({ ...MUX8, modules: [half(mask)], hardware: Mux8Hardware });
    b.request(3);
    b.disable(3);
    b.pulse(3);
    expect(b.line(3)).toBeMasked();
    return b;
  };
  const [good, bad] = [masked(true), masked(false)];
  expect(good.line(3)).toStayMasked();
  expect(bad.line(3)).not.toStayMasked();
  expect(said(() => expect(bad.line(3)).toStayMasked())).toMatch(/^Line 3 was raised, and its flow handler ran once\.\n/);
  const lazy = mux8Bench();
  lazy.request(3);
  lazy.disable(3);
  expect(said(() => expect(lazy.line(3)).toStayMasked())).toMatch(/ran once; it was not masked before: disable_irq\(\) leaves that to the first interrupt\.\n/);
});

describe('what came last', () => {
  const told = (fn: (history: History) => void, hwirq?: number): string[] => {
    const history = new History();
    fn(history);
    return history.show(hwirq).split('\n');
  };

  test('accesses stand below the callback that made them, or alone', () => {
    expect(told((h) => {
      h.access('readl 0x4');
      h.during('mux8.irqMask(0)', () => undefined);
      h.during('mux8.irqAck(0)', () => { h.access('writel 0x4'); h.access('writel 0x4'); });
      h.note('line0()');
    })).toEqual(['last calls:', '  readl 0x4', '  mux8.irqMask(0): no register access', '  mux8.irqAck(0)', '    writel 0x4 x2', '  line0()']);
    expect(told((h) => h.during('mux8.irqMask(0)', () => undefined))).toEqual(['last calls:', '  mux8.irqMask(0)']);
    expect(told(() => undefined)).toEqual(['no calls']);
  });

  test('what is repeated stands once, sequences too', () => {
    expect(told((h) => { for (const note of 'aaaabcbcbd') h.note(note); })).toEqual(['last calls:', '  a x4', '  x2:', '    b', '    c', '  b', '  d']);
  });

  test('callbacks of the line in question stay, however long ago', () => {
    const lines = told((h) => {
      h.note('mux8.irqMask(3)');
      h.note('mux8.irqMask(4)');
      for (let i = 0; i < 30; i++) h.note(`other${i}`);
    }, 3);
    expect(lines.slice(0, 4)).toEqual(['last calls:', '  mux8.irqMask(3)', '  …', '  other18']);
    expect(lines).toHaveLength(3 + 12);
  });

  test('a resend that waits is in the message', () => {
    const b = mux8Bench();
    const three = b.request(3);
    b.disable(3);
    b.pulse(3);
    enableIrq(b.machine.genirq, three.irq);
    expect(said(() => expect(three).toHaveFired(1))).toMatch(/^ {2}queued for resend: settle\(\) runs it$/m);
    b.settle();
    expect(three).toHaveFired(1);
  });
});

test('warnings that the machine printed are in the message; what it found fails the test by itself', () => {
  const b = mux8Bench();
  const three = b.request(3);
  const { log, diagnostics } = b.machine.smp;
  expect(said(() => expect(three).toHaveFired(1))).not.toContain('kernel log');
  log.info('of no interest');
  log.warn('genirq: something is odd');
  log.err('irq 12: found');
  diagnostics.report('spurious', 'irq 12: found');
  expect(said(() => expect(three).toHaveFired(1))).toMatch(/\n {2}\/proc\/interrupts: .*\nkernel log:\n {2}warn: genirq: something is odd\nlast calls:\n/);
  expect(said(() => expect(three.on).toBePending())).toContain('\nkernel log:\n  warn: genirq: something is odd\nlast calls:\n');
  b.irqsOff(0, () => {
    b.pulse(3);
    expect(said(() => expect(b).toBeQuiet())).toContain('\nkernel log:\n  warn: genirq: something is odd\nlast calls:\n');
  });
  expect(b).toHaveReported('spurious');
});

test('toPrintInterrupts wants a row, whatever its blanks', () => {
  const b = mux8Bench();
  b.request(3);
  expect(b).toPrintInterrupts('12: 0 mux8 3 Edge line3');
  expect(b).toPrintInterrupts(/mux8 +3 Edge/);
  expect(b).not.toPrintInterrupts('line4');
  expect(said(() => expect(b).toPrintInterrupts('line4'))).toMatch(/^\/proc\/interrupts has no row line4:\n +CPU0/);
});

test('toBeQuiet wants no hart interrupted', () => {
  const b = mux8Bench();
  b.request(3);
  b.irqsOff(0, () => {
    b.pulse(3);
    expect(said(() => expect(b).toBeQuiet())).toMatch(/^\/interrupt-controller@10000000 raises hart 0's external interrupt \(9\)\./);
  });
  expect(b).toBeQuiet();
});

describe('findings', () => {
  test('toHaveReported takes what it expects, by kind or by text, and leaves the rest', () => {
    const b = mux8Bench();
    const { diagnostics } = b.machine.smp;
    diagnostics.report('warn', 'first of a kind');
    diagnostics.report('storm', 'second');
    expect(b).toHaveReported('first');
    expect(b).not.toHaveReported('first');
    expect(said(() => expect(b).toHaveReported(/third/))).toMatch(/^The machine reported no \/third\/\. It found:\n {2}\[storm\] second \(on CPU0\)$/);
    expect(said(() => expect(b).toHaveNoDiagnostics())).toMatch(/^The machine found:\n {2}\[storm\] second/);
    expect(b).toHaveReported('storm');
    expect(b).toHaveNoDiagnostics();
    expect(said(() => expect(b).toHaveReported('storm'))).toMatch(/It found nothing\.$/);
  });

  test('a test fails on what nobody expected, once', () => {
    const b = mux8Bench();
    b.machine.smp.diagnostics.report('warn', 'unbalanced');
    expect(said(failOnFindings)).toMatch(/^The machine found a rule broken; take what you expect .*:\n {2}\[warn\] unbalanced \(on CPU0\)$/);
    expect(() => failOnFindings()).not.toThrow();
  });

  test('takeDiagnostics takes them, too', () => {
    const b = mux8Bench();
    b.machine.smp.diagnostics.report('warn', 'unbalanced');
    expect(b.takeDiagnostics('storm')).toEqual([]);
    expect(b.takeDiagnostics('warn').map(({ message }) => message)).toEqual(['unbalanced']);
    failOnFindings();
  });

  describe('of a machine that all tests of a file share', () => {
    const shared = mux8Bench();
    test('fail the test that caused them', () => {
      shared.machine.smp.diagnostics.report('warn', 'now');
      expect(said(failOnFindings)).toMatch(/now/);
    });
    test('and only that one', () => {
      failOnFindings();
      shared.machine.smp.diagnostics.report('warn', 'later');
      expect(said(failOnFindings)).toMatch(/later/);
    });
  });
});

test('what is no line or bench is told so', () => {
  expect(said(() => expect(3).toHaveFired(1))).toMatch(/^toHaveFired wants a line, as bench's line\(n\) or request\(n\) gives it\./);
  expect(said(() => expect(null).toBeQuiet())).toMatch(/^toBeQuiet wants a bench/);
});

test('a driver whose chip says what is pending is believed', () => {
  const telling = defineIrqchip('acme,mux8', ({ regs, linear }) => linear(8, { name: 'tells', irqGetIrqchipState: ({ hwirq }) => (regs.readl(4) & (1 << hwirq)) !== 0 }, () => undefined));
  const b = bench({ ...MUX8, modules: [irqchipModule(telling)], hardware: new Mux8Hardware() });
  expect(b.line(3)).not.toBePending();
  b.pulse(3);
  expect(b.line(3)).toBePending();
});
