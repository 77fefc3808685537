import { IRQ_DOMAIN_FLAG, DOMAIN_BUS, irqCreateMapping, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainCreateTree, irqDomainInstantiate, irqDomainSetHwirqAndChip, irqDomainUpdateBusToken, ofFwnode, type IrqDomainOps } from '../src/index.ts';
import { bench, recording, spyChip } from './bench.ts';

const ops: IrqDomainOps = { map: () => undefined, alloc: (d, virq, nr) => { for (let i = 0; i < nr; i++) irqDomainSetHwirqAndChip(d, virq + i, i, spyChip(), null); } };

/** What irqdomain itself logged on a real boot, without times; later boots print hashed pointers. */
function recorded(board: string): string[] {
  return recording(`${board}/DMESG_FILTERED.txt`).split('\n')
    .flatMap((line) => /^\[ *[\d.]+\] (irq: .*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.replace(/0x[0-9a-f]{16}/, '0x(____ptrval____)'));
}

test.each([
  ['linux-6.12-debugfs/plic-smp4', 1],
  ['linux-6.12-debugfs/aplic-numa2-smp4', 1],
  ['linux-6.12-debugfs/imsic-dev-smp4', 9],
  ['linux-7.2-debugfs/imsic-smp4', 9],
] as const)('a boot as %s leaves the recorded log and virqs', (board, ipiParent) => {
  const { domains, smp } = bench();
  const lines = recorded(board);
  const added = lines.filter((line) => line.includes('Added')).map((line) => line.slice('irq: Added domain '.length));
  const path = (name: string): string => name.replaceAll(':', '/');

  const intc = irqDomainCreateTree(domains, ofFwnode(path(added[0]!)), ops, null);
  irqCreateMapping(intc, ipiParent);
  const mux = irqDomainCreateLinear(domains, domains.allocNamedFwnode('IPI-Mux'), 8, ops, null);
  mux.flags |= IRQ_DOMAIN_FLAG.IPI_SINGLE;
  irqDomainUpdateBusToken(mux, DOMAIN_BUS.IPI);
  irqDomainAllocIrqs(mux, 8, -1, null);
  irqCreateMapping(intc, 5);
  for (const line of lines.slice(6)) {
    const name = /Added domain (\S+)/.exec(line)?.[1];
    const hwirq = /irq_create_mapping\(.*, 0x([0-9a-f]+)\)/.exec(line)?.[1];
    if (hwirq) irqCreateMapping(intc, parseInt(hwirq, 16));
    else if (name?.endsWith('-5')) irqDomainInstantiate(domains, { fwnode: ofFwnode(path(name.slice(0, -2))), ops, busToken: DOMAIN_BUS.NEXUS });
    else if (name) irqDomainCreateLinear(domains, ofFwnode(path(name)), 1, ops, null);
  }
  expect(smp.log.records.map(({ text }) => text)).toEqual(lines);
});
