import { irqToDesc } from '@irqchip/genirq-core';
import { makeProbeContext, ofFwnode } from '@irqchip/irqdomain';
import { CSR_STIMECMP, CSR_STIMECMPH, CSR_TIME, CSR_TIMEH, riscvTimer, SBI_EXT, type HartsOptions, type RiscvTimer } from '@irqchip/riscv';
import { codeOf, FakeMachine } from './fake-machine.ts';
import { fakeNode } from '@irqchip/test-support';

type Machine = FakeMachine & { timer: RiscvTimer; probe(hart: number): unknown };

function unprobed(isa = 'rv64imafdc_sstc', options: Partial<HartsOptions> = {}): Machine {
  const m = new FakeMachine(2, options) as Machine;
  const cpus = fakeNode('/cpus', { '#address-cells': [1], 'timebase-frequency': [10_000_000] });
  m.probe = (hart) => {
    const node = fakeNode(`/cpus/cpu@${hart}`, { compatible: ['riscv'], reg: [hart], 'riscv,isa': [isa] }, cpus);
    const ctx = makeProbeContext({ node, fwnode: ofFwnode(node.path), domains: m.domains, regions: [], parents: [] });
    return riscvTimer.probe(ctx, [m.harts, m.csr, m.sbi, m.cpuhp, m.events]);
  };
  return m;
}

function boot(isa: string, options: Partial<HartsOptions> = {}): Machine {
  const m = unprobed(isa, options);
  m.timer = m.probe(m.harts.hartids[0]!) as RiscvTimer;
  return m;
}

describe('with Sstc', () => {
  test('boot prints what Linux prints, in its order, and enables the timer on the boot CPU', () => {
    const m = boot('rv64imafdc_sstc');
    expect(m.log().filter((line) => !line.startsWith('irq:'))).toEqual([
      'clocksource: riscv_clocksource: mask: 0xffffffffffffffff max_cycles: 0x24e6a1710, max_idle_ns: 440795202120 ns',
      'riscv-timer: Timer interrupt in S-mode is available via sstc extension',
    ]);
    expect(irqToDesc(m.genirq, m.timer.irq)!.action?.name).toBe('riscv-timer');
    expect([m.csr.enabled(0, 5), m.csr.enabled(1, 5)]).toEqual([true, false]);
    expect(m.cpuhp.states().map(({ name }) => name)).toContain('clockevents/riscv/timer:starting');
  });

  test('an armed timer fires once, on its CPU, at its time', () => {
    const m = boot('rv64imafdc_sstc');
    const fired: unknown[] = [];
    m.events.onEvent(0, (event) => fired.push(event.cpu, m.smp.cpus.current, m.smp.cpus.inHardirq()));
    m.events.nextEvent(50_000);
    expect(m.csr.stimecmp(0)).toBe(500n);
    m.advance(499);
    expect(fired).toEqual([]);
    m.advance(1);
    expect(fired).toEqual([0, 0, true]);
    expect(m.csr.stimecmp(0)).toBe((1n << 64n) - 1n);
    m.advance(1_000_000);
    expect(fired).toHaveLength(3);
  });

  test('the compare value carries into the upper half', () => {
    const m = boot('rv64imafdc_sstc');
    m.csr.ticks = 0x1_ffff_ff00n;
    m.events.nextEvent(100_000);
    expect(m.csr.stimecmp(0)).toBe(0x2_0000_02e8n);
    m.events.nextEvent(3600e9);
    expect(m.csr.stimecmp(0)).toBe(0x1_ffff_ff00n + 36_000_000_000n);
  });

  test('RV32 writes halves so that no value between lies in the past', () => {
    const m = boot('rv32imafdc_sstc', { xlen: 32 });
    m.csr.ticks = 0x1_ffff_ff00n;
    m.csr.accesses.length = 0;
    m.events.nextEvent(100_000);
    const [cmp, cmph] = [CSR_STIMECMP.toString(16), CSR_STIMECMPH.toString(16)];
    expect(m.csr.accesses).toEqual([`write ${cmp} ffffffff 0`, `write ${cmph} 2 0`, `write ${cmp} 2e8 0`]);
  });

  test.each([['rv64imafdc_sstc', 64], ['rv32imafdc_sstc', 32]] as const)('%s: a counter that carries between the reads of its halves is read again', (isa, xlen) => {
    const m = boot(isa, { xlen });
    m.csr.ticks = 0x6_ffff_ffffn;
    const { read, readHi } = m.csr;
    const once = <T>(value: T): T => { m.csr.ticks = 0x7_0000_0005n; return value; };
    // Time goes on right after the first look at the upper half.
    if (xlen === 64) m.csr.readHi = (csr) => (csr === CSR_TIME ? once(readHi.call(m.csr, csr)) : readHi.call(m.csr, csr));
    else m.csr.read = (csr) => (csr === CSR_TIMEH ? once(read.call(m.csr, csr)) : read.call(m.csr, csr));
    m.events.nextEvent(50_000);
    expect(m.csr.stimecmp(0)).toBe(0x7_0000_01f9n);
  });

  test('deltas below 100 ticks are stretched to 100', () => {
    const m = boot('rv64imafdc_sstc');
    m.events.nextEvent(0);
    expect(m.csr.stimecmp(0)).toBe(100n);
  });
});

