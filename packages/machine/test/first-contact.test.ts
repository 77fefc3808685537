// What somebody meets who has just begun: each mistake is answered with the driver or package, the node, and what to do.
import { parseDts, type DeviceTree } from '@irqchip/devicetree';
import { disableIrqNosync, IRQF, requestIrq, requestThreadedIrq } from '@irqchip/genirq-core';
import { defineIrqchip, handleEdgeIrq, handleLevelIrq, handleSimpleIrq, irqDomainCreateLinear, type IrqChip, type ProbeContext } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import { IrqError, serviceToken, type ServiceToken } from '@irqchip/smp';
import { ContainerModule } from 'inversify';
import { createMachine, type Machine, type MachineOptions } from '../src/index.ts';

const MUX = 'compatible = "acme,mux8"; reg = <0x10000000 8>; interrupts-extended = <&intc 9>;';

/** A hart, a controller with these properties, and a button on this line of it. */
function board(properties: string, line = 3): DeviceTree {
  return parseDts(`/dts-v1/; / { model = "acme,board"; #address-cells = <1>; #size-cells = <1>;
    cpus { #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
      cpu@0 { device_type = "cpu"; reg = <0>; riscv,isa = "rv64imafdc"; compatible = "riscv";
        intc: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; }; };
    mux: mux8@10000000 { ${properties} interrupt-controller; #interrupt-cells = <1>; };
    button@0 { interrupt-parent = <&mux>; interrupts = <${line}>; };
  };`);
}

const chip: IrqChip = { name: 'mux8', irqMask: () => undefined, irqUnmask: () => undefined };
const mux8 = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
  regs.writel(0, 0);
  const lines = linear(8, chip, handleSimpleIrq);
  parent.chain(() => undefined);
  return lines;
});
const model: HardwareModel = { compatible: ['acme,mux8'], create: () => ({ devices: [{ read: () => 0, write: () => undefined }] }) };

function boot(properties: string, options: Partial<MachineOptions> & { line?: number } = {}): Machine {
  const { line, ...more } = options;
  return createMachine({ tree: board(properties, line), modules: [irqchipModule(mux8)], hardware: [model], consumers: 'none', ...more });
}

describe('a driver that cannot serve its node says which node, and what that lacks', () => {
  test.each([
    ['an interrupt that is not connected', 'compatible = "acme,mux8"; reg = <0x10000000 8>;', {}, 'ENODEV', '/mux8@10000000 has 0 parent interrupts, number 0 is not among them; see its interrupts or interrupts-extended.'],
    ['no registers', 'compatible = "acme,mux8"; interrupts-extended = <&intc 9>;', {}, 'ENODEV', '/mux8@10000000 has no register region; give it a reg property, or do not use regs.'],
    ['registers without a model behind', MUX, { hardware: [] }, 'ENODEV', 'No device model answers at 0x10000000, 8 bytes, which /mux8@10000000 names in its reg; give the machine a hardware model for it.'],
    ['a model of something else', MUX, { hardware: [{ ...model, compatible: ['acme,mux9'] }] }, 'ENODEV', 'No device model answers at 0x10000000, 8 bytes, which /mux8@10000000 names in its reg; give the machine a hardware model for it; those that it was given are for acme,mux9.'],
  ] as [string, string, Partial<MachineOptions>, string, string][])('%s', (_, properties, options, code, message) => {
    const { failures, smp } = boot(properties, options);
    expect(failures).toEqual([{ node: '/mux8@10000000', driver: 'acme,mux8', error: expect.objectContaining({ code, message }) }]);
    const [finding, ...others] = smp.diagnostics.take('probe');
    expect(others).toEqual([]);
    expect(finding!.message).toContain('acme,mux8: /mux8@10000000');
    expect(finding!.message).toContain(message);
  });

  test('a probe that is async', () => {
    const late = defineIrqchip('acme,mux8', async () => { await Promise.resolve(); throw new Error('late'); });
    const { failures, smp } = boot(MUX, { modules: [irqchipModule(late)] });
    expect(failures).toMatchObject([{ error: { code: 'EINVAL', message: "/mux8@10000000: its driver's probe is async, and the boot does not wait for it; make it a plain function." } }]);
    smp.diagnostics.take('probe');
  });

  test('an empty entry where its parent should be', () => {
    const { failures, smp } = boot('compatible = "acme,mux8"; reg = <0x10000000 8>; interrupts-extended = <0>;');
    expect(failures).toMatchObject([{ error: { code: 'ENODEV', message: expect.stringContaining('(/mux8@10000000: entry 0 of interrupts-extended is empty; name a controller, or ask for another one)') as string } }]);
    smp.diagnostics.take('probe');
  });

  test('a reference that leads nowhere', () => {
    expect(() => boot('compatible = "acme,mux8"; reg = <0x10000000 8>; interrupts-extended = <77 9>;'))
      .toThrow('/mux8@10000000: interrupts-extended cell 0 is phandle 77, which no node has; correct the reference');
  });
});

