import { readFileSync, writeFileSync } from 'node:fs';
import { conformanceCases } from '../../src/conformance/cases.ts';
import { FAULTS, WITNESSES } from './faults.ts';
import { suitePage } from './suite-page.ts';

const PAGE = new URL('../../../../docs/conformance-suite.md', import.meta.url);

test('docs/conformance-suite.md says what the suite is (IRQCHIP_WRITE_DOCS=1 writes it)', () => {
  const page = suitePage();
  if (process.env['IRQCHIP_WRITE_DOCS']) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('every fault is killed by a case that there is, and no case has the name of another', () => {
  const names = conformanceCases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(FAULTS.map(({ killedBy }) => killedBy).filter((name) => !names.includes(name))).toEqual([]);
  expect([names.length >= 20, FAULTS.length >= 40]).toEqual([true, true]);
});

test('every case finds a fault: one that is its own, or one after "also"', () => {
  const [own, also] = [new Set(FAULTS.map(({ killedBy }) => killedBy)), WITNESSES.map(([name]) => name)];
  const names = conformanceCases.map(({ name }) => name);
  expect(names.filter((name) => !own.has(name) && !also.includes(name))).toEqual([]);
  expect(also.filter((name) => own.has(name) || !names.includes(name))).toEqual([]);
  expect(new Set(also).size).toBe(also.length);
});

test('no fault is in the list twice', () => {
  const seen = FAULTS.map(({ driver, find, replace }) => JSON.stringify([driver, find, replace]));
  expect(new Set(seen).size).toBe(seen.length);
});
