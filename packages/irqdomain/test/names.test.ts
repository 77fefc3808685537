import {
  DOMAIN_BUS, FwNode, IRQ_DOMAIN_FLAG, irqDomainCreateLinear, irqDomainInstantiate, irqDomainUpdateBusToken, ofFwnode, softwareFwnode,
} from '../src/index.ts';
import { bench, codeOf, logged, warnings } from './bench.ts';

test('the kinds of fwnode and the names that domains take from them', () => {
  const { domains } = bench();
  const nameOf = (fwnode: FwNode | null): string => irqDomainCreateLinear(domains, fwnode, 1, {}, null).name;
  expect(nameOf(domains.allocNamedFwnode('IPI-Mux'))).toBe('IPI-Mux');
  expect(nameOf(domains.allocNamedIdFwnode('IPI-Mux', 2))).toBe('IPI-Mux-2');
  expect(nameOf(domains.allocIrqchipFwnode(0x2800_0000))).toBe('irqchip@0x0000000028000000');
  expect(nameOf(ofFwnode('/cpus/cpu@0/interrupt-controller'))).toBe(':cpus:cpu@0:interrupt-controller');
  expect(nameOf(softwareFwnode('node0/sub'))).toBe('node0:sub');
  expect(nameOf(null)).toBe('unknown-1');
  expect(nameOf(null)).toBe('unknown-2');
});

test('a fwnode of an odd kind is complained about, a missing one is not', () => {
  const { domains, smp } = bench();
  irqDomainCreateLinear(domains, null, 1, {}, null);
  expect(logged(smp, 'Invalid')).toEqual([]);
  expect(irqDomainCreateLinear(domains, new FwNode('other', 'x'), 1, {}, null).name).toBe('unknown-2');
  expect(logged(smp, 'Invalid')).toEqual(['irq: Invalid fwnode type for irqdomain']);
});

test('only the name of an address fwnode is not the domain\'s own, unless it has a token', () => {
  const { domains } = bench();
  const fwnode = domains.allocIrqchipFwnode(0x1000);
  expect(irqDomainCreateLinear(domains, fwnode, 1, {}, null).flags).toBe(0);
  const nexus = irqDomainInstantiate(domains, { fwnode, ops: {}, busToken: DOMAIN_BUS.NEXUS });
  expect([nexus.name, nexus.flags]).toEqual(['irqchip@0x0000000000001000-5', IRQ_DOMAIN_FLAG.NAME_ALLOCATED]);
});

test('a bus token is a suffix, whether given at once or later, and the log shows the difference', () => {
  const { domains, smp } = bench();
  const early = irqDomainInstantiate(domains, { fwnode: ofFwnode('/soc/interrupt-controller@28000000'), ops: {}, busToken: DOMAIN_BUS.NEXUS });
  const late = irqDomainCreateLinear(domains, domains.allocNamedFwnode('IPI-Mux'), 8, {}, null);
  irqDomainUpdateBusToken(late, DOMAIN_BUS.IPI);
  irqDomainUpdateBusToken(late, DOMAIN_BUS.IPI);
  expect([early.name, late.name, late.busToken]).toEqual([':soc:interrupt-controller@28000000-5', 'IPI-Mux-6', 6]);
  expect(logged(smp, 'Added')).toEqual(['irq: Added domain :soc:interrupt-controller@28000000-5', 'irq: Added domain IPI-Mux']);
});

test('a second token is appended to the first, as the kernel does', () => {
  const { domains } = bench();
  const domain = irqDomainInstantiate(domains, { fwnode: null, ops: {}, busToken: DOMAIN_BUS.WIRED });
  irqDomainUpdateBusToken(domain, DOMAIN_BUS.IPI);
  expect(domain.name).toBe('unknown-1-1-6');
});

test('without memory for the name a new token leaves the old name', () => {
  const { domains, smp } = bench();
  const domain = irqDomainCreateLinear(domains, ofFwnode('/a'), 1, {}, null);
  smp.faults.fail('irq_domain_name');
  irqDomainUpdateBusToken(domain, DOMAIN_BUS.IPI);
  expect([domain.name, domain.busToken]).toEqual([':a', DOMAIN_BUS.IPI]);
});

test('a name suffix goes between path and token, and is refused for an irqchip fwnode', () => {
  const { domains } = bench();
  const domain = irqDomainInstantiate(domains, { fwnode: ofFwnode('/soc/pmic'), ops: {}, nameSuffix: 'rtc', busToken: DOMAIN_BUS.WIRED });
  expect(domain.name).toBe(':soc:pmic-rtc-1');
  expect(codeOf(() => irqDomainInstantiate(domains, { fwnode: domains.allocNamedFwnode('x'), ops: {}, nameSuffix: 'y' }))).toBe('EINVAL');
  expect(domains.list).toHaveLength(1);
});

test('fwnodes are counted; freeing twice, or freeing firmware\'s, is reported', () => {
  const { domains, smp } = bench();
  const fwnode = domains.allocNamedFwnode('a');
  expect(domains.liveFwnodes.size).toBe(1);
  domains.freeFwnode(fwnode);
  expect([domains.liveFwnodes.size, warnings(smp)]).toEqual([0, []]);
  domains.freeFwnode(fwnode);
  domains.freeFwnode(ofFwnode('/soc'));
  expect(warnings(smp)).toEqual([expect.stringContaining('freed before'), expect.stringContaining('not allocated for an irqchip')]);
});

test('no memory for a fwnode leaves none', () => {
  const { domains, smp } = bench();
  smp.faults.fail('fwnode');
  expect(codeOf(() => domains.allocNamedFwnode('a'))).toBe('ENOMEM');
  expect(domains.liveFwnodes.size).toBe(0);
});
