import { readFileSync } from 'node:fs';
import { Genirq, type IrqChip, type IrqData } from '@irqchip/genirq-core';
import { IrqError, Smp, type Errno, type MmioRegion } from '@irqchip/smp';
import { IrqDomains, type IrqchipNode } from '../src/index.ts';

export interface Bench { smp: Smp; genirq: Genirq; domains: IrqDomains }

/** A machine without devices. */
export function bench(nrCpus: number = 4, nrIrqs: number = 64): Bench {
  const smp = new Smp({ nrCpus });
  const genirq = new Genirq(smp, { nrIrqs });
  return { smp, genirq, domains: new IrqDomains(genirq) };
}

/** A chip that every flow can work with, and that remembers what was done to which hwirq. */
export function spyChip(name: string = 'spy'): IrqChip & { calls: string[] } {
  const calls: string[] = [];
  const note = (what: string) => ({ hwirq }: IrqData): void => void calls.push(`${what} ${hwirq}`);
  return { name, calls, irqAck: note('ack'), irqMask: note('mask'), irqUnmask: note('unmask'), irqEoi: note('eoi') };
}

/** The code that `fn` throws, undefined if it does not throw. */
export function codeOf(fn: () => unknown): Errno | undefined {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return undefined;
}

/** Log lines that contain `part`, without their levels. */
export function logged(smp: Smp, part: string): string[] {
  return smp.log.records.map(({ text }) => text).filter((text) => text.includes(part));
}

/** Messages of the open findings, which are thereby taken. */
export function warnings(smp: Smp): string[] {
  return smp.diagnostics.take().map(({ message }) => message);
}

/** Runs `fn` as a hard interrupt of the running CPU. */
export function inHardirq<T>({ cpus }: Smp, fn: () => T): T {
  const flags = cpus.localIrqSave();
  cpus.irqEnter();
  try {
    return fn();
  } finally {
    cpus.irqExit();
    cpus.localIrqRestore(flags);
  }
}

/** How many descriptors there are. */
export function descCount(genirq: Genirq): number {
  return [...genirq.descs].length;
}

/** Registers that are plain memory, apart from what `onWrite` makes of a write. */
export function fakeRegs(size: number, onWrite: (words: Int32Array, offset: number, value: number) => void = (words, offset, value) => { words[offset >> 2] = value; }): MmioRegion & { words: Int32Array } {
  const words = new Int32Array(size >> 2);
  const readl = (offset: number): number => words[offset >> 2]!;
  const writel = (offset: number, value: number): void => onWrite(words, offset, value);
  const unused = (): never => { throw new Error('words only'); };
  return {
    readb: unused, readw: unused, writeb: unused, writew: unused,
    base: 0x1000_0000, size, words, readl, writel, readlRelaxed: readl, writelRelaxed: writel,
    setl: (offset, bits) => writel(offset, readl(offset) | bits),
    clearl: (offset, bits) => writel(offset, readl(offset) & ~bits),
  };
}

/** A device-tree node with these properties, cells or strings. */
export function fakeNode(path: string, properties: Record<string, readonly number[] | readonly string[]> = {}): IrqchipNode {
  const cells = (p: string): readonly number[] | undefined => properties[p]?.filter((v) => typeof v === 'number');
  const strings = (p: string): readonly string[] => properties[p]?.filter((v) => typeof v === 'string') ?? [];
  return {
    path, name: path.slice(path.lastIndexOf('/') + 1), parent: null, compatible: strings('compatible'),
    has: (p) => p in properties, u32: (p, index = 0) => cells(p)?.[index], u32s: cells, string: (p) => strings(p)[0], strings,
  };
}

/** One recorded file, `<kernel>/<board>/<file>`. */
export function recording(path: string): string {
  return readFileSync(new URL(`../../../testdata/linux/${path}`, import.meta.url), 'utf8');
}

/** The files of a recorded debugfs tree by name, as `domains/default`. */
export function debugFiles(path: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const part of recording(path).split(/^==> /m).slice(1)) {
    const [name, ...rest] = part.split(' <==\n');
    files.set(name!.replace('/sys/kernel/debug/irq/', ''), rest.join(''));
  }
  return files;
}
