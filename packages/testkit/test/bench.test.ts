import { IRQ_HANDLED, IRQ_WAKE_THREAD, IRQF, irqToDesc } from '@irqchip/genirq-core';
import { defineIrqchip, handleEdgeIrq, irqDomainCreateLinear, irqDomainXlateOnecell, IrqError } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import { Spinlock } from '@irqchip/smp';
import { failOnFindings } from '@irqchip/testbench/internals';
import { bench } from '@irqchip/testkit';
import { driver as fast } from './zoo/drivers/fast.ts';
import { hardware as fastHardware } from './zoo/hardware/fast.ts';
import { MUX8, mux8, mux8Bench, Mux8Hardware } from './fixtures/mux8/index.ts';

describe('lines', () => {
  test('a request is named after its line, and runs when the line asks', () => {
    const { request, pulse, procInterrupts } = mux8Bench();
    const three = request(3);
    pulse(3);
    expect([three.name, three.fired, three.ranOn]).toEqual(['line3', 1, [0]]);
    expect(procInterrupts()).toMatch(/^ *12: +1 +mux8 +3 Edge +line3$/m);
  });

  test('hold and lower drive the wire; a controller of edges sees one', () => {
    const b = mux8Bench();
    const two = b.request(2);
    b.hold(2);
    b.hold(2);
    b.lower(2);
    b.hold(2);
    expect(two.fired).toBe(2);
  });

  test('from a handler a line is only driven: its interrupt comes when the handler is done', () => {
    const b = mux8Bench();
    const order: string[] = [];
    b.request(1, () => { order.push('one'); });
    b.request(0, () => {
      b.pulse(1);
      order.push('zero');
    });
    b.pulse(0);
    expect(order).toEqual(['zero', 'one']);
  });

  test('with interrupts off it comes when they are on again', () => {
    const b = mux8Bench();
    const three = b.request(3);
    b.irqsOff(0, () => {
      b.pulse(3);
      expect(three.fired).toBe(0);
    });
    expect(three.fired).toBe(1);
  });

  test('what a handler returns goes to the core, and nothing stands for handled', () => {
    const { request, pulse } = mux8Bench();
    request(0, () => 0, IRQF.SHARED);
    request(0, () => IRQ_HANDLED, IRQF.SHARED, 'other');
    request(1);
    pulse(0);
    pulse(1);
  });

  test('a threaded request runs both, in order', () => {
    const b = mux8Bench();
    const three = b.requestThreaded(3, () => IRQ_WAKE_THREAD, () => undefined, IRQF.ONESHOT);
    b.pulse(3);
    expect([three.ranOn, three.threadRanOn]).toEqual([[0], [0]]);
    expect(b.trace.slice(-3)).toEqual(['mux8.irqAck(3)', 'line3()', 'line3 thread()']);
  });

  test('free gives a line back', () => {
    const b = mux8Bench();
    const three = b.request(3);
    three.free();
    b.pulse(3);
    expect([three.fired, three.on.enabled, irqToDesc(b.machine.genirq, three.irq)!.action]).toEqual([0, false, null]);
  });

  test('a line that the driver refuses is an error with a sentence', () => {
    const b = mux8Bench();
    expect(() => b.virq(8)).toThrow(expect.objectContaining({ code: 'EINVAL', message: 'line 8 of /interrupt-controller@10000000: its domain has 8 lines, 0 to 7' }));
    expect(b).toHaveReported('hwirq 0x8 is too large');
  });
});

describe('a line that is disabled', () => {
  test('gives what came meanwhile when it is enabled, from a task', () => {
    const b = mux8Bench();
    const three = b.request(3);
    b.disable(3);
    b.pulse(3);
    expect([three.fired, three.on.enabled]).toEqual([0, false]);
    b.enable(3);
    expect([three.fired, three.on.enabled]).toEqual([1, true]);
  });

  test('a resend is told from a trap', () => {
    const b = mux8Bench();
    b.request(2);
    b.disable(2);
    b.pulse(2);
    b.enable(2);
    expect(b.trace.filter((call) => call.includes('handle'))).toEqual(['handleEdgeIrq(2)', 'resend: handleEdgeIrq(2)']);
  });
});

