import { IrqError } from '@irqchip/smp';
import type { BenchOptions } from './options.ts';
import { checkOptions, FLAG, functionOf, isObject, listOf, objectOf, oneOf, show, textOf, wholeFrom, wordOf, type OptionRule } from './option-rules.ts';

/** Something that makes instances of a device. */
export function isModel(value: unknown): boolean { return isObject(value) && typeof (value as { create?: unknown }).create === 'function'; }

function isDriver(value: unknown): boolean {
  // A decorated class is a driver as well.
  return typeof value === 'function' || (isObject(value) && typeof (value as { probe?: unknown }).probe === 'function');
}

const TREE: OptionRule = {
  wanted: 'the bytes of a flattened device tree, or a DeviceTree as parseDtb() or parseDts() make it',
  fits: (value) => ArrayBuffer.isView(value) || (isObject(value) && typeof (value as { byPath?: unknown }).byPath === 'function'),
};

const HARDWARE: OptionRule = {
  wanted: 'a model, its class, or a function that makes one',
  fits: (value) => isModel(value) || typeof value === 'function',
  hint: (value) => (Array.isArray(value) ? '; hardware: model is the one under test, further ones go into otherHardware' : ''),
};

const MODULES: OptionRule = listOf(
  'a list of modules, as irqchipModule(driver) makes them', (each) => !isDriver(each),
  (value) => (isDriver(value) || (Array.isArray(value) && value.some(isDriver)) ? '; wrap the driver: modules: [irqchipModule(driver)]' : '; put it into brackets: modules: [module]'),
);

/** Every option of a bench, and what it may be: a new one does not compile until it is here. */
export const BENCH_RULES: Readonly<Record<keyof BenchOptions, OptionRule>> = {
  tree: TREE,
  mode: wordOf<NonNullable<BenchOptions['mode']>>({ S: true, M: true }),
  bootHart: wholeFrom(0, 'a hartid'),
  cpus: wholeFrom(1),
  linux: wordOf<NonNullable<BenchOptions['linux']>>({ '6.12': true, '7.2': true }),
  numa: FLAG,
  consumers: { wanted: "a list of consumers, or 'none'", fits: (value) => value === 'none' || Array.isArray(value) },
  schedule: objectOf('a Schedule', ['next']),
  memory: objectOf('a Memory'),
  modules: MODULES,
  bare: FLAG,
  hardwareOptions: objectOf('switches by compatible string, { \'acme,mux8\': { … } }'),
  scramble: wholeFrom(0),
  stormLimit: wholeFrom(1),
  onStart: functionOf('a function'),
  compatible: textOf('a compatible string'),
  hardware: HARDWARE,
  otherHardware: listOf('a list of models', isModel),
  cells: { ...oneOf(1, 2), wanted: '1, the line, or 2, with its trigger', hint: (value) => `; others go into properties, #interrupt-cells = <${String(value)}>, and map() takes all of them.` },
  size: wholeFrom(0, 'how many bytes of registers there are'),
  harts: { ...wordOf<NonNullable<BenchOptions['harts']>>({ boot: true, all: true }), hint: (value) => (typeof value === 'number' ? '; cpus says how many there are' : '') },
  parents: textOf("device-tree source, as in '&plic 5'"),
  properties: textOf('device-tree source'),
  nodes: textOf('device-tree source'),
  node: textOf('the path of the controller in the tree'),
  trigger: wholeFrom(0, 'a number of IRQ_TYPE, such as IRQ_TYPE.LEVEL_HIGH'),
  messages: wholeFrom(1),
  input: { wanted: 'how many inputs each hart has, or a function of hartid and line', fits: (value) => typeof value === 'function' || (Number.isSafeInteger(value) && (value as number) > 0) },
  firmware: functionOf('a function of write and setInput'),
  allowFailures: FLAG,
};

/** @throws IrqError `EINVAL` for options that a bench does not have, and for values that they cannot be. */
export function checkBench(options: unknown): void { checkOptions('bench', options, BENCH_RULES); }

/** @throws IrqError `EINVAL` for what cannot be the number of a line. */
export function checkLine(line: unknown): void {
  if (!Number.isSafeInteger(line) || (line as number) < 0) throw new IrqError('EINVAL', `A line is a whole number from 0 on, and not ${show(line)}.`);
}