describe('a driver and a node that do not find each other', () => {
  test('a compatible string with a slip in it: the driver is idle, the node has no driver', () => {
    const { smp } = boot(MUX.replace('acme,mux8', 'acme,mux-8'));
    expect(smp.log.records.filter(({ level }) => level === 'warn').map(({ text }) => text))
      .toEqual(['irqchip: driver acme,mux8 is idle: no node of this tree is compatible with acme,mux8']);
    expect(smp.diagnostics.take('undriven').map(({ message }) => message))
      .toEqual(['/mux8@10000000 is compatible with acme,mux-8, for which there is no driver; add a module that contributes one.']);
  });

  test('a driver whose module was not handed over', () => {
    const machine = boot(MUX, { modules: [] });
    expect(machine.smp.diagnostics.take('undriven')).toHaveLength(1);
    expect(() => machine.irqOf('/button@0')).toThrow('/button@0: interrupt 0, <3> of /mux8@10000000, cannot be mapped; has that controller a driver?');
  });
});

describe('what a test asks of the machine', () => {
  test('a line that the controller does not have', () => {
    const machine = boot(MUX, { line: 33 });
    expect(() => machine.irqOf('/button@0')).toThrow('/button@0: interrupt 0, <33> of /mux8@10000000, cannot be mapped: irq_domain_associate on :mux8@10000000: error: hwirq 0x21 is too large for :mux8@10000000.');
    expect(machine.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringMatching(/hwirq.*(33|0x21)/)]);
  });

  test('a line that its driver refuses: in the driver\'s own words, and its error is the cause', () => {
    const cause = new IrqError('EINVAL', 'mux8: there is no line 3');
    const choosy = irqchipModule(defineIrqchip('acme,mux8', ({ domains, fwnode }) => irqDomainCreateLinear(domains, fwnode, 8, { map: () => { throw cause; } }, null)));
    const machine = boot(MUX, { modules: [choosy], consumers: [{ node: '/button@0', names: ['button'] }] });
    const message = '/button@0: interrupt 0, <3> of /mux8@10000000, cannot be mapped: mux8: there is no line 3';
    expect(() => machine.irqOf('/button@0')).toThrow(expect.objectContaining({ code: 'EINVAL', message, cause }));
    expect(machine.smp.diagnostics.take('probe').map((found) => found.message)).toEqual([`consumer: ${message}`]);
    expect(machine.smp.log.records.some(({ text }) => /^irq: :mux8@10000000 didn't like hwirq-0x3 to VIRQ\d+ mapping \(rc=-22\)$/.test(text))).toBe(true);
  });

  test('a node that is not there, or has no interrupt', () => {
    const machine = boot(MUX);
    expect(() => machine.irqOf('/buton@0')).toThrow('The device tree has no node /buton@0.');
    expect(() => machine.irqOf('/cpus')).toThrow('/cpus: no interrupt parent; add interrupt-parent here or above, or use interrupts-extended');
  });

  test('a wire to a model that has no inputs', () => {
    expect(() => boot(MUX).pin('/mux8@10000000', 3)).toThrow('has no inputs; give the machine a model with setInput for acme,mux8.');
  });

  test('an irq that nobody mapped', () => {
    const { genirq } = boot(MUX);
    expect(() => requestIrq(genirq, 999, () => 1, 0, 'button')).toThrow(/irq 999 has no descriptor .*; allocate it \(or map its hwirq\) first\./);
  });
});

describe('a constant that is undefined, as one is that no module exports', () => {
  const UNKNOWN = undefined as unknown as number;
  const refusal = (use: (regs: ProbeContext['regs'], ctx: ProbeContext) => unknown): string => {
    const { failures: [failure] } = boot(MUX, { modules: [irqchipModule(defineIrqchip('acme,mux8', (ctx) => use(ctx.regs, ctx)))] });
    expect((failure?.error as IrqError | undefined)?.code).toBe('EINVAL');
    return failure!.error.message;
  };

  test.each([
    ['readl', (regs) => regs.readl(UNKNOWN), 'register offset undefined is not a whole number'],
    ['readl of a sum', (regs) => regs.readl(UNKNOWN + 4), 'register offset NaN is not a whole number'],
    ['writel', (regs) => regs.writel(UNKNOWN, 1), 'register offset undefined is not a whole number'],
    ['a value', (regs) => regs.writel(4, UNKNOWN), 'value undefined for register offset 0x4 is no number'],
    ['bits to set', (regs) => regs.setl(4, UNKNOWN), 'bits undefined of register offset 0x4 are no number'],
    ['bits to clear', (regs) => regs.clearl(4, UNKNOWN), 'bits undefined of register offset 0x4 are no number'],
  ] as [string, (regs: ProbeContext['regs']) => unknown, string][])('%s', (_, use, message) => {
    expect(refusal(use)).toBe(`/mux8@10000000: ${message}; is the constant imported?`);
  });

  test('an offset between two registers', () => {
    expect(refusal((regs) => regs.readl(0.5))).toBe('/mux8@10000000: register offset 0x0.8 is not a multiple of 4.');
  });

  test.each([
    ['flow handler', 8, chip, UNKNOWN], ['chip', 8, UNKNOWN, handleSimpleIrq], ['number of lines', UNKNOWN, chip, handleSimpleIrq],
  ])('linear() without a %s', (what, ...args) => {
    expect(refusal((_, { linear }) => linear(...args as unknown as Parameters<typeof linear>))).toBe(`/mux8@10000000: linear() was given no ${what}; is it imported?`);
  });
});

describe('a storm says what asks, and what to look at', () => {
  /** A level line that nobody masks, and what its registers and its driver do. */
  function storm({ flow = handleLevelIrq, mapped = true, disabled = false }): string {
    let drive: (level: boolean) => void = () => undefined;
    const hardware: HardwareModel = { compatible: ['acme,mux8'], create: ({ output }) => {
      drive = output;
      return { devices: [{ read: () => 8, write: () => undefined }] };
    } };
    const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
      const lines = linear(8, { ...chip, irqAck: () => undefined }, flow);
      parent.chain(() => void lines.handle(mapped ? Math.log2(regs.readl(0)) : 5));
      return lines;
    });
    const { genirq, irqOf, settle } = bound(boot(MUX, { modules: [irqchipModule(driver)], hardware: [hardware] }));
    const irq = irqOf('/button@0');
    requestIrq(genirq, irq, () => 1, 0, 'button', {});
    if (disabled) disableIrqNosync(genirq, irq);
    drive(true);
    try {
      settle();
    } catch (error) {
      return (error as Error).message.replace(`irq ${irq}`, 'irq N');
    }
    throw new Error('there was no storm');
  }
  const bound = (machine: Machine): Pick<Machine, 'genirq' | 'irqOf' | 'settle'> => ({ genirq: machine.genirq, irqOf: (path) => machine.irqOf(path), settle: () => machine.settle() });
  const STORM = 'Interrupt storm on hart 0: local interrupt 9 (external), from /mux8@10000000, was taken 100000 times and is still pending';

  test('a level line that its thread leaves up', () => {
    const hardware: HardwareModel = { compatible: ['acme,mux8'], create: ({ output }) => {
      let [up, enabled] = [false, false];
      return {
        devices: [{ read: () => 8, write: (_offset, _width, value) => output((enabled = value !== 0) && up) }],
        setInput: (_source, level) => output((up = level) && enabled),
      };
    } };
    const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
      const lines = linear(8, { ...chip, irqMask: () => regs.writel(0, 0), irqUnmask: () => regs.writel(0, 8) }, handleLevelIrq);
      parent.chain(() => void lines.handle(3));
      return lines;
    });
    const machine = boot(MUX, { modules: [irqchipModule(driver)], hardware: [hardware], stormLimit: 500 });
    const irq = machine.irqOf('/button@0');
    requestThreadedIrq(machine.genirq, irq, null, () => 1, IRQF.ONESHOT, 'button', {});
    expect(() => machine.wire('/button@0').raise()).toThrow(expect.objectContaining({
      code: 'EDEADLK', message: `The thread of irq ${irq} (button) ran 500 times in a row, and each time the interrupt came again: does the thread make its device let go of the line?`,
    }));
  });

  test.each([
    ['a level line that stays up', {}, '; the last handler was button of irq N. Does the handler make its device let go of the line, and the driver clear what its controller remembers?'],
    ['an edge that is not acknowledged', { flow: handleEdgeIrq }, '; the last handler was button of irq N. Does irqAck clear what it is told of?'],
    ['a mask that does not mask', { disabled: true }, '. No handler ran: irq N (mux8, line 3) is disabled, and asks for more. Does irqMask hold it back?'],
    ['the wrong line', { mapped: false }, '. No handler ran. Does the chained handler find the line that asks, and has that line been mapped and requested? If nobody requested it, what switched it on: does the driver mask every line at probe, and irqUnmask one only?'],
  ])('%s', (_, what, why) => {
    expect(storm(what)).toBe(STORM + why);
  });
});

