/** Control dependencies of code that runs as it is: what hinges on a read waits for it. */
import { exploreScene, LKMM, type Scene } from '../src/index.ts';
import { type Access, type Trace, type WhatIf, withControl } from '@irqchip/litmus/internals';
import type { SharedWords } from '@irqchip/smp';

const X = 0;
const Y = 1;

/** Load buffering: whether both CPUs can read what the other writes later. */
function bothRead(code: (words: SharedWords, from: number, to: number) => number): boolean {
  let both = false;
  const scene: Scene<SharedWords> = {
    name: 'load buffering', cpus: 2,
    setup: ({ smp }) => smp.memory.words('w', 3),
    run: [(words) => code(words, X, Y), (words) => code(words, Y, X)],
    check: ({ observed }) => { both ||= observed.every((value) => value === 1); return null; },
  };
  exploreScene(scene, { model: LKMM, first: false });
  return both;
}

test('without a dependency a write may overtake the read before it', () => {
  expect(bothRead((words, from, to) => { const value = words.readOnce(from); words.writeOnce(to, 1); return value; })).toBe(true);
});

test('a write that is made or not, by what was read, waits', () => {
  expect(bothRead((words, from, to) => { const value = words.readOnce(from); if (value === 1) words.writeOnce(to, 1); return value; })).toBe(false);
  expect(bothRead((words, from, to) => { const value = words.readOnce(from); if (value === 0) words.writeOnce(to, 1); else words.writeOnce(2, 1); return value; })).toBe(false);
});

test('a branch with the same write on both sides is none: a compiler may hoist it', () => {
  expect(bothRead((words, from, to) => { const value = words.readOnce(from); if (value === 1) words.writeOnce(to, 1); else words.writeOnce(to, 1); return value; })).toBe(true);
});

test('what comes after a branch does not hinge on it', () => {
  expect(bothRead((words, from, to) => { const value = words.readOnce(from); if (value === 1) words.writeOnce(2, 1); words.writeOnce(to, 1); return value; })).toBe(true);
});

describe('on traces', () => {
  const access = (kind: Access['kind'], loc: number, read: number | undefined, written: number | undefined): Access => ({
    kind, loc, read, written, order: 'once', noReturn: false, ordered: false, bits: null, dependent: true, addr: 0, data: 0, ctrl: 0, ctrlPast: 0, where: null, depth: 0, trap: false, csr: false, choices: 0,
  });
  const trace = (...accesses: Access[]): Trace => ({ accesses, fences: [], result: null, path: [], derived: new Map() });
  const masks = (traces: readonly Trace[], whatIf: WhatIf = () => null): number[][] => withControl(traces, whatIf).map(({ accesses }) => accesses.map(({ ctrl }) => ctrl));

  test('each access names the reads that it hinges on', () => {
    expect(masks([
      trace(access('read', 0, 0, undefined)),
      trace(access('read', 0, 1, undefined), access('read', 1, 0, undefined)),
      trace(access('read', 0, 1, undefined), access('read', 1, 1, undefined), access('write', 2, undefined, 1)),
    ])).toEqual([[0], [0, 1], [0, 1, 3]]);
  });

  test('a second write hinges on the read when the other branch makes only one', () => {
    expect(masks([
      trace(access('read', 0, 0, undefined), access('write', 2, undefined, 1)),
      trace(access('read', 0, 1, undefined), access('write', 2, undefined, 1), access('write', 2, undefined, 1)),
    ])).toEqual([[0, 0], [0, 0, 1]]);
  });

  test('where nobody writes anything else, the code is asked what it would do if', () => {
    const alone = [trace(access('read', 0, 1, undefined), access('write', 2, undefined, 1))];
    expect(masks(alone, () => [access('read', 0, 0, undefined)])).toEqual([[0, 1]]);
    expect(masks(alone, () => [access('read', 0, 0, undefined), access('write', 2, undefined, 1)])).toEqual([[0, 0]]);
    expect(masks(alone)).toEqual([[0, 0]]);
  });
});

/** Whether CPU 0 can read what CPU 1 writes because of what CPU 0 writes later: all of it the value that was there before. */
function readsItsOwnCause(code: (words: SharedWords) => void): boolean {
  const scene: Scene<SharedWords> = {
    name: 'the same value again', cpus: 2,
    setup: ({ smp }) => { const words = smp.memory.words('w', 2); words.writeOnce(X, 1); return words; },
    run: [code, (words) => { if (words.readOnce(Y) === 1) words.writeOnce(X, 1); }],
    check: () => 'each',
  };
  return exploreScene(scene, { model: LKMM, first: false }).failures.some(({ execution }) => execution.rf[0]! >= 0);
}

test('a test counts although every run of the scene passes it', () => {
  expect(readsItsOwnCause((words) => { words.readOnce(X); words.writeOnce(Y, 1); })).toBe(true);
  expect(readsItsOwnCause((words) => { if (words.readOnce(X) === 1) words.writeOnce(Y, 1); })).toBe(false);
});
