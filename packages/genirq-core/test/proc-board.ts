import { readFileSync } from 'node:fs';
import {
  allocDescs, Genirq, IRQ, IRQ_HANDLED, type IrqAction, type IrqChip, type IrqData, type IrqDataDomain, type IrqDesc, type IrqFlowHandler,
  type LinuxVersion, makeIrqData,
} from '@irqchip/irqdesc';
import { CpuMask, Smp } from '@irqchip/smp';
import { parseCpuList } from '../src/proc/parse-mask.ts';

const DATA = new URL('../../../testdata/linux/', import.meta.url);

export function recorded(board: string, file: string): string {
  return readFileSync(new URL(`${board}/${file}`, DATA), 'utf8');
}

/** The blocks of debugfs' irqs, by number, as recorded. */
export function debugBlocks(board: string, file = 'DEBUG_IRQ.txt'): Map<number, string> {
  const blocks = new Map<number, string>();
  for (const part of recorded(board, file).split(/^==> /m).slice(1)) {
    const [head, body] = [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)];
    const number = /irqs\/(\d+) <==$/.exec(head);
    if (number) blocks.set(Number(number[1]), `${body.trimEnd().replace(/:$/, ': ')}\n`);
  }
  return blocks;
}

/** A machine whose descriptors have the values, and only the values, of a recorded debugfs; the words are for the code to find. */
export function boardFromDebugfs(board: string, linux: LinuxVersion, file?: string): Genirq {
  const nrCpus = recorded(board, 'INTERRUPTS.txt').split('\n')[0]!.trim().split(/\s+/).length;
  const smp = new Smp({ nrCpus });
  for (let cpu = 1; cpu < nrCpus; cpu++) smp.cpus.online.set(cpu);
  const genirq = new Genirq(smp, { linux });
  for (const [irq, text] of debugBlocks(board, file)) describe(genirq, irq, text);
  return genirq;
}

function describe(genirq: Genirq, irq: number, text: string): void {
  const value = (key: string): string => new RegExp(`^${key}: *(.*)$`, 'm').exec(text)![1]!;
  const { nrCpuIds } = genirq.smp.cpus;
  allocDescs(genirq, irq, irq, 1, Number(value('node')));
  const desc = genirq.irqToDesc(irq)!;
  desc.handleIrq = namedFlow(value('handler'));
  desc.deviceName = value('device') === '(null)' ? null : value('device');
  desc.settings = Number(value('status'));
  desc.istate = Number(value('istate'));
  desc.depth = Number(value('ddepth'));
  desc.wakeDepth = Number(value('wdepth'));
  desc.common.state = Number(value('dstate'));
  desc.common.affinity.copy(parseCpuList(value('affinity'), nrCpuIds));
  desc.common.effectiveAffinity.copy(parseCpuList(value('effectiv'), nrCpuIds));
  if ((desc.settings & IRQ.NOREQUEST) !== 0) desc.action = genirq.chainedAction;
  describeLevels(desc, text.slice(text.indexOf('\ndomain:') + 1).split(/^ parent:$/m));
}

function describeLevels(desc: IrqDesc, levels: readonly string[]): void {
  const value = (text: string, key: string): string => new RegExp(`^ *${key}: *(.*)$`, 'm').exec(text)![1]!;
  let data: IrqData = desc.irqData;
  levels.forEach((text, depth) => {
    const chip: IrqChip = { name: value(text, 'chip'), flags: Number(value(text, 'flags')), debugShow: () => extraLines(text, depth) };
    const name = value(text, 'domain');
    const domain: IrqDataDomain | null = name === '' ? null : { name, ops: {} };
    if (depth > 0) data = data.parentData = makeIrqData(desc.irq, chip, desc.common, domain);
    data.chip = chip;
    data.domain = domain;
    data.hwirq = Number(value(text, 'hwirq'));
  });
}

/** What the chip or its domain adds below the flags, without the indentation of its level. */
function extraLines(text: string, depth: number): string[] {
  const lines = text.trimEnd().split('\n');
  const last = lines.findLastIndex((line) => /^ *(flags: |IRQCHIP_)/.test(line));
  return lines.slice(last + 1).map((line) => line.slice(depth * 4 + 1));
}

function namedFlow(symbol: string): IrqFlowHandler {
  const flow: IrqFlowHandler = () => undefined;
  const name = symbol.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.defineProperty(flow, 'name', { value: name });
}

/** A row of /proc/interrupts taken apart. */
interface Row { irq: number; counts: number[]; flow: string | null; actions: string[]; level: boolean }

/** Rows of requested interrupts; chip and hwirq are left to debugfs. */
export function rows(board: string, file: string): Row[] {
  const lines = recorded(board, file).split('\n').filter((line) => /^ *\d+:/.test(line));
  return lines.map((line) => {
    const [, irq, counts, level, flow, actions] = /^ *(\d+):((?: +\d+)+)  \S.*? +(?:\d+ |  )(Level|Edge) +(?:-(\S+) +)?(.*)$/.exec(line)!;
    return { irq: Number(irq), counts: counts!.trim().split(/ +/).map(Number), level: level === 'Level', flow: flow ?? null, actions: actions!.split(', ') };
  });
}

/** The architecture's rows, as recorded. */
export function archRows(board: string, file: string): string {
  return recorded(board, file).split('\n').filter((line) => line.startsWith('IPI')).map((line) => `${line}\n`).join('');
}

export function addActions(desc: IrqDesc, names: readonly string[]): void {
  desc.action = null;
  for (const name of [...names].reverse()) desc.action = makeAction(desc, name, desc.action);
}

export function makeAction(desc: IrqDesc, name: string, next: IrqAction | null = null): IrqAction {
  return {
    irq: desc.irq, handler: () => IRQ_HANDLED, threadFn: null, devId: null, percpuDevId: null, affinity: null, flags: 0, name, next,
    threadMask: 0, threadRunning: false, warned: false, secondary: null,
  };
}

/** Makes the interrupt look as if it had run so often on each of `cpus`. */
export function setCounts(desc: IrqDesc, cpus: Iterable<number>, counts: readonly number[]): void {
  let column = 0;
  for (const cpu of cpus) {
    desc.genirq.smp.cpus.runOn(cpu, () => { for (let i = 0; i < counts[column]!; i++) desc.countThisCpu(); });
    desc.totCount += counts[column++]!;
  }
}

export function maskOf(genirq: Genirq, ...cpus: number[]): CpuMask {
  return new CpuMask(genirq.smp.cpus.nrCpuIds, cpus);
}
