import {
  IRQ, IRQ_SET_MASK, irqCanSetAffinity, irqCanSetAffinityUsr, IRQD, irqDoSetAffinity, irqForceAffinity, IRQS, irqSetAffinity,
  irqSetAffinityNotifier, irqSetupAffinity, runAffinityNotify,
} from '@irqchip/irqdesc';
import { CpuMask } from '@irqchip/smp';
import { irqSetAffinityAndHint, irqUpdateAffinityHint } from '../src/affinity/hint.ts';
import { irqUpdateAffinityDesc } from '../src/affinity/update-desc.ts';
import { bench, codeOf, has } from './affinity-fixture.ts';

describe('setting an affinity', () => {
  test('the chip gets the online CPUs, the whole mask is remembered, AFFINITY_SET is set', () => {
    const { smp, genirq, chip, desc, irq, mask } = bench();
    smp.cpus.online.clear(2);
    irqSetAffinity(genirq, irq, mask(2, 3));
    expect(chip.calls).toEqual(['affinity 3']);
    expect(desc.common.affinity.toList()).toBe('2-3');
    expect(desc.common.effectiveAffinity.toList()).toBe('3');
    expect(has(desc, IRQD.AFFINITY_SET)).toBe(true);
  });

  test('a mask without an online CPU is EINVAL and the chip is not asked; AFFINITY_SET is set even so', () => {
    const { smp, genirq, chip, desc, irq, mask } = bench();
    smp.cpus.online.clear(2);
    expect(codeOf(() => irqSetAffinity(genirq, irq, mask(2)))).toBe('EINVAL');
    expect(chip.calls).toEqual([]);
    expect(desc.common.affinity.toList()).toBe('0-3');
    expect(has(desc, IRQD.AFFINITY_SET)).toBe(true);
    expect(desc.lock.locked).toBe(false);
  });

  test('force hands an offline CPU to the chip', () => {
    const { smp, genirq, chip, irq, mask } = bench();
    smp.cpus.online.clear(2);
    irqForceAffinity(genirq, irq, mask(2));
    expect(chip.calls).toEqual(['affinity 2 force']);
  });

  test('no descriptor, or a chip that cannot: EINVAL', () => {
    const { genirq, desc, irq, mask } = bench();
    expect(codeOf(() => irqSetAffinity(genirq, 77, mask(1)))).toBe('EINVAL');
    desc.irqData.chip = { name: 'stubborn' };
    expect(codeOf(() => irqSetAffinity(genirq, irq, mask(1)))).toBe('EINVAL');
    expect(irqDoSetAffinity(desc.irqData, mask(1), false)).toBe(-22);
  });

  test('OK_NOCOPY leaves the affinity to the chip, OK_DONE copies', () => {
    const { genirq, chip, desc, irq, mask } = bench();
    chip.result = IRQ_SET_MASK.OK_NOCOPY;
    irqSetAffinity(genirq, irq, mask(1));
    expect(desc.common.affinity.toList()).toBe('0-3');
    chip.result = IRQ_SET_MASK.OK_DONE;
    irqSetAffinity(genirq, irq, mask(1));
    expect(desc.common.affinity.toList()).toBe('1');
  });

  test.each(['EIO', 'ENOSPC'] as const)('a chip that refuses with %s: the code comes back, nothing is remembered but AFFINITY_SET', (code) => {
    const { genirq, chip, desc, irq, mask } = bench();
    chip.failures.push(code);
    expect(codeOf(() => irqSetAffinity(genirq, irq, mask(1)))).toBe(code);
    expect(desc.common.affinity.toList()).toBe('0-3');
    expect(has(desc, IRQD.AFFINITY_SET)).toBe(true);
  });

  test('a chip that forgets the effective affinity is complained of once a machine', () => {
    const { smp, genirq, chip, irq, mask } = bench();
    chip.updates = false;
    irqSetAffinity(genirq, irq, mask(1));
    irqSetAffinity(genirq, irq, mask(2));
    expect(smp.log.records.map(({ level, text }) => `${level} ${text}`)).toEqual(['warn genirq: irq_chip fake did not update eff. affinity mask of irq 1']);
  });

  test('an interrupt that chooses its target when activated is only stored before', () => {
    const { genirq, chip, desc, irq, mask } = bench();
    desc.common.state = (desc.common.state | IRQD.AFFINITY_ON_ACTIVATE) & ~IRQD.ACTIVATED;
    irqSetAffinity(genirq, irq, mask(1, 2));
    expect(chip.calls).toEqual([]);
    expect([desc.common.affinity.toList(), desc.common.effectiveAffinity.toList()]).toEqual(['1-2', '1-2']);
    expect(has(desc, IRQD.AFFINITY_SET)).toBe(true);
  });

  test('a managed interrupt keeps to the housekeeping CPUs while one of them is online', () => {
    const { smp, genirq, chip, desc, irq, mask } = bench({ managedIrqHousekeeping: new CpuMask(4, [0, 1]) });
    irqSetAffinity(genirq, irq, mask(1, 2));
    desc.common.state |= IRQD.AFFINITY_MANAGED;
    irqSetAffinity(genirq, irq, mask(1, 2));
    smp.cpus.online.clear(1);
    irqSetAffinity(genirq, irq, mask(1, 2));
    expect(chip.calls).toEqual(['affinity 1-2', 'affinity 1', 'affinity 2']);
    expect(desc.common.affinity.toList()).toBe('1-2');
  });
});

