import { readdirSync, readFileSync } from 'node:fs';
import { parseDtb } from '@irqchip/devicetree';
import type { AplicOptions } from '../hardware/index.ts';
import { Board, GOOD, R, type BoardOptions } from './hardware-board.ts';

const refused = (options: BoardOptions, message: string | RegExp): void => {
  expect(() => new Board(options)).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(message) as string }));
};

describe('what is no APLIC is refused, with what is wrong', () => {
  test.each([0, 1024])('%i sources', (sources) => {
    refused({ sources }, `riscv,num-sources is 1 to 1023; this node says ${sources}`);
  });

  test.each(['reg = <0 0xc000000 0 0x3000>;', 'reg = <0 0xc000000 0 0x4800>;'])('a region that is too small or no whole pages: %s', (reg) => {
    refused({ more: { aplic_m: reg } }, /whole 4 KiB pages, 16 KiB or more/);
  });

  test('no way out: neither interrupts-extended nor msi-parent', () => {
    refused({ harts: 0 }, /interrupts-extended, msi-parent or both/);
  });

  test.each([
    ['<0 1>', 'lists 2 hart indexes for 4 entries'], ['<0 1 1 2>', 'twice'], ['<0 1 2 16384>', '0 to 16383'], ['<0 1 2 512>', 'needs an interrupt delivery control structure at 0x8000'],
  ])('hart indexes %s', (cells, message) => {
    refused({ more: { aplic_m: `riscv,hart-indexes = ${cells};` } }, message);
  });

  test.each([
    ['<&aplic_s 1>', 'has 2 cells'], ['<&aplic_m 1 5>', 'riscv,children does not list'], ['<&aplic_s 0 5>', 'sources 0 to 5'],
    ['<&aplic_s 7 5>', 'sources 7 to 5'], ['<&aplic_s 1 97>', 'this domain has 1 to 96'],
  ])('delegation %s', (cells, message) => {
    refused({ more: { aplic_m: `riscv,delegation = ${cells};` } }, message);
  });

  test.each([0, 9, 2.5])('%d priority bits', (iprioBits) => {
    refused({ aplic: { iprioBits } }, `iprioBits is 1 to 8, not ${iprioBits}`);
  });
});

test('hart indexes without entries belong to the interrupt files and are not checked here', () => {
  expect(() => new Board({ mode: 'msi', more: { aplic_m: 'riscv,hart-indexes = <0 1 700>;' } })).not.toThrow();
});

describe('quirks', () => {
  test('a switch given besides a set wins over it', () => {
    const keeps = (aplic: AplicOptions): number => {
      const b = new Board({ aplic });
      b.write('aplic_m', R.target(3), 0x80005);
      return b.read('aplic_m', R.target(3));
    };
    expect([keeps({ quirks: 'qemu-10.0' }), keeps({ quirks: 'qemu-10.0', targetsStickWhileInactive: false }), keeps({})]).toEqual([0x80005, 0, 0]);
  });

  test('each switch of a set is documented in one line', () => {
    const text = readFileSync(new URL('../hardware/aplic/options.ts', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/\/\*\* [^\n]+ \*\/\n {2}readonly (\w+)\?: boolean;/g)].map(([, name]) => name);
    const used = [...text.slice(text.indexOf('const QEMU_ALL')).matchAll(/(\w+): true/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(12);
    expect(used.filter((name) => !documented.includes(name))).toEqual([]);
  });
});

/** Trees of machines that Linux booted on: QEMU's own, and what its firmware handed over. */
const RECORDED = new URL('../../../testdata/linux/', import.meta.url);
const trees = readdirSync(RECORDED, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.dtb') && /aplic|imsic/.test(name));

test('there are trees of both kinds, with one socket and with two', () => {
  expect(trees.filter((name) => /numa2/.test(name)).length).toBeGreaterThanOrEqual(4);
  expect(trees.length).toBeGreaterThanOrEqual(8);
});

test.each(trees)('the models of %s are made, and every domain delegates, delivers or sends to a hart', (name) => {
  const tree = parseDtb(readFileSync(new URL(name, RECORDED)));
  const b = new Board({}, GOOD, tree);
  const available = [...tree.nodes()].filter((node) => node.isAvailable && node.isCompatible('riscv,aplic'));
  expect(available.length).toBeGreaterThan(0);
  for (const node of available.filter((each) => !each.has('riscv,children'))) {
    const root = available.find((each) => each.u32('riscv,children') === node.phandle);
    const [label, above] = [labelOf(node.unitAddress!), root && labelOf(root.unitAddress!)];
    if (above) b.write(above, R.sourcecfg(10), 0x400);
    b.write(label, R.sourcecfg(10), 4);
    expect(b.read(label, R.sourcecfg(10))).toBe(4);
    b.write(label, R.target(10), 1);
    b.write(label, R.setienum, 10);
    b.write(label, R.idelivery(0), 1);
    b.write(label, R.domaincfg, 0x104);
    b.pulse(10, above ?? label);
    const isDirect = !node.has('msi-parent');
    expect([b.read(label, R.setip(0)), b.harts.changes.length]).toEqual(isDirect ? [0x400, 1] : [0, 0]);
    // A root that nobody programmed sends to address 0; without a root the messages find their interrupt files.
    expect(b.lost.splice(0)).toEqual(isDirect || !above ? [] : ['0:1']);
    b.harts.changes.length = 0;
  }
});

function labelOf(unitAddress: string): string {
  return { c000000: 'aplic_m', d000000: 'aplic_s' }[unitAddress] ?? unitAddress;
}
