import { regRegions, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import { CSR_SIREG, CSR_SISELECT } from '@irqchip/riscv';
import type { Bus } from '../bus/bus.ts';
import type { Hart } from '../hart/hart.ts';
import { Random } from '../schedule/schedule.ts';
import { firmwareNodes } from './fixups.ts';

// Registers of a PLIC (riscv-plic-spec 1.0.0, "Memory Map"), a word each.
const PLIC_ENABLE = 0x2000;
const PLIC_ENABLE_STRIDE = 0x80;
const PLIC_THRESHOLD = 0x200000;
const PLIC_CONTEXT_STRIDE = 0x1000;
// Registers of an APLIC (AIA 1.0, section 4.5) and of an interrupt file (section 3.8).
const APLIC_SOURCECFG = 0x0004;
const APLIC_SETIE = 0x1e00;
const APLIC_TARGET = 0x3004;
const EIDELIVERY = 0x70;
const EITHRESHOLD = 0x72;
const EIE0 = 0xc0;

/**
 * Leaves in the kernel's controllers what a boot loader may have left there: sources configured, enabled and routed any way,
 * contexts and interrupt files on or off. Delivery itself is off, and nothing is pending. The same seed leaves the same.
 */
export function scramble(tree: DeviceTree, bus: Bus, harts: readonly Hart[], seed: number): void {
  const random = new Random(seed);
  const kept = firmwareNodes(tree);
  for (const node of tree.nodes()) {
    if (!node.isAvailable || kept.has(node)) continue;
    const write = (offset: number, value: number): void => void bus.write32((regRegions(node)[0]?.base ?? 0) + offset, value);
    if (node.isCompatible('riscv,plic0', 'sifive,plic-1.0.0')) scramblePlic(node, random, write);
    else if (node.isCompatible('riscv,aplic')) scrambleAplic(node, random, write);
    else if (node.isCompatible('riscv,imsics')) scrambleImsic(node, random, harts);
  }
}

type Write = (offset: number, value: number) => void;

function scramblePlic(node: DtNode, random: Random, write: Write): void {
  const sources = Math.min(node.u32('riscv,ndev') ?? 0, 1023);
  const contexts = Math.floor((node.u32s('interrupts-extended')?.length ?? 0) / 2);
  for (let source = 1; source <= sources; source++) write(4 * source, random.below(8));
  for (let context = 0; context < contexts; context++) {
    for (let word = 0; word <= sources >>> 5; word++) write(PLIC_ENABLE + PLIC_ENABLE_STRIDE * context + 4 * word, random.next());
    write(PLIC_THRESHOLD + PLIC_CONTEXT_STRIDE * context, random.below(8));
  }
}

function scrambleAplic(node: DtNode, random: Random, write: Write): void {
  const sources = Math.min(node.u32('riscv,num-sources') ?? 0, 1023);
  const modes = [0, 1, 4, 5, 6, 7];
  for (let source = 1; source <= sources; source++) {
    write(APLIC_SOURCECFG + 4 * (source - 1), modes[random.below(modes.length)]!);
    write(APLIC_TARGET + 4 * (source - 1), random.next());
  }
  for (let word = 0; word <= sources >>> 5; word++) write(APLIC_SETIE + 4 * word, random.next());
}

function scrambleImsic(node: DtNode, random: Random, harts: readonly Hart[]): void {
  const words = Math.floor((node.u32('riscv,num-ids') ?? 0) / 64);
  for (const hart of harts) {
    const set = (register: number, lo: number, hi: number): void => {
      hart.write(CSR_SISELECT, register, 0);
      hart.write(CSR_SIREG, lo, hi);
    };
    for (let word = 0; word <= words; word++) set(EIE0 + 2 * word, random.next() | 0, random.next() | 0);
    set(EITHRESHOLD, random.below(64), 0);
    set(EIDELIVERY, random.below(2), 0);
  }
}
