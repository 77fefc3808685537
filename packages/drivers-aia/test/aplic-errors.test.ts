/** What the driver says of a node that it cannot serve, in either mode. */
import { ofFwnode, type ParentInterrupt } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { FakeNode } from '@irqchip/test-support';
import { AplicBench, HIGH, type AplicOptions } from './aplic-bench.ts';

const N = 'riscv-aplic d000000.interrupt-controller: ';
const failed = (code: string, mode: string): string => `${N}error -${code}: failed to setup APLIC in ${mode} mode`;

interface Case { name: string; options: AplicOptions; code: string; log: string[] }

const CASES: Case[] = [
  { name: 'no reg', options: { size: 0 }, code: 'EINVAL', log: ['riscv-aplic soc:interrupt-controller@d000000: failed map MMIO registers'] },
  {
    name: 'no riscv,num-sources', options: { sources: undefined }, code: 'EINVAL',
    log: [`${N}failed to get number of interrupt sources`, `${N}failed to create APLIC context`, failed('EINVAL', 'direct')],
  },
  {
    name: 'no riscv,num-sources in MSI mode', options: { sources: undefined, properties: { 'msi-parent': 7 } }, code: 'EINVAL',
    log: [`${N}failed to get number of interrupt sources`, `${N}failed to create APLIC context`, failed('EINVAL', 'MSI')],
  },
  { name: '1024 sources', options: { sources: 1024 }, code: 'EINVAL', log: [`${N}failed to create APLIC context`, failed('EINVAL', 'direct')] },
  { name: '4 billion sources', options: { sources: 0xffffffff }, code: 'EINVAL', log: [`${N}failed to create APLIC context`, failed('EINVAL', 'direct')] },
  { name: 'no parent', options: { parents: [] }, code: 'ENODEV', log: [failed('ENODEV', 'direct')] },
  { name: 'parents of the other mode', options: { parents: [{ cpu: 0, irq: 11 }, { cpu: 1, irq: 11 }] }, code: 'ENODEV', log: [failed('ENODEV', 'direct')] },
];

test.each(CASES)('$name: $code', ({ options, code, log }) => {
  const bench = new AplicBench();
  const node = bench.node(options);
  const domains = bench.m.domains.list.length;
  expect(() => node.probe()).toThrow(expect.objectContaining({ code }));
  expect(bench.log()).toEqual(log);
  expect([bench.m.domains.list.length - domains, node.fake.log.includes('0=80000100')]).toEqual([0, false]);
  expect(bench.m.smp.diagnostics.open).toEqual([]);
});

test('1023 sources are as many as there can be', () => {
  const node = new AplicBench({ nrCpus: 1 }).node({ sources: 1023 });
  expect(node.probe().revmapSize).toBe(1024);
  expect([node.fake.sourcecfg(1023), node.fake.target(1023), node.fake.words.has(0x4004)]).toEqual([0, 1, false]);
});

test('entries of the other mode are skipped and keep their index', () => {
  const bench = new AplicBench({ nrCpus: 2 });
  const node = bench.node({ parents: [{ cpu: 0, irq: 11 }, { cpu: 0, irq: 9 }, { cpu: 1, irq: 11 }, { cpu: 1, irq: 9 }] });
  node.probe();
  expect([0, 1, 2, 3].map((index) => node.fake.word(0x4000 + 32 * index))).toEqual([0, 1, 0, 1]);
  // As in the kernel, the number counts the entries.
  expect(bench.log()).toEqual([`${N}96 interrupts directly connected to 4 CPUs`]);
});

test('a hart that Linux does not run on: a warning, and the others go on', () => {
  const bench = new AplicBench();
  Object.defineProperty(bench.m.harts, 'hartids', { value: [0, 8, 2, 3] });
  const node = bench.node({ parents: [0, 1, 2, 3].map((cpu) => ({ cpu, irq: 9 })) });
  node.probe();
  expect(bench.log()[0]).toBe(`${N}invalid cpuid for IDC1`);
  expect(bench.parent.idcs.map((idc) => idc?.hartIndex)).toEqual([0, undefined, 2, 3]);
});

