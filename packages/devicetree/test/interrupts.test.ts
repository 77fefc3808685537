import {
  countInterrupts, findIrqParent, interruptMap, msiParent, msiParents, parseDtb, parseDts, parseInterrupt, parseInterruptByName, parseInterruptRaw,
  parseInterrupts, type DeviceTree,
} from '@irqchip/devicetree';
import { at, BOARDS, dtb, refusal, show } from './support.ts';

function tree(body: string): DeviceTree {
  return parseDts(`/dts-v1/; / { ${body} };`);
}

const INTC = 'intc: intc { interrupt-controller; #interrupt-cells = <1>; };';

describe('findIrqParent', () => {
  test('goes up the tree, or where interrupt-parent points, until #interrupt-cells', () => {
    const t = tree(`#interrupt-cells = <1>; interrupt-controller; bus { dev {}; far { interrupt-parent = <&hop>; }; }; hop: hop { interrupt-parent = <&pic>; }; pic: pic { #interrupt-cells = <2>; };`);
    expect(findIrqParent(at(t, '/bus/dev'))).toBe(t.root);
    expect(findIrqParent(at(t, '/bus/far'))!.path).toBe('/pic');
    expect(findIrqParent(t.root)).toBeNull();
  });

  test('a phandle that nobody has ends the way', () => {
    expect(findIrqParent(at(tree('#interrupt-cells = <1>; dev { interrupt-parent = <77>; };'), '/dev'))).toBeNull();
  });

  test('an interrupt-parent too short to be a cell counts as none', () => {
    expect(findIrqParent(at(tree('#interrupt-cells = <1>; dev { interrupt-parent = [01]; };'), '/dev'))!.path).toBe('/');
  });

  test('a circle is an error and no endless loop', () => {
    const t = tree('a: a { interrupt-parent = <&b>; }; b: b { interrupt-parent = <&a>; };');
    expect(refusal(() => findIrqParent(at(t, '/a')))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/circle/) as string });
    expect(refusal(() => parseInterrupt(at(t, '/a'))).code).toBe('EINVAL');
  });
});