test('who may move: not per-CPU, not unbalanced, not without a callback; managed ones not by user space', () => {
  const { genirq, desc, irq } = bench();
  const may = (): boolean[] => [irqCanSetAffinity(genirq, irq), irqCanSetAffinityUsr(genirq, irq)];
  expect(may()).toEqual([true, true]);
  for (const [bit, expected] of [[IRQD.PER_CPU, [false, false]], [IRQD.NO_BALANCING, [false, false]], [IRQD.AFFINITY_MANAGED, [true, false]]] as const) {
    desc.common.state |= bit;
    expect(may()).toEqual(expected);
    desc.common.state &= ~bit;
  }
  desc.irqData.chip = { name: 'stubborn' };
  expect(may()).toEqual([false, false]);
  expect(irqCanSetAffinity(genirq, 99)).toBe(false);
});

describe('the CPUs of an interrupt that starts', () => {
  test('are the default ones that are online', () => {
    const { smp, chip, desc } = bench({ defaultAffinity: new CpuMask(4, [1, 2]) });
    smp.cpus.online.clear(1);
    expect(irqSetupAffinity(desc)).toBe(0);
    expect(chip.calls).toEqual(['affinity 0,2']); // the boot CPU is always among the default ones
  });

  test('are its own when set and one of them is online', () => {
    const { chip, desc, mask } = bench({ defaultAffinity: new CpuMask(4, [1]) });
    desc.common.affinity.copy(mask(2, 3));
    desc.common.state |= IRQD.AFFINITY_SET;
    irqSetupAffinity(desc);
    expect(chip.calls).toEqual(['affinity 2-3']);
  });

  test('are the default when none of its own is online, and AFFINITY_SET goes', () => {
    const { smp, chip, desc, mask } = bench();
    smp.cpus.online.clear(3);
    desc.common.affinity.copy(mask(3));
    desc.common.state |= IRQD.AFFINITY_SET;
    irqSetupAffinity(desc);
    expect(chip.calls).toEqual(['affinity 0-2']);
    expect(has(desc, IRQD.AFFINITY_SET)).toBe(false);
  });

  test('are those of its node, if any of that is among them', () => {
    const nodes = [new CpuMask(4, [0, 1]), new CpuMask(4, [2, 3])];
    const { chip, desc, mask } = bench({ cpumaskOfNode: (node) => nodes[node] ?? null });
    desc.common.node = 1;
    irqSetupAffinity(desc);
    desc.common.affinity.copy(mask(0));
    desc.common.state |= IRQD.AFFINITY_SET;
    irqSetupAffinity(desc);
    expect(chip.calls).toEqual(['affinity 2-3', 'affinity 0']);
  });

  test.each([['per-CPU', IRQD.PER_CPU], ['unbalanced', IRQD.NO_BALANCING]])('are nobody\'s business for a %s interrupt', (_name, bit) => {
    const { chip, desc } = bench();
    desc.common.state |= bit;
    expect(irqSetupAffinity(desc)).toBe(0);
    expect(chip.calls).toEqual([]);
  });

  test('a chip that refuses: the errno is returned, not thrown', () => {
    const { chip, desc } = bench();
    chip.failures.push('ENOSPC');
    expect(irqSetupAffinity(desc)).toBe(-28);
  });
});

