// The cases of kernel/irq/irq_test.c under their names.
import { CpuMask, Smp } from '@irqchip/smp';
import {
  affinityOnlineCpu, allocDescs, disableIrq, enableIrq, freeIrq, Genirq, handleSimpleIrq, IRQD, irqActivate, irqShutdownAndDeactivate, irqStartupManaged, migrateAllOffThisCpu, requestIrq, setChipAndHandler, type IrqDesc,
} from '../src/index.ts';
import { fakeChip, handled } from './fixture.ts';

const NR_CPUS = 2;

function setup(managed?: number[]): { smp: Smp; genirq: Genirq; irq: number; desc: IrqDesc; has(bit: number): boolean } {
  const smp = new Smp({ nrCpus: NR_CPUS });
  smp.cpus.online.set(1);
  const genirq = new Genirq(smp);
  const affinity = managed ? [{ mask: new CpuMask(NR_CPUS, managed), isManaged: true }] : null;
  const irq = allocDescs(genirq, -1, 1, 1, 0, affinity);
  setChipAndHandler(genirq, irq, fakeChip(), handleSimpleIrq);
  requestIrq(genirq, irq, handled, 0, 'test_irq');
  const desc = genirq.irqToDesc(irq)!;
  return { smp, genirq, irq, desc, has: (bit) => (desc.common.state & bit) !== 0 };
}

/** As the dying CPU does it, interrupts off. */
function removeCpu({ smp, genirq }: { smp: Smp; genirq: Genirq }, cpu: number): void {
  smp.cpus.runOn(cpu, () => {
    const flags = smp.cpus.localIrqSave();
    smp.cpus.online.clear(cpu);
    migrateAllOffThisCpu(genirq);
    smp.cpus.localIrqRestore(flags);
  });
}

function addCpu({ smp, genirq }: { smp: Smp; genirq: Genirq }, cpu: number): void {
  smp.cpus.online.set(cpu);
  smp.cpus.runOn(cpu, () => affinityOnlineCpu(genirq, cpu));
}

test('irq_disable_depth_test', () => {
  const { genirq, irq, desc } = setup();
  expect(desc.depth).toBe(0);
  disableIrq(genirq, irq);
  expect(desc.depth).toBe(1);
  enableIrq(genirq, irq);
  expect(desc.depth).toBe(0);
  freeIrq(genirq, irq);
});

test('irq_free_disabled_test', () => {
  const { genirq, irq, desc } = setup();
  expect(desc.depth).toBe(0);
  disableIrq(genirq, irq);
  expect(desc.depth).toBe(1);
  freeIrq(genirq, irq);
  expect(desc.depth).toBeGreaterThanOrEqual(1);
  requestIrq(genirq, irq, handled, 0, 'test_irq');
  expect(desc.depth).toBe(0);
  freeIrq(genirq, irq);
});

test('irq_shutdown_depth_test', () => {
  const { genirq, irq, desc, has } = setup([0, 1]);
  expect([has(IRQD.ACTIVATED), has(IRQD.IRQ_STARTED), has(IRQD.AFFINITY_MANAGED), desc.depth]).toEqual([true, true, true, 0]);
  disableIrq(genirq, irq);
  expect(desc.depth).toBe(1);
  const flags = desc.lock.lockIrqsave();
  irqShutdownAndDeactivate(desc);
  desc.lock.unlockIrqrestore(flags);
  expect([has(IRQD.ACTIVATED), has(IRQD.IRQ_STARTED)]).toEqual([false, false]);
  irqActivate(desc);
  const again = desc.lock.lockIrqsave();
  irqStartupManaged(desc);
  desc.lock.unlockIrqrestore(again);
  expect(desc.depth).toBe(1);
  enableIrq(genirq, irq);
  expect(desc.depth).toBe(0);
  freeIrq(genirq, irq);
});

test('irq_cpuhotplug_test', () => {
  const bench = setup([1]);
  const { genirq, irq, desc, has } = bench;
  expect(desc.common.effectiveAffinity.toList()).toBe('1');
  expect([has(IRQD.ACTIVATED), has(IRQD.IRQ_STARTED), has(IRQD.AFFINITY_MANAGED), desc.depth]).toEqual([true, true, true, 0]);
  disableIrq(genirq, irq);
  expect(desc.depth).toBe(1);
  removeCpu(bench, 1);
  expect([has(IRQD.ACTIVATED), has(IRQD.IRQ_STARTED)]).toEqual([false, false]);
  expect(desc.depth).toBeGreaterThanOrEqual(1);
  addCpu(bench, 1);
  expect(desc.depth).toBe(1);
  enableIrq(genirq, irq);
  expect([has(IRQD.ACTIVATED), has(IRQD.IRQ_STARTED), desc.depth]).toEqual([true, true, 0]);
  freeIrq(genirq, irq);
});

test('a managed interrupt that its driver disabled is not enabled behind its back, however many of its CPUs come up', () => {
  const smp = new Smp({ nrCpus: 4 });
  for (let cpu = 1; cpu < 4; cpu++) smp.cpus.online.set(cpu);
  const genirq = new Genirq(smp);
  const irq = allocDescs(genirq, -1, 1, 1, 0, [{ mask: new CpuMask(4, [2, 3]), isManaged: true }]);
  setChipAndHandler(genirq, irq, fakeChip(), handleSimpleIrq);
  requestIrq(genirq, irq, handled, 0, 'test_irq');
  const desc = genirq.irqToDesc(irq)!;
  disableIrq(genirq, irq);
  for (const cpu of [3, 2]) removeCpu({ smp, genirq }, cpu);
  for (const cpu of [2, 3]) addCpu({ smp, genirq }, cpu);
  expect([desc.depth, desc.common.state & IRQD.IRQ_DISABLED]).toEqual([1, IRQD.IRQ_DISABLED]);
});

test('a managed interrupt whose CPUs are all offline stays off with depth 1 when it is requested', () => {
  const smp = new Smp({ nrCpus: 2 });
  const genirq = new Genirq(smp);
  const irq = allocDescs(genirq, -1, 1, 1, 0, [{ mask: new CpuMask(2, [1]), isManaged: true }]);
  setChipAndHandler(genirq, irq, fakeChip(), handleSimpleIrq);
  requestIrq(genirq, irq, handled, 0, 'test_irq');
  const desc = genirq.irqToDesc(irq)!;
  expect([desc.depth, desc.common.state & (IRQD.MANAGED_SHUTDOWN | IRQD.IRQ_STARTED)]).toEqual([1, IRQD.MANAGED_SHUTDOWN]);
  expect(smp.diagnostics.take()).toEqual([]);
  addCpu({ smp, genirq }, 1);
  expect([desc.depth, desc.common.state & (IRQD.MANAGED_SHUTDOWN | IRQD.IRQ_STARTED), desc.common.effectiveAffinity.toList()]).toEqual([0, IRQD.IRQ_STARTED, '1']);
});
