import { Smp, Spinlock } from '@irqchip/smp';

/** As start_kernel() has it on the boot CPU. */
function booting(): Smp {
  const smp = new Smp({ nrCpus: 2 });
  smp.systemState = 'SYSTEM_BOOTING';
  smp.cpus.localIrqDisable();
  smp.cpus.earlyBootIrqsDisabled = true;
  return smp;
}

const found = ({ diagnostics }: Smp): string[] => diagnostics.take().map(({ kind, message }) => `${kind}: ${message}`);
const EARLY = 'warn: CPU0 switches interrupts on while early_boot_irqs_disabled: the kernel does so itself once irqchips and timers are there. Use localIrqSave() and localIrqRestore().';

test('a machine that nobody boots runs, and is not in early boot', () => {
  const { systemState, cpus } = new Smp({ nrCpus: 1 });
  expect([systemState, cpus.earlyBootIrqsDisabled]).toEqual(['SYSTEM_RUNNING', false]);
});

describe('switching interrupts on in early boot', () => {
  test('happens, and is reported the first time', () => {
    const smp = booting();
    smp.cpus.localIrqEnable();
    expect([smp.cpus.irqsDisabled(), found(smp)]).toEqual([false, [EARLY]]);
    smp.cpus.localIrqDisable();
    smp.cpus.localIrqEnable();
    expect(found(smp)).toEqual([]);
  });

  test('by restoring flags that were saved elsewhere is the same', () => {
    const smp = booting();
    smp.cpus.localIrqRestore(false);
    expect(found(smp)).toEqual([EARLY]);
  });

  test('is nothing new where they are on already', () => {
    const smp = new Smp({ nrCpus: 1 });
    smp.cpus.earlyBootIrqsDisabled = true;
    smp.cpus.localIrqEnable();
    expect(found(smp)).toEqual([]);
  });

  test('is not what a lock does that saves and restores, nor counted switching off', () => {
    const smp = booting();
    const lock = new Spinlock(smp, 'a');
    lock.unlockIrqrestore(lock.lockIrqsave());
    smp.cpus.localInterruptDisable();
    smp.cpus.localInterruptEnable();
    expect([smp.cpus.irqsDisabled(), found(smp)]).toEqual([true, []]);
  });

  test('is in order once early boot is over', () => {
    const smp = booting();
    smp.cpus.earlyBootIrqsDisabled = false;
    smp.cpus.localIrqEnable();
    expect(found(smp)).toEqual([]);
  });
});

describe('a call that may sleep', () => {
  test('is no finding while the system is booting, in whatever context', () => {
    const smp = booting();
    const lock = new Spinlock(smp, 'a');
    smp.mightSleep('sleep()');
    lock.lock();
    smp.mightSleep('sleep()');
    lock.unlock();
    smp.cpus.irqEnter();
    smp.mightSleep('sleep()');
    expect(found(smp)).toEqual([]);
  });

  test.each(['SYSTEM_SCHEDULING', 'SYSTEM_RUNNING'] as const)('is one in %s', (state) => {
    const smp = booting();
    smp.systemState = state;
    smp.mightSleep('sleep()');
    expect(found(smp)).toEqual([expect.stringMatching(/^context: sleep\(\) may sleep and was called with interrupts off/)]);
  });
});
