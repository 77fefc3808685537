/** What a failing execution's reader is told to add, and where: for scenes that have one thing wrong, or two. */
import type { Trace } from '@irqchip/litmus/internals';
import { importWithFault } from '@irqchip/test-support';
import {
  explainFailure, exploreScene, LKMM, missingOrders, muxScene, rvwmoIo, SC, shortestFailure, TSO, type CodeUnderCheck, type Execution, type IoRegister, type MissingOrder, type Model, type Scene,
  type SceneOptions,
} from '../src/index.ts';
import { strengthen } from '../src/program/sites.ts';
import type { SharedWords, Smp } from '@irqchip/smp';
import { FAULTS } from './faults.ts';
import { SHAPES } from './scenes.ts';

const RVIO = rvwmoIo();

interface Found { readonly missing: readonly MissingOrder[]; readonly said: string; readonly mends: (which: readonly MissingOrder[]) => boolean }

/** Whether these barriers, where they are said to be missing, forbid the execution; or for some of them the stronger access instead. */
function forbidden(execution: Execution, which: readonly MissingOrder[], model: Model, instead: readonly MissingOrder[] = []): boolean {
  const mended = (trace: Trace, order: MissingOrder): Trace => {
    if (!instead.includes(order)) return strengthen(trace, order.barrier, order.before + 1);
    const { at, form } = order.instead!;
    const stronger = { order: form.includes('acquire') ? 'acquire' as const : 'release' as const };
    return { ...trace, derived: new Map(), accesses: trace.accesses.map((access, index) => (index === at ? { ...access, ...stronger } : access)) };
  };
  const traces = execution.combination.traces.map((trace, cpu) => which.filter((order) => order.cpu === cpu).reduce(mended, trace));
  const stronger = execution.over(traces);
  return !model.judge(stronger.combination)(stronger);
}

/** The shortest failure of a scene. */
function found(scene: Scene<never>, model: Model, options: Partial<SceneOptions> = {}): Found {
  const result = exploreScene(scene, { ...options, model, first: false });
  const failure = shortestFailure(result)!;
  const missing = missingOrders(failure.execution, model);
  const mends = (which: readonly MissingOrder[]): boolean => forbidden(failure.execution, which, model);
  return { missing, mends, said: explainFailure(failure, result.registry, model).replace(/\.ts:\d+/g, '.ts:N') };
}

/** Two CPUs and two words. */
function words(run: readonly ((words: SharedWords, smp: Smp) => unknown)[], bad: string): Scene<never> {
  const scene: Scene<{ smp: Smp; w: SharedWords }> = {
    name: bad, cpus: 2,
    setup: ({ smp }) => ({ smp, w: smp.memory.words('w', 2) }),
    run: run.map((code) => ({ w, smp }) => code(w, smp)),
    check: ({ observed }) => (observed.join('; ') === bad ? bad : null),
  };
  return scene as unknown as Scene<never>;
}

describe('where one barrier is not enough', () => {
  const buffering = words([(w) => { w.writeOnce(0, 1); return w.readOnce(1); }, (w) => { w.writeOnce(1, 1); return w.readOnce(0); }], '0; 0');
  const passing = words([(w) => { w.writeOnce(0, 1); w.writeOnce(1, 1); return 'sent'; }, (w) => [w.readOnce(1), w.readOnce(0)].join()], 'sent; 1,0');

  test.each([TSO, LKMM, RVIO])('$name, store buffering: a full barrier on both CPUs', (model) => {
    const { missing, mends, said } = found(buffering, model);
    expect(missing).toMatchObject([{ cpu: 0, before: 0, after: 1, barrier: 'mb', together: true }, { cpu: 1, before: 0, after: 1, barrier: 'mb', together: true }]);
    expect([mends(missing), ...missing.map((one) => mends([one]))]).toEqual([true, false, false]);
    expect(said).toMatch(/\nIt takes both of these:\nNothing keeps #2 .* from overtaking #1 .*\nAdd smp_mb\(\) between .*\nNothing keeps #4 .* from overtaking #3 .*\nAdd smp_mb\(\) between /);
    expect(said).not.toContain('No barrier');
  });

  test.each([LKMM, RVIO])('$name, message passing: each CPU the weakest that does, or its stronger access', (model) => {
    const { missing, mends } = found(passing, model);
    expect(missing).toMatchObject([{ barrier: 'wmb', instead: { at: 1, form: 'an smp_store_release()' } }, { barrier: 'rmb', instead: { at: 0, form: 'an smp_load_acquire()' } }]);
    expect([mends(missing), ...missing.map((one) => mends([one]))]).toEqual([true, false, false]);
  });
});

/** Each CPU reads or writes a word and then the next CPU's; bits of `kinds` say which are writes. */
function cycle(cpus: number, kinds: number): Scene<SharedWords> {
  const access = (w: SharedWords, cpu: number, step: number): number => {
    const word = (cpu + step) % cpus;
    if (((kinds >>> (2 * cpu + step)) & 1) === 0) return w.readOnce(word);
    w.writeOnce(word, cpu + 1);
    return -1;
  };
  return {
    name: `cycle ${kinds}`, cpus, setup: ({ smp }) => smp.memory.words('w', cpus), check: () => 'each',
    run: Array.from({ length: cpus }, (_, cpu) => (w: SharedWords) => [access(w, cpu, 0), access(w, cpu, 1)].join()),
  };
}

function subsets<T>(all: readonly T[]): T[][] { return all.reduce<T[][]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]]); }

