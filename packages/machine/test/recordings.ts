import { existsSync, readFileSync } from 'node:fs';
import { checkConsumers, createMachine, type ConsumerSpec, type Machine, type MachineOptions } from '../src/index.ts';

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

const TREES: readonly string[] = ['linux-sees.dtb', 'qemu.dtb'];

function supervisor(kernel: string, linux: Recording['linux'], names: readonly string[]): Recording[] {
  return names.map((name) => ({ board: `linux-${kernel}/${name}`, linux, mode: 'S', bootHart: 0, trees: TREES }));
}

export const RECORDINGS: readonly Recording[] = [
  ...supervisor('6.12-debugfs', '6.12', [
    'imsic-smp2', 'imsic-smp4', 'imsic-numa2-smp4', 'imsic-dev-smp4', 'plic-smp1', 'plic-smp4', 'plic-dev-smp4', 'aplic-smp4', 'aplic-numa2-smp4',
  ]),
  ...supervisor('6.12-debian', '6.12', ['imsic-smp4', 'plic-smp4']),
  ...supervisor('7.2-debugfs', '7.2', ['imsic-smp4', 'plic-smp4']),
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
  return createMachine({ tree: dtb(board, tree), linux, mode, bootHart, consumers: consumersOf(board), ...options });
}

/** The devices of a board that are in no rule: cards and the like. */
function consumersOf(board: string): readonly ConsumerSpec[] {
  const file = new URL(`../consumers/${board.split('/')[1]}.json`, ROOT);
  return existsSync(file) ? checkConsumers(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/** debugfs' files as recorded, by name: `irqs/1`, `domains/IPI-Mux-6`. */
export function debugFiles(board: string, file = 'DEBUG_IRQ.txt'): Map<string, string> {
  const files = new Map<string, string>();
  for (const section of text(board, file).split(/^==> /m).slice(1)) {
    const [, path, body] = /^(\S+) <==\n([\s\S]*)$/.exec(section)!;
    // Between two files there is an empty line, which is in neither.
    files.set(path!.replace('/sys/kernel/debug/irq/', ''), body!.replace(/\n\n$/, '\n'));
  }
  return files;
}

/** The same from the machine-mode board, whose recorder wrote `irq 1 smp_affinity=f` and ` effective=0`, `number=1` and ` hwirq=3`. */
function numberedLines(log: string): Map<string, string> {
  const files = new Map<string, string>();
  let irq = '';
  for (const line of log.split('\n')) {
    irq = /^(?:irq |number=)(\d+)/.exec(line)?.[1] ?? irq;
    // What is after the last name may have blanks and commas in it.
    for (const [, name, value] of line.matchAll(/(smp_affinity|effective|chip_name|hwirq|type|actions)=(.*)/g)) {
      files.set(`${irq}/${name === 'effective' ? 'effective_affinity' : name!}`, `${value}\n`);
    }
  }
  return files;
}

/** Lines `file:text` as recorded from /proc/irq and /sys/kernel/irq; a file of several lines has several. */
export function fileLines(board: string, file: string): Map<string, string> {
  const files = new Map<string, string>();
  if (board.includes('mmode')) return numberedLines(text(board, file));
  for (const line of text(board, file).split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    files.set(name, `${files.get(name) ?? ''}${line.slice(colon + 1)}\n`);
  }
  return files;
}
