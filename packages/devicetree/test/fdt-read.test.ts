import { ByteSink } from '../src/bytes.ts';
import { parseDtb } from '@irqchip/devicetree';
import { begin, end, file, prop } from './hostile.ts';
import { BOARDS, dtb, refusal } from './support.ts';

/** A file with these words in the structure block and these names in the strings block. */
function words(struct: readonly number[], names: string = ''): Uint8Array {
  const sink = new ByteSink();
  for (const word of struct) sink.u32(word);
  const strings = new ByteSink();
  strings.ascii(names);
  return file({ struct: sink, strings });
}

function structure(build: (struct: ByteSink) => void, names: string = 'p\0q\0'): Uint8Array {
  const struct = new ByteSink();
  build(struct);
  const strings = new ByteSink();
  strings.ascii(names);
  return file({ struct, strings });
}

function withWord(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(offset, value);
  return copy;
}

const EMPTY = words([1, 0, 2, 9]);
const A = 0x61000000;
const B = 0x62000000;

describe('header', () => {
  test('the smallest tree is a root without a name', () => {
    const { root } = parseDtb(EMPTY);
    expect([root.name, root.path, root.parent, root.children.length, root.properties.size]).toEqual(['', '/', null, 0, 0]);
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'EINVAL', /begins with a header of 36 bytes.*got 0/],
    ['something else', new Uint8Array(64).fill(0x20), 'EINVAL', /0x20202020 at offset 0.*parseDts/],
    ['totalsize beyond the file', withWord(EMPTY, 4, 4096), 'EOVERFLOW', /totalsize at offset 4 says 4096/],
    ['totalsize below the header', withWord(EMPTY, 4, 39), 'EOVERFLOW', /totalsize at offset 4 is 39/],
    ['version 15', withWord(EMPTY, 20, 15), 'EINVAL', /version 15.*dtc -V 17/],
    ['readable from version 18', withWord(withWord(EMPTY, 20, 18), 24, 18), 'EINVAL', /readable from 18/],
    ['structure block outside', withWord(EMPTY, 8, 0x1000), 'EOVERFLOW', /off_dt_struct at offset 8.*0x1000/],
    ['structure block over the header', withWord(EMPTY, 8, 0), 'EOVERFLOW', /off_dt_struct/],
    ['structure block too long', withWord(EMPTY, 36, 0xffffffff), 'EOVERFLOW', /off_dt_struct/],
    ['structure block not aligned', withWord(withWord(EMPTY, 8, 57), 36, 4), 'EINVAL', /not a multiple of 4/],
    ['strings block outside', withWord(EMPTY, 32, 0x80000000), 'EOVERFLOW', /off_dt_strings at offset 12/],
    ['reservations not aligned', withWord(EMPTY, 16, 44), 'EINVAL', /off_mem_rsvmap.*multiple of 8/],
    ['reservations without end', withWord(words([1, 0, 2, 9]), 16, EMPTY.length - 8), 'EOVERFLOW', /no end/],
  ])('%s is refused', (_, bytes, code, message) => {
    const refused = refusal(() => parseDtb(bytes));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  test('what is no byte array is refused and not thrown up', () => {
    expect(refusal(() => parseDtb(undefined as unknown as Uint8Array)).code).toBe('EINVAL');
    expect(refusal(() => parseDtb(new DataView(new ArrayBuffer(64)) as unknown as Uint8Array)).code).toBe('EINVAL');
  });

  test('version 18 that says it can be read as 16 is read', () => {
    expect(parseDtb(withWord(EMPTY, 20, 18)).root.path).toBe('/');
  });

  test('version 16 has no size of the structure block and is read up to FDT_END', () => {
    const old = withWord(withWord(EMPTY, 20, 16), 36, 0xffffffff);
    expect(parseDtb(old).root.path).toBe('/');
  });

  test('bytes after totalsize are none of ours', () => {
    const longer = new Uint8Array(EMPTY.length + 100).fill(0xff);
    longer.set(EMPTY);
    expect(parseDtb(longer).root.children).toHaveLength(0);
  });

  test('boot CPU and reservations are read, a reservation from 2^53 on is refused', () => {
    const reserve = new ByteSink();
    reserve.u64(0x8000_0000);
    reserve.u64(0x1_0000_0000);
    const struct = new ByteSink();
    for (const word of [1, 0, 2, 9]) struct.u32(word);
    const bytes = withWord(file({ reserve, struct }), 28, 7);
    expect(parseDtb(bytes)).toMatchObject({ bootCpu: 7, reservations: [{ address: 0x8000_0000, size: 0x1_0000_0000 }] });
    expect(refusal(() => parseDtb(withWord(bytes, 48, 0x200000)))).toMatchObject({ code: 'ERANGE' });
  });
});

describe('structure block', () => {
  test('NOPs are passed over wherever a tag may stand', () => {
    const bytes = words([4, 1, 0, 4, 3, 4, 0, 42, 4, 1, A, 4, 2, 4, 2, 4, 9], 'p\0');
    const { root } = parseDtb(bytes);
    expect(root.u32('p')).toBe(42);
    expect(root.children.map((child) => child.path)).toEqual(['/a']);
  });

  test.each([
    ['missing FDT_END', words([1, 0, 2]), 'EOVERFLOW', /ends at 0x.* without FDT_END/],
    ['FDT_END inside of a node', words([1, 0, 1, A, 9]), 'EINVAL', /FDT_END inside of a node at 0x48 in \/a/],
    ['FDT_END before any node', words([9]), 'EINVAL', /before any node/],
    ['FDT_END_NODE without a node', words([2, 9]), 'EINVAL', /without a node/],
    ['a second root', words([1, 0, 2, 1, 0, 2, 9]), 'EINVAL', /second root/],
    ['an unknown tag', words([1, 0, 7, 2, 9]), 'EINVAL', /unknown tag 0x7 at 0x40/],
    ['a property outside of any node', words([3, 0, 0, 9], 'p\0'), 'EINVAL', /outside of any node/],
    ['a property after a child', words([1, 0, 1, A, 2, 3, 0, 0, 2, 9], 'p\0'), 'EINVAL', /after a child/],
    ['a property cut off', words([1, 0, 3, 0], 'p\0'), 'EOVERFLOW', /beyond the structure block/],
    ['a value beyond the block', words([1, 0, 3, 0xfffffff0, 0, 2, 9], 'p\0'), 'EOVERFLOW', /property at 0x40 in \/ reaches beyond/],
    ['a name beyond the strings block', words([1, 0, 3, 0, 99, 2, 9], 'p\0'), 'EOVERFLOW', /0x63 of a strings block of 2 bytes/],
    ['a name without end in the strings block', words([1, 0, 3, 0, 0, 2, 9], 'pq'), 'EILSEQ', /no end/],
    ['a property name that is empty', words([1, 0, 3, 0, 1, 2, 9], 'p\0'), 'EILSEQ', /is empty/],
    ['a property name with a control character', words([1, 0, 3, 0, 0, 2, 9], 'p\x07\0'), 'EILSEQ', /character 7/],
    ['a node name without end', words([1, 0x61616161, 0x61616161]), 'EILSEQ', /no end/],
    ['a node name with a slash', words([1, 0, 1, 0x612f6200, 2, 2, 9]), 'EILSEQ', /character 47/],
    ['a child without a name', words([1, 0, 1, 0, 2, 2, 9]), 'EINVAL', /without a name/],
    ['a root with a name', words([1, A, 2, 9]), 'EINVAL', /root node with a name/],
  ])('%s is refused', (_, bytes, code, message) => {
    const refused = refusal(() => parseDtb(bytes));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  test('an old root named / has no name', () => {
    expect(parseDtb(words([1, 0x2f000000, 2, 9])).root.name).toBe('');
  });

  test('a name given twice in one node is refused, few names or many', () => {
    for (const count of [2, 40]) {
      const twice = structure((struct) => {
        begin(struct, '');
        for (let i = 0; i < count - 1; i++) {
          begin(struct, `n${i}`);
          end(struct);
        }
        begin(struct, 'n0');
        end(struct);
        end(struct);
        struct.u32(9);
      });
      expect(refusal(() => parseDtb(twice))).toMatchObject({ code: 'EEXIST', message: expect.stringMatching(/two children named n0/) as string });
    }
    const names = Array.from({ length: 40 }, (_, i) => `p${String(i).padStart(2, '0')}\0`);
    const property = structure((struct) => {
      begin(struct, '');
      for (let i = 0; i < 40; i++) prop(struct, 4 * i);
      prop(struct, 160);
      end(struct);
      struct.u32(9);
    }, names.join('') + 'p07\0');
    expect(refusal(() => parseDtb(property))).toMatchObject({ code: 'EEXIST', message: expect.stringMatching(/property p07 twice/) as string });
    expect(refusal(() => parseDtb(words([1, 0, 3, 0, 0, 3, 0, 2, 2, 9], 'p\0p\0')))).toMatchObject({ code: 'EEXIST' });
  });

  test('siblings of different parents may have the same name', () => {
    const { root } = parseDtb(words([1, 0, 1, A, 1, A, 2, 2, 1, B, 1, A, 2, 2, 2, 9]));
    expect(root.children.map((child) => child.children[0]?.path)).toEqual(['/a/a', '/b/a']);
  });

  test('64 levels are read, 65 are refused, and the caller may say otherwise', () => {
    const deep = (levels: number): Uint8Array => words([1, 0, ...Array.from({ length: levels - 1 }, () => [1, A]).flat(), ...Array.from({ length: levels }, () => 2), 9]);
    expect([...parseDtb(deep(64)).nodes()]).toHaveLength(64);
    expect(refusal(() => parseDtb(deep(65))).message).toMatch(/more than 64 levels/);
    expect([...parseDtb(deep(5000), { maxDepth: 5000 }).nodes()]).toHaveLength(5000);
    expect(refusal(() => parseDtb(deep(3), { maxDepth: 2 })).code).toBe('EINVAL');
  });

  test('names of 255 characters are read, 256 are refused', () => {
    const named = (length: number): Uint8Array => structure((struct) => {
      begin(struct, '');
      begin(struct, 'n'.repeat(length));
      prop(struct, 0);
      end(struct);
      end(struct);
      struct.u32(9);
    }, `${'p'.repeat(length)}\0`);
    expect(parseDtb(named(255)).root.children[0]!.has('p'.repeat(255))).toBe(true);
    expect(refusal(() => parseDtb(named(256))).code).toBe('EILSEQ');
  });
});

test('values are views of one copy of the file, which the caller may then reuse', () => {
  const bytes = dtb(BOARDS[0]!);
  const tree = parseDtb(bytes);
  const expected = tree.root.string('compatible');
  bytes.fill(0xff);
  expect(tree.root.string('compatible')).toBe(expected);
  expect(tree.root.bytes('compatible')!.buffer).toBe(tree.root.bytes('model')!.buffer);
});