describe('the generated board', () => {
  /** mux8 at the stage at which a PLIC is there. */
  const below = irqchipModule(defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, (ctx) => {
    mux8.probe(ctx, []);
  }));
  const nodes = `plic: plic@c000000 { compatible = "sifive,plic-1.0.0", "riscv,plic0"; reg = <0xc000000 0x4000000>; riscv,ndev = <31>;
    interrupt-controller; #address-cells = <0>; #interrupt-cells = <1>; interrupts-extended = <&intc0 9>; };`;
  const options = { modules: [below], compatible: 'acme,mux8', hardware: Mux8Hardware, nodes };

  test.each([
    ['parents', { parents: '&plic 5' }],
    ['its own interrupts', { properties: 'interrupt-parent = <&plic>; interrupts = <5>;' }],
    ['its own interrupts-extended', { properties: 'interrupts-extended = <&plic 5>; child { interrupts = <1>; };' }],
    ['several parents, by name', { parents: '&plic 5, &plic 6', properties: 'interrupt-names = "lines", "spare";' }],
  ])('hangs its controller where %s say, below a PLIC', (_, how) => {
    const b = bench({ ...options, ...how });
    const three = b.request(3);
    b.pulse(3);
    expect(three).toHaveFired(1);
    expect(b).toBeQuiet();
    const raised: string[][] = [];
    b.irqsOff(0, () => {
      b.pulse(3);
      raised.push(b.raised());
    });
    expect([raised, three.fired]).toEqual([[['/plic@c000000 input 5']], 2]);
    b.glitch();
    expect(three).toHaveFired(2);
  });

  test('what properties name is not generated a second time', () => {
    const b = bench({ ...MUX8, hardware: Mux8Hardware, properties: 'reg = <0x20000000 0x100>;\n#interrupt-cells = <2>; interrupt-controller;' });
    expect(b.machine.tree.byPath(b.node)?.u32s('reg')).toEqual([0x20000000, 0x100]);
    expect(b.map([3, 1])).toBeGreaterThan(0);
  });

  test('a mistake is shown, and not where it would be in a text that nobody wrote', () => {
    expect(() => bench({ ...MUX8, properties: 'acme,lines = <8>;\n  acme,lines = <8>;' })).toThrow(expect.objectContaining({
      code: 'EEXIST', message: 'properties, nodes or parents of the bench: property acme,lines stands in /interrupt-controller@10000000 twice; remove one, in "acme,lines = <8>;"',
    }));
    expect(() => bench({ ...MUX8, parents: '&plik 5' })).toThrow(/^properties, nodes or parents of the bench: .*plik/);
    expect(() => bench({ ...MUX8, cells: 3 as 2 })).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(/^bench: cells is 1, the line, or 2, with its trigger, and not 3;/) }));
  });
});

describe('the hardware of a bench', () => {
  test('is an instance, its class, or what makes one', () => {
    for (const hardware of [new Mux8Hardware(), Mux8Hardware, () => new Mux8Hardware()]) {
      const { hw, request } = bench({ ...MUX8, hardware });
      const three = request(3);
      hw.pulse(3);
      expect(three).toHaveFired(1);
    }
  });

  test('has pulse, hold and lower where the model has none', () => {
    const { hw, request } = mux8Bench();
    const three = request(3);
    hw.pulse(3);
    hw.hold(3);
    hw.lower(3);
    expect([three.fired, hw.compatible]).toEqual([2, ['acme,mux8']]);
  });

  test('keeps its own methods, each of which is a point where an interrupt may come', () => {
    class Chatty extends Mux8Hardware {
      readonly pulsed: number[] = [];
      private input: (line: number, level: boolean) => void = () => undefined;
      override create(ctx: Parameters<Mux8Hardware['create']>[0]): ReturnType<Mux8Hardware['create']> {
        const instance = super.create(ctx);
        this.input = (line, level) => instance.setInput!(line, level);
        return instance;
      }
      pulse(line: number): void {
        this.pulsed.push(line);
        this.input(line, true);
        this.input(line, false);
      }
    }
    const { hw, request } = bench({ ...MUX8, hardware: new Chatty() });
    const three = request(3);
    hw.pulse(3);
    expect([three.fired, hw.pulsed]).toEqual([1, [3]]);
  });
});

