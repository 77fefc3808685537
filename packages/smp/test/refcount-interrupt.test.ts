/** The kernel's KUnit suite `refcount_interrupt` under its own names: counted switching off of local interrupts. */
import { Cpus } from '@irqchip/smp';

describe('refcount_interrupt', () => {
  let cpus: Cpus;
  const off = (): void => expect(cpus.irqsDisabled()).toBe(true);
  const on = (): void => expect(cpus.irqsDisabled()).toBe(false);

  beforeEach(() => {
    cpus = new Cpus(2);
    on();
  });
  afterEach(on);

  test('test_single_irq_change', () => {
    cpus.localInterruptDisable();
    off();
    cpus.localInterruptEnable();
  });

  test('test_nested_irq_change', () => {
    for (let i = 0; i < 3; i++) {
      cpus.localInterruptDisable();
      off();
    }
    cpus.localInterruptEnable();
    off();
    cpus.localInterruptEnable();
    off();
    cpus.localInterruptEnable();
    on();
  });

  test('test_multiple_irq_change', () => {
    cpus.localInterruptDisable();
    off();
    cpus.localInterruptDisable();
    off();
    cpus.localInterruptEnable();
    off();
    cpus.localInterruptEnable();
    on();
    cpus.localInterruptDisable();
    off();
    cpus.localInterruptEnable();
    on();
  });

  test('test_irq_save', () => {
    const inside = cpus.localIrqSave();
    off();
    cpus.localInterruptDisable();
    off();
    cpus.localInterruptEnable();
    off();
    cpus.localIrqRestore(inside);
    on();

    cpus.localInterruptDisable();
    off();
    const flags = cpus.localIrqSave();
    off();
    cpus.localIrqRestore(flags);
    off();
    cpus.localInterruptEnable();
    on();
  });
});

test('the count is the CPU\'s own, and one too many is EINVAL', () => {
  const cpus = new Cpus(2);
  cpus.localInterruptDisable();
  expect(() => cpus.runOn(1, () => cpus.localInterruptEnable())).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  expect([cpus.irqsDisabledOn(0), cpus.irqsDisabledOn(1)]).toEqual([true, false]);
});

test('what waited is taken when the last one is taken back', () => {
  const cpus = new Cpus(1);
  let taken = 0;
  cpus.attach({ deliver: () => { taken++; }, relax: () => false });
  cpus.localInterruptDisable();
  cpus.localInterruptDisable();
  cpus.localInterruptEnable();
  expect(taken).toBe(0);
  cpus.localInterruptEnable();
  expect(taken).toBe(1);
});
