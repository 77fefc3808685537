import { genericHandleIrq, setChipAndHandler } from '@irqchip/genirq-core';
import { CpuMask } from '@irqchip/smp';
import {
  genericHandleDomainIrq, IRQ_DOMAIN_FLAG, irqCreateFwspecMapping, irqCreateMapping, irqDestroyIpi, irqDisposeMapping, irqDomainAllocIrqs, irqDomainAssociate, irqDomainCreateHierarchy, irqDomainCreateLinear,
  irqDomainCreateTree, irqDomainFreeIrqs, irqDomainFreeIrqsTop, irqDomainRemove, irqDomainSetHwirqAndChip, irqFindMatchingFwnode, irqReserveIpi, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { bench, inHardirq, spyChip, type Bench } from './bench.ts';

// What lockdep and might_sleep() would say of calls on domains: they take the mutex of the tree, or that of the list.

const OPS: IrqDomainOps = {
  alloc(domain, virq, nr) { for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(domain, virq + i, i, spyChip(), null); },
  free: irqDomainFreeIrqsTop,
};
interface Ready extends Bench { domain: IrqDomain; flat: IrqDomain; virq: number; plain: number }

function ready(): Ready {
  const b = bench();
  const domain = irqDomainCreateHierarchy(null, IRQ_DOMAIN_FLAG.IPI_SINGLE, 8, null, OPS, null, b.domains);
  const flat = irqDomainCreateLinear(b.domains, b.domains.allocNamedFwnode('flat'), 8, {}, null);
  return { ...b, domain, flat, virq: irqReserveIpi(domain, CpuMask.of(4, 0)), plain: irqCreateMapping(flat, 3) };
}

const SLEEPING: [name: string, call: (r: Ready) => unknown][] = [
  ['irqCreateMapping', ({ flat }) => irqCreateMapping(flat, 5)],
  ['irqDisposeMapping', ({ domains, plain }) => irqDisposeMapping(domains, plain)],
  ['irqDomainAssociate', ({ flat }) => { try { irqDomainAssociate(flat, 50, 5); } catch { /* there is no such descriptor */ } }],
  ['irqCreateFwspecMapping', ({ domains, flat }) => irqCreateFwspecMapping(domains, { fwnode: flat.fwnode, param: [6] })],
  ['irqDomainAllocIrqs', ({ domain }) => irqDomainAllocIrqs(domain, 1, -1, null)],
  ['irqDomainFreeIrqs', ({ domains, virq }) => irqDomainFreeIrqs(domains, virq, 1)],
  ['irqReserveIpi', ({ domain }) => irqReserveIpi(domain, CpuMask.of(4, 1))],
  ['irqDestroyIpi', ({ domains, virq }) => irqDestroyIpi(domains, virq, CpuMask.of(4, 0))],
  ['irqDomainCreateTree', ({ domains }) => irqDomainCreateTree(domains, null, {}, null)],
  ['irqDomainRemove', ({ domain }) => irqDomainRemove(domain)],
  ['irqFindMatchingFwnode', ({ domains, flat }) => irqFindMatchingFwnode(domains, flat.fwnode, 0)],
];

describe('a call that may sleep', () => {
  test.each(SLEEPING)('%s in hard irq context', (name, call) => {
    const r = ready();
    inHardirq(r.smp, () => call(r));
    const found = r.smp.diagnostics.take('context');
    expect(found.length).toBeGreaterThan(0);
    for (const { message, stack } of found) {
      expect(message).toMatch(/may sleep and was called in hard irq context on CPU0/);
      expect(stack).toContain(name);
    }
  });

  test.each(SLEEPING)('%s with interrupts off', (_name, call) => {
    const r = ready();
    const flags = r.smp.cpus.localIrqSave();
    call(r);
    r.smp.cpus.localIrqRestore(flags);
    expect(r.smp.diagnostics.take('context').map(({ message }) => message)).toContainEqual(expect.stringContaining('with interrupts off'));
  });

  test.each(SLEEPING)('%s from a task is none', (_name, call) => {
    const r = ready();
    call(r);
    expect(r.smp.diagnostics.take('context')).toEqual([]);
  });
});

test('with a spinlock of the machine held, as that of a descriptor', () => {
  const r = ready();
  const { lock } = r.genirq.irqToDesc(r.virq)!;
  const flags = lock.lockIrqsave();
  r.smp.cpus.localIrqEnable();
  irqCreateMapping(r.flat, 5);
  r.smp.cpus.localIrqDisable();
  lock.unlockIrqrestore(flags);
  expect(r.smp.diagnostics.take('context')[0]!.message).toContain(`while irq_desc ${r.virq} is held`);
});

test.each<[string, (d: IrqDomain) => unknown]>([
  ['irqCreateMapping', (d) => irqCreateMapping(d, 2)],
  ['irqDomainAllocIrqs', (d) => irqDomainAllocIrqs(d, 1, -1, null)],
])('%s from a callback of the same tree waits for itself: a lock-order finding names the call and the holder', (name, call) => {
  const { domains, smp } = bench();
  let inner = 0;
  const ops: IrqDomainOps = { ...OPS, map: (d) => { if (inner++ === 0) call(d); } };
  irqCreateMapping(irqDomainCreateLinear(domains, domains.allocNamedFwnode('same'), 8, ops, null), 1);
  const found = smp.diagnostics.take('lock-order');
  expect(found).toHaveLength(1);
  expect(found[0]!.message).toMatch(/waits for ever: .* below it holds the tree of same/);
  expect(found[0]!.stack).toContain(name);
});

test('a callback may map in another tree', () => {
  const { domains, smp } = bench();
  const other = irqDomainCreateLinear(domains, domains.allocNamedFwnode('other'), 8, {}, null);
  irqCreateMapping(irqDomainCreateLinear(domains, domains.allocNamedFwnode('one'), 8, { map: () => { irqCreateMapping(other, 2); } }, null), 1);
  expect(smp.diagnostics.open).toEqual([]);
});

describe('delivery by hwirq', () => {
  const line = (flow: () => void): Bench & { domain: IrqDomain } => {
    const b = bench();
    const domain = irqDomainCreateLinear(b.domains, b.domains.allocNamedFwnode('pic'), 8, {}, null);
    setChipAndHandler(b.genirq, irqCreateMapping(domain, 3), spyChip(), flow);
    return { ...b, domain };
  };

  test('genericHandleDomainIrq outside hard irq context', () => {
    const { smp, domain } = line(() => undefined);
    genericHandleDomainIrq(domain, 3);
    const [found] = smp.diagnostics.take();
    expect(found).toMatchObject({ kind: 'context', message: expect.stringContaining('outside hard irq context on CPU0') as unknown });
    expect(found!.stack).toContain('genericHandleDomainIrq');
  });

  test('a flow that comes back with interrupts on', () => {
    const b = line(function switchesOn() { b.smp.cpus.localIrqEnable(); });
    inHardirq(b.smp, () => genericHandleDomainIrq(b.domain, 3));
    const [found] = b.smp.diagnostics.take();
    expect(found).toMatchObject({ kind: 'context', message: expect.stringMatching(/switches_on came back with interrupts on; a callback of chip spy/) as unknown });
    expect(found!.stack).toContain('genericHandleDomainIrq');
    expect(inHardirq(b.smp, () => genericHandleIrq(b.genirq, 99))).toBe(-22);
  });
});
