import { DeviceTree, DtNode, findIrqParent, parseDtb, parseDts } from '@irqchip/devicetree';
import { at, dtb, refusal } from './support.ts';

/** What a driver is handed, as the driver contract declares it. */
interface IrqchipNode {
  readonly path: string;
  readonly name: string;
  readonly compatible: readonly string[];
  readonly parent: IrqchipNode | null;
  has(property: string): boolean;
  u32(property: string, index?: number): number | undefined;
  u32s(property: string): readonly number[] | undefined;
  strings(property: string): readonly string[];
  string(property: string): string | undefined;
}

const TREE = parseDts(`/dts-v1/; / {
  aliases { serial0 = &uart; serial1 = "/soc"; odd = <1 2>; short = "soc"; };
  soc { uart: uart@10000000 { compatible = "acme,uart", "ns16550a"; reg = <1 2 3>; wide = <1 2 0 3>; huge = <0x200000 0>; odd = [010203]; text = "tïn 🚦"; none; cut = [61]; child {}; }; };
  status { a { status = "okay"; }; b { status = "ok"; }; c { status = "disabled"; }; d { status; }; e {}; f { status = "okay\\0x"; }; };
  ph { a { phandle = <5>; }; b { linux,phandle = <6>; }; c { phandle = <7>; linux,phandle = <7>; }; d {}; };
};`);
const UART = at(TREE, '/soc/uart@10000000');

test('a node is what a driver is handed', () => {
  const node: IrqchipNode = UART;
  expect([node.path, node.name, node.parent!.path, node.parent!.parent!.path, node.parent!.parent!.parent]).toEqual(['/soc/uart@10000000', 'uart@10000000', '/soc', '/', null]);
  expect(node.compatible).toEqual(['acme,uart', 'ns16550a']);
  expect([UART.isCompatible('ns16550a'), UART.isCompatible('x', 'acme,uart'), UART.isCompatible('acme')]).toEqual([true, true, false]);
});

test('unit address is what follows @', () => {
  expect([UART.unitAddress, UART.parent!.unitAddress]).toEqual(['10000000', undefined]);
});

test('cells, one by one and all; absent is undefined, and so is a cell past the end', () => {
  expect([UART.u32('reg'), UART.u32('reg', 2), UART.u32('reg', 3), UART.u32('reg', -1), UART.u32('nope'), UART.u32('odd', 0)]).toEqual([1, 3, undefined, undefined, undefined, undefined]);
  expect([UART.u32s('reg'), UART.u32s('none'), UART.u32s('nope')]).toEqual([[1, 2, 3], [], undefined]);
  expect([UART.u64s('wide'), UART.u64s('nope')]).toEqual([[0x1_0000_0002, 3], undefined]);
});

test('a property that cannot be of the type asked for is an error with path and cure', () => {
  expect(refusal(() => UART.u32s('odd'))).toEqual({ code: 'EINVAL', message: '/soc/uart@10000000: odd has 3 bytes, not a multiple of 4; read it with bytes() or correct the tree' });
  expect(refusal(() => UART.u64s('reg')).message).toMatch(/12 bytes, not a multiple of 8/);
  expect(refusal(() => UART.u64s('huge'))).toMatchObject({ code: 'ERANGE', message: expect.stringMatching(/huge\[0\] is 0x20000000000000/) as string });
  expect(refusal(() => UART.strings('cut'))).toMatchObject({ code: 'EILSEQ' });
  expect(refusal(() => UART.string('cut'))).toMatchObject({ code: 'EILSEQ' });
});

test('strings are UTF-8; what is none is taken byte by byte', () => {
  expect([UART.string('text'), UART.strings('none'), UART.string('nope'), UART.strings('nope')]).toEqual(['tïn 🚦', [], undefined, []]);
  const broken = new DtNode('x', new Map([['p', new Uint8Array([0xc3, 0x28, 0xf0, 0x9f, 0])]]));
  expect(broken.string('p')).toBe('\u00c3(\u00f0\u009f');
});

test('has, bytes and the properties in order', () => {
  expect([UART.has('none'), UART.has('nope'), UART.bytes('none'), UART.bytes('nope')]).toEqual([true, false, new Uint8Array(0), undefined]);
  expect([...UART.properties.keys()].slice(0, 3)).toEqual(['compatible', 'reg', 'wide']);
});

test('available is a node without status, or with okay or ok', () => {
  expect(at(TREE, '/status').children.map((child) => child.isAvailable)).toEqual([true, true, false, false, true, true]);
});

test('phandles, of old trees too', () => {
  expect(at(TREE, '/ph').children.map((child) => child.phandle)).toEqual([5, 6, 7, undefined]);
  expect([TREE.byPhandle(6)?.path, TREE.byPhandle(0), TREE.byPhandle(99)]).toEqual(['/ph/b', undefined, undefined]);
  const twice = new DeviceTree(new DtNode('', new Map(), ['a', 'b', 'c'].map((name, i) => new DtNode(name, new Map([['phandle', new Uint8Array(i === 2 ? [255, 255, 255, 255] : [0, 0, 0, 1])]])))));
  expect([twice.byPhandle(1)?.path, twice.byPhandle(0xffffffff)]).toEqual(['/a', undefined]);
});

test('paths may begin with an alias and end with options', () => {
  expect([TREE.byPath('/'), TREE.byPath('/soc/uart@10000000/child')?.name, TREE.byPath('/soc/')?.name]).toEqual([TREE.root, 'child', 'soc']);
  expect([TREE.byPath('serial0')?.path, TREE.byPath('serial0/child')?.name, TREE.byPath('serial0:115200n8')?.path]).toEqual([UART.path, 'child', UART.path]);
  expect(['', '/nope', '/soc/uart', 'nope', 'short', 'odd'].map((path) => TREE.byPath(path))).toEqual(Array(6).fill(undefined));
  expect([...TREE.aliases.keys()]).toEqual(['serial0', 'serial1', 'short']);
  expect(TREE.byAlias('serial1')?.path).toBe('/soc');
});

test('chosen of a real board leads to its console', () => {
  const tree = parseDtb(dtb('linux-6.12-debugfs/plic-smp1'));
  expect(tree.byPath(at(tree, '/chosen').string('stdout-path')!)?.path).toBe('/soc/serial@10000000');
  expect(tree.byCompatible('virtio,mmio')).toHaveLength(8);
});

test('a node with many children or properties is looked up the same way', () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const tree = parseDts(`/dts-v1/; / { ${names.map((n) => `${n} = "${n}";`).join('')} ${names.map((n) => `${n} {};`).join('')} };`);
  expect(names.every((name) => tree.byPath(`/${name}`)?.name === name && tree.root.string(name) === name)).toBe(true);
  expect(tree.byPath('/n40')).toBeUndefined();
});

test('nodes come parents first and in source order', () => {
  expect([...at(TREE, '/').tree.nodes()].map((node) => node.path).slice(0, 6)).toEqual(['/', '/aliases', '/soc', '/soc/uart@10000000', '/soc/uart@10000000/child', '/status']);
});

test('a node belongs to one tree; without one, phandles cannot be looked up', () => {
  const child = new DtNode('a', new Map([['interrupt-parent', new Uint8Array([0, 0, 0, 1])]]));
  const root = new DtNode('', new Map(), [child]);
  expect(refusal(() => new DtNode('b', new Map(), [child])).code).toBe('EINVAL');
  expect(refusal(() => findIrqParent(child))).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(/\/a is in no tree/) as string });
  new DeviceTree(root);
  expect(findIrqParent(child)).toBeNull();
  expect(refusal(() => new DeviceTree(root)).code).toBe('EINVAL');
});
