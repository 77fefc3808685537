import { runConformance, type CaseResult } from '@irqchip/testkit';
import { FAULTS } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf, type Subject } from './subjects.ts';

/** What the first failure of a faulty driver says. */
async function told(driver: Subject, find: string, replace: string, only: (name: string) => boolean = () => true): Promise<string> {
  const results: CaseResult[] = runConformance(optionsOf(driver, await plant({ driver, what: '', find, replace, killedBy: '', uses: '' })), only);
  return results.find(({ result }) => result === 'failed')!.reason;
}

describe('the kernel log in a failure', () => {
  test('has the warnings of the case', async () => {
    const { find, replace, killedBy } = FAULTS.find(({ what }) => what === 'the effective mask is not updated')!;
    const reason = await told('fast', find, replace, (name) => name.startsWith(killedBy));
    expect(reason).toMatch(/\nkernel log:\n {2}warn: genirq: irq_chip fast did not update eff\. affinity mask of irq \d+\nlast calls:\n/);
  });

  test('has each line once, the last five, and none that is a finding already', async () => {
    const print = `[
      smp.log.warn('zero'), smp.log.warn('one'), smp.log.info('of no interest'), smp.log.err('two\\nand more'), smp.log.warn('three'), smp.log.warn('four'), smp.log.warn('five'), smp.log.warn('five'),
      smp.log.err('found'), smp.diagnostics.report('warn', 'it was found'),
    ]`;
    const reason = await told('mux8', '({ regs, parent, linear }) => {', `({ regs, parent, linear, smp }) => {\n  void ${print};`);
    expect(reason).toContain('\n  [warn] it was found\nkernel log:\n  warn: one\n  err: two\n    and more\n  warn: three\n  warn: four\n  warn: five\n');
    expect(await told('mux8', 'linear(8,', 'linear(7,')).not.toContain('kernel log');
  });
});

describe('where the controller raises nothing', () => {
  const LEAD = 'irqUnmask touches no register: does it switch the line on?';

  test('a message that the device masks is not blamed on the unmask of its own chip', async () => {
    const reason = await told('msgs', ' | MSI_FLAG.PCI_MSI_MASK_PARENT', '');
    expect(reason).toMatch(/\nthe controller raises nothing\n {2}PCI-MSIX-[^\n]*\.irqAck\(0\): no register access\n/);
  });

  test('nor is a controller that masks no message', async () => {
    expect(await told('msgs', ' | MSI_FLAG.PCI_MSI_MASK_PARENT', ' | (delete chip.irqUnmask ? 0 : 0)')).toMatch(/\nthe controller raises nothing\n {2}PCI-MSIX-/);
  });

  test('an unmask of the controller that touches nothing is named', async () => {
    const reason = await told('msgs', 'irqUnmask: (data) => enable(vectorOf(data)),', 'irqUnmask: () => undefined,');
    expect(reason).toContain(`\n${LEAD}\n  msgs.irqUnmask(12): no register access\n`);
  });
});

test('where a case has two controllers, each access says whose it is', async () => {
  const { find, replace } = FAULTS.find(({ what }) => what === 'the registers are those of the machine that booted last')!;
  const reason = await told('mux8', find, replace, (name) => name === 'a second controller of its kind works beside the first');
  expect(reason).toMatch(/\n {4}interrupt-controller@20000000: handle\(0\): not mapped\n {4}interrupt-controller@20000000: readl 0x4 = /);
});