describe('errors of parseInterrupt', () => {
  test.each([
    ['no interrupts at all', `${INTC} dev { interrupt-parent = <&intc>; };`, 'EINVAL', /neither interrupts nor interrupts-extended/],
    ['no interrupt parent', 'dev { interrupts = <1>; };', 'EINVAL', /no interrupt parent; add interrupt-parent/],
    ['index past the end', `${INTC} dev { interrupt-parent = <&intc>; interrupts = []; };`, 'EOVERFLOW', /no interrupt 0/],
    ['a parent without cells', 'pic: pic { #interrupt-cells = <0>; interrupt-controller; }; dev { interrupt-parent = <&pic>; interrupts = <1>; };', 'EINVAL', /takes no cells/],
    ['an extended phandle of nobody', 'dev { interrupts-extended = <99 1>; };', 'EINVAL', /cell 0 is phandle 99/],
    ['an extended controller without cells', 'pic: pic {}; dev { interrupts-extended = <&pic 1>; };', 'EINVAL', /\/pic, which has no #interrupt-cells/],
    ['an extended specifier cut short', 'pic: pic { #interrupt-cells = <3>; }; dev { interrupts-extended = <&pic 1 2>; };', 'EINVAL', /1 cells short/],
    ['more than 16 cells', 'pic: pic { #interrupt-cells = <17>; }; dev { interrupts-extended = <&pic 1>; };', 'EINVAL', /at most 16/],
    ['address and interrupt cells above 16', `pic: pic { #address-cells = <16>; #interrupt-cells = <1>; }; dev { interrupts-extended = <&pic 1>; };`, 'EFAULT', /16 address cells and 1 interrupt cells/],
    ['an empty extended entry', `${INTC} dev { interrupts-extended = <0>; };`, 'EINVAL', /entry 0 of interrupts-extended is empty/],
    ['a node with cells that is no controller and leads nowhere', 'pic: pic { #address-cells = <0>; #interrupt-cells = <1>; }; dev { interrupts-extended = <&pic 1>; };', 'ENOENT', /end before an interrupt-controller/],
  ])('%s', (_, body, code, message) => {
    const refused = refusal(() => parseInterrupt(at(tree(body), '/dev')));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  test('past the end of interrupts-extended there is no interrupt, with EINVAL as there is no interrupts property', () => {
    const dev = at(tree(`${INTC} dev { interrupt-parent = <&intc>; interrupts-extended = <&intc 5>; };`), '/dev');
    expect(refusal(() => parseInterrupt(dev, 1))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/interrupts-extended has 1/) as string });
    expect(refusal(() => parseInterrupt(dev, -1)).code).toBe('EINVAL');
    expect(refusal(() => parseInterrupt(dev, 0.5)).code).toBe('EINVAL');
  });

  test('interrupts-extended goes before interrupts, which is the way out where the former is broken', () => {
    const t = tree(`interrupt-parent = <&intc>; ${INTC} good { interrupts = <1>; interrupts-extended = <&intc 2>; }; broken { interrupts = <1>; interrupts-extended = <99 2>; };`);
    expect(show(parseInterrupt(at(t, '/good')))).toBe('/intc: 2');
    expect(show(parseInterrupt(at(t, '/broken')))).toBe('/intc: 1');
  });

  test('parseInterrupts shows the first broken entry, countInterrupts stops at it', () => {
    const dev = at(tree(`${INTC} dev { interrupts-extended = <&intc 1>, <&intc 2>, <&intc>; };`), '/dev');
    expect(refusal(() => parseInterrupts(dev)).message).toMatch(/1 cells short of the specifier for \/intc at cell 4/);
    expect(countInterrupts(dev)).toBe(2);
    const short = at(tree('interrupt-parent = <&pic>; dev { interrupts = <1 2 3>; }; pic: pic { interrupt-controller; #interrupt-cells = <2>; };'), '/dev');
    expect(refusal(() => parseInterrupts(short)).code).toBe('EOVERFLOW');
    expect(countInterrupts(short)).toBe(1);
    expect(countInterrupts(at(tree('dev {};'), '/dev'))).toBe(0);
    expect(parseInterrupts(at(tree('dev {};'), '/dev'))).toEqual([]);
  });

  test('the controller may be unavailable outside of maps', () => {
    const t = tree('dev { interrupts-extended = <&pic 1>; }; pic: pic { status = "disabled"; interrupt-controller; #interrupt-cells = <1>; };');
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 1');
  });
});

describe('parseInterruptByName', () => {
  const t = tree(`${INTC} dev { interrupts-extended = <&intc 1>, <&intc 2>; interrupt-names = "tx", "rx"; }; bare {}; bad { interrupt-names = [61]; };`);
  test('finds the index in interrupt-names', () => expect(show(parseInterruptByName(at(t, '/dev'), 'rx'))).toBe('/intc: 2'));
  test.each([['/dev', 'err', 'ENODATA'], ['/bare', 'rx', 'EINVAL'], ['/bad', 'rx', 'EILSEQ']])('%s has no "%s": %s', (path, name, code) => {
    expect(refusal(() => parseInterruptByName(at(t, path), name)).code).toBe(code);
  });
});

describe('interrupt-map', () => {
  const pics = 'pic: pic { interrupt-controller; #interrupt-cells = <1>; }; off: off { status = "disabled"; interrupt-controller; #interrupt-cells = <1>; };';

  test('bits outside of interrupt-map-mask do not count', () => {
    const t = tree(`${pics} map: map { #address-cells = <1>; #interrupt-cells = <1>; interrupt-map-mask = <0xf0 0x3>; interrupt-map = <0x10 1 &pic 7>; };
      dev { #address-cells = <1>; reg = <0x1f>; interrupts-extended = <&map 0xd>; }; other { reg = <0x2f>; interrupts-extended = <&map 1>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 7');
    expect(refusal(() => parseInterrupt(at(t, '/other')))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/\/map: no line of interrupt-map for <47 1>/) as string });
  });

  test('a line whose controller is unavailable does not match, a later one may', () => {
    const t = tree(`${pics} map: map { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &off 6>, <1 &pic 7>, <2 &off 8>; };
      a { interrupts-extended = <&map 1>; }; b { interrupts-extended = <&map 2>; };`);
    expect(show(parseInterrupt(at(t, '/a')))).toBe('/pic: 7');
    expect(refusal(() => parseInterrupt(at(t, '/b'))).code).toBe('EINVAL');
  });

  test('without #address-cells at the map and above it, two are taken', () => {
    const t = tree(`${pics} map: map { #interrupt-cells = <1>; interrupt-map = <1 2 3 &pic 7>; }; dev { reg = <1 2>; interrupts-extended = <&map 3>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 7');
  });

  test('without #address-cells at the target none are taken, even if its ancestors have some', () => {
    const t = tree(`#address-cells = <2>; ${pics} map: map { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &pic 7>, <2 &pic 8>; }; dev { interrupts-extended = <&map 2>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 8');
  });

  test('the address of the line goes on to the next map', () => {
    const t = tree(`${pics} dev { reg = <9>; interrupts-extended = <&one 1>; };
      one: one { #address-cells = <1>; #interrupt-cells = <1>; interrupt-map = <9 1 &two 0x40 2>; };
      two: two { #address-cells = <1>; #interrupt-cells = <1>; interrupt-map = <9 2 &pic 1>, <0x40 2 &pic 5>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 5');
  });

  test('a nexus without map hands on to its interrupt parent', () => {
    const t = tree(`${pics} dev { interrupts-extended = <&hop 3>; }; hop: hop { #address-cells = <0>; #interrupt-cells = <1>; interrupt-parent = <&pic>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 3');
  });

  test('a controller with a map uses it, unless its driver is known to read it in a way of its own', () => {
    const t = tree(`${pics} dev { interrupts-extended = <&a 1>, <&b 1>; };
      a: a { interrupt-controller; #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &pic 7>; };
      b: b { compatible = "fsl,ls1021a-extirq"; interrupt-controller; #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &pic 7>; };`);
    expect(parseInterrupts(at(t, '/dev')).map(show)).toEqual(['/pic: 7', '/b: 1']);
  });

  test('maps that lead in a circle are an error', () => {
    const t = tree(`dev { interrupts-extended = <&a 1>; }; a: a { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &b 1>; };
      b: b { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = <1 &a 1>; };`);
    expect(refusal(() => parseInterrupt(at(t, '/dev')))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/circle/) as string });
  });

  test.each([
    ['a target of nobody', '<1 99 7>', /interrupt-map cell 1 is phandle 99/],
    ['a target without cells', '<1 &bare 7>', /\/bare, which has no #interrupt-cells/],
    ['a line cut short', '<1 &two 7>', /2 cells, 1 are left/],
  ])('%s is an error, for the interrupt and for the iteration', (_, map, message) => {
    const t = tree(`bare: bare {}; two: two { #interrupt-cells = <2>; }; map: map { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map = ${map}; }; dev { interrupts-extended = <&map 1>; };`);
    for (const action of [() => parseInterrupt(at(t, '/dev')), () => interruptMap(at(t, '/map'))]) {
      expect(refusal(action)).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(message) as string });
    }
  });

  test('a mask that is too short is an error', () => {
    const t = tree(`${pics} map: map { #address-cells = <0>; #interrupt-cells = <1>; interrupt-map-mask = []; interrupt-map = <1 &pic 7>; }; dev { interrupts-extended = <&map 1>; };`);
    expect(refusal(() => parseInterrupt(at(t, '/dev'))).message).toMatch(/interrupt-map-mask has 0 bytes/);
  });

  test('iteration needs a map and cells of its own', () => {
    const t = tree('a { #interrupt-cells = <1>; }; b { interrupt-map = <1>; }; c { #interrupt-cells = <17>; interrupt-map = <1>; };');
    expect(['/a', '/b', '/c'].map((path) => refusal(() => interruptMap(at(t, path))).code)).toEqual(['ENOENT', 'EINVAL', 'EINVAL']);
  });

  test('a device without reg has address zero, a raw walk without address is an error at a map with address cells', () => {
    const t = tree(`${pics} map: map { #address-cells = <1>; #interrupt-cells = <1>; interrupt-map = <0 1 &pic 7>; }; dev { interrupts-extended = <&map 1>; };`);
    expect(show(parseInterrupt(at(t, '/dev')))).toBe('/pic: 7');
    const spec = { controller: at(t, '/map'), args: [1] };
    expect(refusal(() => parseInterruptRaw(null, spec))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/has no reg/) as string });
    expect(refusal(() => parseInterruptRaw([0], { ...spec, args: [1, 2] })).message).toMatch(/#interrupt-cells is 1, the specifier has 2 cells/);
    expect(refusal(() => parseInterruptRaw([0], { controller: t.root, args: [1] })).message).toMatch(/neither it nor an interrupt parent/);
  });
});

describe('real trees', () => {
  test('INTx of a PCI slot goes through the map of the host bridge to the PLIC', () => {
    const t = parseDtb(dtb('linux-7.2-debugfs/plic-smp4', 'linux-sees'));
    const controller = at(t, '/soc/pci@30000000');
    const slot = (device: number, pin: number): string => show(parseInterruptRaw([device << 11, 0, 0], { controller, args: [pin] }));
    expect([slot(0, 1), slot(0, 2), slot(1, 1), slot(3, 4), slot(5, 1)]).toEqual([32, 33, 33, 34, 33].map((line) => `/soc/plic@c000000: ${line}`));
    expect(interruptMap(controller)).toHaveLength(16);
  });

  test('contexts of the PLIC that firmware took away keep their place, with 0xffffffff', () => {
    const plic = (which: 'qemu' | 'linux-sees'): number[] => parseInterrupts(at(parseDtb(dtb('linux-6.12-debugfs/plic-smp1', which)), '/soc/plic@c000000')).map(({ args }) => args[0]!);
    expect(plic('qemu')).toEqual([11, 9]);
    expect(plic('linux-sees')).toEqual([0xffffffff, 9]);
  });

  test('every interrupt of every board resolves', () => {
    for (const board of BOARDS) for (const node of parseDtb(dtb(board, 'linux-sees')).nodes()) expect(parseInterrupts(node)).toHaveLength(countInterrupts(node));
  });
});

describe('msi-parent', () => {
  test('cells follow #msi-cells, none without', () => {
    const t = tree('a: a { #msi-cells = <1>; }; b: b {}; dev { msi-parent = <&a 5>, <&b>; }; bare {}; bad { msi-parent = <&a>; };');
    expect(msiParents(at(t, '/dev')).map(show)).toEqual(['/a: 5', '/b: ']);
    expect(show(msiParent(at(t, '/dev')))).toBe('/a: 5');
    expect(msiParent(at(t, '/bare'))).toBeNull();
    expect(refusal(() => msiParent(at(t, '/bad'))).code).toBe('EINVAL');
  });

  test('the APLIC of a real board has the IMSIC of its privilege level', () => {
    const t = parseDtb(dtb('linux-6.12-debugfs/imsic-smp2', 'linux-sees'));
    expect(show(msiParent(at(t, '/soc/interrupt-controller@d000000')))).toBe('/soc/interrupt-controller@28000000: ');
  });
});