test.each([LKMM, RVIO])('$name: what is named forbids the execution, in every cycle of two or three CPUs that only a lack of order allows', (model) => {
  const counts = [2, 3].map((cpus) => {
    const executions = Array.from({ length: 4 ** cpus }, (_, kinds) => exploreScene(cycle(cpus, kinds), { model, first: false }).failures.map((failure) => failure.execution)).flat();
    const reordered = executions.filter((execution) => !SC.judge(execution.combination)(execution));
    const loose = reordered.filter((execution) => {
      const missing = missingOrders(execution, model);
      return !subsets(missing.filter(({ instead }) => instead !== null)).every((instead) => forbidden(execution, missing, model, instead));
    });
    expect(loose).toEqual([]);
    return reordered.length;
  });
  expect(Math.min(...counts)).toBeGreaterThan(2);
});

test.each([TSO, LKMM, RVIO])('$name: the pair that is named is the nearest that must not swap, not the last that the barrier orders too', (model) => {
  const twice = words([(w) => { w.writeOnce(0, 1); return [w.loadAcquire(1), w.readOnce(1)].join(); }, (w, smp) => { w.writeOnce(1, 1); smp.memory.smpMb(); return w.readOnce(0); }], '0,0; 0');
  expect(found(twice, model).missing).toMatchObject([{ cpu: 0, before: 0, after: 1, barrier: 'mb', together: false }]);
});

/** Two CPUs send to a multiplexer that has this fault. */
async function faulty(what: string, payloads: boolean): Promise<Found> {
  const fault = FAULTS.find((candidate) => candidate.what === what)!;
  const code = await importWithFault<Partial<CodeUnderCheck>>(new URL('../../ipi-mux/', import.meta.url), 'src/index.ts', fault);
  const { provider, relaxedDoorbell = false } = fault;
  return found(muxScene({ name: what, provider, relaxedDoorbell, payloads, code, ...SHAPES['two senders, same bit']! }) as unknown as Scene<never>, RVIO);
}

