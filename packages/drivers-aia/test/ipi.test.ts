import { IPI } from '@irqchip/riscv';
import { Bench, type BenchOptions } from './bench.ts';

const booted = (options: BenchOptions = {}): Bench => {
  const bench = new Bench(options);
  bench.boot();
  return bench;
};
const ipiCount = (bench: Bench, cpu: number, op: number): number => bench.m.genirq.irqToDesc(1 + op)!.countOn(cpu);

test('an IPI is a store of 1 to the target page, and reaches that CPU alone', () => {
  const bench = booted();
  bench.m.ipi.sendReschedule(2);
  expect([0, 1, 2, 3].map((hart) => bench.hw.file(hart).isPending(1))).toEqual([false, false, true, false]);
  bench.m.settle();
  expect([0, 1, 2, 3].map((cpu) => ipiCount(bench, cpu, IPI.RESCHEDULE))).toEqual([0, 0, 1, 0]);
  expect(bench.hw.file(2).isPending(1)).toBe(false);
});

test('a function call runs on the other CPU before the caller goes on', () => {
  const bench = booted();
  const ran: number[] = [];
  bench.m.ipi.smpCallFunctionSingle(3, () => { ran.push(bench.m.smp.cpus.current); }, null, true);
  expect(ran).toEqual([3]);
});

test.each<[string, BenchOptions]>([
  ['M mode', { mode: 'M' }],
  ['RV32', { xlen: 32 }],
  ['sparse hartids', { hartids: [4, 0, 9, 77] }],
  ['Linux 7.2', { linux: '7.2' }],
  ['guest files between the pages', { properties: { 'riscv,guest-index-bits': 2 }, regions: [{ base: 0x28000000, size: 0x10000 }] }],
  ['two sockets', {
    properties: { 'riscv,hart-index-bits': 1, 'riscv,group-index-bits': 1 },
    regions: [{ base: 0x28000000, size: 0x2000 }, { base: 0x29000000, size: 0x2000 }],
  }],
  ['a region that ends in a hole', {
    properties: { 'riscv,guest-index-bits': 1, 'riscv,group-index-bits': 1 },
    regions: [{ base: 0x28000000, size: 0x3000 }, { base: 0x29000000, size: 0x4000 }],
  }],
])('%s: every CPU reaches every CPU', (_name, options) => {
  const bench = booted(options);
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      bench.m.smp.cpus.runOn(from, () => bench.m.ipi.sendReschedule(to));
      bench.m.settle();
    }
  }
  expect([0, 1, 2, 3].map((cpu) => ipiCount(bench, cpu, IPI.RESCHEDULE))).toEqual([4, 4, 4, 4]);
  expect(bench.m.smp.diagnostics.open).toEqual([]);
});

test('M mode uses the machine CSRs and the machine external interrupt', () => {
  const bench = new Bench({ mode: 'M' });
  bench.m.csrLog = [];
  bench.boot();
  expect(new Set(bench.m.csrLog.map((entry) => entry.split(' ')[1]))).toEqual(new Set(['0x350', '0x351']));
  expect([0, 1, 2, 3].map((cpu) => bench.m.enabledOn(cpu))).toEqual([1 << 11, 1 << 11, 1 << 11, 1 << 11]);
});

test('IPIs whose stores are delayed arrive when the stores do, merged', () => {
  const bench = booted({ hardware: { delayed: true } });
  bench.m.ipi.sendReschedule(1);
  bench.m.ipi.sendReschedule(1);
  bench.m.settle();
  expect([bench.hw.waiting(1), ipiCount(bench, 1, IPI.RESCHEDULE)]).toEqual([1, 0]);
  bench.hw.flush();
  bench.m.settle();
  expect(ipiCount(bench, 1, IPI.RESCHEDULE)).toBe(1);
});

test('a send that comes while the handler runs is not lost', () => {
  const bench = booted();
  let again = 2;
  bench.m.ipi.attach({ reschedule: () => { if (again-- > 0) bench.m.ipi.sendReschedule(1); } });
  bench.m.ipi.sendReschedule(1);
  bench.m.settle();
  expect(ipiCount(bench, 1, IPI.RESCHEDULE)).toBe(3);
});

describe('CPU hotplug', () => {
  test('a CPU that starts enables, in this order: the matrix, the parent, identity 1, its identities, delivery', () => {
    const bench = new Bench().early();
    const file = bench.hw.file(1);
    expect([file.delivery, file.isEnabled(1), bench.m.enabledOn(1), bench.imsic.state!.matrix.onlineMaps]).toEqual([0, false, 0, 1]);
    bench.m.csrLog = [];
    bench.m.cpuhp.cpuUp(1);
    expect([file.delivery, file.threshold, file.isEnabled(1), bench.m.enabledOn(1), bench.imsic.state!.matrix.onlineMaps]).toEqual([1, 0, true, 1 << 9, 2]);
    const selects = bench.m.csrLog.filter((entry) => entry === 'CPU1 0x150').length;
    expect(selects).toBe(1 + 254 + 2);
  });

  test('identities that firmware left enabled are disabled', () => {
    const bench = new Bench().early();
    const file = bench.hw.file(1);
    file.select = 0xc0;
    file.writeIreg(-1, -1);
    bench.m.cpuhp.cpuUp(1);
    expect([1, 2, 63, 255].map((id) => file.isEnabled(id))).toEqual([true, false, false, false]);
  });

  test('a CPU that dies disables identity 1 and leaves parent and delivery on', () => {
    const bench = booted();
    const file = bench.hw.file(2);
    bench.m.cpuhp.cpuDown(2);
    expect([file.isEnabled(1), file.delivery, bench.m.enabledOn(2), bench.imsic.state!.matrix.onlineMaps]).toEqual([false, 1, 1 << 9, 3]);
    bench.m.cpuhp.cpuUp(2);
    expect([file.isEnabled(1), bench.imsic.state!.matrix.onlineMaps]).toEqual([true, 4]);
  });

  test('an IPI to an offline CPU waits in the mux and is delivered when the CPU is back', () => {
    const bench = booted();
    bench.m.cpuhp.cpuDown(1);
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect([bench.hw.file(1).isPending(1), ipiCount(bench, 1, IPI.RESCHEDULE)]).toEqual([false, 0]);
    bench.m.cpuhp.cpuUp(1);
    bench.m.settle();
    expect(ipiCount(bench, 1, IPI.RESCHEDULE)).toBe(1);
  });
});

describe('irqchip.riscv_imsic_noipi', () => {
  test('no mux, no range; identity 1 is like any other', () => {
    const bench = new Bench({ driver: { noipi: true } });
    bench.boot();
    expect([bench.m.ipi.haveVirqRange, bench.m.muxes.all.length, bench.hw.file(0).isEnabled(1)]).toEqual([false, 0, false]);
    expect(bench.imsic.state!.matrix.systemMap.toList()).toBe('0');
    expect(bench.m.log().some((line) => line.includes('providing IPIs'))).toBe(false);
    bench.m.smp.diagnostics.take();
  });
});
