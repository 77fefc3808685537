import { parseDts, writeDtb } from '@irqchip/devicetree';
import { at, dump, refusal } from './support.ts';

/** The bytes of property p of the root, in hexadecimal. */
function value(source: string): string {
  return Buffer.from(parseDts(`/dts-v1/; / { p = ${source}; };`).root.bytes('p')!).toString('hex');
}

function cells(source: string): readonly number[] {
  return parseDts(`/dts-v1/; / { p = ${source}; a: a {}; b: b { phandle = <9>; }; };`).root.u32s('p')!;
}

describe('values', () => {
  test.each([
    ['<1 0x10 010 0XfF>', [1, 16, 8, 255]],
    ['<0xffffffff 10u 10L 10UL 10ull>', [0xffffffff, 10, 10, 10, 10]],
    ["<'a' '\\n' '\\x41' '\\101' '\\''>", [97, 10, 65, 65, 39]],
    ['<>, <1>, <2 3>', [1, 2, 3]],
    ['<&b &a &b>', [9, 1, 9]],
    ['<&{/b}>', [9]],
    ['x: <y: 1 z: 2 w:> v:', [1, 2]],
    ['/bits/ 32 <5>', [5]],
  ])('%s', (source, expected) => expect(cells(source)).toEqual(expected));

  test.each([
    ['"a", "b\\0c"', '61006200' + '6300'],
    ['"\\a\\b\\t\\n\\v\\f\\r\\"\\\\\\x4\\7\\q"', '0708090a0b0c0d225c04' + '077100'],
    ['"ü"', 'c3bc00'],
    ['[00 1122 a: fF]', '001122ff'],
    ['[]', ''],
    ['/bits/ 8 <1 0xff (-1)>', '01ffff'],
    ['/bits/ 16 <1 0xffff (-2)>', '0001fffffffe'],
    ['/bits/ 64 <1 0xfedcba9876543210 (-1)>', '0000000000000001fedcba9876543210ffffffffffffffff'],
    ['"a", <1>, [02]', '61000000000102'],
  ])('%s', (source, expected) => expect(value(source)).toBe(expected));

  test('a reference outside of cells is the path', () => {
    const tree = parseDts('/dts-v1/; / { p = &deep, "x", &{/a}; a { deep: b@1 {}; }; };');
    expect(tree.root.strings('p')).toEqual(['/a/b@1', 'x', '/a']);
  });
});

describe('expressions have the operators, the binding and the 64 unsigned bits of dtc', () => {
  test.each<[string, number]>([
    ['1 + 2 * 3', 7], ['(1 + 2) * 3', 9], ['7 - 2 - 1', 4], ['100 / 7 % 4', 2], ['1 << 4 >> 2', 4], ['1 << 2 + 1', 8], ['0xf0 | 0x0f & 0x3', 0xf3],
    ['6 ^ 3', 5], ['6 ^ 3 & 1', 7], ['~0 >> 60', 15], ['-1 >> 63', 1], ['!5 + !0', 1], ['- -5', 5], ['~~5', 5],
    ['1 < 2', 1], ['2 <= 1', 0], ['2 > 1', 1], ['1 >= 2', 0], ['1 == 1', 1], ['1 != 1', 0], ['-1 > 1', 1],
    ['1 && 2', 1], ['1 && 0', 0], ['0 || 3', 1], ['0 || 0', 0], ['1 || 0 && 0', 1],
    ['1 ? 2 : 3', 2], ['0 ? 2 : 0 ? 4 : 5', 5], ['1 ? 0 ? 1 : 2 : 3', 2], ['1 << 64', 0], ['1 >> 64', 0], ['0xffffffffffffffff + 2', 1], ['2 - 3 + 2', 1],
    ["'a' + 1", 98], ['1 /* c */ + // d\n 1', 2], ['1 & 3 == 3', 1],
  ])('(%s) is %d', (source, expected) => expect(cells(`<(${source})>`)).toEqual([expected]));
});

