import { type Genirq, type IrqDesc, irqDescIsChained, isMovePending } from '@irqchip/irqdesc';
import { CpuMask } from '@irqchip/smp';
import { actionNames } from './interrupts.ts';
import { irqCommonDataGetNode } from './node.ts';

/** jiffies start five minutes before they wrap, so that what cannot bear it fails soon. */
const INITIAL_JIFFIES_MS = -300_000;
const MS_PER_JIFFY = 4;

/**
 * The files of /proc/irq/N with their text, by name.
 * @kernel register_irq_proc
 */
export function procIrqFiles(desc: IrqDesc): Map<string, string> {
  const { common, genirq: { smp } } = desc;
  const affinity = (isMovePending(desc.irqData) ? desc.pendingMask : null) ?? common.affinity;
  const hint = desc.affinityHint ?? new CpuMask(smp.cpus.nrCpuIds);
  return new Map([
    ['affinity_hint', `${hint.toHex()}\n`],
    ['effective_affinity', `${common.effectiveAffinity.toHex()}\n`],
    ['effective_affinity_list', `${common.effectiveAffinity.toList()}\n`],
    ['node', `${irqCommonDataGetNode(common)}\n`],
    ['smp_affinity', `${affinity.toHex()}\n`],
    ['smp_affinity_list', `${affinity.toList()}\n`],
    ['spurious', `count ${desc.irqCount}\nunhandled ${desc.irqsUnhandled}\nlast_unhandled ${lastUnhandledMs(desc)} ms\n`],
  ]);
}

/** The directories in /proc/irq/N: one for each name of a handler. @kernel register_handler_proc */
export function procIrqHandlers(desc: IrqDesc): string[] {
  return irqDescIsChained(desc) ? [] : [...new Set(actionNames(desc.action))];
}

/** The text of /proc/irq/default_smp_affinity. @kernel default_affinity_show */
export function procDefaultSmpAffinity(genirq: Genirq): string {
  return `${genirq.defaultAffinity.toHex()}\n`;
}

/** @kernel irq_spurious_proc_show */
function lastUnhandledMs(desc: IrqDesc): number {
  if (desc.lastUnhandledNs === 0) return 0;
  const sinceBoot = Math.floor(desc.lastUnhandledNs / 1e6 / MS_PER_JIFFY) * MS_PER_JIFFY;
  return (INITIAL_JIFFIES_MS + sinceBoot) >>> 0;
}
