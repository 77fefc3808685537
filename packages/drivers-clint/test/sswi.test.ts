import { flowSymbol, irqToDesc } from '@irqchip/genirq-core';
import { irqFindMapping, irqFindMatchingFwnode } from '@irqchip/irqdomain';
import { IPI } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { FakeNode } from '@irqchip/test-support';
import { codeOf } from './bench.ts';
import { SswiBench, type DeviceOptions } from './sswi-bench.ts';

const RESCHEDULE = IPI.RESCHEDULE;
const softVirq = ({ m }: SswiBench): number => irqFindMapping(irqFindMatchingFwnode(m.domains, m.harts.intcFwnode, 0), m.harts.irq.soft);

describe('probe', () => {
  test('says what the kernel says: registers, then who provides the IPIs', () => {
    expect(new SswiBench().probe().log()).toEqual(['irq_aclint_sswi: sswi@2f00000: register 4 CPUs', 'irq_aclint_sswi: providing IPIs using ACLINT SSWI']);
    expect(new SswiBench({}, { nrCpus: 1 }).probe({ compatible: 'thead,c900-aclint-sswi' }).log()).toEqual([
      'irq_aclint_sswi: sswi@2f00000: register 1 CPU', 'irq_aclint_sswi: providing IPIs using THEAD ACLINT SSWI',
    ]);
  });

  test('soft interrupt, chained handler, eight IPIs, hotplug state; the boot CPU listens', () => {
    const it = new SswiBench().probe();
    const [mux] = it.m.muxes.all;
    expect([softVirq(it), it.sswi.virq, mux!.virq, mux!.nrIpi, it.m.ipi.haveVirqRange]).toEqual([1, 1, 2, 8, true]);
    expect(flowSymbol(irqToDesc(it.m.genirq, 1)!.handleIrq)).toBe('aclint_sswi_ipi_handle');
    expect(it.m.cpuhp.states().map(({ name }) => name)).toContain('irqchip/aclint-sswi:starting');
    expect([it.m.enabledOn(0), it.m.enabledOn(1)]).toEqual([2, 0]);
    expect(it.m.smp.diagnostics.open).toEqual([]);
  });

  test('Linux 6.12 has no driver for it: it says so, and leaves the IPIs to others', () => {
    const it = new SswiBench({}, { linux: '6.12' }).probe();
    expect(it.log()).toEqual(['irq_aclint_sswi: sswi@2f00000: Linux 6.12 has no driver for it; IPIs are left to others']);
    expect([softVirq(it), it.m.muxes.all.length, it.m.ipi.haveVirqRange, it.m.smp.diagnostics.open.length]).toEqual([0, 0, false, 0]);
  });

  test('a machine-mode kernel takes an SSWI whose wires end at its own software interrupts', () => {
    const it = new SswiBench({ ssip: 'level' }, { mode: 'M' }).probe().bringup();
    it.m.ipi.sendReschedule(1);
    it.m.settle();
    expect([it.count(1, RESCHEDULE), it.m.pendingOn(1)]).toEqual([1, 0]);
  });
});

