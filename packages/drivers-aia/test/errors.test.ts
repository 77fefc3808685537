import { irqCreateMapping, irqFindMatchingFwnode, makeProbeContext, ofFwnode } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { imsicPlatform } from '../src/index.ts';
import { Bench, type BenchOptions } from './bench.ts';

const N = 'riscv-imsic: interrupt-controller@28000000: ';

interface Case { name: string; options: BenchOptions; code: string; errno: number; message: string }

const real = { 'riscv,num-ids': 255, 'riscv,num-guest-ids': 255, 'riscv,guest-index-bits': 0 };
const CASES: Case[] = [
  { name: 'no AIA', options: { aia: false }, code: 'ENODEV', errno: -19, message: 'AIA support not available' },
  { name: 'no parent', options: { parents: [] }, code: 'EINVAL', errno: -22, message: 'no parent irqs available' },
  { name: 'parents of the other mode', options: { parents: [{ cpu: 0, irq: 11 }] }, code: 'EINVAL', errno: -22, message: 'no parent irqs available' },
  { name: 'no num-ids', options: { properties: { 'riscv,num-ids': undefined }, real }, code: 'EINVAL', errno: -22, message: 'number of interrupt identities not found' },
  ...[0, 62, 64, 2049, 4095, 254].map((nr) => ({
    name: `num-ids ${nr}`, options: { properties: { 'riscv,num-ids': nr, 'riscv,num-guest-ids': 63 }, real }, code: 'EINVAL', errno: -22, message: 'invalid number of interrupt identities',
  })),
  { name: 'num-guest-ids 100', options: { properties: { 'riscv,num-guest-ids': 100 }, real }, code: 'EINVAL', errno: -22, message: 'invalid number of guest interrupt identities' },
  { name: 'guest bits', options: { properties: { 'riscv,guest-index-bits': 53 }, real }, code: 'EINVAL', errno: -22, message: 'guest index bits too big' },
  { name: 'hart bits', options: { properties: { 'riscv,hart-index-bits': 53 } }, code: 'EINVAL', errno: -22, message: 'HART index bits too big' },
  { name: 'hart bits after guest bits', options: { properties: { 'riscv,guest-index-bits': 2, 'riscv,hart-index-bits': 51 }, real }, code: 'EINVAL', errno: -22, message: 'HART index bits too big' },
  { name: 'hart bits on RV32', options: { xlen: 32, properties: { 'riscv,hart-index-bits': 21 } }, code: 'EINVAL', errno: -22, message: 'HART index bits too big' },
  { name: 'group bits', options: { properties: { 'riscv,group-index-bits': 51 } }, code: 'EINVAL', errno: -22, message: 'group index bits too big' },
  { name: 'group shift', options: { properties: { 'riscv,group-index-bits': 1, 'riscv,group-index-shift': 64 } }, code: 'EINVAL', errno: -22, message: 'group index shift too big' },
  { name: 'no bits at shift 0', options: { properties: { 'riscv,group-index-shift': 0 } }, code: 'EINVAL', errno: -22, message: 'group index shift too big' },
  { name: 'no reg', options: { regions: [] }, code: 'EINVAL', errno: -22, message: 'first MMIO resource not found' },
  { name: 'regions that differ in more than the group', options: { regions: [{ base: 0x28000000, size: 0x2000 }, { base: 0x29000000, size: 0x2000 }] }, code: 'EINVAL', errno: -22, message: 'address mismatch for regset 1' },
];

test.each(CASES)('$name: $code', ({ options, code, errno, message }) => {
  const bench = new Bench(options);
  expect(() => bench.early()).toThrow(expect.objectContaining({ code }));
  expect(bench.m.log().slice(-2)).toEqual([`${N}${message}`, `${N}failed to setup state (error ${errno})`]);
  expect([bench.imsic.state, bench.imsic.globalConfig, bench.m.muxes.all]).toEqual([null, null, []]);
});