describe('without Sstc', () => {
  test('the firmware sets and stops the timer', () => {
    const m = boot('rv64imafdc');
    expect(m.log().some((line) => line.includes('sstc'))).toBe(false);
    expect(m.sbi.calls).toEqual([[SBI_EXT.TIME, 0, -1]]);
    m.events.nextEvent(50_000);
    expect(m.sbi.calls.at(-1)).toEqual([SBI_EXT.TIME, 0, 500]);
    m.csr.pend(0, 5);
    m.sbi.onCall = () => { m.csr.cell(0, m.harts.csr.ip).lo = 0; };
    m.on(0, () => undefined);
    expect(m.sbi.calls.at(-1)).toEqual([SBI_EXT.TIME, 0, -1]);
  });
});

describe('hotplug', () => {
  test('each CPU has its own timer; a dying CPU stops and masks it', () => {
    const m = boot('rv64imafdc_sstc');
    const { cpus } = m.smp;
    m.cpuhp.attach({
      bringup: (cpu) => cpus.runOn(cpu, () => {
        cpus.localIrqDisable();
        m.cpuhp.notifyCpuStarting(cpu);
        cpus.online.set(cpu);
        cpus.localIrqEnable();
      }),
      cpuDisable: (cpu) => void cpus.online.clear(cpu),
      cpuDead: () => undefined,
    });
    const fired: number[] = [];
    m.events.onEvent(1, ({ cpu }) => fired.push(cpu));
    m.cpuhp.cpuUp(1);
    expect(codeOf(() => m.events.of(1)!.nextEvent(100_000))).toBe('EINVAL');
    m.on(1, () => m.events.nextEvent(100_000));
    m.advance(1000);
    expect([fired, m.csr.enabled(1, 5), m.csr.enabled(0, 5)]).toEqual([[1], true, true]);
    m.on(1, () => m.events.nextEvent(100_000));
    m.cpuhp.cpuDown(1);
    expect([m.csr.enabled(1, 5), m.csr.enabled(0, 5), m.csr.stimecmp(1)]).toEqual([false, true, (1n << 64n) - 1n]);
    expect(m.smp.diagnostics.open).toEqual([]);
  });

  test('a CPU without a timer says so; a broadcast runs the handler of the one that has', () => {
    expect(codeOf(() => new FakeMachine(1).events.nextEvent(1))).toBe('ENODEV');
    const m = boot('rv64imafdc_sstc');
    let ticks = 0;
    m.events.onEvent(0, () => ticks++);
    m.events.receiveBroadcast();
    expect(ticks).toBe(1);
  });
});