describe('refusals, each with the kernel\'s code', () => {
  const TEXTS: readonly (readonly [what: string, options: DeviceOptions, code: string, text: RegExp, log: string | null])[] = [
    ['no wires', { cpus: [] }, 'EINVAL', /no wires; interrupts-extended must list software interrupt 1/, 'sswi@2f00000: no ACLINT SSWI context available'],
    ['a wire of another kind', { irq: 9 }, 'ENOTSUPP', /wire 0 is local interrupt 9; a S-mode kernel takes software interrupts as 1/, null],
    ['a hart index that is missing', { properties: { 'riscv,hart-indexes': [0, 1, 2] } }, 'EINVAL', /riscv,hart-indexes has no entry for wire 3/, 'sswi@2f00000: hart index [3] not found'],
    ['a hart index beyond the last register', { properties: { 'riscv,hart-indexes': [0, 1, 2, 4095] } }, 'EINVAL', /hart index 4095 of wire 3 has no register: there are 4095\./, null],
    ['a region too small for its harts', { size: 12 }, 'EINVAL', /hart index 3 of wire 3 has no register: there are 3\./, null],
    ['no registers', { change: (base) => ({ ...base, regions: [] }) }, 'ENOMEM', /has no register region to map/, null],
    ['a wire that does not resolve', { change: (base) => ({ ...base, parentErrors: [new IrqError('EINVAL', 'cell 3 is broken')] }) }, 'EINVAL', /cell 3 is broken/, null],
    ['a wire that ends at no hart', { change: (base) => ({ ...base, parents: [{ ...base.parents[0]!, node: new FakeNode('/pic', null) }] }) }, 'ENODEV', /wire 0 ends at \/pic, which is in no cpu node/, null],
  ];

  test.each(TEXTS)('%s', (_what, options, code, text, log) => {
    const it = new SswiBench();
    expect(() => it.probe(options)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(text) as string }));
    expect(it.log().at(-1) ?? null).toBe(log === null ? null : `irq_aclint_sswi: ${log}`);
    expect([softVirq(it), it.m.muxes.all.length, it.m.ipi.haveVirqRange, it.sswi.virq]).toEqual([0, 0, false, 0]);
    it.probe();
    expect(it.m.ipi.haveVirqRange).toBe(true);
  });

  test('a hart that is no CPU of this machine is ENOENT, where the kernel would write beyond its per-CPU data', () => {
    const it = new SswiBench();
    const strange = new FakeNode('/cpus/cpu@9', new FakeNode('/cpus', null, { '#address-cells': 1 }), { compatible: 'riscv', reg: 9 });
    const change: NonNullable<DeviceOptions['change']> = (base) => ({ ...base, parents: [...base.parents, { ...base.parents[0]!, node: new FakeNode('/cpus/cpu@9/interrupt-controller', strange) }] });
    expect(() => it.probe({ change })).toThrow(expect.objectContaining({ code: 'ENOENT', message: expect.stringMatching(/wire 4 ends at hart 9\. No CPU has hartid 9; .* Leave the wire out\.$/) as string }));
    expect(it.log()).toEqual([]);
  });

  test('no domain of the local controllers is ENOENT', () => {
    const it = new SswiBench({}, { intc: false });
    expect(codeOf(() => it.probe())).toBe('ENOENT');
    expect(it.log().at(-1)).toBe('irq_aclint_sswi: sswi@2f00000: Failed to find INTC domain');
  });

  test('no mapping is ENOMEM', () => {
    const it = new SswiBench();
    it.m.smp.faults.fail('irq_desc');
    expect(codeOf(() => it.probe())).toBe('ENOMEM');
    expect(it.log().at(-1)).toBe('irq_aclint_sswi: unable to create ACLINT SSWI IRQ mapping');
  });

  test.each(['fwnode', 'irq_domain', 'percpu'])('no mux (failure at %s) is ENOMEM, and the mapping is given back', (site) => {
    const it = new SswiBench();
    it.m.smp.faults.fail(site);
    expect(codeOf(() => it.probe())).toBe('ENOMEM');
    expect(it.log().at(-1)).toBe('irq_aclint_sswi: unable to create muxed IPIs');
    expect([softVirq(it), it.m.genirq.irqToDesc(1), it.sswi.virq]).toEqual([0, null, 0]);
    expect(it.probe().m.ipi.haveVirqRange).toBe(true);
  });

  test('another provider came first: EEXIST, and its IPIs are unharmed', () => {
    const it = new SswiBench();
    it.m.muxes.create({ nrIpi: 8, send: () => undefined });
    expect(codeOf(() => it.probe())).toBe('EEXIST');
    expect([softVirq(it), it.m.muxes.all.length, it.sswi.virq]).toEqual([0, 1, 0]);
  });

  test('its hotplug state is taken: it goes on as the kernel does, and a finding says so', () => {
    const it = new SswiBench();
    it.m.cpuhp.setupState('CPUHP_AP_IRQ_ACLINT_SSWI_STARTING', 'somebody else', () => undefined, null);
    it.probe();
    expect(it.m.ipi.haveVirqRange).toBe(true);
    expect(it.m.smp.diagnostics.take().map(({ message }) => message)).toEqual([expect.stringContaining('/soc/sswi@2f00000: hotplug state not registered, so no CPU takes IPIs: ') as string]);
  });
});

describe('T-Head', () => {
  const it = (mvendorid: number, sxstatus: number): SswiBench => {
    const bench = new SswiBench({}, { driver: { mvendorid } });
    bench.m.lines.attachCsr(0, 0x5c0, { read: () => sxstatus, write: () => undefined });
    return bench;
  };
  const options = { compatible: 'thead,c900-aclint-sswi' };

  test('a T-Head hart whose sxstatus says no is ENOTSUPP, before anything else', () => {
    expect(codeOf(() => it(0x5b7, ~0x20000).probe({ ...options, cpus: [] }))).toBe('ENOTSUPP');
  });

  test('one whose sxstatus says yes is taken, and so are harts of others', () => {
    expect(it(0x5b7, 0x20000).probe(options).m.ipi.haveVirqRange).toBe(true);
    expect(it(0, 0).probe(options).m.ipi.haveVirqRange).toBe(true);
  });

  test('other devices are not asked', () => {
    expect(it(0x5b7, 0).probe().m.ipi.haveVirqRange).toBe(true);
  });
});

