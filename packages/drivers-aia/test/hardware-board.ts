import { parseDts, parseInterrupts, regRegions, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import type { CsrPort, DeviceClock, HardwareContext, HardwareInstance, HardwareModel, HartLines } from '@irqchip/riscv';
import { aplicHardware, imsicHardware, type AplicOptions, type ImsicOptions } from '../hardware/index.ts';

/** The two models under test: the good ones, or a damaged copy. */
export interface Models { readonly aplicHardware: HardwareModel; readonly imsicHardware: HardwareModel }
export const GOOD: Models = { aplicHardware, imsicHardware };

export interface BoardOptions {
  readonly harts?: number;
  readonly mode?: 'direct' | 'msi';
  readonly sources?: number;
  /** As `riscv,guest-index-bits` of the supervisor's IMSIC. */
  readonly guestBits?: number;
  readonly xlen?: 32 | 64;
  /** Further properties of the nodes, by label. */
  readonly more?: Readonly<Record<string, string>>;
  /** Nodes left out, by label. */
  readonly without?: readonly string[];
  readonly aplic?: AplicOptions;
  readonly imsic?: ImsicOptions;
}

const LABELS = ['aplic_m', 'aplic_s', 'imsic_m', 'imsic_s'] as const;
export type Label = (typeof LABELS)[number];

/** A machine like QEMU's virt: a machine-level and a supervisor-level domain, and interrupt files if they send messages. */
function source({ harts = 4, mode = 'direct', sources = 96, guestBits = 0, more = {}, without = [] }: BoardOptions): string {
  const wires = (irq: number): string => harts === 0 ? '' : `interrupts-extended = ${Array.from({ length: harts }, (_, hart) => `<&intc${hart} ${irq}>`).join(', ')};`;
  const cpus = Array.from({ length: harts }, (_, hart) => `cpu@${hart} { reg = <${hart}>; intc${hart}: interrupt-controller { interrupt-controller; #interrupt-cells = <1>; }; };`);
  const aplic = (label: Label, base: string, irq: number, imsic: Label): string => `${label}: interrupt-controller@${base} { compatible = "qemu,aplic", "riscv,aplic";
    ${more[label]?.includes('reg =') ? '' : `reg = <0 0x${base} 0 0x8000>;`} interrupt-controller; #interrupt-cells = <2>; riscv,num-sources = <${sources}>;
    ${mode === 'msi' && !without.includes(imsic) ? `msi-parent = <&${imsic}>;` : wires(irq)} ${label === 'aplic_m' && !without.includes('aplic_s') ? 'riscv,children = <&aplic_s>;' : ''} ${more[label] ?? ''} };`;
  const imsic = (label: Label, base: string, irq: number, bits: number): string => `${label}: interrupt-controller@${base} { compatible = "riscv,imsics";
    reg = <0 0x${base} 0 0x${(0x1000 * harts * 2 ** bits).toString(16)}>; interrupt-controller; #interrupt-cells = <0>; msi-controller;
    riscv,num-ids = <255>; ${bits > 0 ? `riscv,guest-index-bits = <${bits}>;` : ''} ${more[label] ?? wires(irq)} };`;
  const nodes: Record<Label, string> = {
    aplic_m: aplic('aplic_m', 'c000000', 11, 'imsic_m'), aplic_s: aplic('aplic_s', 'd000000', 9, 'imsic_s'),
    imsic_m: imsic('imsic_m', '24000000', 11, 0), imsic_s: imsic('imsic_s', '28000000', 9, guestBits),
  };
  const shown = LABELS.filter((label) => !without.includes(label) && (mode === 'msi' || label.startsWith('aplic')));
  return `/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; cpus { #address-cells = <1>; #size-cells = <0>; ${cpus.join('\n')} };
    soc { #address-cells = <2>; #size-cells = <2>; ranges; ${shown.map((label) => nodes[label]).join('\n')} }; };`;
}

/** Lines and CSRs of a few harts. */
class Harts implements HartLines {
  readonly csrs = new Map<string, CsrPort>();
  readonly changes: string[] = [];
  private readonly levels = new Map<string, boolean>();
  setLine(hartid: number, irq: number, level: boolean): void {
    this.changes.push(`${hartid}.${irq}=${Number(level)}`);
    this.levels.set(`${hartid}.${irq}`, level);
  }
  pend(): void { throw new Error('these models drive wires'); }
  clearPend(): void { throw new Error('these models drive wires'); }
  isPending(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}.${irq}`) ?? false; }
  attachCsr(hartid: number, csr: number, port: CsrPort): void { this.csrs.set(`${hartid}.${csr}`, port); }
}

class Clock implements DeviceClock {
  readonly timebaseHz = 10_000_000;
  private now = 0;
  private alarms: { ns: number; fn: () => void }[] = [];
  nowNs(): number { return this.now; }
  at(ns: number, fn: () => void): () => void {
    const alarm = { ns, fn };
    this.alarms.push(alarm);
    return () => { this.alarms = this.alarms.filter((other) => other !== alarm); };
  }
  advance(ns: number): void {
    const end = this.now + ns;
    for (;;) {
      const due = this.alarms.filter((alarm) => alarm.ns <= end).sort((a, b) => a.ns - b.ns)[0];
      if (!due) break;
      this.alarms = this.alarms.filter((alarm) => alarm !== due);
      this.now = due.ns;
      due.fn();
    }
    this.now = end;
  }
}

/** The models of a tree on a bus; registers go by the label of their node. */
export class Board {
  readonly harts: Harts = new Harts();
  readonly clock: Clock = new Clock();
  /** Messages to addresses at which nobody answers, as `address:value`. */
  readonly lost: string[] = [];
  private readonly built = new Map<string, { base: number; size: number; instance: HardwareInstance; index: number }[]>();
  private readonly byLabel = new Map<string, HardwareInstance>();

  constructor(options: BoardOptions = {}, models: Models = GOOD, tree: DeviceTree = parseDts(source(options))) {
    const bases: Record<string, Label> = { c000000: 'aplic_m', d000000: 'aplic_s', '24000000': 'imsic_m', '28000000': 'imsic_s' };
    for (const node of tree.nodes()) {
      const model = !node.isAvailable ? null : node.isCompatible('riscv,aplic') ? models.aplicHardware : node.isCompatible('riscv,imsics') ? models.imsicHardware : null;
      if (model === null) continue;
      const instance = model.create(this.context(node, options, model === models.aplicHardware ? options.aplic : options.imsic));
      this.built.set(node.path, regRegions(node).map(({ base, size }, index) => ({ base, size, instance, index })));
      this.byLabel.set(bases[node.unitAddress!] ?? node.unitAddress!, instance);
    }
  }

  model<T extends HardwareInstance>(label: string): T { return this.byLabel.get(label) as T; }

  read(label: string, offset: number, width = 4): number { return this.model(label).devices[0]!.read(offset, width) >>> 0; }
  write(label: string, offset: number, value: number, width = 4): void { this.model(label).devices[0]!.write(offset, width, value | 0); }

  /** Drives wires into the root domain, or into `label`. */
  wire(source: number, level: boolean, label = 'aplic_m'): void { this.model(label).setInput!(source, level); }
  pulse(source: number, label?: string): void {
    this.wire(source, true, label);
    this.wire(source, false, label);
  }

  line(hart: number, irq: number): boolean { return this.harts.isPending(hart, irq); }
  csr(hart: number, csr: number): CsrPort {
    const port = this.harts.csrs.get(`${hart}.${csr}`);
    if (!port) throw new Error(`no CSR 0x${csr.toString(16)} on hart ${hart}`);
    return port;
  }

  /** Writes through `iselect` and `ireg` of a level. */
  ireg(hart: number, level: 'm' | 's' | 'vs', select: number, lo: number, hi = 0): void {
    const iselect = { m: 0x350, s: 0x150, vs: 0x250 }[level];
    this.csr(hart, iselect).write(select, 0);
    this.csr(hart, iselect + 1).write(lo, hi);
  }

  write32(address: number, value: number): boolean {
    for (const regions of this.built.values()) {
      for (const { base, size, instance, index } of regions) {
        if (address < base || address >= base + size) continue;
        instance.devices[index]!.write(address - base, 4, value | 0);
        return true;
      }
    }
    this.lost.push(`${address.toString(16)}:${value}`);
    return false;
  }

  private context(node: DtNode, { harts = 4, xlen = 64 }: BoardOptions, options: object = {}): HardwareContext {
    return {
      node, xlen,
      regions: regRegions(node),
      targets: node.has('interrupts-extended') ? parseInterrupts(node).map(({ controller, args }) => ({ hartid: controller.parent!.u32('reg')!, irq: args[0]! })) : [],
      lines: this.harts,
      hartids: Array.from({ length: harts }, (_, hart) => hart),
      clock: this.clock,
      output: () => undefined, dma: this,
      peer: (path) => this.built.get(path)?.[0]!.instance ?? null,
      options: options as Record<string, unknown>,
    };
  }
}

/** Registers of a domain, by the numbers of the specification. */
export const R = {
  domaincfg: 0x0,
  sourcecfg: (source: number): number => 4 * source,
  mmsiaddrcfg: 0x1bc0, mmsiaddrcfgh: 0x1bc4, smsiaddrcfg: 0x1bc8, smsiaddrcfgh: 0x1bcc,
  setip: (k: number): number => 0x1c00 + 4 * k, setipnum: 0x1cdc,
  inClrip: (k: number): number => 0x1d00 + 4 * k, clripnum: 0x1ddc,
  setie: (k: number): number => 0x1e00 + 4 * k, setienum: 0x1edc,
  clrie: (k: number): number => 0x1f00 + 4 * k, clrienum: 0x1fdc,
  setipnumLe: 0x2000, setipnumBe: 0x2004, genmsi: 0x3000,
  target: (source: number): number => 0x3000 + 4 * source,
  idelivery: (hart: number): number => 0x4000 + 32 * hart,
  iforce: (hart: number): number => 0x4004 + 32 * hart,
  ithreshold: (hart: number): number => 0x4008 + 32 * hart,
  topi: (hart: number): number => 0x4018 + 32 * hart,
  claimi: (hart: number): number => 0x401c + 32 * hart,
} as const;

/** One rule, put to models that are given. */
export interface SpecCase { readonly name: string; readonly run: (make: (options?: BoardOptions) => Board) => void }

export function runCase({ run }: SpecCase, models: Models = GOOD): void {
  run((options = {}) => new Board(options, models));
}