test('a parent outside every cpu node: a warning', () => {
  const bench = new AplicBench({ nrCpus: 2 });
  const stray = new FakeNode('/soc/other', new FakeNode('/soc', null));
  const plain = bench.node().ctx.parents;
  const node = bench.node({ context: { parents: [{ node: stray, fwnode: ofFwnode('/soc/other'), args: [9] }, ...plain] } });
  node.probe();
  expect(bench.log()).toEqual([`${N}parent irq for IDC0 not found`, `${N}96 interrupts directly connected to 3 CPUs`]);
  expect(bench.parent.idcs.map((idc) => idc?.hartIndex)).toEqual([1, 2]);
});

test('parents count up to the first that does not resolve', () => {
  const bench = new AplicBench();
  const { parents } = bench.node().ctx;
  const left: ParentInterrupt[] = [parents[0]!, parents[1]!, parents[3]!];
  const node = bench.node({
    properties: { 'interrupts-extended': [1, 9, 2, 9, 99, 9, 4, 9] },
    context: { parents: left, parentErrors: [new IrqError('EINVAL', 'phandle 99')] },
  });
  node.probe();
  expect(bench.log()).toEqual([`${N}96 interrupts directly connected to 2 CPUs`]);
  expect(bench.parent.idcs.map((idc) => idc?.hartIndex)).toEqual([0, 1]);
});

test('the last parent does not resolve: the ones before count', () => {
  const bench = new AplicBench();
  const { parents } = bench.node().ctx;
  bench.node({
    properties: { 'interrupts-extended': [1, 9, 2, 9, 99, 9] },
    context: { parents: parents.slice(0, 2), parentErrors: [new IrqError('EINVAL', 'phandle 99')] },
  }).probe();
  expect(bench.log()).toEqual([`${N}96 interrupts directly connected to 2 CPUs`]);
});

test('riscv,hart-indexes that is too short: a warning, and those CPUs are out of reach', () => {
  const bench = new AplicBench();
  const node = bench.node({ properties: { 'riscv,hart-indexes': [4, 5] } });
  node.probe();
  expect(bench.log().slice(0, 2)).toEqual([`${N}hart index not found for IDC2`, `${N}hart index not found for IDC3`]);
  expect(bench.parent.idcs.map((idc) => idc?.hartIndex)).toEqual([4, 5]);
});

describe.each(['no INTC domain', 'no mapping of the external interrupt'])('%s', (reason) => {
  test('the APLIC comes up as in the kernel, a finding says that nobody listens, and the next one tries again', () => {
    const bench = new AplicBench({ intc: reason !== 'no INTC domain' });
    bench.m.smp.diagnostics.take();
    if (reason !== 'no INTC domain') bench.m.smp.faults.fail('irq_desc', { times: 2 }); // with the hwirq as hint, and without
    bench.node().probe();
    expect(bench.m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringMatching(/local interrupt 9 cannot be mapped, so no CPU takes interrupts/)]);
    expect(bench.log()).toEqual([`${N}96 interrupts directly connected to 4 CPUs`]);
    if (reason === 'no INTC domain') bench.m.initIntc();
    const second = bench.node({ base: 0xd008000 });
    second.probe();
    let runs = 0;
    second.request(1, HIGH, () => { runs++; });
    second.fake.pend(0, 1);
    bench.m.settle();
    expect(runs).toBe(1);
  });
});

test.each([
  ['ioremap', [`${N}failed map MMIO registers`]],
  ['aplic', []],
  ['irq_domain', [`${N}failed to create direct irq domain`]],
])('no memory at %s: ENOMEM, which the core keeps to itself, and a second try works', (site, log) => {
  const bench = new AplicBench();
  const node = bench.node();
  bench.m.smp.faults.fail(site);
  expect(() => node.probe()).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
  expect(bench.log()).toEqual(log);
  expect(bench.parent.idcs.every((idc) => idc === null)).toBe(true);
  node.probe();
  let runs = 0;
  node.request(1, HIGH, () => { runs++; });
  node.fake.pend(0, 1);
  bench.m.settle();
  expect(runs).toBe(1);
  expect(bench.m.smp.diagnostics.open).toEqual([]);
});

test('no memory for a mapping leaves nothing behind', () => {
  const bench = new AplicBench();
  const node = bench.node();
  const domain = node.probe();
  bench.m.smp.faults.fail('irq_desc');
  expect(node.map(7, HIGH)).toBe(0);
  expect([domain.mapcount, node.map(7, HIGH) > 0, domain.mapcount]).toEqual([0, true, 1]);
});