describe.each(['pulse', 'level'] as const)('IPIs through registers that are a %s', (ssip) => {
  const booted = (): SswiBench => new SswiBench({ ssip }).probe().bringup();

  test('every CPU reaches every CPU, itself included', () => {
    const bench = booted();
    for (const from of [0, 1, 2, 3]) {
      for (const to of [0, 1, 2, 3]) {
        bench.m.smp.cpus.runOn(from, () => bench.m.ipi.sendReschedule(to));
        bench.m.settle();
      }
    }
    expect([0, 1, 2, 3].map((cpu) => bench.count(cpu, RESCHEDULE))).toEqual([4, 4, 4, 4]);
    expect([0, 1, 2, 3].map((cpu) => bench.m.pendingOn(cpu))).toEqual([0, 0, 0, 0]);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('the doorbell is a 1 in the register of the target, the answer a 0 in the own one', () => {
    const bench = booted();
    bench.m.ipi.sendReschedule(2);
    bench.m.settle();
    expect(bench.writes).toEqual(['cpu0 /soc/sswi@2f00000 8=1', 'cpu2 /soc/sswi@2f00000 8=0']);
  });

  test('SSIP and register are cleared before the messages are looked at', () => {
    const bench = booted();
    const seen: unknown[] = [];
    bench.m.ipi.attach({ reschedule: () => seen.push(bench.m.pendingOn(1), bench.writes.at(-1)) });
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect(seen).toEqual([0, 'cpu1 /soc/sswi@2f00000 4=0']);
  });

  test('a send that comes while the handler runs is not lost', () => {
    const bench = booted();
    let again = 2;
    bench.m.ipi.attach({ reschedule: () => { if (again-- > 0) bench.m.ipi.sendReschedule(1); } });
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect(bench.count(1, RESCHEDULE)).toBe(3);
  });

  test('a CPU that goes is left with nothing pending in the device, and its interrupt off', () => {
    const bench = booted();
    bench.m.cpuhp.cpuDown(2);
    expect([bench.writes.at(-1), bench.m.enabledOn(2), bench.m.enabledOn(1)]).toEqual(['cpu2 /soc/sswi@2f00000 8=0', 0, 2]);
  });

  test('an IPI to a CPU that is away waits, and is taken when it is back', () => {
    const bench = booted();
    bench.m.cpuhp.cpuDown(1);
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect(bench.count(1, RESCHEDULE)).toBe(0);
    bench.m.cpuhp.cpuUp(1);
    bench.m.settle();
    expect([bench.count(1, RESCHEDULE), bench.m.enabledOn(1)]).toEqual([1, 2]);
  });
});

test('a level whose clear arrives only with the next access rings once more for nothing, and every message is taken', () => {
  const bench = new SswiBench({ ssip: 'level', posted: true }).probe().bringup();
  for (let i = 1; i <= 3; i++) {
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect(bench.count(1, RESCHEDULE)).toBe(i);
  }
  expect(bench.writes.filter((write) => write === 'cpu1 /soc/sswi@2f00000 4=0')).toHaveLength(6);
});

describe('hart indexes and several devices', () => {
  test('riscv,hart-indexes says which register a hart has', () => {
    const bench = new SswiBench().probe({ properties: { 'riscv,hart-indexes': [8, 9, 16, 17] } }).bringup();
    bench.m.ipi.sendReschedule(2);
    bench.m.settle();
    expect([bench.writes, bench.count(2, RESCHEDULE)]).toEqual([['cpu0 /soc/sswi@2f00000 40=1', 'cpu2 /soc/sswi@2f00000 40=0'], 1]);
  });

  test('the index is the position of the wire, not the hartid', () => {
    const bench = new SswiBench({}, { hartids: [5, 3], nrCpus: 2 }).probe({ cpus: [1, 0] }).bringup();
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect([bench.writes[0], bench.count(1, RESCHEDULE)]).toEqual(['cpu0 /soc/sswi@2f00000 0=1', 1]);
  });

  test('a second device adds its registers, and nothing else', () => {
    const bench = new SswiBench().probe({ cpus: [0, 1] }).probe({ path: '/soc/sswi@3f00000', cpus: [2, 3] });
    expect(bench.log().slice(2)).toEqual(['irq_aclint_sswi: sswi@3f00000: register 2 CPUs', 'irq_aclint_sswi: providing IPIs using ACLINT SSWI']);
    expect([bench.m.muxes.all.length, bench.sswi.virq]).toEqual([1, 1]);
    bench.bringup();
    for (const cpu of [1, 3]) bench.m.ipi.sendReschedule(cpu);
    bench.m.settle();
    expect([bench.count(1, RESCHEDULE), bench.count(3, RESCHEDULE)]).toEqual([1, 1]);
    expect(bench.writes.filter((write) => write.endsWith('=1'))).toEqual(['cpu0 /soc/sswi@2f00000 4=1', 'cpu0 /soc/sswi@3f00000 4=1']);
  });

  test('a second device that is refused leaves the first as it was', () => {
    const bench = new SswiBench().probe();
    expect(codeOf(() => bench.probe({ path: '/soc/sswi@3f00000', cpus: [1], irq: 9 }))).toBe('ENOTSUPP');
    bench.bringup();
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect([bench.writes[0], bench.count(1, RESCHEDULE)]).toEqual(['cpu0 /soc/sswi@2f00000 4=1', 1]);
  });

  test('a CPU without a register is named, once, and takes nothing', () => {
    const bench = new SswiBench().probe({ cpus: [0, 1] }).bringup();
    bench.m.ipi.sendReschedule(3);
    bench.m.ipi.sendReschedule(3);
    bench.m.cpuhp.cpuDown(3);
    bench.m.settle();
    expect(bench.m.smp.diagnostics.take().map(({ message }) => message)).toEqual([expect.stringMatching(/^CPU 3 has no register in any SSWI device/) as string]);
    expect(bench.writes).toEqual([]);
  });
});
