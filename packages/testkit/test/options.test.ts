import { IRQ_TYPE } from '@irqchip/genirq-core';
import { bench, planConformance, runConformance, type BenchOptions, type ConformanceOptions } from '@irqchip/testkit';
import { MUX8, mux8, mux8Bench, Mux8Hardware } from './fixtures/mux8/index.ts';

const SUITE: ConformanceOptions = { ...MUX8, hardware: () => new Mux8Hardware(), lines: 8 };
const model = new Mux8Hardware();

/** As JavaScript, or TypeScript behind a spread, lets it through. */
function benchOf(wrong: object): () => unknown { return () => bench({ ...MUX8, hardware: Mux8Hardware, ...wrong as BenchOptions }); }
function planOf(wrong: object): () => unknown { return () => planConformance({ ...SUITE, ...wrong as ConformanceOptions }); }
function einval(message: string): Error { return expect.objectContaining({ code: 'EINVAL', message }) as Error; }

describe('an option that there is not', () => {
  test.each([['cels', 'cells'], ['cell', 'cells'], ['compatable', 'compatible'], ['firmwares', 'firmware'], ['Harts', 'harts']])('is refused, and the nearest is named: %s', (wrong, meant) => {
    expect(benchOf({ [wrong]: 2 })).toThrow(einval(`bench has no option ${wrong}: did you mean ${meant}?`));
    expect(planOf({ [wrong]: 2 })).toThrow(einval(`irqchipConformance has no option ${wrong}: did you mean ${meant}?`));
  });

  test('is refused with all that there are where none is like it', () => {
    expect(benchOf({ zzz: 1 })).toThrow(/^bench has no option zzz; it has tree, mode, .*, hardware, .*, allowFailures$/);
    expect(planOf({ messages: 8 })).toThrow(/^irqchipConformance has no option messages; it has .*, lines, /);
    expect(() => bench(undefined as never)).toThrow(einval('bench() takes its options as an object, and not undefined'));
  });

  test('is none that is undefined', () => {
    expect(benchOf({ cells: undefined })).not.toThrow();
  });
});