describe('what can be seen', () => {
  test('calls of flows, chip callbacks and handlers, in order', () => {
    const { hw, request, trace } = mux8Bench();
    request(3, (_irq, { fired }) => { if (fired === 1) hw.pulse(3); });
    hw.pulse(3);
    expect(trace).toEqual([
      'mux8.irqUnmask(3)', 'handleEdgeIrq(3)', 'mux8.irqAck(3)', 'line3()', 'handleEdgeIrq(3)', 'mux8.irqAck(3)', 'line3()',
    ]);
  });

  test('whoever asks which flow handler it is, gets the handler and not the trace\'s', () => {
    const b = mux8Bench();
    expect(b.debugfs(b.virq(3))).toMatch(/^handler: +handle_edge_irq$/m);
  });

  test('register accesses of the driver, with their CPU', () => {
    const b = mux8Bench();
    b.request(3);
    b.pulse(3);
    expect(b.registers.map(({ op, offset, value, cpu }) => `${op} ${offset} ${value} ${cpu}`)).toEqual([
      'write 0 0 0', // probe
      'read 0 0 0', 'write 0 8 0', // unmask
      'read 4 8 0', 'read 0 8 0', 'write 4 8 0', // demultiplexer, ack
    ]);
  });

  test('debugfs: interrupts by number, domains by name', () => {
    const b = mux8Bench();
    b.request(3);
    expect(b.debugfs(':interrupt-controller@10000000')).toMatch(/mapped: +1/);
    expect(() => b.debugfs('nothing')).toThrow(expect.objectContaining({ code: 'ENOENT', message: expect.stringContaining('there are') }));
    expect(() => b.debugfs(99)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  test('which harts the controller interrupts', () => {
    const b = mux8Bench();
    b.request(3);
    const raised: string[][] = [b.raised()];
    b.irqsOff(0, () => {
      b.pulse(3);
      raised.push(b.raised());
    });
    expect([...raised, b.raised()]).toEqual([[], ['hart 0 irq 9'], []]);
  });

  test('an interrupt with nothing pending is survived by a driver that looks', () => {
    const b = mux8Bench();
    const three = b.request(3);
    b.glitch();
    expect([three.fired, b.raised()]).toEqual([0, []]);
  });
});

describe('what a test and a driver do wrong', () => {
  test('firmware writes and reads bytes, halfwords and words', () => {
    const seen: string[] = [];
    const hardware: HardwareModel = { compatible: ['acme,mux8'], create: () => ({
      devices: [{ read: (offset, width) => { seen.push(`read ${offset} ${width}`); return 7; }, write: (offset, width, value) => { seen.push(`write ${offset} ${width} ${value}`); } }],
    }) };
    const got: number[] = [];
    bench({ ...MUX8, modules: [], hardware, allowFailures: true, firmware: (write, _setInput, read) => {
      write(0, 1);
      write(5, 2, 1);
      write(6, 3, 2);
      got.push(read(4), read(5, 1));
    } }).takeDiagnostics();
    expect([seen, got]).toEqual([['write 0 4 1', 'write 5 1 2', 'write 6 2 3', 'read 4 4', 'read 5 1'], [7, 7]]);
  });

  test('a handler that is async is refused when it runs', () => {
    const b = mux8Bench();
    b.request(3, (async () => { await Promise.resolve(); }));
    expect(() => b.pulse(3)).toThrow(expect.objectContaining({ code: 'EINVAL', message: 'The handler of line3 is async, but an interrupt handler cannot wait: return, and leave the rest to a thread.' }));
  });

  test('why a line cannot be mapped is said in the words of the driver that refused it', () => {
    const picky = irqchipModule(defineIrqchip('acme,mux8', ({ domains, fwnode }) => irqDomainCreateLinear(domains, fwnode, 8, {
      xlate: irqDomainXlateOnecell, map: () => { throw new IrqError('ENXIO', 'mux8: there is no line 5 on Tuesdays'); },
    }, null)));
    const b = bench({ ...MUX8, modules: [picky], hardware: Mux8Hardware });
    expect(() => b.request(5)).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(/<5> of \S+ cannot be mapped: .*mux8: there is no line 5 on Tuesdays/), cause: expect.any(IrqError) }));
  });

  test('a lock that a chip callback keeps fails the test at its end', () => {
    const b = mux8Bench();
    const lock = new Spinlock(b.machine.smp, 'mux8');
    b.on(0, () => lock.lock());
    expect(failOnFindings).toThrow(/\[lock-order\] CPU0 still holds mux8: whoever took it/);
    lock.unlock();
  });
});

