import { DeviceTree, DtNode, parseDtb, parseDts, writeDtb } from '@irqchip/devicetree';
import { BOARDS, dtb, dump, refusal } from './support.ts';

const FILES = BOARDS.flatMap((board) => (['qemu', 'linux-sees'] as const).map((which) => [`${board}/${which}.dtb`, dtb(board, which)] as const));

test.each(FILES)('%s: written and read again, the tree is equal', (_, bytes) => {
  const tree = parseDtb(bytes);
  expect([...tree.nodes()].length).toBeGreaterThan(30);
  const again = parseDtb(writeDtb(tree));
  expect(dump(again)).toEqual(dump(tree));
  expect(writeDtb(again)).toEqual(writeDtb(tree));
});

/** Prints the tree as source, every value as bytes: enough to compare the two readers. */
function source(tree: DeviceTree): string {
  const node = (at: DtNode): string => {
    const properties = [...at.properties].map(([name, value]) => (value.length === 0 ? `${name};` : `${name} = [${Buffer.from(value).toString('hex')}];`));
    return `${at.name || '/'} { ${properties.join(' ')} ${at.children.map(node).join(' ')} };`;
  };
  const reservations = tree.reservations.map(({ address, size }) => `/memreserve/ ${address} ${size};`);
  return `/dts-v1/; ${reservations.join(' ')} ${node(tree.root)}`;
}

test.each(FILES)('%s: the source reader gives the tree that the binary reader gives', (_, bytes) => {
  const tree = parseDtb(bytes);
  expect(dump(parseDts(source(tree)))).toEqual(dump(tree));
});

test('the file that is written, byte by byte', () => {
  const tree = parseDts('/dts-v1/; /memreserve/ 0x80000000 0x1000; / { p = [ab]; cpus { c@3 { reg = <3>; p; }; }; };');
  const written = writeDtb(tree);
  const view = new DataView(written.buffer);
  const structEnd = 0x48 + 0x58;
  expect(Array.from({ length: structEnd / 4 }, (_, i) => view.getUint32(4 * i).toString(16))).toEqual([
    0xd00dfeed, structEnd + 6, 0x48, structEnd, 0x28, 17, 16, 3, 6, 0x58,
    0, 0x80000000, 0, 0x1000, 0, 0, 0, 0,
    1, 0, 3, 1, 0, 0xab000000, 1, 0x63707573, 0, 1, 0x63403300, 3, 4, 2, 3, 3, 0, 0, 2, 2, 2, 9,
  ].map((word) => word.toString(16)));
  expect(Buffer.from(written.subarray(structEnd)).toString('latin1')).toBe('p\0reg\0');
});

test('a tree made by hand is written; names that the format cannot hold are refused', () => {
  const made = (name: string, property: string): DeviceTree => new DeviceTree(new DtNode('', new Map(), [new DtNode(name, new Map([[property, new Uint8Array([1, 2])]]))]));
  expect(parseDtb(writeDtb(made('a@0', 'p'))).byPath('/a@0')!.bytes('p')).toEqual(new Uint8Array([1, 2]));
  expect(refusal(() => writeDtb(made('a/b', 'p')))).toMatchObject({ code: 'EILSEQ' });
  expect(refusal(() => writeDtb(made('', 'p')))).toMatchObject({ code: 'EINVAL' });
  expect(refusal(() => writeDtb(made('a', 'ü')))).toMatchObject({ code: 'EILSEQ' });
});
