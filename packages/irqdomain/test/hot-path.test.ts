import { readFileSync } from 'node:fs';
import { setChipAndHandler } from '@irqchip/genirq-core';
import { genericHandleDomainIrq, irqCreateMapping, irqDomainCreateLinear, irqDomainCreateTree, type IrqDomain } from '../src/index.ts';
import { bench, inHardirq, spyChip } from './bench.ts';

function heapGrowth(fn: () => void): number {
  const before = process.memoryUsage().heapUsed;
  fn();
  return process.memoryUsage().heapUsed - before;
}

test.each(['linear', 'tree'])('delivery through a %s domain allocates nothing', (kind) => {
  const { domains, smp } = bench();
  let runs = 0;
  const ops = { map: (d: IrqDomain, virq: number): void => setChipAndHandler(d.domains.genirq, virq, spyChip(), () => { runs++; }) };
  const domain = kind === 'linear' ? irqDomainCreateLinear(domains, null, 8, ops, null) : irqDomainCreateTree(domains, null, ops, null);
  irqCreateMapping(domain, 3);
  const times = 100_000;
  const burst = (): void => { for (let i = 0; i < times; i++) genericHandleDomainIrq(domain, 3); };
  const growth = inHardirq(smp, () => { burst(); burst(); return Math.min(heapGrowth(burst), heapGrowth(burst), heapGrowth(burst)); });
  expect(runs).toBe(5 * times);
  // One object for each call would be 1.6 MB or more.
  expect(growth).toBeLessThan(400_000);
});

test('the delivery file has no closures, iterators or locks', () => {
  const text = readFileSync(new URL('../src/mapping/resolve.ts', import.meta.url), 'utf8');
  expect(text).not.toMatch(/=>|for \(const|\.\.\.|locked\(|emit/);
});
