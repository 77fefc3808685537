import { IrqError } from '@irqchip/smp';
import {
  countInterrupts, findIrqParent, interruptMap, irqInitOrder, msiParents, parseDtb, parseDts, parseInterrupt, parseInterruptByName, parseInterrupts,
  regRegions, writeDtb, type DeviceTree, type DtNode,
} from '@irqchip/devicetree';
import { BOARDS, dtb } from './support.ts';

// Most of the time would go into stack traces that nobody reads.
Error.stackTraceLimit = 0;

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** What `action` gives; undefined for an IrqError. Anything else that is thrown fails the test. */
function given<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof IrqError) return undefined;
    throw error;
  }
}

const QUERIES: readonly ((node: DtNode) => unknown)[] = [
  (node) => parseInterrupts(node), (node) => countInterrupts(node), (node) => parseInterrupt(node, 1), (node) => parseInterruptByName(node, 'x'),
  (node) => findIrqParent(node), (node) => msiParents(node), (node) => interruptMap(node), (node) => regRegions(node),
  (node) => [node.path, node.phandle, node.isAvailable, node.unitAddress], (node) => node.compatible, (node) => node.u32s('reg'), (node) => node.u64s('reg'),
];

function queryAll(tree: DeviceTree): number {
  let answers = 0;
  for (const node of tree.nodes()) for (const query of QUERIES) if (given(() => query(node)) !== undefined) answers++;
  given(() => irqInitOrder(tree, (node) => node.isCompatible('riscv,cpu-intc', 'sifive,plic-1.0.0')));
  void [tree.byPath('/soc'), tree.byAlias('serial0'), tree.byPhandle(1)];
  return answers;
}

const TREES = BOARDS.map((board) => [board, dtb(board)] as const);

test.each(TREES)('%s cut short at any byte is refused', (_, bytes) => {
  let trees = 0;
  for (let length = 0; length < bytes.length; length++) if (given(() => parseDtb(bytes.subarray(0, length))) !== undefined) trees++;
  expect(trees).toBe(0);
});

test.each(TREES)('%s cut short at any byte with a header that says so gives a tree or an IrqError', (_, bytes) => {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  let trees = 0;
  for (let length = 0; length < bytes.length; length++) {
    view.setUint32(4, length);
    if (given(() => parseDtb(copy)) !== undefined) trees++;
  }
  expect(trees).toBe(0);
});

/** Puts one to four random bytes or words in random places; half of the time the structure is aimed at. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let times = 1 + below(4); times > 0; times--) {
    const kind = below(4);
    const word = 4 * below(bytes.length >> 2);
    if (kind === 0) copy[below(bytes.length)] = below(256);
    else if (kind === 1) copy[below(bytes.length)]! ^= 1 << below(8);
    else if (kind === 2) view.setUint32(word, below(12));
    else view.setUint32(4 * below(10), random() < 0.5 ? below(bytes.length) : below(0x1_0000_0000));
    if (kind === 3 && random() < 0.8) view.setUint32(0, 0xd00dfeed);
  }
  return copy;
}

test('20,000 damaged files give a tree or an IrqError, and so does every question to the trees', () => {
  const random = mulberry32(0x1207);
  const counts = { trees: 0, refused: 0, answers: 0, rewritten: 0 };
  for (let round = 0; round < 20_000; round++) {
    const damaged = mutate(TREES[round % TREES.length]![1], random);
    const tree = given(() => parseDtb(damaged));
    if (tree === undefined) {
      counts.refused++;
      continue;
    }
    counts.trees++;
    counts.answers += queryAll(tree);
    if (round % 16 === 0 && given(() => parseDtb(writeDtb(tree))) !== undefined) counts.rewritten++;
  }
  // Both outcomes must be common, or the test would say little.
  expect(counts.trees).toBeGreaterThan(5000);
  expect(counts.refused).toBeGreaterThan(5000);
  expect(counts.answers).toBeGreaterThan(1_000_000);
  expect(counts.rewritten).toBeGreaterThan(300);
});

test('5,000 damaged sources give a tree or an IrqError that begins with line and column', () => {
  const random = mulberry32(0xd75);
  const source = `/dts-v1/;
/memreserve/ 0x80000000 0x1000;
/ { #address-cells = <2>; interrupt-parent = <&plic>; aliases { serial0 = &uart; };
  soc { ranges; x = "a\\n\\x41", [00 ff], <(1 + 2 * 3 << 1) 'a' &plic>, /bits/ 64 <(~0)>; /* c */ // d
    plic: plic@c000000 { #interrupt-cells = <1>; interrupt-controller; reg = <0 0xc000000 0 (0x10 ? 1 : 2)>; };
    uart: serial@0 { interrupts = <10>; /delete-property/ y; }; /delete-node/ z; }; };
&uart { status = "okay"; };
`;
  const scraps = ['{', '}', '<', '>', '"', ';', '&', '/', '*', '(', ')', '-', '!', '?', ':', '0', '\\', '#', "'", '/bits/', '/delete-node/', '&plic', '\n', 'label:', '\ud800', '='];
  let trees = 0;
  for (let round = 0; round < 5000; round++) {
    let text = source;
    for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
      const at = Math.floor(random() * text.length);
      text = text.slice(0, at) + (random() < 0.7 ? scraps[Math.floor(random() * scraps.length)]! : '') + text.slice(at + Math.floor(random() * 4));
    }
    try {
      queryAll(parseDts(text));
      trees++;
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      if (!/^\d+:\d+: \S/.test(error.message)) throw new Error(`no line and column in "${error.message}"`);
    }
  }
  expect(trees).toBeGreaterThan(500);
});
