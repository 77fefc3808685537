import { defineIrqchip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { IrqError, serviceToken, type ServiceToken } from '@irqchip/smp';
import { Container, ContainerModule } from 'inversify';
import { driverModules } from '../src/di.ts';
import { createMachine, runTraffic, type Machine, type MachineOptions } from '../src/index.ts';
import { acmeBells, acmeBoard, acmeIpiModule } from './fixtures/acme-ipi/index.ts';
import { BOOTS, bootRecorded } from './recordings.ts';

function belfry(options: Partial<MachineOptions> = {}): Machine {
  return createMachine({ tree: acmeBoard(options.mode ?? 'M'), mode: 'M', modules: [acmeIpiModule], hardware: [acmeBells], ...options });
}

describe.each(['M', 'S'] as const)('a provider of IPIs from outside, %s-mode', (mode) => {
  test('carries every call of every CPU to every other', () => {
    const machine = belfry({ mode });
    const { cpus } = machine.smp;
    const calls: string[] = [];
    for (const from of cpus.online) {
      for (const to of cpus.online) {
        machine.on(from, () => machine.ipi.smpCallFunctionSingle(to, () => void calls.push(`${from} to ${cpus.current}`)));
      }
    }
    expect(calls).toEqual([0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3].map((to) => `${from} to ${to}`)));
    expect(machine.muxes.all).toHaveLength(1);
    expect(machine.smp.diagnostics.open).toEqual([]);
  });

  test('keeps its account through hotplug', () => {
    const { ipis, calls, hotplugs } = runTraffic(belfry({ mode }), { seed: 3 });
    expect(ipis).toMatchObject({ lost: 0, spurious: 0 });
    expect([ipis.sent > 500, calls.ran === calls.asked, hotplugs]).toEqual([true, true, 4]);
  });
});

test('the first of two drivers for one node is the machine\'s own', () => {
  const mine: string[] = [];
  const own = defineIrqchip('riscv,cpu-intc', ({ node }) => void mine.push(node.path));
  expect(() => belfry({ modules: [irqchipModule(own), acmeIpiModule] })).toThrow(/No interrupt controller found/);
  expect(mine).toHaveLength(4);
});

describe('the container is let go', () => {
  const lookups = ['get', 'getAll', 'getAsync', 'getAllAsync', 'isBound', 'load', 'bind'] as const;
  const prototype = Container.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const real = new Map(lookups.map((name) => [name, prototype[name]!]));
  let asked = 0;

  beforeEach(() => {
    asked = 0;
    for (const [name, method] of real) {
      prototype[name] = function (this: Container, ...args) {
        asked++;
        return method.apply(this, args);
      };
    }
  });
  afterEach(() => { for (const [name, method] of real) prototype[name] = method; });

  test.each(BOOTS)('%s from %s: nothing asks it once createMachine has returned', (_board, tree, recording) => {
    const machine = bootRecorded(recording, tree);
    const atBoot = asked;
    expect(atBoot).toBeGreaterThan(20);
    if (machine.smp.cpus.nrCpuIds > 1) runTraffic(machine, { rounds: 4 });
    machine.advance(1e9);
    machine.procInterrupts();
    expect(asked).toBe(atBoot);
  });

  test('nor while drivers are probed', () => {
    let wired = 0;
    const machine = belfry({ onStart: () => { wired = asked; } });
    expect(machine.smp.cpus.online.weight()).toBe(4);
    expect(wired).toBeGreaterThan(20);
    expect(asked).toBe(wired);
  });
});

