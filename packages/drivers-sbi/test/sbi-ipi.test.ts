import { CPUHP } from '@irqchip/cpuhp';
import { irqDebugShow } from '@irqchip/genirq-core';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { irqFindMapping, irqFindMatchingFwnode } from '@irqchip/irqdomain';
import { CSR, HARTS, IPI, RISCV_IPI, SBI, type Sbi } from '@irqchip/riscv';
import type { ServiceToken } from '@irqchip/smp';
import { lineEffects, SbiFirmware, type FirmwarePort, type SbiFirmwareOptions } from '../hardware/index.ts';
import { sbiIpi, sbiProbeExtension } from '../src/index.ts';
import { FakeClock } from './bench.ts';
import { FakeNode, MiniMachine, type MiniMachineOptions } from '@irqchip/test-support';

interface Rig {
  m: MiniMachine;
  firmware: SbiFirmware;
  port: FirmwarePort;
  calls: number[][];
  init(): unknown;
  /** Brings all CPUs up. */
  boot(): Rig;
}

function rig(options: MiniMachineOptions & { firmware?: Partial<SbiFirmwareOptions>; intc?: boolean; sbi?: (port: FirmwarePort) => Sbi } = {}): Rig {
  const m = new MiniMachine({ aia: false, ...options });
  const { hartids, xlen } = m.harts;
  const effects = { ...lineEffects(m.lines, new FakeClock()), start: () => undefined, stop: () => undefined };
  const firmware = new SbiFirmware(effects, { hartids, xlen, started: hartids, ...options.firmware });
  const port = firmware.port(() => m.harts.cpuidToHartid(m.smp.cpus.current));
  const calls: number[][] = [];
  const ecall = port.ecall.bind(port);
  port.ecall = (eid, fid, a0 = 0, a1 = 0, a2 = 0) => { calls.push([eid, fid, a0, a1]); return ecall(eid, fid, a0, a1, a2); };
  const services = new Map<ServiceToken<unknown>, unknown>([
    [HARTS, m.harts], [CSR, m.csr], [SBI, options.sbi?.(port) ?? port], [IPI_MUX, m.muxes], [CPUHP, m.cpuhp], [RISCV_IPI, m.ipi],
  ]);
  if (options.intc ?? true) m.initIntc();
  const it: Rig = {
    m, firmware, port, calls,
    init: () => m.probe(sbiIpi, m.context(new FakeNode('/', null), [], []), services),
    boot: () => {
      it.init();
      for (const cpu of m.smp.cpus.present) if (!m.smp.cpus.online.test(cpu)) m.cpuhp.cpuUp(cpu);
      calls.length = 0;
      return it;
    },
  };
  return it;
}

const count = ({ m }: Rig, cpu: number): number => m.genirq.irqToDesc(2 + IPI.RESCHEDULE)!.countOn(cpu);
const softVirq = ({ m }: Rig): number => irqFindMapping(irqFindMatchingFwnode(m.domains, m.harts.intcFwnode, 0), 1);