test('both accesses of the pair are rows of the table', async () => {
  const { said } = await faulty('posted contract: mb() after the clear dropped', false);
  expect(said.split('\n').filter((line) => line.startsWith('>')).map((line) => line.slice(0, 4))).toEqual(['> 2 ', '> 3 ']);
  expect(said).toMatch(/^Nothing keeps #3 \(changes ipi-mux bits\[0\]: 1 -> 0, fully ordered\) from overtaking #2 \(writes doorbell\[0\] = 0, relaxed\)\. #3 is fully ordered, but that orders memory alone\.\nAdd mb\(\) between doorbell\.ts:N and mux\.ts:N\.$/m);
});

test('a doorbell that is erased is told where it matters, and not where memory is what swaps', async () => {
  expect((await faulty('v5: mb() dropped', false)).said).toMatch(/^Writes reach doorbell\[0\] in the order 1 \(#7\), 0 \(#2\), 1 \(#9\), 0 \(#4\): #4 erases #9 before it interrupts\.$/m);
  expect((await faulty('v5: xchg relaxed', true)).said).toMatch(/^Writes reach doorbell\[0\] in the order [^:]*\.$/m);
});

test('where any of several is enough for the execution, it says that', async () => {
  const { missing, mends, said } = await faulty('writel_relaxed and an unconditional doorbell', false);
  expect(missing.map((one) => mends([one]))).toEqual([true, true]);
  expect(said).toContain('\nAny one of these forbids this execution:\n');
});

interface Mailbox { readonly ring: () => void; readonly box: SharedWords; readonly bell: IoRegister; readonly got: number[] }

/** CPU 1 leaves messages and rings by writel_relaxed() or CSR; CPU 0's handler quietens the bell, by CSR or not, and looks. */
function mailbox(messages: readonly number[], quieten: 'mb' | 'csr' | 'writel', by: 'csr' | 'mmio' = 'mmio'): Scene<never> {
  const scene: Scene<Mailbox> = {
    name: 'mailbox', cpus: 2,
    setup(world) {
      const bell = world.register('bell');
      const ring = (): void => { if (by === 'csr') world.csrWrite(bell, 1); else bell.write(1, true); };
      const shared = { ring, box: world.smp.memory.words('box', 1), bell, got: [] as number[] };
      world.interrupt(0, shared.bell, () => {
        if (quieten === 'csr') world.csrWrite(shared.bell, 0);
        else shared.bell.write(0, quieten === 'mb');
        if (quieten === 'mb') world.smp.memory.mb();
        shared.got.push(shared.box.readOnce(0));
      });
      return shared;
    },
    run: [null, ({ box, ring }) => { for (const message of messages) { box.writeOnce(0, message); ring(); } }],
    observe: ({ got }) => got.at(-1),
    check: ({ observed }) => (observed[0] === messages.at(-1) ? null : 'the last message is lost'),
  };
  return scene as unknown as Scene<never>;
}

describe('Linux\' model has no say where it knows nothing', () => {
  test('of what taking an interrupt orders: writel() is the cure', () => {
    const { missing, said } = found(mailbox([1], 'writel'), RVIO);
    expect(missing).toMatchObject([{ barrier: 'io_wmb', instead: { at: 1, form: 'a writel()' } }]);
    expect(said).toMatch(/, or make #5 a writel\(\); it pairs with the taking of CPU0's interrupt\.$/m);
  });

  test('of devices: writel() is enough against an mb() on the other side', () => {
    const polled: Scene<Omit<Mailbox, 'ring' | 'got'> & { smp: Smp }> = {
      name: 'polled', cpus: 2,
      setup: (world) => ({ smp: world.smp, box: world.smp.memory.words('box', 1), bell: world.register('bell') }),
      run: [
        ({ smp, box, bell }) => { bell.write(0, true); smp.memory.mb(); return box.readOnce(0); },
        ({ box, bell }) => { box.writeOnce(0, 1); bell.write(1, true); },
      ],
      check: ({ observed, register }) => (observed[0] === 0 && register('bell') === 0 ? 'the ring is erased and the message not seen' : null),
    };
    expect(found(polled as unknown as Scene<never>, RVIO).missing).toMatchObject([{ cpu: 1, barrier: 'io_wmb', instead: { at: 1, form: 'a writel()' } }]);
  });

  test('and where a model takes a device for memory, the advice says so', () => {
    const { said } = found(mailbox([1, 2], 'mb'), LKMM);
    expect(said).toMatch(/^Add smp_\w*mb\(\) between .* lkmm takes bell for memory: smp_(\w*mb)\(\) does not reach devices, \1\(\) does\.$/m);
  });
});

test('a CSR access has no relaxed form and no ordered one: the row names none, and none is advised', () => {
  const { said, missing } = found(mailbox([1], 'csr', 'csr'), RVIO, { csrWritesSerialise: false });
  expect(said).toMatch(/^ +\d+ {2}CPU0 irq +\S+ +writes bell = 0$/m);
  expect(said).toMatch(/^> \d+ {2}CPU1 +\S+ +writes bell = 1$/m);
  expect(missing).toMatchObject([{ barrier: 'io_wmb', instead: null }]);
});

describe('why what is there does not help', () => {
  const notes = (code: (w: SharedWords, smp: Smp) => unknown): string => {
    const { said } = found(words([code, (w, smp) => { w.writeOnce(1, 1); smp.memory.smpMb(); return w.readOnce(0); }], '0; 0'), LKMM);
    return /^Nothing keeps .*?\)\. ?(.*)$/m.exec(said)![1]!;
  };

  test.each<[string, (w: SharedWords, smp: Smp) => unknown, string]>([
    ['nothing is there', (w) => { w.writeOnce(0, 1); return w.readOnce(1); }, ''],
    ['a release, which does not hold back what follows', (w) => { w.storeRelease(0, 1); return w.readOnce(1); }, '#1 is a release, which orders what comes before it, nothing after.'],
    ['an acquire, which does not wait', (w) => { w.writeOnce(0, 1); return w.loadAcquire(1); }, '#2 is an acquire, which orders what comes after it, nothing before.'],
    ['a barrier of reads', (w, smp) => { w.writeOnce(0, 1); smp.memory.smpRmb(); return w.readOnce(1); }, 'The smp_rmb() there (advice.test.ts:N) orders reads alone, and #1 writes.'],
    ['a barrier of writes', (w, smp) => { w.writeOnce(0, 1); smp.memory.smpWmb(); return w.readOnce(1); }, 'The smp_wmb() there (advice.test.ts:N) orders writes alone, and #2 reads.'],
    ['a barrier after no atomic', (w, smp) => { w.writeOnce(0, 1); smp.memory.smpMbAfterAtomic(); return w.readOnce(1); }, 'The smp_mb__after_atomic() there (advice.test.ts:N) comes after no atomic, so it orders nothing.'],
  ])('%s', (_what, code, note) => {
    expect(notes(code)).toBe(note);
  });
});
