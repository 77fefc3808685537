import type { Recording } from '../recordings.ts';

/** Texts before they are compared, theirs and ours alike. */
export type Blind = (text: string) => string;

/** What may differ, and why; everything else is compared byte for byte. */
export interface Exception {
  /** What is overlooked, and why. */
  readonly reason: string;
  readonly boards: RegExp;
  /** Names of debugfs files, or `interrupts`, `sysfs`; after `inject ` in that step. */
  readonly files: RegExp;
  readonly blind: Blind;
}

const clearBit = (bit: number): Blind => (text) => text.replace(/^(dstate: +0x)([0-9a-f]{8})$/m, (_line, start: string, hex: string) =>
  start + ((parseInt(hex, 16) & ~bit) >>> 0).toString(16).padStart(8, '0'));

export const EXCEPTIONS: readonly Exception[] = [
  {
    reason: 'The text was being printed on ttyS0 while it was read: whether its handler ran just then is chance.',
    boards: /./,
    files: /^(\w+ )?irqs\/(1[1-9]|2[0-9])$/,
    blind: (text) => clearBit(0x0004_0000)(text).replace(/^ +IRQD_IRQ_INPROGRESS\n/m, ''),
  },
  {
    reason: 'This board\'s recorder triggered every interrupt, the one that stops a CPU too: it stopped CPU1 in the middle of replaying, and what was to be replayed waits for ever.',
    boards: /mmode/,
    files: /^inject irqs\//,
    blind: (text) => text.replace(/^istate: +0x000040[04]0\n( +IRQS_REPLAY\n)?/m, 'istate: <replay or not>\n'),
  },
  {
    reason: 'The same: CPU1 is gone.',
    boards: /mmode/,
    files: /^inject interrupts$/,
    blind: (text) => text.replace(/ CPU1      /, '').replace(/<[34] counts>/g, '<counts>'),
  },
];

/** Interrupts of a recorded kernel that no board has: those that KUnit's irq tests leave behind. */
export function isLeftOver(text: string): boolean {
  return /^ chip: +fake$/m.test(text);
}

/** Whether the kernel ran KUnit's irq tests before anything was read: one of them takes CPU1 off and on. */
export function ranKunit({ board }: Recording): boolean {
  return board.startsWith('linux-7.2-debugfs/');
}

export function blindFor(board: string, suffix: string, name: string): Blind {
  const step = /\.(inject)$/.exec(suffix)?.[1];
  const file = step === undefined ? name : `${step} ${name}`;
  const applying = EXCEPTIONS.filter(({ boards, files }) => boards.test(board) && files.test(file));
  return (text) => applying.reduce((seen, { blind }) => blind(seen), text);
}
