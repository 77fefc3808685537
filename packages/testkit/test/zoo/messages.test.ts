import { runConformance } from '@irqchip/testkit';
import { FAULTS } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

/** Of each group of cases, what the author of a wrong driver reads first: the state, the line, what was seen, what was expected. */
test.each([
  ['mux8', 'what is pending is cleared at probe, and what is enabled is not', /^booted from registers that firmware left with every bit set, with lines 1, 4, 6, 7 active that nobody requested, line 1 just now, the controller interrupts harts: \["hart 0 irq 9"\], and not \[\]\n/],
  ['mux8', 'a wrong node is not refused', /^a probe without `reg` throws TypeError: .*, and not an IrqError, which has an error code\n/],
  ['mux8', 'mask does nothing', /^line 0, freed and active, reached handleEdgeIrq 1 times, and not at all\nrule: .*\n {2}mux8\.irqMask\(0\): no register access\n/],
  ['mux8', 'any type is accepted', /^IRQ_TYPE\.EDGE_BOTH was taken; up and down: the handler of line 0 ran 1 times, and not 2\n/],
  ['mux8', 'the flow is for levels', /^the flow handler of line 0, an edge, is handleLevelIrq, and not handleEdgeIrq or handleFasteoiIrq\n/],
  ['lev16', 'a type is refused with a number', /^irqSetType of chip lev16 returned -22 for irq 12; return an IRQ_SET_MASK value, or throw an IrqError\.\n/],
  ['mux8', 'one line too few', /^EINVAL: line 7 of \/interrupt-controller@10000000: its domain has 7 lines, 0 to 6\nthe other cases wait until this one passes\nlast step of the case: line 7 is requested\n/],
  ['lev16', 'the flow masks nothing', /^handleSimpleIrq never masks a level: use handleLevelIrq, or set IRQ_DISABLE_UNLAZY\n/],
  ['lev16', 'a oneshot line is said to need no mask', /^while the thread of line 0 runs, which lowers it, the controller interrupts harts: \["hart 0 irq 9"\], and not \[\]\n/],
  ['fast', 'the effective mask is not updated', /^line 0, sent to CPU 0, has an effective affinity of: "", and not "0"\n/],
  ['fast', 'translating a specifier switches the line off', /^mapped a second time after it was requested: the handler of line 0 ran 0 times, and not 1\nrule: .*\nline 0 is irq /],
  ['msgs', 'messages are left as firmware had them', /^booted from .*, after message 0x1, which nobody requested, the controller interrupts harts: \["hart 0 irq 9"\], and not \[\]\n/],
  ['msgs', 'a bad store is taken for nothing, and goes on interrupting', /^EDEADLK: Interrupt storm .*\nlast step of the case: message 0, which names no interrupt, is sent\n/],
  ['bells', 'the last CPU has no bell', /^after CPU 0 sent to CPU 2, messages ran on CPUs: \[0,1\], and not \[0,1,2\]\n/],
] as const)('%s, %s', async (driver, what, first) => {
  const fault = FAULTS.find((each) => each.driver === driver && each.what === what)!;
  const [failed] = runConformance(optionsOf(driver, await plant(fault)), (name) => name.startsWith(fault.killedBy)).filter(({ result }) => result === 'failed');
  expect(failed?.reason).toMatch(first);
});
