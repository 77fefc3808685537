import { getIrqData, IRQ, irqToDesc, type IrqData } from '@irqchip/genirq-core';
import {
  IRQ_DOMAIN_FLAG, irqDestroyIpi, irqDomainAllocIrqs, irqDomainAllocIrqsAt, irqDomainCreateHierarchy, irqDomainFreeIrqs, irqDomainFreeIrqsCommon, irqDomainFreeIrqsTop,
  irqDomainGetIrqData, irqDomainSetHwirqAndChip, irqFindMapping, irqReserveIpi, type IrqDomain,
} from '../src/index.ts';
import { CpuMask } from '@irqchip/smp';
import { bench, codeOf, descCount, spyChip, warnings, type Bench } from './bench.ts';
import { tower, type Tower } from './tower.ts';

/** The levels of one interrupt, outermost first. */
function levels({ genirq }: Bench, virq: number): IrqData[] {
  const chain: IrqData[] = [];
  for (let data: IrqData | null = getIrqData(genirq, virq); data; data = data.parentData) chain.push(data);
  return chain;
}
const names = (t: Tower, virq: number): unknown[] => levels(t, virq).map(({ domain, irq }) => `${domain?.name} ${irq}`);
const block = (t: Tower, nr: number): number => irqDomainAllocIrqs(t.device, nr, -1, 'arg');

test('every interrupt of a block has its own levels, and each level knows the number of its interrupt', () => {
  const t = tower();
  const virq = block(t, 3);
  for (const i of [0, 1, 2]) expect(names(t, virq + i)).toEqual([':device', ':middle', ':root'].map((name) => `${name} ${virq + i}`));
});

test('freeing a block resets every level of every interrupt in it, and leaves its neighbour whole', () => {
  const t = tower();
  const virq = block(t, 2);
  const held = [0, 1].flatMap((i) => levels(t, virq + i));
  const neighbour = irqDomainAllocIrqs(t.root, 1, -1, null);
  expect(neighbour).toBe(virq + 2);
  const before = names(t, neighbour);
  irqDomainFreeIrqs(t.domains, virq, 2);
  expect(held.map(({ hwirq, chip, chipData }) => [hwirq, chip.name, chipData])).toEqual(held.map(() => [0, 'none', null]));
  expect(held.filter(({ hwirq, domain, parentData }) => hwirq === 0 && domain === null && parentData === null)).toHaveLength(2);
  expect([names(t, neighbour), irqFindMapping(t.root, 1000 + neighbour), descCount(t.genirq)]).toEqual([before, neighbour, 1]);
  irqDomainFreeIrqs(t.domains, neighbour, 1);
  expect(warnings(t.smp)).toEqual([]);
});

test('a level that gives a whole block to its parent forgets what it set for each interrupt, and for no other', () => {
  const t = tower();
  const virq = block(t, 3);
  irqDomainFreeIrqsCommon(t.device, virq, 2);
  expect([0, 1, 2].map((i) => irqDomainGetIrqData(t.device, virq + i)!).map(({ hwirq, chip }) => [hwirq, chip.name])).toEqual([[0, 'none'], [0, 'none'], [2, 'device chip']]);
  expect(t.trail.slice(-4)).toEqual(['free :middle 1', 'free :root 1', 'free :middle 1', 'free :root 1']);
});

test('a block that fails in alloc leaves the neighbour above it whole', () => {
  const t = tower();
  const neighbour = irqDomainAllocIrqsAt(t.root, 3, 1, -1, null, false, null);
  t.fail = { step: 'device', at: 1 };
  expect(codeOf(() => block(t, 2))).toBe('ENOSPC');
  expect([names(t, neighbour), descCount(t.genirq)]).toEqual([[`:root ${neighbour}`], 1]);
});

test('with descriptors to be reused but no number given, new ones are allocated', () => {
  const t = tower();
  expect(irqDomainAllocIrqsAt(t.root, -1, 2, -1, null, true, null)).toBe(1);
  expect(descCount(t.genirq)).toBe(2);
});

function ipis(b: Bench, flag: number): IrqDomain {
  return irqDomainCreateHierarchy(null, flag, 8, null, {
    alloc(d, virq, nr) { for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(d, virq + i, i, spyChip(), null); },
    free: irqDomainFreeIrqsTop,
  }, null, b.domains);
}
const cpus = (...list: number[]): CpuMask => new CpuMask(4, list);

test('no interrupt of a per-CPU IPI may be balanced', () => {
  const b = bench();
  const virq = irqReserveIpi(ipis(b, IRQ_DOMAIN_FLAG.IPI_PER_CPU), cpus(0, 1, 2));
  for (const i of [0, 1, 2]) expect(irqToDesc(b.genirq, virq + i)!.settings & IRQ.NO_BALANCING).toBe(IRQ.NO_BALANCING);
});

test('giving back an IPI of a single interrupt for some of its CPUs gives back that interrupt', () => {
  const b = bench();
  const domain = ipis(b, IRQ_DOMAIN_FLAG.IPI_SINGLE);
  const virq = irqReserveIpi(domain, cpus(1, 3));
  irqDestroyIpi(b.domains, virq, cpus(3));
  expect([descCount(b.genirq), domain.mapcount, irqDomainGetIrqData(domain, virq)]).toEqual([0, 0, null]);
  expect(b.smp.diagnostics.open).toEqual([]);
});

test.each([[0, 'the number of no interrupt'], [40, 'a number that is not allocated']])('virq %i is %s: it is no IPI to give back', (virq) => {
  const b = bench();
  expect(codeOf(() => irqDestroyIpi(b.domains, virq, cpus(0)))).toBe('EINVAL');
  expect(b.smp.diagnostics.open).toEqual([]);
});
