/**
 * Which accesses each barrier keeps in order, in every model. RISC-V: arch/riscv/include/asm/barrier.h, where mb() is
 * `fence iorw,iorw`, rmb() `fence ir,ir`, wmb() `fence ow,ow`, and the smp_ forms name no device. Linux' model knows no devices, and
 * mb(), rmb() and wmb() are at least their smp_ forms (Documentation/memory-barriers.txt). On x86 lfence and sfence hold no read
 * back behind an earlier write.
 */
import { LKMM, runLitmus, RVWMO, rvwmoIo, SC, TSO, type Model, type Op } from '../src/index.ts';

/** Reads and writes of memory; input from a device and output to one. */
const KINDS = ['R', 'W', 'I', 'O'] as const;
type Kind = (typeof KINDS)[number];
const FENCES = ['none', 'rmb', 'wmb', 'mb', 'io_rmb', 'io_wmb', 'io_mb'] as const;

function access(kind: Kind, loc: string): Op {
  switch (kind) {
    case 'R': return { op: 'read', loc, reg: loc, order: 'once' };
    case 'W': return { op: 'write', loc, val: 1, order: 'once' };
    case 'I': return { op: 'io_read', loc, reg: loc };
    case 'O': return { op: 'io_write', loc, val: 1 };
  }
}

/** What meets an access on the other CPU. */
const MEETS: Readonly<Record<Kind, Kind>> = { R: 'W', W: 'R', I: 'O', O: 'I' };
const isWrite = (kind: Kind): boolean => kind === 'W' || kind === 'O';

/** Whether the other CPU, with a full barrier between its own two accesses, can never tell that these two were swapped. */
function kept(first: Kind, second: Kind, fence: string, model: Model): boolean {
  // A read is told by what it returned, a write by what the other CPU's read did.
  const told = (kind: Kind, loc: string, value: number): ['eq', string, number] => ['eq', `${isWrite(kind) ? 1 : 0}:${loc}`, value];
  const result = runLitmus({
    name: `${first}+${fence}+${second}`, init: { a: 0, b: 0 }, locks: [],
    threads: [
      [access(first, 'a'), ...(fence === 'none' ? [] : [{ op: 'fence', kind: fence }]), access(second, 'b')],
      [access(MEETS[second], 'b'), { op: 'fence', kind: 'io_mb' }, access(MEETS[first], 'a')],
    ],
    exists: ['and', told(first, 'a', isWrite(first) ? 0 : 1), told(second, 'b', isWrite(second) ? 1 : 0)],
  }, model);
  expect(result.refused).toBeNull();
  return result.verdict === 'Never';
}

function keptBy(model: Model): Record<string, string> {
  const pairs = KINDS.flatMap((first) => KINDS.map((second) => [first, second] as const));
  return Object.fromEntries(FENCES.map((fence) => [fence, pairs.filter(([first, second]) => kept(first, second, fence, model)).map((pair) => pair.join('')).join(' ')]));
}

const ALL = 'RR RW RI RO WR WW WI WO IR IW II IO OR OW OI OO';
const MEMORY = 'RR RW WR WW';
const INPUTS = 'RR RI IR II';
const OUTPUTS = 'WW WO OW OO';
const BUT_WRITE_THEN_READ = 'RR RW RI RO WW WO IR IW II IO OW OO';

test.each<[Model, Record<(typeof FENCES)[number], string>]>([
  [rvwmoIo(), { none: '', rmb: 'RR', wmb: 'WW', mb: MEMORY, io_rmb: INPUTS, io_wmb: OUTPUTS, io_mb: ALL }],
  [RVWMO, { none: '', rmb: 'RR', wmb: 'WW', mb: MEMORY, io_rmb: INPUTS, io_wmb: OUTPUTS, io_mb: ALL }],
  [LKMM, { none: '', rmb: INPUTS, wmb: OUTPUTS, mb: ALL, io_rmb: INPUTS, io_wmb: OUTPUTS, io_mb: ALL }],
  [TSO, {
    none: BUT_WRITE_THEN_READ, rmb: BUT_WRITE_THEN_READ, wmb: BUT_WRITE_THEN_READ, mb: ALL,
    io_rmb: BUT_WRITE_THEN_READ, io_wmb: BUT_WRITE_THEN_READ, io_mb: ALL,
  }],
  [SC, { none: ALL, rmb: ALL, wmb: ALL, mb: ALL, io_rmb: ALL, io_wmb: ALL, io_mb: ALL }],
])('$name: which pairs of reads (R, device I) and writes (W, device O) each barrier keeps', (model, expected) => {
  expect(keptBy(model)).toEqual(expected);
});

test.each([rvwmoIo(), RVWMO])('$name: to a barrier of outputs an atomic is a write, and what is read in it waits, too', (model) => {
  const atomic: Op = { op: 'rmw', fn: 'xchg', loc: 'b', arg: 1, reg: 'b', ret: 'old', order: 'relaxed' };
  const erased = (fence: string, under: Model): string | null => runLitmus({
    name: fence, init: { a: 0, b: 0 }, locks: [],
    threads: [
      [{ op: 'io_write', loc: 'a', val: 1 }, { op: 'fence', kind: fence }, atomic],
      [{ op: 'write', loc: 'b', val: 2, order: 'once' }, { op: 'fence', kind: 'io_mb' }, { op: 'io_read', loc: 'a', reg: 'a' }],
    ],
    exists: ['and', ['eq', '0:b', 0], ['eq', '1:a', 0]],
  }, under).verdict;
  expect([erased('mb', model), erased('io_rmb', model), erased('io_wmb', model), erased('io_mb', model)]).toEqual(['Sometimes', 'Sometimes', 'Never', 'Never']);
  // Elsewhere its read and its write are two.
  expect([erased('io_rmb', LKMM), erased('io_wmb', LKMM), erased('io_mb', LKMM)]).toEqual(['Sometimes', 'Sometimes', 'Never']);
});
