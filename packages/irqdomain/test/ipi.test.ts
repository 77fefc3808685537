import { getIrqData, IRQ, irqToDesc } from '@irqchip/genirq-core';
import { CpuMask, IrqError } from '@irqchip/smp';
import {
  IRQ_DOMAIN_FLAG, irqCreateMapping, irqDestroyIpi, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainFreeIrqsTop,
  irqDomainSetHwirqAndChip, irqFindMapping, irqReserveIpi, type IrqDomain,
} from '../src/index.ts';
import { bench, codeOf, descCount, logged, spyChip, warnings, type Bench } from './bench.ts';

function ipiDomain(b: Bench, flags: number, args: unknown[] = []): IrqDomain {
  return irqDomainCreateHierarchy(null, flags, 8, null, {
    alloc(d, virq, nr, arg) {
      args.push(arg);
      if (nr > 3) throw new IrqError('ENOSPC', 'three at most');
      for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(d, virq + i, i, spyChip(), null);
    },
    free: irqDomainFreeIrqsTop,
  }, null, b.domains);
}
const { IPI_SINGLE, IPI_PER_CPU } = IRQ_DOMAIN_FLAG;
const cpus = (...list: number[]): CpuMask => new CpuMask(4, list);

test('a single-irq domain gives one virq for any set of CPUs', () => {
  const b = bench();
  const args: unknown[] = [];
  const dest = cpus(1, 3);
  const virq = irqReserveIpi(ipiDomain(b, IPI_SINGLE, args), dest);
  const { common } = getIrqData(b.genirq, virq)!;
  expect([virq, args, common.affinity.toList(), common.ipiOffset, descCount(b.genirq)]).toEqual([1, [dest], '1,3', 0, 1]);
  expect(irqToDesc(b.genirq, virq)!.settings & IRQ.NO_BALANCING).not.toBe(0);
});

test('a per-CPU domain gives a run of virqs, offset by the first CPU', () => {
  const b = bench();
  const virq = irqReserveIpi(ipiDomain(b, IPI_PER_CPU), cpus(1, 2, 3));
  expect([0, 1, 2].map((i) => getIrqData(b.genirq, virq + i)!).map(({ common, hwirq }) => `${hwirq} ${common.affinity.toList()} ${common.ipiOffset}`)).toEqual(['0 1-3 1', '1 1-3 1', '2 1-3 1']);
});

test.each([
  ['a domain without IPIs', 0, cpus(0), 'Reservation on a non IPI domain'],
  ['CPUs that cannot be', IPI_SINGLE, cpus(1, 3), 'Reservation is not in possible_cpu_mask'],
  ['no CPU', IPI_SINGLE, cpus(), 'Reservation for empty destination mask'],
  ['holes in a per-CPU range', IPI_PER_CPU, cpus(0, 2), 'Destination mask has holes'],
])('%s: EINVAL and a warning', (_what, flags, dest, text) => {
  const b = bench();
  b.smp.cpus.possible.clear(3);
  expect(codeOf(() => irqReserveIpi(ipiDomain(b, flags), dest))).toBe('EINVAL');
  expect([logged(b.smp, 'genirq/ipi'), descCount(b.genirq)]).toEqual([[`genirq/ipi: ${text}`], 0]);
});

test('no descriptors: ENOMEM; no hwirq: EBUSY; and nothing left', () => {
  const b = bench();
  const domain = ipiDomain(b, IPI_PER_CPU);
  b.smp.faults.fail('irq_desc');
  expect(codeOf(() => irqReserveIpi(domain, cpus(0)))).toBe('ENOMEM');
  expect(codeOf(() => irqReserveIpi(domain, cpus(0, 1, 2, 3)))).toBe('EBUSY');
  expect([descCount(b.genirq), domain.mapcount, logged(b.smp, 'failed')]).toEqual([0, 0, [
    "genirq/ipi: Can't reserve IPI, failed to alloc descs", "genirq/ipi: Can't reserve IPI, failed to alloc hw irqs",
  ]]);
});

test('destroy gives the one virq back, or those of some CPUs', () => {
  const b = bench();
  const single = ipiDomain(b, IPI_SINGLE);
  irqDestroyIpi(b.domains, irqReserveIpi(single, cpus(0, 1)), cpus(0));
  expect([single.mapcount, descCount(b.genirq)]).toEqual([0, 0]);
  const perCpu = ipiDomain(b, IPI_PER_CPU);
  const virq = irqReserveIpi(perCpu, cpus(1, 2, 3));
  irqDestroyIpi(b.domains, virq, cpus(2, 3));
  expect([[1, 2, 3].map((cpu) => irqFindMapping(perCpu, cpu - 1)), descCount(b.genirq)]).toEqual([[virq, 0, 0], 1]);
});

test('destroy refuses an unknown irq, one that is no IPI, and CPUs that it does not have', () => {
  const b = bench();
  const plain = irqCreateMapping(irqDomainCreateLinear(b.domains, null, 4, {}, null), 3);
  const virq = irqReserveIpi(ipiDomain(b, IPI_SINGLE), cpus(0, 1));
  expect([0, 40, plain].map((irq) => codeOf(() => irqDestroyIpi(b.domains, irq, cpus(0))))).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
  expect(logged(b.smp, 'destroy')).toEqual(['genirq/ipi: Trying to destroy a non IPI domain!']);
  expect(warnings(b.smp)).toEqual([]);
  expect(codeOf(() => irqDestroyIpi(b.domains, virq, cpus(2)))).toBe('EINVAL');
  expect([warnings(b.smp).length, descCount(b.genirq)]).toEqual([1, 2]);
});