describe('services that cannot be had', () => {
  const CLOCK = serviceToken<number>('acme-clock', 'Clock');
  const SPRING = serviceToken<number>('acme-clock', 'Spring');
  const needs = (token: ServiceToken<unknown>): ContainerModule => irqchipModule(defineIrqchip({ compatible: 'acme,mux8', services: [token] }, () => undefined));
  const refusal = (...modules: ContainerModule[]): string => {
    try {
      boot(MUX, { modules });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was refused';
  };

  test('a module that is missing is named, by its package', () => {
    expect(refusal(needs(CLOCK))).toBe('driver acme,mux8 asks for @irqchip/acme-clock/Clock, which no module binds; add the module of @irqchip/acme-clock/di to the machine\'s modules.');
  });

  test('a token that only looks like the right one', () => {
    const lookalike = Symbol('@irqchip/acme-clock/Clock') as unknown as ServiceToken<number>;
    const bound = new ContainerModule(({ bind }) => { bind(CLOCK).toConstantValue(1); });
    expect(refusal(needs(lookalike), bound)).toMatch(/^driver acme,mux8 asks for @irqchip\/acme-clock\/Clock, which no module binds; /);
  });

  test('a token that is undefined', () => {
    expect(refusal(needs(undefined as never))).toMatch(/^driver acme,mux8 asks for an undefined service token: two modules that import each other /);
  });

  test('services that need each other are named, all of them', () => {
    const circle = new ContainerModule(({ bind }) => {
      bind(CLOCK).toResolvedValue((spring: number) => spring, [SPRING]);
      bind(SPRING).toResolvedValue((clock: number) => clock, [CLOCK]);
    });
    const message = refusal(needs(CLOCK), circle);
    expect(message).toMatch(/^driver acme,mux8 asks for @irqchip\/acme-clock\/Clock, which cannot be made: /);
    expect(message).toMatch(/Circular/);
    expect(message).toContain('@irqchip/acme-clock/Spring');
  });
});
