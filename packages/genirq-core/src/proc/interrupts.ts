import { type Genirq, IRQ, type IrqAction, IRQD, type IrqData, type IrqDesc, irqDescIsChained, settingsHas } from '@irqchip/irqdesc';

/** Columns of one rendering of the table. */
interface Columns {
  readonly cpus: readonly number[];
  /** Width of interrupt numbers. */
  readonly prec: number;
  /** Width of chip names, since 7.2. */
  readonly chipWidth: number;
}

/**
 * The text of /proc/interrupts, in the format of the kernel that the {@link Genirq} follows: a column for each online CPU, a row
 * for each requested interrupt that is neither chained nor hidden, then the architecture's rows.
 * @param archRows - gets the width of interrupt numbers, returns whole lines
 * @kernel show_interrupts
 */
export function showInterrupts(genirq: Genirq, archRows?: (prec: number) => string): string {
  const classic = genirq.linux === '6.12';
  const columns: Columns = {
    cpus: [...genirq.smp.cpus.online],
    prec: numberWidth(genirq.descs.nrIrqs, classic ? 3 : 4),
    chipWidth: classic ? 0 : chipWidth(genirq),
  };
  const row = classic ? classicRow : alignedRow;
  let text = header(columns);
  for (const desc of genirq.descs) if (isShown(desc)) text += row(desc, columns);
  return text + (archRows?.(columns.prec) ?? '');
}

/** Whether an interrupt has a row. */
function isShown(desc: IrqDesc): boolean {
  return desc.action !== null && !irqDescIsChained(desc) && !settingsHas(desc, IRQ.HIDDEN);
}

/** Digits for `nrIrqs` numbers, `least` to 10. @kernel irq_proc_calc_prec */
function numberWidth(nrIrqs: number, least: number): number {
  let width = least;
  for (let limit = 10 ** least; width < 10 && limit <= nrIrqs; limit *= 10) width++;
  return width;
}

/** The longest name of a chip at any level of any interrupt, 8 or more. @kernel irq_proc_update_chip */
function chipWidth(genirq: Genirq): number {
  let width = 8;
  for (const { irqData } of genirq.descs) {
    for (let data: IrqData | null = irqData; data !== null; data = data.parentData) width = Math.max(width, data.chip.name.length);
  }
  return width;
}

function header({ cpus, prec }: Columns): string {
  return `${' '.repeat(prec + 8)}${cpus.map((cpu) => `CPU${String(cpu).padEnd(8)}`).join('')}\n`;
}

function classicRow(desc: IrqDesc, { cpus, prec }: Columns): string {
  const { chip } = desc.irqData;
  const counts = cpus.map((cpu) => count(desc.countOn(cpu))).join('');
  const name = chip.irqPrintChip?.(desc.irqData) ?? ` ${(chip.name || '-').padStart(8)}`;
  return `${number(desc.irq, prec)}:${counts} ${name} ${hwirq(desc, prec)}${tail(desc)}\n`;
}

function alignedRow(desc: IrqDesc, { cpus, prec, chipWidth: width }: Columns): string {
  const { chip, domain } = desc.irqData;
  const counted = settingsHas(desc, IRQ.PER_CPU | IRQ.PER_CPU_DEVID) || desc.totCount > 0;
  const counts = cpus.map((cpu) => count(counted ? desc.countOn(cpu) : 0)).join('');
  const name = chip.irqPrintChip?.(desc.irqData) ?? (chip.name || '-').padEnd(width);
  // Without a domain the kernel prints one blank more.
  return `${number(desc.irq, prec)}:${counts}  ${name} ${domain === null ? ' ' : ''}${hwirq(desc, prec)}${tail(desc)}\n`;
}

function number(value: number, width: number): string {
  return String(value).padStart(width);
}

function count(value: number): string {
  return ` ${String(value).padStart(10)}`;
}

function hwirq(desc: IrqDesc, prec: number): string {
  return desc.irqData.domain === null ? ' '.repeat(prec) : number(desc.irqData.hwirq, prec);
}

/** Trigger, name of the flow, and the handlers: the same in both formats. */
function tail(desc: IrqDesc): string {
  const level = ((desc.common.state & IRQD.LEVEL) !== 0 ? 'Level' : 'Edge').padEnd(8);
  const flow = desc.name === null ? '' : `-${desc.name.padEnd(8)}`;
  return ` ${level}${flow}  ${actionNames(desc.action).join(', ')}`;
}

/** Names of a chain of actions, in order. */
export function actionNames(first: IrqAction | null): string[] {
  const names: string[] = [];
  for (let action = first; action !== null; action = action.next) names.push(action.name);
  return names;
}
