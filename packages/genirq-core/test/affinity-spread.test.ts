import { irqCalcAffinityVectors, irqCreateAffinityMasks } from '../src/affinity/create-masks.ts';
import { bench } from './affinity-fixture.ts';

const lists = (masks: ReturnType<typeof irqCreateAffinityMasks>): string[] => masks!.map(({ mask, isManaged }) => `${mask.toList()}${isManaged ? ' managed' : ''}`);

test('vectors share neighbouring CPUs evenly, the first one is kept out', () => {
  const { genirq } = bench();
  expect(lists(irqCreateAffinityMasks(genirq, 3, { preVectors: 1 }))).toEqual(['0-3', '0-1 managed', '2-3 managed']);
  expect(lists(irqCreateAffinityMasks(genirq, 5, { preVectors: 1 }))).toEqual(['0-3', '0 managed', '1 managed', '2 managed', '3 managed']);
  expect(lists(irqCreateAffinityMasks(genirq, 4, { postVectors: 1 }))).toEqual(['0-1 managed', '2 managed', '3 managed', '0-3']);
});

test('sets are spread each on its own; more than four are refused with a warning', () => {
  const { genirq, smp } = bench();
  expect(lists(irqCreateAffinityMasks(genirq, 3, { calcSets: () => [1, 2] }))).toEqual(['0-3 managed', '0-1 managed', '2-3 managed']);
  expect(irqCreateAffinityMasks(genirq, 5, { calcSets: () => [1, 1, 1, 1, 1] })).toBeNull();
  expect(smp.diagnostics.take('warn')).toHaveLength(1);
});

test('CPUs that are not present are dealt to the vectors after the present ones', () => {
  const { genirq, smp } = bench();
  smp.cpus.present.clear(2).clear(3);
  expect(lists(irqCreateAffinityMasks(genirq, 4))).toEqual(['0 managed', '1 managed', '2 managed', '3 managed']);
  expect(lists(irqCreateAffinityMasks(genirq, 2))).toEqual(['0,2 managed', '1,3 managed']);
});

test('nothing to spread is null', () => {
  const { genirq } = bench();
  expect(irqCreateAffinityMasks(genirq, 2, { preVectors: 1, postVectors: 1 })).toBeNull();
});

test('no more spread vectors than possible CPUs are worth having', () => {
  const { genirq } = bench();
  expect(irqCalcAffinityVectors(genirq, 1, 32, { preVectors: 1 })).toBe(5);
  expect(irqCalcAffinityVectors(genirq, 1, 3, { preVectors: 1 })).toBe(3);
  expect(irqCalcAffinityVectors(genirq, 1, 32, { preVectors: 2 })).toBe(0);
  expect(irqCalcAffinityVectors(genirq, 1, 32, { calcSets: () => [] })).toBe(32);
});
