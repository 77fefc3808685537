import type { ZooFault } from './faults.ts';

const fault = (what: string, find: string, replace: string, killedBy: string, uses = ''): ZooFault => ({ driver: 'locals', what, find, replace, killedBy, uses });

const GATE = 'a line of each CPU runs its handler there, once for each event';
const ACK = 'irqAck: ({ hwirq }) => regs.writel(here() + PENDING, 1 << hwirq)';
const MASK = 'regs.clearl(here() + ENABLE, 1 << hwirq)';
const UNMASK = 'regs.setl(here() + ENABLE, 1 << hwirq)';
const RESET = 'for (const row of rowOf) regs.writel(row + ENABLE, 0);';
const FLOW = 'chip, null, handlePercpuDevidIrq, null';
const DEMUX = 'for (const hwirq of bits(regs.readl(here() + PENDING) & regs.readl(here() + ENABLE))) genericHandleDomainIrq(domain, hwirq);';
const STARTING = '() => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE),';
const DYING = '() => disablePercpuIrq(genirq, virq));';

/** A flow of the driver's own: the kernel's, line by line, but for what `body` leaves out or does otherwise. */
const own = (body: string): string => `chip, null, (desc) => { const cpu = smp.cpus.current; chip.irqAck!(desc.irqData); ${body} }, null`;
const COUNT = 'desc.countThisCpu();';
const RUN = 'desc.action.handler(desc.irq, desc.action.percpuDevId!.get(cpu) as never);';

