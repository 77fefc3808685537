import { IRQCHIP, IRQD, irqSetAffinity, irqSetAffinityNotifier, makeIrqData, runAffinityNotify } from '@irqchip/irqdesc';
import { migrateAllOffThisCpu } from '../src/affinity/migrate.ts';
import { affinityOnlineCpu } from '../src/affinity/online.ts';
import { bench, has, irqsOff, type Bench } from './affinity-fixture.ts';
import { makeAction, maskOf } from './proc-board.ts';

/** What the arch code does on the dying CPU. */
function dies(b: Bench, cpu: number): void {
  b.smp.cpus.online.clear(cpu);
  irqsOff(b, cpu, () => migrateAllOffThisCpu(b.genirq));
}

function comesUp(b: Bench, cpu: number): void {
  b.smp.cpus.online.set(cpu);
  b.smp.cpus.runOn(cpu, () => affinityOnlineCpu(b.genirq, cpu));
}

function goesTo(b: Bench, ...cpus: number[]): void {
  irqSetAffinity(b.genirq, b.irq, b.mask(...cpus));
  b.chip.calls.length = 0;
}

describe('taking a CPU off', () => {
  test('an interrupt with other CPUs in its affinity moves to them and keeps its mask', () => {
    const b = bench();
    goesTo(b, 1, 2);
    dies(b, 1);
    expect(b.chip.calls).toEqual(['affinity 2']);
    expect(b.desc.common.affinity.toList()).toBe('1-2');
    expect(b.desc.common.effectiveAffinity.toList()).toBe('2');
  });

  test('an interrupt pinned to the CPU goes to all online ones, and does not come back', () => {
    const b = bench();
    const told: string[] = [];
    goesTo(b, 1);
    irqSetAffinityNotifier(b.genirq, b.irq, (mask) => told.push(mask.toList()));
    dies(b, 1);
    expect(b.desc.common.affinity.toList()).toBe('0,2-3');
    expect(b.smp.log.records.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(told).toEqual([]);
    runAffinityNotify(b.genirq);
    expect(told).toEqual(['0,2-3']);
    comesUp(b, 1);
    expect(b.desc.common.affinity.toList()).toBe('0,2-3');
    expect(b.smp.log.records.at(-1)).toMatchObject({ level: 'debug', text: 'IRQ 1: no longer affine to CPU1' });
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test.each([
    ['per-CPU', (b: Bench) => { b.desc.common.state |= IRQD.PER_CPU; }],
    ['not started', (b: Bench) => { b.desc.common.state &= ~IRQD.IRQ_STARTED; }],
    ['elsewhere', (b: Bench) => { b.desc.common.effectiveAffinity.copy(maskOf(b.genirq, 2)); }],
  ])('an interrupt that is %s stays as it is', (_name, change) => {
    const b = bench();
    goesTo(b, 1);
    change(b);
    dies(b, 1);
    expect(b.chip.calls).toEqual([]);
    expect(b.desc.common.affinity.toList()).toBe('1');
  });

  test('a chip that says no effective affinity is judged by the whole mask', () => {
    const b = bench();
    b.chip.updates = false;
    goesTo(b, 1);
    dies(b, 1);
    expect(b.chip.calls).toEqual(['affinity 0,2-3']);
  });

  test('an interrupt left on offline CPUs by an earlier mistake is moved with a warning', () => {
    const b = bench();
    goesTo(b, 3);
    b.smp.cpus.online.clear(3);
    dies(b, 1);
    expect(b.chip.calls).toEqual(['affinity 0,2']);
    expect(b.smp.log.records).toContainEqual(expect.objectContaining({ level: 'warn', text: 'Eff. affinity 3 of IRQ 1 contains only offline CPUs after offlining CPU 1' }));
  });

  test('a managed interrupt without a CPU left is shut down, its mask kept; it starts when its CPU is back', () => {
    const b = bench({ affinity: { mask: bench().mask(1), isManaged: true } });
    b.desc.action = makeAction(b.desc, 'nvme0q2');
    b.desc.common.state &= ~IRQD.MANAGED_SHUTDOWN;
    goesTo(b, 1);
    dies(b, 1);
    expect(b.desc.common.affinity.toList()).toBe('1');
    expect([has(b.desc, IRQD.MANAGED_SHUTDOWN), has(b.desc, IRQD.IRQ_STARTED), has(b.desc, IRQD.ACTIVATED), b.desc.depth]).toEqual([true, false, false, 1]);
    comesUp(b, 2);
    expect(has(b.desc, IRQD.MANAGED_SHUTDOWN)).toBe(true);
    comesUp(b, 1);
    expect([has(b.desc, IRQD.MANAGED_SHUTDOWN), has(b.desc, IRQD.IRQ_STARTED), has(b.desc, IRQD.ACTIVATED), b.desc.depth]).toEqual([false, true, true, 0]);
    expect(b.desc.common.effectiveAffinity.toList()).toBe('1');
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('a managed interrupt disabled by its driver stays disabled through both of its CPUs', () => {
    const b = bench({ affinity: { mask: bench().mask(1, 2), isManaged: true } });
    b.desc.action = makeAction(b.desc, 'nvme0q1');
    b.desc.common.state = (b.desc.common.state & ~IRQD.MANAGED_SHUTDOWN) | IRQD.IRQ_DISABLED;
    b.desc.depth = 1;
    goesTo(b, 1, 2);
    dies(b, 1);
    dies(b, 2);
    expect(b.desc.depth).toBe(2);
    comesUp(b, 1);
    comesUp(b, 2);
    expect(b.desc.depth).toBe(1);
    expect(has(b.desc, IRQD.IRQ_STARTED)).toBe(false);
  });

  test('no room on its CPUs: an unmanaged interrupt is sent to all online ones, a managed one stays and is reported', () => {
    const b = bench();
    goesTo(b, 1, 2);
    b.chip.failures.push('ENOSPC');
    dies(b, 1);
    expect(b.chip.calls).toEqual(['affinity 2', 'affinity 0,2-3']);
    const managed = bench();
    goesTo(managed, 1, 2);
    managed.desc.common.state |= IRQD.AFFINITY_MANAGED;
    managed.chip.failures.push('ENOSPC');
    dies(managed, 1);
    expect(managed.chip.calls).toEqual(['affinity 2']);
    expect(managed.smp.log.records).toContainEqual(expect.objectContaining({ level: 'warn', text: 'IRQ1: set affinity failed(-28).' }));
  });

  test('a chip that defers moves is masked around the migration, unless it is masked already', () => {
    const b = bench({ linux: '7.2', flags: IRQCHIP.MOVE_DEFERRED });
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    dies(b, 1);
    expect(b.chip.calls).toEqual(['mask', 'affinity 0,2-3', 'unmask']);
    b.chip.calls.length = 0;
    b.desc.common.effectiveAffinity.copy(b.mask(2));
    b.desc.common.state |= IRQD.IRQ_MASKED;
    dies(b, 2);
    expect(b.chip.calls).toEqual(['affinity 0,3']);
  });

  test('a pending move with an online target is the target; one without is dropped', () => {
    const b = bench({ linux: '7.2', flags: IRQCHIP.MOVE_DEFERRED });
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    irqSetAffinity(b.genirq, b.irq, b.mask(3));
    dies(b, 1);
    expect(b.chip.calls).toEqual(['mask', 'affinity 3', 'unmask']);
    expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
    irqSetAffinity(b.genirq, b.irq, b.mask(2));
    dies(b, 2);
    expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
    expect(b.desc.common.affinity.toList()).toBe('3');
  });

  test('a pending move whose targets are gone is forgotten, and the affinity decides', () => {
    const b = bench({ linux: '7.2', flags: IRQCHIP.MOVE_DEFERRED });
    b.desc.common.affinity.copy(b.mask(1, 2));
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    irqSetAffinity(b.genirq, b.irq, b.mask(1));
    dies(b, 1);
    expect(b.chip.calls).toEqual(['mask', 'affinity 2', 'unmask']);
    expect(b.desc.common.affinity.toList()).toBe('1-2');
    expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
  });

  test('the first level that can completes an unfinished move first', () => {
    const b = bench();
    goesTo(b, 1);
    const calls: string[] = [];
    const parent = { name: 'parent', irqForceCompleteMove: () => { calls.push('complete'); } };
    b.desc.irqData.parentData = makeIrqData(b.irq, parent, b.desc.common, null);
    dies(b, 1);
    expect(calls).toEqual(['complete']);
  });

  test('a chip without irqSetAffinity is left where it is', () => {
    const b = bench();
    b.desc.irqData.chip = { name: 'stubborn' };
    dies(b, 1);
    expect(b.smp.log.records).toEqual([expect.objectContaining({ level: 'debug', text: 'IRQ 1: Unable to migrate away' })]);
  });
});

describe('a CPU that comes up', () => {
  test('a managed interrupt is spread to it again, a single-target one is not moved', () => {
    const b = bench();
    b.desc.action = makeAction(b.desc, 'a');
    goesTo(b, 1, 2);
    b.desc.common.state |= IRQD.AFFINITY_MANAGED;
    comesUp(b, 2);
    expect(b.chip.calls).toEqual(['affinity 1-2']);
    b.desc.common.state |= IRQD.SINGLE_TARGET;
    comesUp(b, 2);
    expect(b.chip.calls).toHaveLength(1);
  });

  test('a single-target interrupt leaves its isolated CPU for a housekeeping one', () => {
    const b = bench({ managedIrqHousekeeping: bench().mask(0) });
    b.desc.action = makeAction(b.desc, 'a');
    goesTo(b, 0, 1);
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    b.desc.common.state |= IRQD.AFFINITY_MANAGED | IRQD.SINGLE_TARGET;
    comesUp(b, 1);
    expect(b.chip.calls).toEqual([]);
    comesUp(b, 0);
    expect(b.chip.calls).toEqual(['affinity 0']);
    comesUp(b, 0);
    expect(b.chip.calls).toHaveLength(1); // it is on a housekeeping CPU now
  });

  test('one whose mask has other CPUs is left alone', () => {
    const b = bench();
    b.desc.action = makeAction(b.desc, 'a');
    goesTo(b, 1);
    b.desc.common.state |= IRQD.AFFINITY_MANAGED;
    comesUp(b, 2);
    expect(b.chip.calls).toEqual([]);
  });

  test('one without an action, or that is not managed, is left alone', () => {
    const b = bench();
    goesTo(b, 1);
    comesUp(b, 1);
    b.desc.common.state |= IRQD.AFFINITY_MANAGED;
    comesUp(b, 1);
    expect(b.chip.calls).toEqual([]);
  });
});