describe('nodes', () => {
  test('a later pair of braces adds and overrides, by path, by label and by path reference', () => {
    const tree = parseDts(`/dts-v1/; / { a: a { x = <1>; y = <1>; b {}; }; };
      / { a { x = <2>; }; c {}; };
      &a { y = <3>; z; d {}; };
      extra: &{/a/b} { w; };
      &extra { v; };`);
    expect(dump(tree)).toEqual(dump(parseDts('/dts-v1/; / { a { x = <2>; y = <3>; z; b { w; v; }; d {}; }; c {}; };')));
  });

  test('deleting', () => {
    const tree = parseDts(`/dts-v1/; / { a { x; y; b {}; c: c {}; }; d: d { e: e {}; }; };
      / { a { /delete-property/ x; /delete-property/ nothing; /delete-node/ b; /delete-node/ nothing; }; };
      /delete-node/ &c; /delete-node/ &d;
      / { d { fresh; }; };`);
    expect(dump(tree)).toEqual(dump(parseDts('/dts-v1/; / { a { y; }; d { fresh; }; };')));
  });

  test('what was deleted can be defined anew in the same braces, and its labels are free', () => {
    const tree = parseDts('/dts-v1/; / { l: a { x; }; /delete-node/ a; l: a { y; }; p { q; /delete-property/ q; q = <1>; }; };');
    expect([at(tree, '/a').has('x'), at(tree, '/a').has('y'), at(tree, '/p').u32('q')]).toEqual([false, true, 1]);
  });

  test('names may have all the characters that the format allows', () => {
    const tree = parseDts('/dts-v1/; / { #a,b._+*?-c; 9; node,x._+-1@0,ff {}; };');
    expect([[...tree.root.properties.keys()], tree.root.children[0]!.name]).toEqual([['#a,b._+*?-c', '9'], 'node,x._+-1@0,ff']);
  });

  test('comments, Windows line ends, a byte order mark and the line markers of cpp are white space', () => {
    const tree = parseDts('\ufeff# 1 "board.dts"\r\n/dts-v1/; /* a\n * b */ / { // c\r\n#line 3\n\t#x = <1>;\n# 7 "x.dtsi" 2\n y; };\r\n');
    expect([...tree.root.properties.keys()]).toEqual(['#x', 'y']);
  });

  test('reservations and the boot CPU', () => {
    const tree = parseDts('/dts-v1/; /dts-v1/; r: /memreserve/ 0x1000 (2 * 8); /memreserve/ 1 2; / { cpus { cpu@2 { reg = <2>; }; }; };');
    expect(tree).toMatchObject({ reservations: [{ address: 0x1000, size: 16 }, { address: 1, size: 2 }], bootCpu: 2 });
  });
});

describe('phandles', () => {
  test('those of the source stay; others are numbered from 1 in the order of their first reference in the tree, as dtc does', () => {
    const tree = parseDts('/dts-v1/; / { p = <&c &b>; a: a { phandle = <2>; }; b: b {}; c: c { q = <&d &a>; }; d: d {}; e: e {}; };');
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => tree.root.child(name)!.phandle)).toEqual([2, 3, 1, 4, undefined]);
    expect(tree.root.u32s('p')).toEqual([1, 3]);
    expect(tree.byPhandle(4)!.path).toBe('/d');
  });

  test('a property that is overridden refers to nobody any more', () => {
    const tree = parseDts('/dts-v1/; / { p = <&a>; a: a {}; }; / { p = <0>; };');
    expect(at(tree, '/a').has('phandle')).toBe(false);
  });
});

