import { countInterrupts, interruptMap, parseDtb, parseDts, parseInterrupt, parseInterrupts, writeDtb } from '@irqchip/devicetree';
import { INTERRUPTS_DTS } from './interrupts.dts.ts';
import { at, refusal, show } from './support.ts';

// The interrupt cases of the kernel's devicetree unit test, under their names there, from source and from the binary form.
const SOURCE = parseDts(INTERRUPTS_DTS);

describe.each([['dts', SOURCE], ['dtb', parseDtb(writeDtb(SOURCE))]])('drivers/of/unittest.c (%s)', (_, tree) => {
  const I = '/testcase-data/interrupts';
  const node = (name: string): ReturnType<typeof at> => at(tree, `${I}/${name}`);

  test('of_unittest_parse_interrupts', () => {
    expect([0, 1, 2, 3].map((i) => show(parseInterrupt(node('interrupts0'), i)))).toEqual([1, 2, 3, 4].map((n) => `${I}/intc0: ${n}`));
    expect(parseInterrupts(node('interrupts1')).map(show)).toEqual([`${I}/intc0: 9`, `${I}/intc1: 10 11 12`, `${I}/intc2: 13 14`, `${I}/intc2: 15 16`]);
    expect(refusal(() => parseInterrupt(node('interrupts0'), 4)).code).toBe('EOVERFLOW');
  });

  test('of_unittest_parse_interrupts_extended', () => {
    const device = node('interrupts-extended0');
    const expected = [`${I}/intc0: 1`, `${I}/intc1: 2 3 4`, `${I}/intc2: 5 6`, `${I}/intc0: 9`, `${I}/intc1: 10 11 12`, `${I}/intc2: 13 14`, `${I}/intc0: 15`];
    expect(parseInterrupts(device).map(show)).toEqual(expected);
    expect(expected.map((_each, i) => show(parseInterrupt(device, i)))).toEqual(expected);
    expect(countInterrupts(device)).toBe(7);
  });

  test('of_unittest_irq_map: the lines of an interrupt-map in order', () => {
    const items = interruptMap(node('intmap2')).map(({ child, parent }) => [child, show(parent)]);
    expect(items).toEqual([[[1, 11], `${I}/intc0: 100`], [[2, 22], `${I}/intc1: 200 201 202`], [[3, 33], `${I}/intc2: 300 301`], [[4, 44], `${I}/intc2: 400 401`]]);
  });

  test('of_unittest_irq_refcount: an entry that maps to itself gives that very node', () => {
    const spec = parseInterrupt(node('interrupts2'));
    expect(spec.controller).toBe(node('intc-intmap0'));
    expect(spec.args).toEqual([2]);
  });

  test('of_unittest_platform_populate: a specifier that is too short is an error, and no reason to defer', () => {
    expect(show(parseInterrupt(at(tree, '/testcase-data/testcase-device1')))).toBe(`${I}/intc0: 1`);
    const { code, message } = refusal(() => parseInterrupt(at(tree, '/testcase-data/testcase-device2')));
    expect(code).toBe('EOVERFLOW');
    expect(message).toMatch(/testcase-device2: no interrupt 0, interrupts has 4 bytes and each takes 12/);
    expect(countInterrupts(at(tree, '/testcase-data/testcase-device2'))).toBe(0);
  });
});
