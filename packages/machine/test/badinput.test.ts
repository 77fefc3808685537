import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { attempt } from './badinput/attempt.ts';
import { boards } from './badinput/boards.ts';
import type { Verdict } from './badinput/child.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * What is too much in one process may be that process's compiler and collector: a tree is greedy when it is so in three.
 */
function judge(...args: readonly string[]): Verdict {
  let verdict = judgeOnce(...args);
  for (let again = 0; again < 2 && verdict.greedy.length > 0; again++) {
    const suspects = new Set(verdict.greedy.map(treeOf));
    const next = judgeOnce(...args);
    verdict = { ...next, greedy: next.greedy.filter((line) => suspects.has(treeOf(line))) };
  }
  return verdict;
}

function treeOf(line: string): string {
  return line.slice(0, line.lastIndexOf(': '));
}

/** Runs the damage in a Node of its own with a small heap: what grows with a number in a tree, rather than with the tree, ends it. */
function judgeOnce(...args: readonly string[]): Verdict {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    '--conditions=@irqchip/source', '--no-warnings', '--expose-gc', '--single-threaded-gc', '--max-semi-space-size=64', '--max-old-space-size=256',
    '--import', './scripts/register-ts.mjs', 'packages/machine/test/badinput/child.ts', ...args,
  ], { cwd: root, encoding: 'utf8', timeout: 280_000, env: { ...process.env, NODE_OPTIONS: '' } });
  if (status !== 0) throw new Error(`the run ended with status ${status}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as Verdict;
}

test.each(boards)('$name: every truncation is refused with a sentence', ({ dtb, mode }) => {
  expect(attempt(dtb, mode)).toBe('machine');
  for (let length = 0; length < dtb.length; length++) {
    const outcome = attempt(dtb.subarray(0, length), mode);
    if (!/^E[A-Z]+$/.test(outcome)) throw new Error(`${length} bytes: ${outcome}`);
  }
});

// What is bounded: CPU time of each tree (1.5 s), and memory beyond what the undamaged board's machine takes, by 16 times the
// damaged file. Counted is first all that was allocated, garbage included, beyond one and a half times what the undamaged tree
// takes; where that is too much, what the booted machine keeps when the garbage is gone.
// Left aside are a quarter of a megabyte that the compiler keeps of newly run code, whatever the tree; 100 bytes for each identity
// of each CPU of an IMSIC, which is what the kernel's own tables go by (the format has room for 2,047); and 256 bytes for a line of
// the log, at most one for each word of the file. What else a machine takes for a CPU is in the figure: a cpu node must pay for it
// with its own size.

test('20,000 damaged trees give a machine or an IrqError with a sentence, in bounded time and memory', () => {
  const { trees, outcomes, bad, greedy } = judge('mutations', '20000', '1');
  expect(bad).toEqual([]);
  expect(greedy).toEqual([]);
  expect(trees).toBeGreaterThanOrEqual(20_000);
  // Damage that always, or never, shows would test little.
  expect(outcomes['machine']).toBeGreaterThan(trees / 4);
  expect(outcomes['machine']).toBeLessThan(trees * 0.9);
  expect(Object.keys(outcomes).length).toBeGreaterThan(6);
}, 300_000);

test('counts, sizes and numbers at their edges, wires and CPUs by the thousand: the same', () => {
  const { trees, outcomes, bad, greedy, peakHeapBytes } = judge('hostile');
  expect(bad).toEqual([]);
  expect(greedy).toEqual([]);
  expect(trees).toBeGreaterThan(500);
  expect(outcomes['machine']).toBeGreaterThan(100);
  expect(outcomes['EINVAL']).toBeGreaterThan(100);
  expect(peakHeapBytes).toBeLessThan(600e6);
}, 300_000);