describe('a value that an option cannot have is refused, and what it can be is said', () => {
  test.each<[wrong: object, message: string]>([
    [{ harts: 3 }, "bench: harts is 'boot' or 'all', and not 3; cpus says how many there are"],
    [{ trigger: 'level' }, "bench: trigger is a number of IRQ_TYPE, such as IRQ_TYPE.LEVEL_HIGH, and not 'level'"],
    [{ cpus: 0 }, 'bench: cpus is a whole number from 1 on, and not 0'],
    [{ cells: '2' }, "bench: cells is 1, the line, or 2, with its trigger, and not '2'; others go into properties, #interrupt-cells = <2>, and map() takes all of them."],
    [{ linux: '6.6' }, "bench: linux is '6.12' or '7.2', and not '6.6'"],
    [{ hardware: [model] }, 'bench: hardware is a model, its class, or a function that makes one, and not [a Mux8Hardware]; hardware: model is the one under test, further ones go into otherHardware'],
    [{ hardware: () => undefined }, 'bench: hardware is a function that returns undefined, and not a model, { compatible, create }.'],
    [{ modules: MUX8.modules[0] }, 'bench: modules is a list of modules, as irqchipModule(driver) makes them, and not a ContainerModule; put it into brackets: modules: [module]'],
    [{ modules: mux8 }, 'bench: modules is a list of modules, as irqchipModule(driver) makes them, and not an object; wrap the driver: modules: [irqchipModule(driver)]'],
    [{ modules: [mux8] }, 'bench: modules is a list of modules, as irqchipModule(driver) makes them, and not [an object]; wrap the driver: modules: [irqchipModule(driver)]'],
    [{ allowFailures: 1, bare: true }, 'bench: allowFailures is true or false, and not 1'],
    [{ tree: 'virt.dtb' }, "bench: tree is the bytes of a flattened device tree, or a DeviceTree as parseDtb() or parseDts() make it, and not 'virt.dtb'"],
  ])('of a bench (%#)', (wrong, message) => {
    expect(benchOf(wrong)).toThrow(einval(message));
  });

  test.each<[wrong: object, message: string]>([
    [{ kind: 'wires' }, "irqchipConformance: kind is 'wired', 'msi', 'ipi' or 'percpu', and not 'wires'"],
    [{ triggers: 'level' }, "irqchipConformance: triggers is a list of 'edge' or 'level', and not 'level'; put it into brackets: triggers: ['level']"],
    [{ triggers: ['rising'] }, "irqchipConformance: triggers is a list of 'edge' or 'level', and not ['rising']"],
    [{ triggers: [] }, "irqchipConformance: triggers is a list of 'edge' or 'level', and not []"],
    [{ trigger: 'level' }, "irqchipConformance: trigger is a number of IRQ_TYPE, such as IRQ_TYPE.LEVEL_HIGH, and not 'level'; what its lines can be is said by triggers: ['edge'], ['level'] or both"],
    [{ types: { accepted: ['LEVEL_HIGH'] } }, "irqchipConformance: types is { accepted, refused }, lists of IRQ_TYPE values such as IRQ_TYPE.LEVEL_HIGH, and not { accepted: ['LEVEL_HIGH'] }"],
    [{ types: { acepted: [4] } }, 'irqchipConformance: types is { accepted, refused }, lists of IRQ_TYPE values such as IRQ_TYPE.LEVEL_HIGH, and not { acepted: [4] }'],
    [{ kind: 'msi', maskedBy: 'chip' }, "irqchipConformance: maskedBy is 'controller' or 'device', and not 'chip'"],
    [{ kind: 'msi', strayMessages: 0 }, 'irqchipConformance: strayMessages is a list of what devices may write, and not 0'],
    [{ hardware: model }, 'irqchipConformance: hardware is a function that makes a fresh model for each machine, and not a Mux8Hardware'],
    [{ lines: 0 }, 'irqchipConformance: lines is a whole number from 1 on, and not 0'],
    [{ lines: undefined }, 'irqchipConformance: lines is missing: how many lines the controller has, as in lines: 8'],
    [{ kind: 'msi', lines: undefined }, 'irqchipConformance: lines is missing: how many messages a device is given, as in lines: 8'],
    [{ skip: ['a held level runs until it is lowered'] }, "irqchipConformance: skip is reasons by the case's name, { 'a case': 'why it does not apply' }, and not ['a held level runs until it is lowered']"],
  ])('of the suite (%#)', (wrong, message) => {
    expect(planOf(wrong)).toThrow(einval(message));
  });

  test('of hardware that gives no instance', () => {
    const empty = { compatible: ['acme,mux8'], create: () => undefined };
    expect(benchOf({ hardware: empty })).toThrow(einval('create() of the model of acme,mux8 returned undefined, and not an instance, { devices: [{ read, write }], setInput }.'));
  });
});

test('options of a bench may be shared with the suite, its trigger as well', () => {
  const [result] = runConformance({ ...SUITE, trigger: IRQ_TYPE.EDGE_RISING } as ConformanceOptions, (name) => name === 'two machines share nothing');
  expect(result).toMatchObject({ result: 'passed' });
  expect(() => planConformance({ ...SUITE, kind: 'ipi', lines: undefined } as unknown as ConformanceOptions)).not.toThrow();
});

describe('what is no line', () => {
  test.each([undefined, -1, 1.5, NaN, '3'])('is refused: %p', (line) => {
    const b = mux8Bench();
    for (const act of [b.request, b.line, b.pulse, b.hold, b.disable]) expect(() => act(line as number)).toThrow(einval(`A line is a whole number from 0 on, and not ${typeof line === 'string' ? `'${line}'` : line}.`));
  });
});

test('matchers that count are told a number', () => {
  const b = mux8Bench();
  const three = b.request(3);
  for (const wrong of [undefined, '1', -1, NaN]) expect(() => expect(three).toHaveFired(wrong as number)).toThrow(/^toHaveFired wants how often, a whole number, and not ('1'|undefined|-1|NaN)\.$/);
  expect(() => expect(three).not.toHaveFired(undefined as unknown as number)).toThrow(TypeError);
  expect(() => expect(three).toHaveRunOn(undefined as unknown as number)).toThrow('toHaveRunOn wants a CPU, a whole number, and not undefined.');
});
