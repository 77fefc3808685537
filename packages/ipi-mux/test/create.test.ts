import { Bench, codeOf, CONTRACTS, type ContractName } from './bench.ts';
import { Intc } from './intc.ts';
import type { IpiMuxContract, IpiMuxPatchContract } from '@irqchip/ipi-mux';

type Any = IpiMuxContract | IpiMuxPatchContract;

describe.each(CONTRACTS)('2. %s contract', (contract) => {
  test.each([
    [33, 32, 'EINVAL'], [32, 32, 'none'], [65, undefined, 'EINVAL'], [64, undefined, 'none'], [0, undefined, 'EINVAL'], [-1, undefined, 'EINVAL'],
    [1.5, undefined, 'EINVAL'], [Number.NaN, undefined, 'EINVAL'], [1, undefined, 'none'],
  ])('create(%d) where %s is the most: %s', (nrIpi, maxIpis, expected) => {
    const bench = new Bench(maxIpis === undefined ? {} : { muxes: { maxIpis } });
    const before = bench.leftovers();
    expect(codeOf(() => bench.muxes.create(bench.contract(contract, nrIpi)))).toBe(expected);
    if (expected !== 'none') expect(bench.leftovers()).toEqual(before);
  });

  test('without a number of vIPIs there are 64', () => {
    const bench = new Bench();
    const { nrIpi: _, ...open } = bench.contract(contract);
    expect(bench.muxes.create(open as never).nrIpi).toBe(64);
  });

  test.each<[string, (whole: Any) => unknown]>(contract === 'merged'
    ? [['send', () => ({ nrIpi: 8 })], ['send that can be called', () => ({ nrIpi: 8, send: 5 })]]
    : [
        ['ops', () => ({ parentVirq: 0, ops: undefined })],
        ['clear', (whole) => ({ ...whole, ops: { send: (whole as IpiMuxPatchContract).ops.send } })],
        ['send', (whole) => ({ ...whole, ops: { clear: (whole as IpiMuxPatchContract).ops.clear } })],
      ])('create without %s: EINVAL, nothing left', (_what, broken) => {
    const bench = new Bench();
    const before = bench.leftovers();
    expect(codeOf(() => bench.muxes.create(broken(bench.contract(contract)) as Any))).toBe('EINVAL');
    expect(bench.leftovers()).toEqual(before);
  });
});

/** A machine with a per-CPU parent to hand; `patch` lets the mux have it. */
function rig(contract: ContractName): { bench: Bench; intc: Intc; make: () => Any; parent: number } {
  const bench = new Bench();
  const intc = new Intc(bench.domains);
  const parent = intc.map(3);
  const make = (): Any => (contract === 'merged' ? bench.contract(contract) : { ...(bench.contract(contract) as IpiMuxPatchContract), parentVirq: parent });
  return { bench, intc, make, parent };
}

/** The allocations of one create, in order, as `[site, how often it was asked before]`. */
function allocations(contract: ContractName): [string, number][] {
  const { bench, make } = rig(contract);
  const { faults } = bench.smp;
  faults.record = true;
  bench.muxes.create(make());
  const seen = new Map<string, number>();
  return faults.asked.map((site): [string, number] => {
    const before = seen.get(site) ?? 0;
    seen.set(site, before + 1);
    return [site, before];
  });
}

describe.each(CONTRACTS)('2. %s contract, memory', (contract) => {
  const sites = allocations(contract);

  test('every part is an allocation that can fail', () => {
    const kinds = new Set(sites.map(([site]) => site));
    expect([...kinds]).toEqual(expect.arrayContaining(['percpu', 'fwnode', 'irq_domain', 'irq_domain_name', 'irq_desc', 'cpumask']));
    expect(sites.filter(([site]) => site === 'irq_desc')).toHaveLength(8);
  });

  // The second name is the one with the bus token; the kernel goes on without it.
  const fatal = sites.filter(([site, nth]) => !(site === 'irq_domain_name' && nth === 1));

  test.each(fatal)('%s number %i fails: ENOMEM, nothing left behind, and the next create succeeds', (site, nth) => {
    const { bench, intc, make, parent } = rig(contract);
    const before = bench.leftovers();
    bench.smp.faults.fail(site, { after: nth });
    expect(codeOf(() => bench.muxes.create(make()))).toBe('ENOMEM');
    expect(bench.leftovers()).toEqual(before);
    expect(bench.genirq.irqToDesc(parent)!.action).toBeNull();
    expect(intc.cpusWith(3)).toEqual([]);
    expect(bench.smp.diagnostics.open).toEqual([]);
    const mux = bench.muxes.create(make());
    expect([mux.domain.name, mux.virq]).toEqual(['IPI-Mux-6', parent + 1]);
  });

  test('the name with the bus token fails: the domain keeps its first name', () => {
    const { bench, make } = rig(contract);
    bench.smp.faults.fail('irq_domain_name', { after: 1 });
    expect(bench.muxes.create(make()).domain).toMatchObject({ name: 'IPI-Mux', busToken: 6 });
  });

  test.each([
    ['fwnode', 0, 'ipi-mux: unable to create IPI Mux fwnode'],
    ['irq_domain', 0, 'ipi-mux: unable to add IPI Mux domain'],
    ['irq_desc', 3, 'ipi-mux: unable to alloc IRQs from IPI Mux domain'],
    ['cpumask', 7, 'ipi-mux: unable to alloc IRQs from IPI Mux domain'],
  ])('%s number %i fails: the log says %j, and nothing else', (site, after, line) => {
    const { bench, make } = rig(contract);
    bench.smp.faults.fail(site, { after });
    codeOf(() => bench.muxes.create(make()));
    expect(bench.logged('ipi-mux:')).toEqual([line]);
    expect(bench.smp.log.records.find(({ text }) => text === line)!.level).toBe('err');
  });
});

test('2. no hotplug slot left: ENOSPC, nothing left behind', () => {
  const { bench, intc, make, parent } = rig('patch');
  for (let i = 0; codeOf(() => bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', `filler ${i}`, () => undefined, null)) === 'none'; i++);
  const before = bench.leftovers();
  expect(codeOf(() => bench.muxes.create(make()))).toBe('ENOSPC');
  expect(bench.leftovers()).toEqual(before);
  expect([bench.genirq.irqToDesc(parent)!.action, intc.cpusWith(3)]).toEqual([null, []]);
});
