import { parseDts, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import type { RecordingHeader } from '../format.ts';
import { lineNumber } from '../lines.ts';

const MSWI_SIZE = 0x4000;
/** Of QEMU's MTIMER: comparators from its base on, the counter behind them. */
const MTIME_OFFSET = 0x7ff8;
const PLIC_SIZE = 0x4000000;
const PAGE = 0x1000;

/** The recorded machine as a device tree, and which node is the device of each name that steps use. */
export interface RecordedBoard {
  readonly tree: DeviceTree;
  readonly nodes: ReadonlyMap<string, DtNode>;
  /** Where the wires of `line` steps end, if the machine has wires. */
  readonly wired: DtNode | null;
}

/** How to describe what a recording leaves open. */
export interface BoardOptions {
  /** MSWI and MTIMER as one device, a CLINT, not two. */
  readonly oneClint?: boolean;
}

type Cells = readonly (number | string)[];

/** Describes the recorded machine as QEMU's own device tree does. */
export function recordedBoard(header: RecordingHeader, options: BoardOptions = {}): RecordedBoard {
  const devices = [...header.bases].flatMap(([dev, base]) => describe(dev, base, header, options));
  const harts = Array.from({ length: header.harts }, (_, hart) => `
    cpu@${hart.toString(16)} { device_type = "cpu"; compatible = "riscv"; reg = <${hart}>;
      intc${hart}: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; }; };`);
  const tree = parseDts(`/dts-v1/; / {
  #address-cells = <2>; #size-cells = <2>;
  cpus { #address-cells = <1>; #size-cells = <0>; timebase-frequency = <${header.timebaseHz}>;${harts.join('')} };
  soc { #address-cells = <2>; #size-cells = <2>; ranges;${devices.map(({ text }) => text).join('')} };
};`);
  const nodes = new Map(devices.flatMap(({ path, devs }) => devs.map((dev) => [dev, tree.byPath(path)!] as const)));
  return { tree, nodes, wired: nodes.get('plic') ?? nodes.get('aplic_m') ?? null };
}

/** One node: its dts text, its path, and the names that steps have for it. */
interface Described { readonly text: string; readonly path: string; readonly devs: readonly string[] }

function describe(dev: string, base: number, header: RecordingHeader, options: BoardOptions): Described[] {
  const device = (name: string, devs: readonly string[], regions: readonly (readonly [number, number])[], body: string): Described[] => {
    const full = `${name}@${regions[0]![0].toString(16)}`;
    const reg = regions.map(([start, size]) => `<${cells([...pair(start), ...pair(size)])}>`).join(', ');
    return [{ text: `\n    ${dev}: ${full} { reg = ${reg}; ${body} };`, path: `/soc/${full}`, devs }];
  };
  const one = options.oneClint === true && header.bases.has('mswi') && header.bases.has('mtimer');
  switch (dev) {
    case 'mswi': return one
      ? device('clint', ['mswi', 'mtimer'], [[base, 0x10000]], `compatible = "sifive,clint0", "riscv,clint0"; ${wires(header, [3, 7])}`)
      : device('mswi', [dev], [[base, MSWI_SIZE]], `compatible = "riscv,aclint-mswi"; interrupt-controller; #interrupt-cells = <0>; ${wires(header, [3])}`);
    case 'mtimer': return one ? [] : device('mtimer', [dev], [[base + MTIME_OFFSET, 8], [base, MTIME_OFFSET]], `compatible = "riscv,aclint-mtimer"; ${wires(header, [7])}`);
    case 'clint': return device('clint', [dev], [[base, 0x10000]], `compatible = "sifive,clint0", "riscv,clint0"; ${wires(header, [3, 7])}`);
    case 'sswi': return device('sswi', [dev], [[base, MSWI_SIZE]], `compatible = "riscv,aclint-sswi"; interrupt-controller; #interrupt-cells = <0>; ${wires(header, [1])}`);
    case 'plic': return device('plic', [dev], [[base, PLIC_SIZE]], `compatible = "sifive,plic-1.0.0", "riscv,plic0"; interrupt-controller; #interrupt-cells = <1>; #address-cells = <0>; riscv,ndev = <${header.sources}>; riscv,max-priority = <${header.priorityMax}>; ${contextWires(header)}`);
    case 'aplic_m': return device('aplic', [dev], [[base, aplicSize(header)]], `${aplic(header, 11, 'imsic_m')} ${header.bases.has('aplic_s') ? `riscv,children = <&aplic_s>; riscv,delegation = <&aplic_s 1 ${aplicSources(header)}>;` : ''}`);
    case 'aplic_s': return device('aplic', [dev], [[base, aplicSize(header)]], aplic(header, 9, 'imsic_s'));
    case 'imsic_m': return device('imsics', [dev], [[base, header.harts * PAGE]], imsic(header, 11, 0));
    default: {
      const bits = guestBits(header);
      return device('imsics', [dev], [[base, (header.harts * PAGE) * 2 ** bits]], imsic(header, 9, bits));
    }
  }
}

function aplic(header: RecordingHeader, irq: number, imsics: string): string {
  const ends = header.mode === 'msi' && header.bases.has(imsics) ? `msi-parent = <&${imsics}>;` : wires(header, [irq]);
  return `compatible = "riscv,aplic"; interrupt-controller; #interrupt-cells = <2>; riscv,num-sources = <${aplicSources(header)}>; ${ends}`;
}

/** QEMU's device tree counts source 0, which does not exist: registers are there for one more than wires are. */
function aplicSources({ sources }: RecordingHeader): number { return Math.min(sources + 1, 1023); }

function imsic(header: RecordingHeader, irq: number, bits: number): string {
  const guests = bits === 0 ? '' : `riscv,guest-index-bits = <${bits}>;`;
  return `compatible = "riscv,imsics"; interrupt-controller; #interrupt-cells = <0>; msi-controller; riscv,num-ids = <${header.identities}>; ${guests} ${wires(header, [irq])}`;
}

/** Bits of an address that choose among a hart's own file and its guests'. */
function guestBits({ guests }: RecordingHeader): number { return guests === 0 ? 0 : 32 - Math.clz32(guests); }

/** Registers, then one delivery control structure a hart. */
function aplicSize({ harts }: RecordingHeader): number {
  return Math.max(0x8000, 0x4000 + Math.ceil((harts * 32) / PAGE) * PAGE);
}

function wires({ harts }: RecordingHeader, irqs: readonly number[]): string {
  return wiresTo(Array.from({ length: harts }, (_, hart) => irqs.flatMap((irq) => [`&intc${hart}`, irq])));
}

function contextWires({ contexts }: RecordingHeader): string {
  return wiresTo(contexts.map((context) => context === null ? ['&intc0', 0xffff_ffff] : [`&intc${context.hart}`, lineNumber(context.line)]));
}

function wiresTo(entries: readonly Cells[]): string {
  return `interrupts-extended = ${entries.map((entry) => `<${cells(entry)}>`).join(', ')};`;
}

function cells(values: Cells): string { return values.map((value) => typeof value === 'string' ? value : `0x${value.toString(16)}`).join(' '); }

/** High and low cell. */
function pair(value: number): [number, number] { return [Math.floor(value / 2 ** 32), value >>> 0]; }
