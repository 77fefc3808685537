/** Litmus tests with the verdicts and final states that herd7 computed (testdata/litmus). */
import { readFileSync } from 'node:fs';
import { LKMM, runLitmus, RVWMO, rvwmoIo, SC, TSO, type LitmusTest } from '../src/index.ts';

const { tests } = JSON.parse(readFileSync(new URL('../../../testdata/litmus/litmus.json', import.meta.url), 'utf8')) as { tests: LitmusTest[] };
const named = (scope: string): [string, LitmusTest][] => tests.filter((test) => test.scope === scope).map((test) => [test.name, test]);

/** Out of thin air: herd7 allows a value that only a guess of itself explains. No engine of replayed code makes it. */
const OUT_OF_THIN_AIR = 'crypto-control-data';

test.each([...named('core'), ...named('pointer'), ...named('counter')])('lkmm: %s ends in exactly the states that herd7 finds', (_name, test) => {
  const result = runLitmus(test, LKMM);
  expect(result).toMatchObject({ refused: null, verdict: test.verdict!.lkmm });
  expect(result.outcomes).toEqual([...test.outcomes!.lkmm!].sort());
});

test('an unmarked access is refused, and the location named', () => {
  expect(tests.filter(({ scope }) => scope === 'plain').map((test) => runLitmus(test, LKMM).refused)).toEqual(['unmarked access to z1']);
});

test('values out of thin air do not appear', () => {
  expect(named('oota').map(([name, test]) => [name, runLitmus(test, LKMM).outcomes])).toEqual([[OUT_OF_THIN_AIR, ['0:r1=0; 0:t1=0; 1:r2=0; [x]=0; [y]=0']]]);
});

test.each([TSO, SC, RVWMO, rvwmoIo()])('$name: every verdict that the file states', (model) => {
  const stated = tests.filter(({ name, scope, verdict }) => typeof verdict![model.name] === 'string' && scope !== 'plain' && name !== OUT_OF_THIN_AIR);
  expect(stated.length).toBeGreaterThan(150);
  expect(stated.map((test) => [test.name, runLitmus(test, model).verdict])).toEqual(stated.map((test) => [test.name, test.verdict![model.name]]));
});

test('rvio: every set of final states that the file states', () => {
  const stated = tests.filter(({ outcomes }) => outcomes?.rvio);
  expect(stated.length).toBe(44);
  for (const test of stated) expect([test.name, runLitmus(test, rvwmoIo()).outcomes]).toEqual([test.name, [...test.outcomes!.rvio!].sort()]);
});

describe('refused with a reason', () => {
  const base: LitmusTest = { name: 't', init: { x: 0, y: '&x' }, locks: [], threads: [], exists: ['eq', 'x', 1] };
  test.each<[string, LitmusTest['threads'], string]>([
    ['an unknown operation', [[{ op: 'rcu_read_lock', loc: 'x' }]], 'operation rcu_read_lock is not modelled'],
    ['an unknown barrier', [[{ op: 'fence', kind: 'sync_rcu' }]], 'barrier sync_rcu is not modelled'],
    ['an unknown atomic', [[{ op: 'rmw', fn: 'nand', loc: 'x', arg: 1, order: 'full' }]], 'atomic nand is not modelled'],
    ['a name that every object has', [[{ op: 'rmw', fn: 'toString', loc: 'x', arg: ['valueOf', 1, 2], order: 'full' }]], 'atomic toString is not modelled'],
    ['an unknown operator', [[{ op: 'write', loc: 'x', val: ['%', 3, 2], order: 'once' }]], 'operation % is not modelled'],
    ['arithmetic on an address', [[{ op: 'read', reg: 'r', loc: 'y', order: 'once' }, { op: 'write', loc: 'x', val: ['+', 'r', 1], order: 'once' }]], 'arithmetic on addresses is not modelled'],
    ['a location that is not there', [[{ op: 'write', loc: 'z', val: 1, order: 'once' }]], 'no location is called z'],
    ['a thread that is too long', [Array.from({ length: 32 }, () => ({ op: 'write', loc: 'x', val: 1, order: 'once' }))], 'a thread makes more than 31 accesses'],
  ])('%s', (_what, threads, reason) => {
    expect(runLitmus({ ...base, threads }, LKMM)).toMatchObject({ verdict: null, refused: reason });
  });
});
