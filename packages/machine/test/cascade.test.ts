/** Controllers below controllers, and wires to what a hart has and has not. */
import { parseDts } from '@irqchip/devicetree';
import { IRQ_HANDLED, requestIrq } from '@irqchip/genirq-core';
import { defineIrqchip, handleLevelIrq, irqCreateFwspecMapping, type IrqchipStage } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import { createMachine, type Machine } from '../src/index.ts';

/** One level line, one register: its mask. */
function gate(stage: IrqchipStage): ReturnType<typeof irqchipModule> {
  return irqchipModule(defineIrqchip({ compatible: 'acme,gate', stage }, ({ regs, parents, parentIrq, linear }) => {
    regs.writel(0, 0);
    const lines = linear(1, { name: 'gate', irqMask: () => regs.writel(0, 0), irqUnmask: () => regs.writel(0, 1) }, handleLevelIrq);
    parents.forEach((_, i) => parentIrq(i).chain(() => lines.handle(0)));
    return lines;
  }));
}

/** Its output, as many wires as it has, follows its line. */
const gateHardware: HardwareModel = {
  compatible: ['acme,gate'],
  create({ output, targets }) {
    let [open, high] = [false, false];
    const changed = (): void => targets.forEach((_, i) => output(open && high, i));
    return {
      devices: [{ read: () => Number(open), write: (_offset, _width, value) => { open = value === 1; changed(); } }],
      setInput: (_line, level) => { high = level; changed(); },
    };
  },
};

const PLIC = `plic: plic@c000000 {
    compatible = "sifive,plic-1.0.0"; reg = <0xc000000 0x4000000>; riscv,ndev = <31>;
    interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&intc0 0xffffffff>, <&intc0 9>;
  };`;

function board(wires: string, plicFirst = true): ReturnType<typeof parseDts> {
  return parseDts(`/dts-v1/;
/ {
  #address-cells = <1>; #size-cells = <1>;
  cpus {
    #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
    cpu@0 {
      device_type = "cpu"; reg = <0>; riscv,isa = "rv64imafdc"; compatible = "riscv";
      intc0: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; };
    };
  };
  ${plicFirst ? PLIC : ''}
  gate@10000000 { compatible = "acme,gate"; reg = <0x10000000 0x1000>; interrupt-controller; #interrupt-cells = <1>; ${wires} };
  ${plicFirst ? '' : PLIC}
};`);
}

const GATE = '/gate@10000000';

function boot(wires: string, stage: IrqchipStage = 'platform'): Machine {
  return createMachine({ tree: board(wires), modules: [gate(stage)], hardware: [gateHardware], consumers: 'none' });
}

/** How often the handler of the gate's line runs when the line goes up; the handler lowers it. */
function runs(machine: Machine): number {
  const { fwnode } = machine.domains.list.find((domain) => domain.fwnode?.path === GATE)!;
  const pin = machine.pin(GATE, 0);
  let ran = 0;
  machine.on(0, () => {
    const irq = irqCreateFwspecMapping(machine.domains, { fwnode: fwnode!, param: [0] });
    requestIrq(machine.genirq, irq, () => {
      ran++;
      pin.lower();
      return IRQ_HANDLED;
    }, 0, 'gate', {});
  });
  pin.raise();
  machine.settle();
  return ran;
}

test.each([['interrupts-extended', 'interrupts-extended = <&plic 5>;'], ['interrupts', 'interrupt-parent = <&plic>; interrupts = <5>;']])('a controller below the PLIC, wired by %s, delivers', (_, wires) => {
  const machine = boot(wires);
  expect(machine.failures).toEqual([]);
  expect(runs(machine)).toBe(1);
});

test('a probe that defers leaves no domain behind', () => {
  const machine = createMachine({ tree: board('interrupts-extended = <&plic 5>;', false), modules: [gate('platform')], hardware: [gateHardware], consumers: 'none' });
  expect(machine.domains.list.filter(({ fwnode }) => fwnode?.path === GATE).length).toBe(1);
  expect(runs(machine)).toBe(1);
});

test('an output that is up before the PLIC is built arrives', () => {
  const early: HardwareModel = { compatible: ['acme,gate'], create: ({ output }) => { output(true); return { devices: [{ read: () => 0, write: (_offset, _width, value) => output(value === 1) }] }; } };
  const seen: string[] = [];
  const watched: HardwareModel = {
    compatible: ['sifive,plic-1.0.0'],
    create: () => ({ devices: [{ read: () => 0, write: () => undefined }], setInput: (source, level) => seen.push(`${source} ${level}`) }),
  };
  createMachine({ tree: board('interrupts-extended = <&plic 5>;'), modules: [gate('platform')], hardware: [early, watched], consumers: 'none' });
  expect(seen.slice(0, 2)).toEqual(['5 true', '5 false']);
});

test('below the PLIC at stage irqchip it is never probed, and the failure says what to do', () => {
  const machine = boot('interrupts-extended = <&plic 5>;', 'irqchip');
  expect(machine.failures).toMatchObject([{ node: GATE, error: { code: 'EPROBE_DEFER', message: expect.stringMatching(/\/plic@c000000 comes later, at stage platform.* stage: 'platform' too/) as string } }]);
  machine.smp.diagnostics.take('probe');
});

test.each([13, 16, 31])('local interrupt %i of a hart is delivered', (irq) => {
  expect(runs(boot(`interrupts-extended = <&intc0 ${irq}>;`, 'irqchip'))).toBe(1);
});

test('two wires to one hart: whichever is taken first serves the line, the other finds it served', () => {
  expect(runs(boot('interrupts-extended = <&intc0 16>, <&intc0 17>;', 'irqchip'))).toBe(1);
});

test('an empty entry is a wire that leads nowhere', () => {
  expect(runs(boot('interrupts-extended = <&plic 5>, <0>;'))).toBe(1);
});

test('a wire to a local interrupt that has none is told of', () => {
  const machine = boot('interrupts-extended = <&intc0 41>;', 'irqchip');
  expect(machine.smp.diagnostics.take('wiring')).toMatchObject([{ message: expect.stringContaining(`${GATE}: its wire ends at local interrupt 41 of hart 0`) as string }]);
});
