// Boots damaged trees in a Node of its own, so that time and memory are theirs alone. Prints one JSON object.
//   child.ts mutations COUNT SEED   |   child.ts hostile
import { setImmediate } from 'node:timers/promises';
import { parseDtb, writeDtb } from '@irqchip/devicetree';
import type { Machine } from '../../src/index.ts';
import { attempt } from './attempt.ts';
import { boards, type BadInputBoard } from './boards.ts';
import { Damage } from './damage.ts';
import { hostileTrees } from './hostile.ts';

export interface Verdict {
  trees: number;
  outcomes: Record<string, number>;
  /** Exceptions that are no IrqError with a sentence. */
  bad: string[];
  /** Trees over the limits of time or memory. */
  greedy: string[];
  /** CPU time of the slowest, ms. */
  slowestMs: number;
  /** The largest excess over what the undamaged tree takes, in multiples of the damaged file. */
  worstExcess: number;
  peakHeapBytes: number;
}

const LIMIT_MS = 1500;
/** What is allocated for the same tree differs from boot to boot, with the compiler's doings. */
const NOISE = 1.5;
/** What a damaged tree may take beyond what the undamaged one does: so many times the file … */
const FILES = 16;
/** … and so much that the compiler keeps of code that no tree before made it run; it does not grow with a tree. */
const SLACK = 256 * 1024;
/** … and so many bytes for each identity of each CPU of an IMSIC, of which there are 2,047 at most, as the kernel keeps them. */
const IDENTITY = 100;
/** … and so many bytes for a line of the log, of which a word of the file may cause one. */
const LINE = 256;
const verdict: Verdict = { trees: 0, outcomes: {}, bad: [], greedy: [], slowestMs: 0, worstExcess: 0, peakHeapBytes: 0 };

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  verdict.peakHeapBytes = Math.max(verdict.peakHeapBytes, heapUsed + arrayBuffers);
  return heapUsed + arrayBuffers;
}

/**
 * Bytes allocated while `tree` is read and booted, garbage included; less when the collector happens to run. In a job of its
 * own: the container's weak references keep a machine alive to the end of the job that booted it.
 */
async function measure(tree: Uint8Array, mode: 'S' | 'M'): Promise<{ outcome: string; bytes: number; ms: number }> {
  await setImmediate();
  const before = allocated();
  const begun = process.cpuUsage();
  const outcome = attempt(tree, mode);
  const { user, system } = process.cpuUsage(begun);
  return { outcome, bytes: allocated() - before, ms: (user + system) / 1000 };
}

/**
 * Bytes in use when all garbage is gone. One collection is not enough: what weak references and code of the trees before held
 * goes with the second or third, and a figure taken too early makes what comes after look small.
 */
async function settled(): Promise<number> {
  let least = Infinity;
  for (let quiet = 0; quiet < 2;) {
    await setImmediate();
    globalThis.gc!();
    const now = allocated();
    quiet = now < least - 1024 ? 0 : quiet + 1;
    least = Math.min(least, now);
  }
  return least;
}

/** Bytes that a booted machine keeps, its tree included, its identities and its log left aside. 0 where the tree makes no machine. */
async function retained(tree: Uint8Array, mode: 'S' | 'M'): Promise<number> {
  const before = await settled();
  const kept: Machine[] = [];
  attempt(tree, mode, (machine) => kept.push(machine));
  const after = await settled();
  return kept.length > 0 ? after - before - IDENTITY * identities(kept[0]!) - LINE * Math.min(kept[0]!.smp.log.records.length, tree.length / 4) : 0;
}

function identities({ tree, smp }: Machine): number {
  const imsic = tree.byCompatible('riscv,imsics').find((node) => node.isAvailable);
  return smp.cpus.nrCpuIds * Math.min(2047, imsic?.u32('riscv,num-ids') ?? 0);
}

interface Base { readonly allocated: number; readonly retained: number }

/** What the undamaged tree takes, warmed up: the median of several. */
async function baseline({ dtb, mode }: BadInputBoard): Promise<Base> {
  const runs: number[] = [];
  for (let i = 0; i < 60; i++) runs.push((await measure(dtb, mode)).bytes);
  const kept: number[] = [];
  for (let i = 0; i < 9; i++) kept.push(await retained(dtb, mode));
  return { allocated: median(runs.slice(20).filter((bytes) => bytes > 0)), retained: median(kept) };
}

function median(of: number[]): number { return of.sort((a, b) => a - b)[of.length >> 1]!; }

async function judge(name: string, tree: Uint8Array, board: BadInputBoard, base: Base): Promise<void> {
  const first = await measure(tree, board.mode);
  let { outcome, ms } = first;
  verdict.trees++;
  if (outcome.startsWith('bad: ')) {
    verdict.bad.push(`${name}: ${outcome}`);
    outcome = 'bad';
  }
  verdict.outcomes[outcome] = (verdict.outcomes[outcome] ?? 0) + 1;
  // The compiler and the machine's other users take time and memory of their own, but not every time.
  for (let again = 0; again < 5 && ms > LIMIT_MS; again++) ms = Math.min(ms, (await measure(tree, board.mode)).ms);
  verdict.slowestMs = Math.max(verdict.slowestMs, ms);
  let excess = first.bytes - NOISE * base.allocated;
  // Much was allocated: is it still there? Garbage is not held against the tree.
  for (let again = 0; again < 5 && excess > limitFor(tree); again++) excess = Math.min(excess, await retained(tree, board.mode) - base.retained);
  verdict.worstExcess = Math.max(verdict.worstExcess, excess / tree.length);
  if (ms > LIMIT_MS || excess > limitFor(tree)) verdict.greedy.push(`${name}: ${ms.toFixed(0)} ms, ${excess} bytes more than the undamaged board, for a file of ${tree.length}`);
}

function limitFor(tree: Uint8Array): number { return FILES * tree.length + SLACK; }

async function judgeAll(trees: Iterable<readonly [string, Uint8Array]>, board: BadInputBoard): Promise<void> {
  const base = await baseline(board);
  for (const [name, tree] of trees) {
    await judge(`${board.name}: ${name}`, tree, board, base);
  }
}

function* mutations({ dtb }: BadInputBoard, count: number, seed: number): Generator<[string, Uint8Array]> {
  const damage = new Damage(dtb, seed);
  for (let i = 0; i < count; i++) yield [`mutation ${i} of seed ${seed}`, damage.next()];
}

function* hostile({ dtb, controllers }: BadInputBoard): Generator<[string, Uint8Array]> {
  for (const [name, tree] of hostileTrees(parseDtb(dtb), controllers)) yield [name, writeDtb(tree)];
}

const [what, count, seed] = process.argv.slice(2);
for (const [index, board] of boards.entries()) {
  await judgeAll(what === 'mutations' ? mutations(board, Math.ceil(Number(count) / boards.length), Number(seed) + index) : hostile(board), board);
}
process.stdout.write(JSON.stringify(verdict));