describe('sbi_ipi_init', () => {
  // Linux 6.12.107 on QEMU 10.0.2 `virt`, boards plic-smp4 and aplic-smp4; the INTC's lines left out.
  test('maps the soft interrupt, makes the mux, announces itself; soft is irq 1, the IPIs are irqs 2 to 9', () => {
    const it = rig();
    expect(it.init()).toBe(true);
    expect(it.m.log().slice(1)).toEqual([
      'irq: irq_create_mapping(0x(____ptrval____), 0x1)',
      'irq: irq 1 on domain interrupt-controller mapped to virtual irq 1',
      'irq: Added domain IPI-Mux',
      'riscv: providing IPIs using SBI IPI extension',
    ]);
    expect([softVirq(it), it.m.muxes.all[0]!.virq]).toEqual([1, 2]);
    expect(it.m.cpuhp.states().map(({ name }) => name)).toContain('irqchip/sbi-ipi:starting');
    expect(it.m.smp.diagnostics.open).toEqual([]);
  });

  test('the chained handler is called sbi_ipi_handle', () => {
    const it = rig();
    it.init();
    expect(irqDebugShow(it.m.genirq.irqToDesc(1)!)).toMatch(/^handler:  sbi_ipi_handle\n/);
  });

  test('does nothing, and says nothing, when somebody provides IPIs already', () => {
    const it = rig();
    const mux = it.m.muxes.create({ nrIpi: 8, send: () => undefined, parent: 'other' });
    it.m.ipi.setVirqRange(mux.virq, 8);
    const before = it.m.log().length;
    expect(it.init()).toBe(false);
    expect([it.m.log().length, softVirq(it)]).toEqual([before, 0]);
  });

  test('does nothing in machine mode', () => {
    const it = rig({ mode: 'M' });
    expect([it.init(), it.m.ipi.haveVirqRange]).toEqual([false, false]);
  });

  test('without an INTC domain it says so and returns', () => {
    const it = rig({ intc: false });
    expect(it.init()).toBe(false);
    expect(it.m.log()).toEqual(['riscv: unable to find INTC IRQ domain']);
  });

  test('without a mapping it says so and returns', () => {
    const it = rig();
    it.m.smp.faults.fail('irq_desc');
    expect(it.init()).toBe(false);
    expect(it.m.log().at(-1)).toBe('riscv: unable to create INTC IRQ mapping');
  });

  test.each(['fwnode', 'irq_domain', 'percpu'])('without a mux (failure at %s) the mapping is given back', (site) => {
    const it = rig();
    it.m.smp.faults.fail(site);
    expect(it.init()).toBe(false);
    expect(it.m.log().at(-1)).toBe('riscv: unable to create muxed IPIs');
    expect([softVirq(it), it.m.genirq.irqToDesc(1), it.m.ipi.haveVirqRange]).toEqual([0, null, false]);
    expect(it.init()).toBe(true);
  });

  test('without its hotplug state it goes on as the kernel does, and a finding says who is left out', () => {
    const it = rig();
    it.m.cpuhp.setupState('CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING', 'somebody else', null, null);
    expect(it.init()).toBe(true);
    expect(it.m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^irqchip\/sbi-ipi:starting.*CPUs that come up later take no IPIs.*taken by 'somebody else'/),
    ]);
    expect(it.m.log().at(-1)).toBe('riscv: providing IPIs using SBI IPI extension');
    it.m.cpuhp.cpuUp(1);
    for (const cpu of [0, 1]) it.m.ipi.sendReschedule(cpu);
    it.m.settle();
    expect([count(it, 0), count(it, 1), it.m.enabledOn(1)]).toEqual([1, 0, 0]);
  });

  test('a second time finds the range and returns', () => {
    const it = rig();
    expect([it.init(), it.init()]).toEqual([true, false]);
  });

  test('matches no node', () => {
    expect([sbiIpi.compatible, sbiIpi.stage]).toEqual([[], 'arch']);
  });
});

describe('sending', () => {
  test('is one call a CPU: mask 1, based on the hartid', () => {
    const it = rig({ hartids: [7, 0, 3, 100] }).boot();
    it.m.ipi.sendReschedule(3);
    it.m.ipi.sendReschedule(2);
    expect(it.calls).toEqual([[0x735049, 0, 1, 100], [0x735049, 0, 1, 3]]);
    it.m.settle();
    expect([0, 1, 2, 3].map((cpu) => count(it, cpu))).toEqual([0, 0, 1, 1]);
  });

  test('every CPU reaches every CPU, itself included', () => {
    const it = rig().boot();
    for (let from = 0; from < 4; from++) {
      for (let to = 0; to < 4; to++) {
        it.m.smp.cpus.runOn(from, () => it.m.ipi.sendReschedule(to));
        it.m.settle();
      }
    }
    expect([0, 1, 2, 3].map((cpu) => count(it, cpu))).toEqual([4, 4, 4, 4]);
    expect(it.m.smp.diagnostics.open).toEqual([]);
  });

  test('two sends before the target takes the interrupt are one call', () => {
    const it = rig().boot();
    it.m.ipi.sendReschedule(1);
    it.m.ipi.sendReschedule(1);
    it.m.settle();
    expect([it.calls.length, count(it, 1)]).toEqual([1, 1]);
  });

  test('an error goes to the log and no further', () => {
    const it = rig().boot();
    it.port.ecall = () => -3;
    it.m.ipi.sendReschedule(2);
    expect(it.m.log().at(-1)).toBe('__sbi_send_ipi_v02: hbase = [2] failed (error [-22])');
    it.port.ecall = () => -6;
    it.m.ipi.sendReschedule(1);
    expect(it.m.log().at(-1)).toBe('__sbi_send_ipi_v02: hbase = [1] failed (error [-524])');
  });

  test('SSIP is cleared before the mux is processed: a send from within a handler is delivered by a further interrupt', () => {
    const it = rig().boot();
    let again = 3;
    it.m.ipi.attach({ reschedule: () => { if (again-- > 0) it.m.ipi.sendReschedule(1); } });
    it.m.ipi.sendReschedule(1);
    it.m.settle();
    expect(count(it, 1)).toBe(4);
    expect(it.m.pendingOn(1) & 2).toBe(0);
  });
});

