import {
  DOMAIN_BUS, irqDomainCreateLinear, irqDomainInstantiate, irqFindHost, irqFindMatchingFwnode, irqFindMatchingFwspec, irqFindMatchingHost, ofFwnode,
  type FwNode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { bench } from './bench.ts';

const { ANY, WIRED, NEXUS, IPI } = DOMAIN_BUS;
const node = ofFwnode('/soc/pic');

test('of several domains of one node the newest is found', () => {
  const { domains } = bench();
  irqDomainCreateLinear(domains, node, 1, {}, null);
  const newer = irqDomainCreateLinear(domains, node, 1, {}, null);
  expect(irqFindMatchingFwnode(domains, node, ANY)).toBe(newer);
});

test('ANY matches every token, another token only itself', () => {
  const { domains } = bench();
  const nexus = irqDomainInstantiate(domains, { fwnode: node, ops: {}, busToken: NEXUS });
  expect([ANY, NEXUS, IPI].map((token) => irqFindMatchingFwnode(domains, node, token))).toEqual([nexus, nexus, null]);
});

test('fwnodes are compared by identity, and null matches nothing', () => {
  const { domains } = bench();
  irqDomainCreateLinear(domains, null, 1, {}, null);
  irqDomainCreateLinear(domains, node, 1, {}, null);
  expect([irqFindMatchingFwnode(domains, ofFwnode('/soc/pic'), ANY), irqFindMatchingFwnode(domains, null, ANY)]).toEqual([null, null]);
});

test('select decides when a token is looked for, and only then', () => {
  const { domains } = bench();
  const select = (_d: IrqDomain, fwspec: { param: readonly number[] }, token: number): boolean => token === WIRED && fwspec.param[0] === 7;
  const domain = irqDomainCreateLinear(domains, node, 1, { select }, null);
  expect(irqFindMatchingFwspec(domains, { fwnode: null, param: [7] }, WIRED)).toBe(domain);
  expect(irqFindMatchingFwspec(domains, { fwnode: node, param: [8] }, WIRED)).toBeNull();
  expect(irqFindMatchingFwspec(domains, { fwnode: node, param: [8] }, ANY)).toBe(domain);
});

test('match sees device-tree nodes only, and outweighs fwnode and token', () => {
  const { domains } = bench();
  const asked: (FwNode | null)[] = [];
  const match: IrqDomainOps['match'] = (_d, of, token) => { asked.push(of); return token === IPI; };
  const domain = irqDomainCreateLinear(domains, node, 1, { match }, null);
  const named = domains.allocNamedFwnode('n');
  expect([irqFindMatchingFwnode(domains, node, ANY), irqFindMatchingFwnode(domains, node, IPI), irqFindMatchingFwnode(domains, named, IPI)]).toEqual([null, domain, domain]);
  expect(asked).toEqual([node, node, null]);
});

test('a host is found by WIRED before ANY', () => {
  const { domains } = bench();
  const wired = irqDomainInstantiate(domains, { fwnode: node, ops: {}, busToken: WIRED });
  const newer = irqDomainInstantiate(domains, { fwnode: node, ops: {}, busToken: NEXUS });
  expect([irqFindHost(domains, node), irqFindMatchingHost(domains, node, ANY)]).toEqual([wired, newer]);
});
