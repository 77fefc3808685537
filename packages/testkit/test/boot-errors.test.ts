import { defineIrqchip, handleEdgeIrq, IrqError } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { bench, runConformance } from '@irqchip/testkit';
import { MUX8, mux8, Mux8Hardware } from './fixtures/mux8/index.ts';

/** mux8 whose probe prints, and then fails. */
function failing(...printed: string[]): { modules: [ReturnType<typeof irqchipModule>]; compatible: string; hardware: typeof Mux8Hardware } {
  const driver = defineIrqchip('acme,mux8', ({ smp: { log } }) => {
    for (const text of printed) log.warn(text);
    log.info('of no interest');
    throw new IrqError('ENXIO', 'no clock');
  });
  return { ...MUX8, modules: [irqchipModule(driver)], hardware: Mux8Hardware };
}

describe('a machine that does not boot', () => {
  test('has the last warnings of its log in the error, five at most', () => {
    expect(() => bench(failing('first', 'second', 'third', 'fourth', 'fifth', 'sixth'))).toThrow(expect.objectContaining({ code: 'ENXIO', message: 'no clock\nlast warnings of the log:\n  second\n  third\n  fourth\n  fifth\n  sixth' }));
    expect(() => bench(failing())).toThrow(expect.objectContaining({ message: 'no clock' }));
  });

  test('has them in the stack, too, which is what Jest prints', () => {
    try {
      bench(failing('clock-names is missing'));
    } catch (error) {
      expect((error as Error).stack).toMatch(/^\w*Error: no clock\nlast warnings of the log:\n {2}clock-names is missing\n +at /);
    }
    expect.assertions(1);
  });

  test.each<[parents: string, said: RegExp]>([
    ['&intc0 77', /^Interrupt <77> of [^\n]*\nlast warnings of the log:\n {2}\[wiring\] .* ends at local interrupt 77 of hart 0, which has no wire there: 0 to 31 have one\. \(on CPU0\)$/],
    // Which says it all itself.
    ['&sibling 77', /^Interrupt <77> of [^\n]* error: hwirq 0x4d is too large for :sibling@20000000\.$/],
  ])('whose parent %s cannot be mapped has what was found, once', (parents, said) => {
    const nodes = `sibling: sibling@20000000 { compatible = "acme,mux8"; reg = <0x20000000 0x1000>;
      interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&intc0 11>; };`;
    expect(() => bench({ ...MUX8, hardware: Mux8Hardware, nodes, parents })).toThrow(said);
  });

  test('still tells whoever watches it', () => {
    const started: string[] = [];
    expect(() => bench({ ...failing(), onStart: ({ log }) => void started.push(...log.records.map(({ text }) => text), 'started') })).toThrow('no clock');
    expect(started).toEqual(['started']);
  });
});

describe('the suite shows the calls of the machine that failed', () => {
  const name = 'it boots from scrambled registers';

  test('to boot, and not those of one that booted before it', () => {
    let machines = 0;
    const driver = defineIrqchip('acme,mux8', (ctx) => {
      if (ctx.regs.readl(0) !== 0 && ++machines > 2) throw new ReferenceError("Cannot access 'lines' before initialization");
      mux8.probe(ctx, []);
    });
    const options = { ...MUX8, modules: [irqchipModule(driver)], hardware: () => new Mux8Hardware(), lines: 8 };
    const [result] = runConformance(options, (each) => each === name);
    expect(result!.reason).toMatch(/^it does not boot from registers that firmware left scrambled with seed 2: Cannot access 'lines' before initialization\n/);
    expect(result!.reason).toMatch(/\nlast calls:\n {2}readl 0x0 = 0x[1-9a-f]\w* \(CPU0\)$/);
  });

  test('to work from clean registers, where it did not boot from others', () => {
    const driver = defineIrqchip('acme,mux8', ({ regs, linear, parent }) => {
      if (regs.readl(0) !== 0) throw new IrqError('EIO', 'enabled already');
      linear(8, { name: 'deaf', irqAck: () => undefined, irqUnmask: () => undefined }, handleEdgeIrq);
      parent.chain(() => undefined);
    });
    const skip = { 'a line that asks once runs its handler once': 'that is another case' };
    const [result] = runConformance({ ...MUX8, modules: [irqchipModule(driver)], hardware: () => new Mux8Hardware(), lines: 8, skip }, (each) => each === name);
    expect(result!.reason).toMatch(/^booted from clean registers, .*: the handler of line 0 ran 0 times, and not 1\n/);
    expect(result!.reason).toMatch(/\nlast calls:\n {2}readl 0x0 = 0x0 \(CPU0\)\n {2}deaf\.irqUnmask\(0\): no register access$/);
  });

  test('in the first case already, when it never boots', () => {
    const driver = defineIrqchip('acme,mux8', ({ regs }) => {
      regs.writel(0, 0);
      throw new IrqError('EIO', 'no clock');
    });
    const options = { ...MUX8, modules: [irqchipModule(driver)], hardware: () => new Mux8Hardware(), lines: 8 };
    const [result] = runConformance(options, (each) => each === 'it boots, and every CPU comes up');
    expect(result!.reason).toMatch(/^EIO: no clock\n[^]*\nlast calls:\n {2}writel 0x0 = 0x0 \(CPU0\)$/);
  });
});
