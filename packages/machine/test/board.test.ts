import { parseDtb, parseDts, parseInterrupts, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import { createMachine, fixUpForSupervisor, readBoard, resizeBoard, runTraffic } from '../src/index.ts';
import { dtb, has, RECORDINGS } from './recordings.ts';

const tree = (board: string, file = 'qemu.dtb'): DeviceTree => parseDtb(dtb(board, file));
const IMSIC4 = 'linux-6.12-debugfs/imsic-smp4';
const PLIC4 = 'linux-6.12-debugfs/plic-smp4';
const CLINT4 = 'linux-7.2-mmode/mmode-smp4';

/** The interrupt controllers of a tree, every property in hex; a property that is not there is like one that is missing. */
function controllers(of: DeviceTree): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const node of of.nodes()) {
    if (!node.has('interrupt-controller') && !node.has('msi-controller') && !node.isCompatible('riscv,clint0')) continue;
    found[node.path] = Object.fromEntries([...node.properties].map(([name, value]) => [name, Buffer.from(value).toString('hex')]).sort());
  }
  return found;
}

describe('what firmware changes', () => {
  const supervised = RECORDINGS.filter(({ board, mode }) => mode === 'S' && has(board, 'linux-sees.dtb'));

  test.each(supervised)('$board: interrupt controllers are as the kernel saw them', ({ board }) => {
    const ours = controllers(fixUpForSupervisor(tree(board)));
    expect(Object.keys(ours).length).toBeGreaterThan(1);
    expect(ours).toEqual(controllers(tree(board, 'linux-sees.dtb')));
  });

  test.each(supervised)('$board: a tree that was fixed up stays as it is', ({ board }) => {
    const seen = tree(board, 'linux-sees.dtb');
    expect(controllers(fixUpForSupervisor(seen))).toEqual(controllers(seen));
  });

  test('the given tree is left alone', () => {
    const given = tree(PLIC4);
    const before = controllers(given);
    expect(controllers(fixUpForSupervisor(given))).not.toEqual(before);
    expect(controllers(given)).toEqual(before);
  });
});

/** hartids and the local interrupt of each wire of a controller. */
function wires(of: DeviceTree, compatible: string): (readonly [number | undefined, number])[] {
  return parseInterrupts(of.byCompatible(compatible)[0]!).map(({ controller, args }) => [controller.parent!.u32('reg'), args[0]!]);
}

describe('boards of another size', () => {
  test.each([1, 2, 3])('%i of 4 CPUs: wires to the others are cut', (count) => {
    const small = resizeBoard(tree(CLINT4), count);
    expect(readBoard(small, { mode: 'M' }).harts.map(({ hartid }) => hartid)).toEqual([0, 1, 2].slice(0, count));
    expect(wires(small, 'riscv,clint0')).toEqual([0, 1, 2].slice(0, count).flatMap((hartid) => [[hartid, 3], [hartid, 7]]));
  });

  test('6 of 4 CPUs: new harts are like the last one, with wires and phandles of their own', () => {
    const big = resizeBoard(tree(CLINT4), 6);
    expect(readBoard(big, { mode: 'M' }).harts.map(({ hartid }) => hartid)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(wires(big, 'riscv,clint0')).toEqual([0, 1, 2, 3, 4, 5].flatMap((hartid) => [[hartid, 3], [hartid, 7]]));
    const phandles = [...big.nodes()].flatMap((node: DtNode) => (node.phandle === undefined ? [] : [node.phandle]));
    expect(new Set(phandles).size).toBe(phandles.length);
  });

  test('as many CPUs as there are: the tree itself', () => {
    const given = tree(IMSIC4);
    expect(resizeBoard(given, 4)).toBe(given);
  });

  test('an IMSIC grows by a page a hart', () => {
    const imsic = (of: DeviceTree): readonly (number | undefined)[] => {
      const node = of.byCompatible('riscv,imsics').find(({ path }) => path.endsWith('28000000'))!;
      return [node.u32('reg', 3), node.u32('riscv,hart-index-bits')];
    };
    expect(imsic(tree(IMSIC4))).toEqual([0x4000, undefined]);
    expect(imsic(resizeBoard(tree(IMSIC4), 9))).toEqual([0x9000, undefined]);
  });

  test.each([0, -1, 1.5, 4097, NaN])('%p CPUs are refused', (count) => {
    expect(() => resizeBoard(tree(IMSIC4), count)).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining('1 to 4096 CPUs') }));
  });

  test('hart groups cannot grow, and say so', () => {
    expect(() => resizeBoard(tree('linux-6.12-debugfs/imsic-numa2-smp4'), 8)).toThrow(/its harts are in groups at different addresses/);
  });

  test.each([[IMSIC4, 'S', 1], [IMSIC4, 'S', 2], [IMSIC4, 'S', 17], [PLIC4, 'S', 3], [PLIC4, 'S', 33], [CLINT4, 'M', 2], [CLINT4, 'M', 20]] as const)('%s in %s mode with %i CPUs: all boot, and nothing is lost', (board, mode, cpus) => {
    const machine = createMachine({ tree: tree(board), mode, cpus });
    expect([machine.smp.cpus.online.weight(), machine.smp.diagnostics.open]).toEqual([cpus, []]);
    if (cpus > 1) expect(runTraffic(machine, { rounds: 4 }).ipis).toMatchObject({ lost: 0, spurious: 0 });
  });
});