describe('which node', () => {
  test('only the running hart\'s makes the timer', () => {
    const m = boot('rv64imafdc_sstc', { hartids: [1, 0] });
    expect(m.timer.irq).toBeGreaterThan(0);
    expect(m.probe(0)).toBeNull();
  });

  test('a hart that Linux does not run on is refused', () => {
    const m = boot('rv64imafdc_sstc');
    expect(codeOf(() => m.probe(9))).toBe('ENOENT');
    expect(m.log().at(-1)).toBe('riscv-timer: Invalid cpuid for hartid [9]');
  });

  test('without a timebase it is EINVAL, before anything is mapped', () => {
    const m = unprobed();
    const node = fakeNode('/cpus/cpu@0', { compatible: ['riscv'], reg: [0] }, fakeNode('/cpus', { '#address-cells': [1] }));
    const ctx = makeProbeContext({ node, fwnode: ofFwnode(node.path), domains: m.domains, regions: [], parents: [] });
    const before = [...m.genirq.descs].length;
    expect(codeOf(() => riscvTimer.probe(ctx, [m.harts, m.csr, m.sbi, m.cpuhp, m.events]))).toBe('EINVAL');
    expect([...m.genirq.descs]).toHaveLength(before);
  });

  test('a cpu node without a hartid is refused', () => {
    const m = boot('rv64imafdc_sstc');
    const node = fakeNode('/cpus/cpu@7', { compatible: ['riscv'] }, fakeNode('/cpus', { '#address-cells': [1] }));
    const ctx = makeProbeContext({ node, fwnode: ofFwnode(node.path), domains: m.domains, regions: [], parents: [] });
    expect(codeOf(() => riscvTimer.probe(ctx, [m.harts, m.csr, m.sbi, m.cpuhp, m.events]))).toBe('ENODEV');
    expect(m.log().at(-1)).toMatch(/^riscv-timer: Invalid hartid for node \[\/cpus\/cpu@7\]/);
  });

  test('machine-mode kernels do without', () => {
    expect(boot('rv64imafdc_sstc', { mode: 'M' }).timer).toBeNull();
  });

  test('without an INTC domain there is an error that says so', () => {
    const m = boot('rv64imafdc_sstc');
    m.harts.intcFwnode = ofFwnode('/elsewhere');
    expect(codeOf(() => m.probe(0))).toBe('ENODEV');
    expect(m.log().at(-1)).toMatch(/^riscv-timer: Failed to find irq_domain for INTC node/);
  });

  test('a timer that cannot be mapped says so, with the node of the local controller', () => {
    const m = unprobed();
    m.smp.faults.fail('irq_desc', { times: 2 }); // with the hwirq as hint, and without
    expect(codeOf(() => m.probe(0))).toBe('ENODEV');
    expect(m.log().at(-1)).toBe(`riscv-timer: Failed to map timer interrupt for node [${m.harts.intcFwnode!.name}]`);
  });

  test('a request that fails says so', () => {
    const m = unprobed();
    m.smp.faults.fail('irqaction');
    expect(codeOf(() => m.probe(0))).toBe('ENOMEM');
    expect(m.log().at(-1)).toBe('riscv-timer: registering percpu irq failed [-12]');
  });

  test('a hotplug state that is taken is EBUSY, and the log says so; the request stays, as in the kernel', () => {
    const m = unprobed();
    m.cpuhp.setupState('CPUHP_AP_RISCV_TIMER_STARTING', 'somebody else', null, null);
    expect(codeOf(() => m.probe(0))).toBe('EBUSY');
    expect(m.log().at(-1)).toBe('riscv-timer: cpu hp setup state failed for RISCV timer [-16]');
    expect([...m.genirq.descs].map(({ action }) => action?.name)).toContain('riscv-timer');
    expect(m.csr.enabled(0, 5)).toBe(false);
  });

  test('a second timer cannot request the interrupt again', () => {
    const m = boot('rv64imafdc_sstc');
    expect(codeOf(() => m.probe(0))).toBe('EBUSY');
    expect(m.log().at(-1)).toBe('riscv-timer: registering percpu irq failed [-16]');
  });
});