describe('machines', () => {
  test('settle after the first CPU went, too', () => {
    const b = bench({ modules: [irqchipModule(fast)], compatible: 'acme,fast', hardware: fastHardware(), cells: 2, harts: 'all', cpus: 2 });
    const three = b.request(3);
    b.cpuDown(0);
    expect(b.debugfs(three.irq)).toMatch(/^handler: +handle_fasteoi_irq$/m);
    b.hold(3);
    expect(three.ranOn).toEqual([1]);
    b.lower(3);
    b.disable(3);
    b.pulse(3);
    b.enable(3);
    expect(three.ranOn).toEqual([1, 1]);
  });

  test('a storm comes with what the driver did', () => {
    const deaf = irqchipModule(defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
      const lines = linear(8, { name: 'deaf', irqAck: () => undefined, irqUnmask: () => regs.writel(0, 0xff) }, handleEdgeIrq);
      parent.chain(() => void lines.handle(Math.log2(regs.readl(4))));
      return lines;
    }));
    const b = bench({ ...MUX8, modules: [deaf], hardware: Mux8Hardware });
    b.request(3);
    const message = expect.stringMatching(new RegExp([
      /^Interrupt storm on hart 0: local interrupt 9 \(external\), from \/interrupt-controller@10000000, .* Does irqAck clear what it is told of\? .*stormLimit\./,
      /last calls:[^]* x\d+:\n[^]*handleEdgeIrq\(3\)\n {4}deaf.irqAck\(3\): no register access/,
    ].map(({ source }) => source).join('\\n')));
    expect(() => b.pulse(3)).toThrow(expect.objectContaining({ code: 'EDEADLK', message }));
    expect(b.line(3)).toBeEnabled();
  });

  test('CPUs go, come and run tasks; time passes', () => {
    const b = mux8Bench({ cpus: 3 });
    b.cpuDown(1);
    expect(() => b.on(1, () => undefined)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    b.cpuUp(1);
    b.advance(5);
    expect([b.on(1, () => b.machine.smp.cpus.current), b.machine.smp.clock.nowNs()]).toEqual([1, 5]);
  });

  test('a driver that refuses its node makes bench throw what it threw', () => {
    const refusing = irqchipModule(defineIrqchip('acme,mux8', () => { throw new IrqError('ENXIO', 'no clock'); }));
    const options = { modules: [refusing], compatible: 'acme,mux8', hardware: new Mux8Hardware() };
    expect(() => bench(options)).toThrow(expect.objectContaining({ code: 'ENXIO', message: 'no clock' }));
    const b = bench({ ...options, allowFailures: true });
    expect(b.machine.failures.map(({ node }) => node)).toEqual([b.node]);
    expect(b).toHaveNoDiagnostics();
    expect(b).toHaveReported('probe');
    expect(() => b.virq(0)).toThrow(`${b.node} has no interrupt domain: acme,mux8 refused it: no clock`);
  });

  test.each([
    [[irqchipModule(defineIrqchip('acme,mux-8', () => undefined))], 'drivers given: acme,mux-8'], [[], 'none was given'],
  ])('a controller without a driver says so first (%#)', (modules, given) => {
    const b = bench({ modules, compatible: 'acme,mux8', hardware: Mux8Hardware });
    expect(() => b.virq(0)).toThrow(expect.objectContaining({
      code: 'ENODEV', message: `no driver for acme,mux8 (node ${b.node}); ${given}; add modules: [irqchipModule(driver)]`,
    }));
    expect(b).toHaveReported('undriven');
  });

  test('a driver without a domain, and a bench without a board, are told so', () => {
    const nothing = irqchipModule(defineIrqchip('acme,mux8', () => undefined));
    const b = bench({ modules: [nothing], compatible: 'acme,mux8', hardware: new Mux8Hardware() });
    expect(() => b.virq(0)).toThrow(expect.objectContaining({ code: 'ENODEV', message: expect.stringContaining('has no interrupt domain') }));
    expect(() => bench({})).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('firmware may leave registers and inputs in any state', () => {
    const seen: number[] = [];
    class Seen extends Mux8Hardware {
      override create(ctx: Parameters<Mux8Hardware['create']>[0]): ReturnType<Mux8Hardware['create']> {
        const instance = super.create(ctx);
        const [device] = instance.devices;
        return { ...instance, devices: [{ ...device!, write: (offset, width, value) => { seen.push(offset, value); device!.write(offset, width, value); } }] };
      }
    }
    mux8Bench({ hardware: new Seen(), firmware: (write, setInput) => { write(0, 0xff); setInput(3, true); } });
    expect(seen).toEqual([0, 0xff, 0, 0]);
  });
});