describe('notifier and hint', () => {
  test('a notifier runs after the change, with the lock free, also when programming failed', () => {
    const { genirq, chip, desc, irq, mask } = bench();
    const told: string[] = [];
    irqSetAffinityNotifier(genirq, irq, (affinity) => told.push(`${affinity.toList()} ${desc.lock.locked}`));
    irqSetAffinity(genirq, irq, mask(1));
    chip.failures.push('EIO');
    expect(codeOf(() => irqSetAffinity(genirq, irq, mask(2)))).toBe('EIO');
    irqSetAffinityNotifier(genirq, irq, null);
    irqSetAffinity(genirq, irq, mask(3));
    expect(told).toEqual(['1 false', '1 false']);
  });

  test('in hard irq context it waits for a task, and is told once', () => {
    const { smp, genirq, irq, mask } = bench();
    const told: string[] = [];
    irqSetAffinityNotifier(genirq, irq, (affinity) => told.push(affinity.toList()));
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    irqSetAffinity(genirq, irq, mask(1));
    irqSetAffinity(genirq, irq, mask(2));
    smp.cpus.irqExit();
    expect(told).toEqual([]);
    smp.cpus.localIrqEnable();
    runAffinityNotify(genirq);
    expect(told).toEqual(['2']);
  });

  test('no notifier for an NMI or a number without a descriptor; registering in hard irq context is reported', () => {
    const { smp, genirq, desc, irq } = bench();
    expect(codeOf(() => irqSetAffinityNotifier(genirq, 88, null))).toBe('EINVAL');
    desc.istate |= IRQS.NMI;
    expect(codeOf(() => irqSetAffinityNotifier(genirq, irq, null))).toBe('EINVAL');
    desc.istate &= ~IRQS.NMI;
    smp.cpus.irqEnter();
    irqSetAffinityNotifier(genirq, irq, null);
    smp.cpus.irqExit();
    expect(smp.diagnostics.take('context')).toHaveLength(1);
  });

  test('a hint moves the interrupt if asked, stays when the chip refuses, and is EINVAL for per-CPU interrupts', () => {
    const { genirq, chip, desc, irq, mask } = bench();
    irqUpdateAffinityHint(genirq, irq, mask(1));
    expect(chip.calls).toEqual([]);
    chip.failures.push('EIO');
    irqSetAffinityAndHint(genirq, irq, mask(2));
    expect(chip.calls).toEqual(['affinity 2']);
    expect(desc.affinityHint?.toList()).toBe('2');
    irqSetAffinityAndHint(genirq, irq, null);
    expect(desc.affinityHint).toBeNull();
    desc.settings |= IRQ.PER_CPU_DEVID;
    expect(codeOf(() => irqUpdateAffinityHint(genirq, irq, mask(1)))).toBe('EINVAL');
    expect(codeOf(() => irqUpdateAffinityHint(genirq, 66, mask(1)))).toBe('EINVAL');
  });
});

describe('updating the affinity description', () => {
  test('makes an idle interrupt managed, and deactivates around it', () => {
    const { genirq, desc, irq, mask } = bench();
    const steps: string[] = [];
    desc.irqData.domain = { name: 'd', ops: { activate: () => { steps.push('activate'); }, deactivate: () => { steps.push('deactivate'); } } };
    desc.common.state &= ~IRQD.IRQ_STARTED;
    irqUpdateAffinityDesc(genirq, irq, { mask: mask(2), isManaged: true });
    expect(desc.common.affinity.toList()).toBe('2');
    expect(has(desc, IRQD.AFFINITY_MANAGED) && has(desc, IRQD.MANAGED_SHUTDOWN)).toBe(true);
    expect(steps).toEqual(['deactivate', 'activate']);
    expect(codeOf(() => irqUpdateAffinityDesc(genirq, irq, { mask: mask(1), isManaged: false }))).toBe('EBUSY');
    expect(desc.lock.locked).toBe(false);
  });

  test('a started one is EBUSY, an unknown one EINVAL, a reserving one EOPNOTSUPP', () => {
    const { genirq, desc, irq, mask } = bench();
    const affinity = { mask: mask(1), isManaged: false };
    expect(codeOf(() => irqUpdateAffinityDesc(genirq, irq, affinity))).toBe('EBUSY');
    expect(codeOf(() => irqUpdateAffinityDesc(genirq, 99, affinity))).toBe('EINVAL');
    desc.common.state |= IRQD.CAN_RESERVE;
    expect(codeOf(() => irqUpdateAffinityDesc(genirq, irq, affinity))).toBe('EOPNOTSUPP');
  });
});
