import { IrqError } from '@irqchip/smp';
import type { BenchOptions } from '@irqchip/testbench';
import { BENCH_RULES, checkOptions, FLAG, functionOf, isObject, listOf, objectOf, oneOf, wholeFrom, wordOf, type OptionRule } from '@irqchip/testbench/internals';
import type { ConformanceKind, ConformanceOptions, LineTrigger } from './options.ts';

const TRIGGER = wordOf<LineTrigger>({ edge: true, level: true });
const isWhole = (value: unknown): boolean => Number.isInteger(value);

const { messages: _messages, ...passedOn } = BENCH_RULES;

/** Every option of the suite, and what it may be: a new one does not compile until it is here. */
const RULES = {
  ...passedOn,
  // Options are shared with benches; the suite sets this one for each of its machines.
  trigger: { ...passedOn.trigger, hint: () => "; what its lines can be is said by triggers: ['edge'], ['level'] or both" },
  hardware: functionOf('a function that makes a fresh model for each machine'),
  kind: wordOf<ConformanceKind>({ wired: true, msi: true, ipi: true, percpu: true }),
  lines: wholeFrom(1),
  first: wholeFrom(0),
  triggers: {
    wanted: `a list of ${TRIGGER.wanted}`,
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every((trigger) => TRIGGER.fits(trigger)),
    hint: (value) => (TRIGGER.fits(value) ? `; put it into brackets: triggers: ['${String(value)}']` : ''),
  },
  types: {
    wanted: '{ accepted, refused }, lists of IRQ_TYPE values such as IRQ_TYPE.LEVEL_HIGH',
    fits: (value) => isObject(value) && Object.entries(value).every(([key, types]) => ['accepted', 'refused'].includes(key) && (types === undefined || (Array.isArray(types) && types.every(isWhole)))),
  },
  affinity: FLAG,
  replays: oneOf(1, 2),
  remembers: FLAG,
  hotplug: FLAG,
  scrambleRegisters: functionOf('a function of write and random'),
  vectors: wholeFrom(1),
  maskedBy: wordOf<NonNullable<ConformanceOptions['maskedBy']>>({ controller: true, device: true }),
  strayMessages: listOf('a list of what devices may write', isWhole),
  skip: objectOf("reasons by the case's name, { 'a case': 'why it does not apply' }"),
} satisfies Record<keyof ConformanceOptions | 'trigger', OptionRule>;

/** What `lines` counts, by the kinds that cannot be judged without. */
const LINES: Readonly<Partial<Record<ConformanceKind, string>>> = { wired: 'how many lines the controller has', msi: 'how many messages a device is given', percpu: 'how many lines each CPU has' };

/** @throws IrqError `EINVAL` for options that the suite does not have, for values that they cannot be, and where `lines` is missing. */
export function checkConformance(options: ConformanceOptions): void {
  checkOptions('irqchipConformance', options, RULES);
  const missing = options.lines === undefined ? LINES[options.kind ?? 'wired'] : undefined;
  if (missing !== undefined) throw new IrqError('EINVAL', `irqchipConformance: lines is missing: ${missing}, as in lines: 8`);
}

/** What of the suite's options its machines are made with. */
export function benchOptions(options: ConformanceOptions): Partial<BenchOptions> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(BENCH_RULES, name)));
}
