import { runConformance, type CaseResult } from '@irqchip/testkit';
import { FAULTS } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf, type Subject } from './subjects.ts';

async function run(driver: Subject, find: string, replace: string, uses = ''): Promise<CaseResult[]> {
  return runConformance(optionsOf(driver, await plant({ driver, what: '', find, replace, killedBy: '', uses })));
}

const ONCE = 'a line that asks once runs its handler once';

test.each<[driver: Subject, what: string, find: string, replace: string, failed: string[], reason: RegExp, uses?: string]>([
  ['mux8', 'unmask does nothing', 'regs.setl(ENABLE, 1 << hwirq)', 'undefined', [ONCE],
    /^after it asked once: the handler of line 0 ran 0 times, and not 1\nrule: flow handlers: .*\nthe other cases wait until this one passes\n[^]*\nirqUnmask touches no register: does it switch the line on\?\n {2}mux8\.irqUnmask\(0\): no register access\n/],
  ['mux8', 'ack does nothing', 'regs.writel(PENDING, 1 << hwirq)', 'undefined', [ONCE],
    /^EDEADLK: Interrupt storm on hart 0: .*\nthe other cases wait until this one passes\nlast step of the case: line 0 asks\nthe controller raises hart 0 irq 9\n {2}mux8\.irqAck\(0\): no register access\n/],
  ['mux8', 'no chained handler', 'parent.chain(', 'void (', [ONCE],
    /\nthe controller raises hart 0 irq 9; its parent interrupt has no handler: did the driver call parent\.chain\(\), or setChainedHandler\(\)\?\n/],
  ['lev16', 'a chip that lacks what its flow calls', 'irqMask:', 'irqDisable:', ['it boots, and every CPU comes up'],
    /^EINVAL: handleLevelIrq needs irqMask or irqMaskAck: add it to lev16\.\nthe other cases wait until this one passes\nlast step of the case: a machine is made$/],
  ['fast', 'completion is forgotten', 'irqEoi: ({ hwirq }) => regs.writel(claim(), hwirq + 1)', 'irqEoi: () => undefined', [`${ONCE} (edge)`],
    /\n {2}fast\.irqEoi\(0\): no register access\n/],
  ['msgs', 'parents are not told to acknowledge', 'chipFlags: MSI_CHIP_FLAG.SET_ACK,', '', ['it boots, and every CPU comes up'],
    /^ENOSPC: .*: handleEdgeIrq needs irqAck: add irqChipAckParent to PCI-MSIX-/],
  ['bells', 'the wrong bell', 'regs.writel(RING + rowOf[cpu]!, 1)', 'regs.writel(RING + rowOf[(cpu + 1) % rowOf.length]!, 1)', ['every CPU reaches every CPU'],
    /^before the task of CPU 0 went on, which sent to itself, messages ran on CPUs: \[\], and not \[0\]\nrule: [^]*\nlast calls:\n[^]* {2}IPI0 to CPU 0, send\(\) on CPU 0\n/],
  ['bells', 'secondary CPUs never enable the parent', '() => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE)', '() => undefined', ['every CPU reaches every CPU'],
    /\nthe controller raises hart 1 irq 9; nobody takes it there\. Is that the CPU it was meant for, and is the parent interrupt enabled on it \(enablePercpuIrq, in a hotplug state\)\?\n/],
])('%s, %s: one failure, and nothing else is judged', async (driver, _what, find, replace, failed, reason, uses = '') => {
  const results = await run(driver, find, replace, uses);
  expect(results.filter(({ result }) => result === 'failed').map(({ name }) => name)).toEqual(failed);
  expect(results.find(({ result }) => result === 'failed')!.reason).toMatch(reason);
  const judged = results.filter(({ result, name }) => result === 'passed' && !failed.includes(name)).map(({ name }) => name);
  expect(judged.filter((name) => !name.startsWith('it boots, and every CPU comes up'))).toEqual([]);
  expect(results.some(({ reason: why }) => /^not judged, (it does not boot|no line works|their flow handler is for other lines|not every CPU is reached)$/.test(why))).toBe(true);
});

test('one kind of lines that does not work leaves the other to be judged', async () => {
  const results = await run('fast', 'regs.clearl(EDGE, 1 << hwirq)', 'throw new IrqError(\'EIO\', \'no levels\')');
  const of = (trigger: string) => new Set(results.filter(({ name }) => name.endsWith(`(${trigger})`)).map(({ result }) => result));
  expect(results.find(({ result }) => result === 'failed')!.name).toBe(`${ONCE} (level)`);
  expect(of('edge')).toContain('passed');
  expect(results.find(({ name }) => name === 'what comes while disabled is replayed exactly once (level)')!.reason).toBe('not judged, no line works');
});

test('what fails from clean registers as well is not blamed on firmware', async () => {
  const results = await run('mux8', 'regs.setl(ENABLE, 1 << hwirq)', 'regs.writel(ENABLE, 0xff)');
  const { reason } = results.find(({ name }) => name === 'it boots from scrambled registers')!;
  expect(reason).not.toMatch(/firmware/);
});

test('handle_simple_irq on a level is told once, and is judged by all else where it is excused', async () => {
  const name = 'the flow handler suits the trigger of its lines';
  const fault = FAULTS.find(({ what }) => what === 'the flow masks nothing')!;
  const options = optionsOf('lev16', await plant(fault));
  expect(runConformance(options).filter(({ result }) => result === 'failed').map((each) => each.name)).toEqual([name]);
  const excused = runConformance({ ...options, skip: { [name]: 'its handlers let go of the line' } });
  expect(excused.find((each) => each.name === 'a disabled line is masked at its first interrupt')!.reason).toMatch(/^line 0, disabled and asking five times, reached handleSimpleIrq again and again, and not 2 times at most\n/);
});

test.each([
  ['no name', "name: '',"],
  ['a text of its own', "name: 'mux8', irqPrintChip: () => '     special',"],
])('/proc/interrupts of a chip with %s is in order', async (_what, replace) => {
  const row = (await run('mux8', "name: 'mux8',", replace)).find(({ name }) => name === '/proc/interrupts counts every run where it ran');
  expect(row).toMatchObject({ result: 'passed', reason: '' });
});
