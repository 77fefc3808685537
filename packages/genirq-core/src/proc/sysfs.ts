import { IRQD, type IrqDesc, irqDescIsChained } from '@irqchip/irqdesc';
import { actionNames } from './interrupts.ts';

/**
 * The files of /sys/kernel/irq/N with their text, by name; a file without anything to say is empty.
 * @kernel irq_attrs
 */
export function sysKernelIrqFiles(desc: IrqDesc): Map<string, string> {
  const { common, irqData, genirq: { smp } } = desc;
  // The chained action has no name, and its file shows how the kernel prints that.
  const actions = irqDescIsChained(desc) ? ['(null)'] : actionNames(desc.action);
  return new Map([
    ['actions', line(actions.join(','))],
    ['chip_name', line(irqData.chip.name)],
    ['hwirq', irqData.domain === null ? '' : `${irqData.hwirq}\n`],
    ['name', line(desc.name ?? '')],
    ['per_cpu_count', `${[...smp.cpus.possible].map((cpu) => desc.countOn(cpu)).join(',')}\n`],
    ['type', (common.state & IRQD.LEVEL) !== 0 ? 'level\n' : 'edge\n'],
    ['wakeup', (common.state & IRQD.WAKEUP_STATE) !== 0 ? 'enabled\n' : 'disabled\n'],
  ]);
}

function line(text: string): string {
  return text === '' ? '' : `${text}\n`;
}