/** Mistakes in the driver of per-CPU lines. */
export const PERCPU_FAULTS: readonly ZooFault[] = [
  fault('lines are mapped as ordinary interrupts', 'setPercpuDevid(genirq, virq);', '', 'a line is a per-CPU interrupt, and no other kind of request gets it'),
  fault('the flow is that of one device for all CPUs', FLOW, 'chip, null, handlePercpuIrq, null', 'a line is a per-CPU interrupt, and no other kind of request gets it', 'handlePercpuIrq'),
  fault('the flow is for edges', FLOW, 'chip, null, handleEdgeIrq, null', 'a line is a per-CPU interrupt, and no other kind of request gets it', 'handleEdgeIrq'),
  fault('lines are not mapped at all', 'irqDomainSetInfo(mapped, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);', '', 'a line is a per-CPU interrupt, and no other kind of request gets it'),
  fault('secondary CPUs never enable the parent', STARTING, '() => undefined,', GATE),
  fault('unmask does nothing', UNMASK, 'undefined', GATE),
  fault('unmask is of the boot CPU\'s row', UNMASK, 'regs.setl(rowOf[0]! + ENABLE, 1 << hwirq)', GATE),
  fault('ack clears nothing', ACK, 'irqAck: () => undefined', GATE),
  fault('ack is of the boot CPU\'s row', ACK, 'irqAck: ({ hwirq }) => regs.writel(rowOf[0]! + PENDING, 1 << hwirq)', GATE),
  fault('the demultiplexer looks at the boot CPU\'s row', 'bits(regs.readl(here() + PENDING)', 'bits(regs.readl(rowOf[0]! + PENDING)', GATE),
  fault('one line too few', 'fwnode, LINES, {', 'fwnode, LINES - 1, {', 'a line is a per-CPU interrupt, and no other kind of request gets it'),
  fault('more lines than there are', 'fwnode, LINES, {', 'fwnode, LINES + 1, {', 'a line that does not exist is refused'),
  fault('a flow of its own hands over the boot CPU\'s device', FLOW, own(`${COUNT} if (desc.action !== null) ${RUN.replace('(cpu)', '(0)')} else { chip.irqMask!(desc.irqData); desc.percpuEnabled!.clear(cpu); }`), 'the handler of a per-CPU line gets the device of its CPU'),
  fault('a flow of its own counts nothing', FLOW, own(`if (desc.action !== null) ${RUN} else { chip.irqMask!(desc.irqData); desc.percpuEnabled!.clear(cpu); }`), '/proc/interrupts counts a per-CPU line on each CPU'),
  fault('a flow of its own leaves on what nobody requested', FLOW, own(`${COUNT} if (desc.action !== null) ${RUN}`), 'a per-CPU line that is enabled and not requested is switched off where it comes'),
  fault('what is acknowledged is so after the handler', ACK, 'irqEoi: ({ hwirq }) => regs.writel(here() + PENDING, 1 << hwirq)', 'a per-CPU line that asks again in its own handler is handled again'),
  fault('ack is of all CPUs', ACK, 'irqAck: ({ hwirq }) => { for (const row of rowOf) regs.writel(row + PENDING, 1 << hwirq); }', 'a per-CPU line that asks on all CPUs at once runs on each'),
  fault('ack clears every line of its CPU', ACK, 'irqAck: () => regs.writel(here() + PENDING, 0xff)', 'hundreds of events at random on all CPUs lose nothing'),
  fault('mask does nothing', MASK, 'undefined', 'a per-CPU line that is disabled on one CPU goes on on the others'),
  fault('mask is of all CPUs', MASK, '{ for (const row of rowOf) regs.clearl(row + ENABLE, 1 << hwirq); }', 'a per-CPU line that is disabled on one CPU goes on on the others'),
  fault('mask is of the boot CPU\'s row', MASK, 'regs.clearl(rowOf[0]! + ENABLE, 1 << hwirq)', 'a per-CPU line that is disabled on one CPU goes on on the others'),
  fault('mask switches every line of its CPU off', MASK, 'regs.writel(here() + ENABLE, 0)', 'disabling a line of a CPU leaves its others as they are'),
  fault('unmask is of all CPUs', UNMASK, '{ for (const row of rowOf) regs.setl(row + ENABLE, 1 << hwirq); }', 'a per-CPU line that is enabled on one CPU stays masked on the others'),
  fault('unmask switches every line of its CPU on', UNMASK, 'regs.writel(here() + ENABLE, 0xff)', 'enabling a line of a CPU leaves its others as they are'),
  fault('unmask switches the other lines of its CPU off', UNMASK, 'regs.writel(here() + ENABLE, 1 << hwirq)', 'enabling a line of a CPU leaves its others as they are'),
  fault('unmask forgets what is pending', UNMASK, '(regs.writel(here() + PENDING, 1 << hwirq), regs.setl(here() + ENABLE, 1 << hwirq))', 'what comes while a CPU has its line disabled comes when it is enabled, as the controller remembers it'),
  fault('a line is enabled once, and not again', "const chip: IrqChip = {\n      name: 'locals',", "const was: number[] = [];\n    const chip: IrqChip = {\n      name: 'locals',\n      irqEnable: ({ hwirq }) => { const seen = was[here()] ?? 0; was[here()] = seen | (1 << hwirq); if ((seen & (1 << hwirq)) === 0) regs.setl(here() + ENABLE, 1 << hwirq); },", 'what comes while a CPU has its line disabled comes when it is enabled, as the controller remembers it'),
  fault('the demultiplexer does not look what is enabled', 'bits(regs.readl(here() + PENDING) & regs.readl(here() + ENABLE))', 'bits(regs.readl(here() + PENDING))', 'disabled and pending on a CPU, a line never runs with the others of that CPU'),
  fault('the demultiplexer handles the lowest line only, and clears the rest', DEMUX, 'const [hwirq] = bits(regs.readl(here() + PENDING) & regs.readl(here() + ENABLE)); if (hwirq !== undefined) genericHandleDomainIrq(domain, hwirq); regs.writel(here() + PENDING, 0xff);', 'lines of one CPU that ask at once are all handled'),
  fault('the demultiplexer takes it for granted that something is pending', DEMUX, 'genericHandleDomainIrq(domain, Math.max(31 - Math.clz32(regs.readl(here() + PENDING) & regs.readl(here() + ENABLE)), 0));', 'an interrupt of a CPU with none of its lines pending runs no handler'),
  fault('the demultiplexer runs the handlers of all lines', DEMUX, 'if ((regs.readl(here() + PENDING) & regs.readl(here() + ENABLE)) !== 0) for (let hwirq = 0; hwirq < LINES; hwirq++) if ((regs.readl(here() + ENABLE) & (1 << hwirq)) !== 0) genericHandleDomainIrq(domain, hwirq);', 'every line of a CPU runs its own handler and no other'),
  fault('rows are taken for CPU numbers', 'rowOf[smp.cpus.current]!;\n    const chip', 'ROW * smp.cpus.current;\n    const chip', 'a line is of its CPU, whichever hart boots'),
  fault('registers are left as firmware had them', RESET, '', 'it boots from scrambled registers'),
  fault('only the boot CPU\'s lines are switched off at probe', RESET, 'regs.writel(here() + ENABLE, 0);', 'per-CPU lines that firmware left on are quiet until a CPU enables them'),
  fault('what is pending is cleared at probe, and what is enabled is not', RESET, 'for (const row of rowOf) regs.writel(row + PENDING, 0xff);', 'per-CPU lines that firmware left on are quiet until a CPU enables them'),
  fault('a CPU that goes takes its row away for good', DYING, '(cpu) => { rowOf[cpu] = 0xf0; disablePercpuIrq(genirq, virq); });', 'a CPU that went with its line pending takes it when it is back and enables it'),
  fault('a CPU that comes forgets what is pending', STARTING, '() => { regs.writel(here() + PENDING, 0xff); enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE); },', 'a CPU that went with its line pending takes it when it is back and enables it'),
  fault('a CPU that goes leaves its lines on', DYING, '() => { regs.writel(here() + ENABLE, 0xff); disablePercpuIrq(genirq, virq); });', 'a CPU that comes back has its lines off until it enables them'),
  fault('a CPU that goes switches the lines of all CPUs off', DYING, '() => { for (const row of rowOf) regs.writel(row + ENABLE, 0); disablePercpuIrq(genirq, virq); });', 'the lines of the other CPUs work while a CPU is down, and when it is back'),
];

/** See WITNESSES. */
export const PERCPU_WITNESSES: readonly (readonly [name: string, driver: 'locals', what: string])[] = [
  ['a per-CPU line is requested once, is quiet when it was freed, and can be requested again', 'locals', 'mask does nothing'],
];
