import { parseDtb, parseDts, regRegions } from '@irqchip/devicetree';
import { at, dtb, refusal } from './support.ts';

function regions(body: string, path: string): string[] {
  return regRegions(at(parseDts(`/dts-v1/; / { ${body} };`), path)).map(({ base, size }) => `${base.toString(16)}+${size.toString(16)}`);
}

test('cells of the parent rule reg; a node without reg has no region', () => {
  expect(regions('#address-cells = <2>; #size-cells = <1>; a { reg = <1 2 3>, <0 4 5>; };', '/a')).toEqual(['100000002+3', '4+5']);
  expect(regions('a { reg = <0x10 0x20>; };', '/a')).toEqual(['10+20']);
  expect(regions('a {};', '/a')).toEqual([]);
});

test('missing cells are those of the nearest ancestor that has them', () => {
  expect(regions('#address-cells = <2>; #size-cells = <2>; bus { ranges; a { reg = <0 1 0 2>; }; };', '/bus/a')).toEqual(['1+2']);
});

test('empty ranges change nothing, others translate, level by level', () => {
  const soc = '#address-cells = <2>; #size-cells = <2>; soc { #address-cells = <2>; #size-cells = <2>; ranges;';
  const bus = 'bus { #address-cells = <1>; #size-cells = <1>; ranges = <0 0 0x4000000 0x1000>, <0x2000 1 0 0x1000>;';
  expect(regions(`${soc} ${bus} a { reg = <0x10 0x20>, <0x2fff 1>; }; }; };`, '/soc/bus/a')).toEqual(['4000010+20', '100000fff+1']);
  const refused = refusal(() => regions(`${soc} ${bus} a { reg = <0x1000 1>; }; }; };`, '/soc/bus/a'));
  expect(refused).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/\/soc\/bus\/a: reg region 0 cannot be translated: 0x1000 is in no range of \/soc\/bus/) as string });
});

test('a bus without ranges cannot be seen through, save the root', () => {
  const refused = refusal(() => regions('bus { a { reg = <0 1>; }; };', '/bus/a'));
  expect(refused).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/\/bus has no ranges; add "ranges;"/) as string });
});

test('PCI: memory and I/O have ranges of their own, 32 and 64 bits of memory share them', () => {
  const pci = `#address-cells = <1>; #size-cells = <1>; pci { #address-cells = <3>; #size-cells = <2>;
    ranges = <0x1000000 0 0 0x3000000 0 0x10000>, <0x2000000 0 0x40000000 0x40000000 0 0x1000>;`;
  expect(regions(`${pci} a { reg = <0x1000000 0 0x20 0 4>, <0x3000000 0 0x40000010 0 8>; }; };`, '/pci/a')).toEqual(['3000020+4', '40000010+8']);
  expect(refusal(() => regions(`${pci} a { reg = <0x800 0 0 0 0>; }; };`, '/pci/a')).code).toBe('EINVAL');
});

test.each([
  ['a reg that is no whole number of regions', 'a { reg = <1 2 3>; };', 'EINVAL', /12 bytes, and a region takes 8/],
  ['an empty reg', 'a { reg; };', 'EINVAL', /0 bytes/],
  ['four address cells', '#address-cells = <4>; a { reg = <1>; };', 'EINVAL', /#address-cells is 4/],
  ['no address cells', '#address-cells = <0>; a { reg = <1>; };', 'EINVAL', /#address-cells is 0/],
  ['three size cells', '#size-cells = <3>; a { reg = <1>; };', 'EINVAL', /#size-cells is 3/],
  ['an address from 2^53 on', '#address-cells = <2>; a { reg = <0x200000 0 1>; };', 'ERANGE', /0x20000000000000: numbers from 2\^53/],
  ['an end beyond 2^53', '#address-cells = <2>; a { reg = <0x1fffff 0xffffffff 1>; };', 'ERANGE', /ends beyond 2\^53/],
])('%s is refused', (_, body, code, message) => {
  const refused = refusal(() => regions(body, '/a'));
  expect(refused.code).toBe(code);
  expect(refused.message).toMatch(message);
});

test('ranges of a wrong length are refused', () => {
  expect(refusal(() => regions('bus { ranges = <1 2>; a { reg = <1 1>; }; };', '/bus/a')).message).toMatch(/\/bus: ranges has 8 bytes, and a range takes 12/);
});

test('a real board', () => {
  const tree = parseDtb(dtb('linux-7.2-debugfs/plic-smp4', 'linux-sees'));
  expect(regRegions(at(tree, '/soc/plic@c000000'))).toEqual([{ base: 0xc000000, size: 0x600000 }]);
  expect(regRegions(at(tree, '/flash@20000000'))).toEqual([{ base: 0x20000000, size: 0x2000000 }, { base: 0x22000000, size: 0x2000000 }]);
});