describe('firmware without the IPI extension', () => {
  const LEGACY: Partial<SbiFirmwareOptions> = { extensions: ['TIME', 'HSM', 'LEGACY'] };

  test.each<[string, Partial<SbiFirmwareOptions>]>([['probe says no', LEGACY], ['SBI v0.1', { spec: 1 }]])('%s: the legacy call, with a mask of one bit', (_name, firmware) => {
    const it = rig({ hartids: [0, 5, 33, 63], firmware }).boot();
    for (let cpu = 0; cpu < 4; cpu++) it.m.ipi.sendReschedule(cpu);
    it.m.settle();
    expect(it.calls.map(([eid]) => eid)).toEqual([4, 4, 4, 4]);
    expect([0, 1, 2, 3].map((cpu) => count(it, cpu))).toEqual([1, 1, 1, 1]);
  });

  test('a hartid of XLEN or more cannot be named: a warning, and a call with an empty mask', () => {
    const it = rig({ hartids: [0, 64, 2, 3], firmware: LEGACY }).boot();
    it.m.ipi.sendReschedule(1);
    it.m.settle();
    expect(it.m.log().at(-1)).toBe('Unable to send any request to hartid > BITS_PER_LONG for SBI v0.1');
    expect([it.calls.length, count(it, 1)]).toEqual([1, 0]);
  });

  test('on RV32 that is hartid 32', () => {
    const it = rig({ hartids: [0, 31, 32, 3], xlen: 32, firmware: LEGACY }).boot();
    it.m.ipi.sendReschedule(1);
    it.m.ipi.sendReschedule(2);
    it.m.settle();
    expect([count(it, 1), count(it, 2)]).toEqual([1, 0]);
  });

  test('a port that cannot take a mask by address is reported', () => {
    const it = rig({ firmware: LEGACY, sbi: (port) => ({ ecall: (...args) => port.ecall(...args), get value() { return port.value; } }) }).boot();
    it.m.ipi.sendReschedule(1);
    expect(it.m.smp.diagnostics.take('sbi')).toHaveLength(1);
  });
});

describe('CPU hotplug', () => {
  test('the parent is enabled on a CPU that starts and stays enabled when it goes', () => {
    const it = rig();
    it.init();
    expect([0, 1].map((cpu) => it.m.enabledOn(cpu))).toEqual([2, 0]);
    it.m.cpuhp.cpuUp(1);
    expect(it.m.enabledOn(1)).toBe(2);
    it.m.cpuhp.cpuDown(1);
    expect(it.m.enabledOn(1)).toBe(2);
  });

  test('an IPI to an offline CPU waits in the mux, without a call, until the CPU is back', () => {
    const it = rig().boot();
    it.m.cpuhp.cpuDown(2);
    it.m.ipi.sendReschedule(2);
    expect(it.calls).toEqual([]);
    it.m.cpuhp.cpuUp(2);
    it.m.settle();
    expect(count(it, 2)).toBe(1);
  });
});

test('sbi_probe_extension', () => {
  const { port } = rig({ firmware: { extensions: ['HSM'] } });
  expect([sbiProbeExtension(port, 0x48534d), sbiProbeExtension(port, 0x735049)]).toEqual([true, false]);
});