test('no hart of this machine: ENODEV, with a warning for each parent', () => {
  const bench = new Bench({ hartids: [0, 1, 2, 3] });
  Object.defineProperty(bench.m.harts, 'hartids', { value: [8, 9, 10, 11] });
  expect(() => bench.early()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  expect(bench.m.log().slice(-6)).toEqual([
    ...[0, 1, 2, 3].map((i) => `${N}invalid cpuid for parent irq${i}`), `${N}No CPU handlers found`, `${N}failed to setup state (error -19)`,
  ]);
});

test('a second node: EALREADY, and the first goes on', () => {
  const bench = new Bench().early();
  expect(() => bench.early()).toThrow(expect.objectContaining({ code: 'EALREADY' }));
  expect(bench.m.log().slice(-2)).toEqual([`${N}already initialized hence ignoring`, `${N}failed to setup state (error -114)`]);
  expect(bench.imsic.globalConfig).toMatchObject({ nrIds: 255 });
});

test('parents count up to the first that is not an external interrupt of this mode', () => {
  const bench = new Bench({ parents: [{ cpu: 0, irq: 9 }, { cpu: 1, irq: 9 }, { cpu: 2, irq: 11 }, { cpu: 3, irq: 9 }] }).early();
  expect(bench.imsic.globalConfig).toMatchObject({ hartIndexBits: 1 });
  expect(bench.imsic.state!.pages.map((page) => page?.pa)).toEqual([0x28000000, 0x28001000, undefined, undefined]);
});

test('parents count up to the first that does not resolve', () => {
  const bench = new Bench({ properties: { 'interrupts-extended': [1, 9, 99, 9, 3, 9] } });
  const { parents } = bench.ctx;
  const ctx = makeProbeContext({ ...bench.ctx, parents: [parents[0]!, parents[2]!], parentErrors: [new IrqError('EINVAL', 'phandle 99')] });
  bench.imsic.setupState(ctx, bench.m.harts, bench.m.csr, bench.timers);
  expect(bench.imsic.state!.pages.map((page) => page?.pa)).toEqual([0x28000000, undefined, undefined, undefined]);
});

test('three harts need two index bits', () => {
  expect(new Bench({ nrCpus: 3 }).early().imsic.globalConfig).toMatchObject({ hartIndexBits: 2 });
  expect(new Bench({ nrCpus: 1 }).early().imsic.globalConfig).toMatchObject({ hartIndexBits: 0 });
});

test('a region that is too small leaves the last harts out, with a warning', () => {
  const bench = new Bench({ regions: [{ base: 0x28000000, size: 0x2000 }] }).early();
  expect(bench.imsic.state!.pages.map((page) => page?.pa)).toEqual([0x28000000, 0x28001000, undefined, undefined]);
  expect(bench.m.log()).toEqual(expect.arrayContaining([`${N}MMIO not found for parent irq2`, `${N}MMIO not found for parent irq3`]));
});

test('num-ids up to 2047', () => {
  const bench = new Bench({ properties: { 'riscv,num-ids': 2047 } });
  bench.boot();
  expect(bench.m.log()).toContain(`${N}total 8184 interrupts available`);
});

test('the base address is without hart, guest and group index', () => {
  const bench = new Bench({
    properties: { 'riscv,hart-index-bits': 3, 'riscv,group-index-bits': 2, 'riscv,group-index-shift': 24 },
    regions: [{ base: 0x2b004000, size: 0x4000 }],
  }).early();
  expect(bench.imsic.globalConfig).toMatchObject({ baseAddr: 0x28000000, hartIndexBits: 3, groupIndexBits: 2 });
  expect(bench.imsic.state!.pages[1]!.pa).toBe(0x2b005000);
});

describe('after the state is set up', () => {
  test('no INTC domain: ENOENT', () => {
    const bench = new Bench({ intc: false });
    expect(() => bench.early()).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(bench.m.log().at(-1)).toBe(`${N}Failed to find INTC domain`);
  });

  test('no mapping: ENOENT', () => {
    const bench = new Bench();
    bench.m.smp.faults.fail('irq_desc', { times: 2 }); // with the hwirq as hint, and without
    expect(() => bench.early()).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(bench.m.log().at(-1)).toBe(`${N}Failed to create INTC mapping`);
  });

  test('somebody provides IPIs already: EEXIST, and the chained handler is not installed', () => {
    const bench = new Bench();
    bench.m.muxes.create({ nrIpi: 8, send: () => undefined });
    expect(() => bench.early()).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(bench.m.log().at(-1)).toBe(`${N}Failed to initialize IPI domain`);
    const domain = irqFindMatchingFwnode(bench.m.domains, bench.m.harts.intcFwnode, 0)!;
    expect(bench.m.genirq.irqToDesc(irqCreateMapping(domain, 9))!.action).toBeNull();
  });
});

test('without its hotplug state it goes on as the kernel does, and a finding says that no CPU takes interrupts', () => {
  const bench = new Bench();
  bench.m.cpuhp.setupState('CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 'somebody else', null, null);
  bench.early();
  expect(bench.m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([
    expect.stringMatching(/hotplug state not registered, so no CPU takes IPIs or messages: .*taken by 'somebody else'/),
  ]);
  expect([bench.m.ipi.haveVirqRange, bench.m.muxes.all.length, bench.hw.file(0).delivery]).toEqual([true, 1, 0]);
});

test.each([['percpu', 'ENOMEM', -12], ['ioremap', 'EIO', -5], ['imsic_local', 'ENOMEM', -12], ['irq_matrix', 'ENOMEM', -12]])('failure at %s: %s, and a second try works', (site, code, errno) => {
  const bench = new Bench();
  bench.m.smp.faults.fail(site);
  expect(() => bench.early()).toThrow(expect.objectContaining({ code }));
  expect(bench.m.log().at(-1)).toBe(`${N}failed to setup state (error ${errno})`);
  bench.boot();
  expect(bench.m.smp.diagnostics.open).toEqual([]);
});

describe('the platform driver', () => {
  test('without the early one: ENODEV', () => {
    const bench = new Bench();
    expect(() => bench.platform()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    expect(bench.m.log().at(-1)).toBe('riscv-imsic: early driver not probed');
  });

  test('twice: ENODEV', () => {
    const bench = new Bench();
    bench.boot();
    expect(() => bench.platform()).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    expect(bench.m.log().at(-1)).toBe(`${N}irq domain already created`);
  });

  test('for another node: ENODEV', () => {
    const bench = new Bench().early();
    const ctx = bench.m.context(bench.ctx.node, bench.ctx.regions, [], ofFwnode('/soc/interrupt-controller@30000000'));
    expect(() => bench.m.probe(imsicPlatform, ctx, bench.services)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    expect(bench.m.log().at(-1)).toBe(`${N}fwnode mismatch`);
  });

  test.each(['6.12', '7.2'] as const)('%s: without memory: ENOMEM, and no domain', (linux) => {
    const bench = new Bench({ linux }).early();
    bench.m.smp.faults.fail('irq_domain');
    expect(() => bench.platform()).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    expect(bench.imsic.baseDomain).toBeNull();
    expect(bench.m.log().at(-1)).toBe(`${N}failed to create IMSIC base domain`);
    expect(bench.platform().name).toBe(':soc:interrupt-controller@28000000-5');
  });
});
