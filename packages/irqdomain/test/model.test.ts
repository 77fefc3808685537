import fc from 'fast-check';
import {
  irqCreateMapping, irqDisposeMapping, irqDomainAllocIrqs, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainCreateTree, irqDomainFreeIrqs, irqDomainFreeIrqsCommon,
  irqDomainSetHwirqAndChip, irqFindMapping, type IrqDomain,
} from '../src/index.ts';
import { bench, codeOf, descCount, spyChip } from './bench.ts';

/** Three domains and what they should map: a plain Map per domain, and the virqs that are out. */
function world(): { b: ReturnType<typeof bench>; domains: IrqDomain[]; model: Map<number, number>[] } {
  const b = bench(1, 16);
  let next = 0;
  const stacked = irqDomainCreateHierarchy(null, 0, 4, null, {
    alloc(d, virq, nr) { for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(d, virq + i, next++, spyChip(), null); },
    free: irqDomainFreeIrqsCommon,
  }, null, b.domains);
  const domains = [irqDomainCreateLinear(b.domains, null, 8, {}, null), irqDomainCreateTree(b.domains, null, {}, null), stacked];
  return { b, domains, model: domains.map(() => new Map<number, number>()) };
}

test('after any sequence of calls the maps, the counts and the descriptors agree with a plain model', () => {
  const step = fc.oneof(
    fc.record({ op: fc.constant('map' as const), which: fc.nat(1), hwirq: fc.nat(11), fails: fc.boolean() }),
    fc.record({ op: fc.constant('alloc' as const), which: fc.constant(2), hwirq: fc.integer({ min: 1, max: 3 }), fails: fc.boolean() }),
    fc.record({ op: fc.constant('drop' as const), which: fc.nat(2), hwirq: fc.nat(99), fails: fc.constant(false) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
    const { b, domains, model } = world();
    for (const { op, which, hwirq, fails } of steps) {
      const domain = domains[which]!;
      const known = model[which]!;
      if (fails) b.smp.faults.fail('irq_desc', { times: 9 });
      if (op === 'map') {
        const virq = irqCreateMapping(domain, hwirq);
        expect(virq > 0).toBe(known.has(hwirq) || (!fails && (which === 1 || hwirq < 8)));
        if (virq > 0) expect(known.get(hwirq) ?? virq).toBe(virq);
        if (virq > 0) known.set(hwirq, virq);
      } else if (op === 'alloc') {
        codeOf(() => {
          const virq = irqDomainAllocIrqs(domain, hwirq, -1, null);
          for (let i = 0; i < hwirq; i++) known.set(b.genirq.irqToDesc(virq + i)!.irqData.hwirq, virq + i);
        });
      } else if (known.size > 0) {
        const [gone, virq] = [...known][hwirq % known.size]!;
        if (which === 2 && hwirq % 2) irqDomainFreeIrqs(b.domains, virq, 1);
        else irqDisposeMapping(b.domains, virq);
        known.delete(gone);
      }
      b.smp.faults.clear();
      b.smp.diagnostics.take();
      domains.forEach((d, i) => {
        expect(d.mapcount).toBe(model[i]!.size);
        expect(d.revmap.filter((slot) => slot !== null).length + d.tree.size).toBe(model[i]!.size);
        for (const [number, virq] of model[i]!) expect(irqFindMapping(d, number)).toBe(virq);
      });
      expect(descCount(b.genirq)).toBe(model.reduce((sum, { size }) => sum + size, 0));
    }
  }), { seed: 15, numRuns: 150 });
});
