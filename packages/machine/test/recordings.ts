import { existsSync, readFileSync } from 'node:fs';
import { createMachine, type Machine, type MachineOptions } from '../src/index.ts';

const ROOT = new URL('../../../testdata/linux/', import.meta.url);

/** What real kernels printed on one board. */
export interface Recording {
  /** `linux-6.12-debugfs/imsic-smp4` */
  readonly board: string;
  readonly linux: '6.12' | '7.2';
  readonly mode: 'S' | 'M';
  readonly bootHart: number;
  /** Names of recorded trees. */
  readonly trees: readonly string[];
}

export const RECORDINGS: readonly Recording[] = [
  ...['imsic-smp2', 'imsic-smp4', 'imsic-numa2-smp4', 'plic-smp1', 'plic-smp4', 'aplic-smp4'].map((name): Recording => ({
    board: `linux-6.12-debugfs/${name}`, linux: '6.12', mode: 'S', bootHart: 0, trees: ['linux-sees.dtb', 'qemu.dtb'],
  })),
  { board: 'linux-7.2-debugfs/imsic-smp4', linux: '7.2', mode: 'S', bootHart: 0, trees: ['linux-sees.dtb', 'qemu.dtb'] },
  { board: 'linux-7.2-debugfs/plic-smp4', linux: '7.2', mode: 'S', bootHart: 0, trees: ['linux-sees.dtb', 'qemu.dtb'] },
  { board: 'linux-7.2-mmode/mmode-smp4', linux: '7.2', mode: 'M', bootHart: 2, trees: ['qemu.dtb'] },
];

/** Every recorded board with every tree it was recorded with. */
export const BOOTS: readonly (readonly [board: string, tree: string, recording: Recording])[] = RECORDINGS.flatMap((recording) =>
  recording.trees.map((tree) => [recording.board, tree, recording] as const));

export function text(board: string, file: string): string {
  return readFileSync(new URL(`${board}/${file}`, ROOT), 'utf8');
}

export function has(board: string, file: string): boolean {
  return existsSync(new URL(`${board}/${file}`, ROOT));
}

export function dtb(board: string, file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${board}/${file}`, ROOT)));
}

export function bootRecorded({ board, linux, mode, bootHart }: Recording, tree: string, options: Partial<MachineOptions> = {}): Machine {
  return createMachine({ tree: dtb(board, tree), linux, mode, bootHart, ...options });
}

/** debugfs' files as recorded, by name: `irqs/1`, `domains/IPI-Mux-6`. */
export function debugFiles(board: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const section of text(board, 'DEBUG_IRQ.txt').split(/^==> /m).slice(1)) {
    const [, path, body] = /^(\S+) <==\n([\s\S]*)$/.exec(section)!;
    files.set(path!.replace('/sys/kernel/debug/irq/', ''), body!);
  }
  return files;
}