describe('reading a board', () => {
  const board = (cpus: string, rest = ''): DeviceTree => parseDts(`/dts-v1/; / { model = "acme"; cpus { #address-cells = <1>; #size-cells = <0>; ${cpus} }; ${rest} };`);
  const TIMEBASE = 'timebase-frequency = <1000>;';
  const CPU = (n: number, more = ''): string => `cpu@${n} { device_type = "cpu"; reg = <${n}>; ${more} };`;

  test('the boot hart comes first, the others in tree order', () => {
    const four = board(TIMEBASE + [3, 9, 1, 7].map((n) => CPU(n)).join(' '));
    expect(readBoard(four, { mode: 'S', bootHart: 1 }).harts.map(({ hartid }) => hartid)).toEqual([1, 3, 9, 7]);
    expect(readBoard(four, { mode: 'S' }).harts.map(({ hartid }) => hartid)).toEqual([3, 9, 1, 7]);
  });

  test('disabled CPUs do not count, nor does the cpu-map', () => {
    const three = board(`${TIMEBASE} ${CPU(0)} ${CPU(1, 'status = "disabled";')} ${CPU(2)} cpu-map { };`);
    expect(readBoard(three, { mode: 'S' }).harts.map(({ hartid }) => hartid)).toEqual([0, 2]);
  });

  test.each([
    ['no /cpus', parseDts('/dts-v1/; / { };'), 'EINVAL', /no \/cpus node/],
    ['no CPU', board(TIMEBASE), 'EINVAL', /no usable cpu node/],
    ['only disabled CPUs', board(TIMEBASE + CPU(0, 'status = "fail";')), 'EINVAL', /no usable cpu node/],
    ['a CPU twice', board(`${TIMEBASE} ${CPU(0)} cpu@1 { device_type = "cpu"; reg = <0>; };`), 'EINVAL', /^\/cpus\/cpu@1: hart 0 is described twice/],
    ['a CPU without reg', board(`${TIMEBASE} cpu@0 { device_type = "cpu"; };`), 'EINVAL', /^\/cpus\/cpu@0: unable to find hart id/],
    ['no timebase', board(CPU(0)), 'EINVAL', /timebase-frequency is missing/],
    ['a timebase of 0', board(`timebase-frequency = <0>; ${CPU(0)}`), 'EINVAL', /timebase-frequency is 0/],
    ['a timebase that ns cannot count', board(`timebase-frequency = <0xffffffff>; ${CPU(0)}`), 'EINVAL', /timebase-frequency is 4294967295/],
    ['more CPUs than a machine may have', board(TIMEBASE + Array.from({ length: 4097 }, (_, n) => CPU(n)).join(' ')), 'EINVAL', /names 4097 CPUs; a machine has at most 4096/],
  ])('%s is refused', (_what, bad, code, sentence) => {
    expect(() => readBoard(bad, { mode: 'S' })).toThrow(expect.objectContaining({ code, message: expect.stringMatching(sentence) }));
  });

  test('a boot hart that is not there is refused, naming those that are', () => {
    expect(() => readBoard(tree(IMSIC4), { mode: 'S', bootHart: 4 })).toThrow(expect.objectContaining({ code: 'ENOENT', message: 'Boot hart 4 is not in the device tree; its harts are 0, 1, 2, 3.' }));
  });
});