describe('what cannot be wired is refused in a sentence', () => {
  const TUNER = serviceToken<{ pitch: number }>('acme-tuner', 'Tuner');
  const needs = (token: ServiceToken<unknown>): ContainerModule =>
    irqchipModule(defineIrqchip({ name: 'acme-organ', compatible: 'acme,organ', services: [token] }, () => undefined));
  const CASES: readonly (readonly [what: string, options: Partial<MachineOptions>, code: string, sentence: RegExp])[] = [
    ['a service whose module was left out', { modules: [needs(TUNER)] }, 'ENOENT',
      /^driver acme-organ asks for @irqchip\/acme-tuner\/Tuner, which no module binds; add the module of @irqchip\/acme-tuner\/di to the machine's modules\.$/],
    ['a token that is undefined', { modules: [needs(undefined as never)] }, 'EINVAL',
      /^driver acme-organ asks for an undefined service token: two modules that import each other leave one of the tokens undefined\.$/],
    ['a service that needs another one that is left out', { modules: [needs(TUNER), new ContainerModule(({ bind }) => {
      bind(TUNER).toResolvedValue((pitch: number) => ({ pitch }), [Symbol.for('@acme/fork/Pitch')]);
    })] }, 'ENOENT', /^driver acme-organ for @irqchip\/acme-tuner\/Tuner asks for @acme\/fork\/Pitch, which no module binds; add the module of @acme\/fork\/di/],
    ['a service that two modules bind', { modules: [needs(TUNER), ...[440, 442].map((pitch) => new ContainerModule(({ bind }) => {
      bind(TUNER).toConstantValue({ pitch });
    }))] }, 'EEXIST', /^driver acme-organ asks for @irqchip\/acme-tuner\/Tuner, which two modules bind; leave one of them out\.$/],
    ['services that need each other', { modules: [needs(TUNER), new ContainerModule(({ bind }) => {
      bind(TUNER).toResolvedValue((pitch: number) => ({ pitch }), [Symbol.for('@acme/fork/Pitch')]);
      bind(Symbol.for('@acme/fork/Pitch')).toResolvedValue((tuner: { pitch: number }) => tuner.pitch, [TUNER]);
    })] }, 'EINVAL', /^driver acme-organ asks for @irqchip\/acme-tuner\/Tuner, which cannot be made: Circular/],
    ['a module that is undefined', { modules: [undefined as never] }, 'EINVAL', /^modules\[0\] of the machine is undefined; is it exported by the package's \.\/di/],
    ['a driver in place of a module', { modules: [defineIrqchip('acme,x', () => undefined) as never] }, 'EINVAL', /^modules\[0\] of the machine is no container module; .* made by irqchipModule/],
    ['no drivers at all', { modules: [], bare: true }, 'ENODEV', /^No interrupt controller found: .* \/bells@10000000 is compatible with acme,bells, for which there is no driver\./],
  ];

  test.each(CASES)('%s', (_what, options, code, sentence) => {
    const refused = (): unknown => belfry(options);
    expect(refused).toThrow(IrqError);
    expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringMatching(sentence) }));
  });

  test('a driver that matches nothing is said to be idle', () => {
    const organ = irqchipModule(defineIrqchip({ name: 'acme-organ', compatible: ['acme,organ', 'acme,harmonium'] }, () => undefined));
    const { smp } = belfry({ modules: [acmeIpiModule, organ] });
    expect(smp.log.records).toContainEqual(expect.objectContaining({
      level: 'warn', text: 'irqchip: driver acme-organ is idle: no node of this tree is compatible with acme,organ or acme,harmonium',
    }));
  });

  test('the framework\'s own drivers are idle in silence', () => {
    expect(belfry().smp.log.records.filter(({ text }) => text.includes('idle'))).toEqual([]);
  });

  test('a driver whose node is disabled is told so where nothing else explains the failure', () => {
    const idle = irqchipModule(defineIrqchip('acme,organ', () => undefined));
    expect(() => belfry({ modules: [idle], bare: true })).toThrow(/Driver acme,organ is idle: no node of this tree is compatible with acme,organ\.$/);
  });
});

test('the drivers of a kernel depend on its mode', () => {
  expect(driverModules('S').filter((module) => !driverModules('M').includes(module))).toHaveLength(2);
  expect(driverModules('S')).toHaveLength(5);
});

describe('a platform driver that defers', () => {
  const [board] = BOOTS;
  const nothing = { read: () => 0, write: () => undefined };
  const hardware = ['google,goldfish-rtc', 'ns16550a'].map((compatible) => ({ compatible: [compatible], create: () => ({ devices: [nothing] }) }));

  /** The clock's node comes before the serial port's in the tree, and its driver waits for that one's. */
  function boot(serialComes: boolean): { machine: Machine; probes: string[] } {
    const probes: string[] = [];
    const rtc = defineIrqchip({ name: 'rtc', compatible: 'google,goldfish-rtc', stage: 'platform' }, ({ node }) => {
      probes.push('rtc');
      if (!probes.includes('serial')) throw new IrqError('EPROBE_DEFER', `${node.path}: the serial port is not there yet.`);
    });
    const serial = defineIrqchip({ name: 'serial', compatible: 'ns16550a', stage: 'platform' }, () => void probes.push('serial'));
    const modules = [irqchipModule(rtc), ...(serialComes ? [irqchipModule(serial)] : [])];
    return { machine: bootRecorded(board![2], board![1], { modules, hardware }), probes };
  }

  test('is tried again once another one has succeeded', () => {
    const { machine, probes } = boot(true);
    expect(probes).toEqual(['rtc', 'serial', 'rtc']);
    expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
  });

  test('is reported with its reason when nothing else can be probed', () => {
    const { machine, probes } = boot(false);
    expect(probes.every((probe) => probe === 'rtc')).toBe(true);
    expect(machine.failures).toEqual([{ node: '/soc/rtc@101000', driver: 'rtc', error: expect.objectContaining({ code: 'EPROBE_DEFER' }) }]);
    expect(machine.smp.diagnostics.take('probe')).toHaveLength(1);
  });
});