describe('errors begin with line and column and say what to do', () => {
  test.each([
    ['', 'EINVAL', '1:1: expected "/dts-v1/" at the beginning of dts source, found the end of the source'],
    ['/dts-v1/;', 'EINVAL', '1:10: the source has no root node; begin one with / { … };'],
    ['/dts-v1/;\n/ {\n  x = 5;\n};', 'EINVAL', '3:7: expected a value ("text", <cells>, [bytes] or &label), found "5"'],
    ['/dts-v1/;\n#include "a.h"\n/ {};', 'EINVAL', '2:1: "#include "a.h"": there is no preprocessor here; run the source through cpp'],
    ['/dts-v1/;\n/ {\n#define A 1\n};', 'EINVAL', '3:1: "#define A 1": there is no preprocessor'],
    ['/dts-v1/;\n/ { x = <IRQ_TYPE>; };', 'EINVAL', '2:10: "IRQ_TYPE" is no number and macros are not expanded here'],
    ['/dts-v1/; / { x = <1', 'EINVAL', '1:21: expected a number, a reference or an expression in parentheses, found the end of the source'],
    ['/dts-v1/; / { x = <09>; };', 'EINVAL', '1:20: "09" is no number'],
    ['/dts-v1/; / { x = <1x>; };', 'EINVAL', '1:20: "1x" is no number'],
    ['/dts-v1/; / { x = <0x100000000>; };', 'ERANGE', '1:20: 0x100000000 does not fit into a cell of 32 bits'],
    ['/dts-v1/; / { x = /bits/ 8 <256>; };', 'ERANGE', '1:29: 0x100 does not fit into a cell of 8 bits'],
    ['/dts-v1/; / { x = <0x10000000000000000>; };', 'EOVERFLOW', '1:20: 0x10000000000000000 does not fit into 64 bits'],
    ['/dts-v1/; / { x = /bits/ 12 <1>; };', 'EINVAL', '1:26: /bits/ 12: a cell has 8, 16, 32 or 64 bits'],
    ['/dts-v1/; / { x = /bits/ 64 <&a>; a: a {}; };', 'EINVAL', '1:31: a reference needs a cell of 32 bits'],
    ['/dts-v1/; / { x = <(1 / 0)>; };', 'EINVAL', '1:22: division by zero'],
    ['/dts-v1/; / { x = <(1 + >; };', 'EINVAL', '1:25: expected a number'],
    ['/dts-v1/; / { x = <(1 ? 2)>; };', 'EINVAL', '1:26: expected ":"'],
    ["/dts-v1/; / { x = <'ab'>; };", 'EINVAL', '1:21: a character literal is one byte'],
    ['/dts-v1/; / { x = "abc; };', 'EINVAL', '1:19: this string has no end'],
    ['/dts-v1/; / { x = "\\xg"; };', 'EINVAL', '1:20: an unfinished escape'],
    ['/dts-v1/; / { x = "\\ü"; };', 'EINVAL', '1:20: "\\ü" is no escape'],
    ['/dts-v1/; / { x = [0 11]; };', 'EINVAL', '1:20: a byte string is made of pairs'],
    ['/dts-v1/; / { x = <&nobody>; };', 'ENOENT', '1:20: &nobody names no node; write nobody: before the node'],
    ['/dts-v1/; / { x = <&{/a/b}>; };', 'ENOENT', '1:20: &/a/b names no node; correct the path'],
    ['/dts-v1/; / { x = <&>; };', 'EINVAL', '1:21: a reference is &label or &{/full/path}'],
    ['/dts-v1/; / { x = <&{a}>; };', 'EINVAL', '1:21: a reference is'],
    ['/dts-v1/; / {};\n&later { }; / { later: a {}; };', 'ENOENT', '2:2: &later names no node so far'],
    ['/dts-v1/; / { x; x; };', 'EEXIST', '1:18: property x stands in / twice'],
    ['/dts-v1/; / { a {}; a {}; };', 'EEXIST', '1:21: node a stands in / twice'],
    ['/dts-v1/; / { l: a {}; l: b {}; };', 'EEXIST', '1:27: label l stands at /a already'],
    ['/dts-v1/; / { a {}; x; };', 'EINVAL', '1:21: property x follows a node'],
    ['/dts-v1/; / { a { }', 'EINVAL', '1:20: expected ";" after the closing brace of /a'],
    ['/dts-v1/; / { a { ', 'EINVAL', '1:19: node /a has no end'],
    ['/dts-v1/; / { a b; };', 'EINVAL', '1:17: expected ";" after property a'],
    ['/dts-v1/; / { = 1; };', 'EINVAL', '1:15: expected a property or a node in /, found "="'],
    ['/dts-v1/; / { /* };', 'EINVAL', '1:15: this comment has no end'],
    ['/dts-v1/; /plugin/; / {};', 'EOPNOTSUPP', '1:11: /plugin/: overlays are not modelled'],
    ['/dts-v1/; / { /include/ "x" };', 'EOPNOTSUPP', '1:15: /include/: files are not read here'],
    ['/dts-v1/; / { x = /incbin/("f"); };', 'EOPNOTSUPP', '/incbin/ is not read here'],
    ['/dts-v1/; / {}; /memreserve/ 1 2;', 'EOPNOTSUPP', 'reserved memory stands before the first node'],
    ['/dts-v1/; /memreserve/ 0x20000000000000 2; / {};', 'ERANGE', 'numbers from 2^53 on'],
    ['/dts-v1/; / {}; /delete-node/ &{/};', 'EINVAL', 'the root node cannot be deleted'],
    ['/dts-v1/; / { phandle = <1 2>; };', 'EINVAL', '1:15: phandle of / is not a single number'],
    ['/dts-v1/; / { phandle = <0>; };', 'EINVAL', '1:15: phandle of / is 0'],
    ['/dts-v1/; / { phandle = <1>; a { phandle = <1>; }; };', 'EEXIST', '1:34: phandle 1 of /a belongs to / already'],
    ['/dts-v1/; garbage', 'EINVAL', '1:11: expected / { … }; or &label { … };, found "garbage"'],
    [`/dts-v1/; / { ${'n'.repeat(256)}; };`, 'EINVAL', '1:15: a name of 256 characters'],
  ])('%s', (source, code, message) => {
    const refused = refusal(() => parseDts(source));
    expect(refused.message).toContain(message);
    expect(refused.code).toBe(code);
  });

  test('64 levels of nodes and of parentheses are read, more are refused', () => {
    const nodes = (levels: number): string => `/dts-v1/; / { ${'a { '.repeat(levels - 1)}${'}; '.repeat(levels - 1)}};`;
    expect([...parseDts(nodes(64)).nodes()]).toHaveLength(64);
    expect(refusal(() => parseDts(nodes(65))).message).toMatch(/more than 64 levels/);
    expect(refusal(() => parseDts(nodes(100_000))).message).toMatch(/more than 64 levels/);
    const deeper = `/dts-v1/; / { ${'a { '.repeat(62)} l: a { }; ${'}; '.repeat(62)}}; &l { b { }; };`;
    expect(refusal(() => parseDts(deeper)).message).toMatch(/more than 64 levels/);
    expect(cells(`<${'('.repeat(64)}1${')'.repeat(64)}>`)).toEqual([1]);
    for (const source of [`${'('.repeat(100_000)}1`, `(${'!'.repeat(100_000)}1)`, `(${'1 ? 1 : '.repeat(100_000)}1)`]) {
      expect(refusal(() => cells(`<${source}>`)).message).toMatch(/nested more than 64 levels deep/);
    }
  });

  test('a short source cannot name a long path without limit', () => {
    const path = 'n'.repeat(255);
    const source = `/dts-v1/; / { p = ${'&a, '.repeat(20_000)}&a; ${`${path} { `.repeat(50)} a: a {}; ${'}; '.repeat(50)}};`;
    expect(refusal(() => parseDts(source))).toMatchObject({ code: 'EOVERFLOW', message: expect.stringMatching(/shorten the names on the way to &a/) as string });
  });
});

test('what was read as source is written as a file', () => {
  expect(writeDtb(parseDts('/dts-v1/; / { };'))).toHaveLength(40 + 16 + 16);
});
