import { flowSymbol } from '../flow/symbol.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { IRQ, IRQS } from '../desc/flags.ts';

const FLAG_LINES: readonly (readonly [word: 'settings' | 'istate', bit: number, text: string])[] = [
  ['settings', IRQ.LEVEL, 'IRQ_LEVEL'],
  ['settings', IRQ.PER_CPU, 'IRQ_PER_CPU'],
  ['settings', IRQ.NOPROBE, 'IRQ_NOPROBE'],
  ['settings', IRQ.NOREQUEST, 'IRQ_NOREQUEST'],
  ['settings', IRQ.NOTHREAD, 'IRQ_NOTHREAD'],
  ['settings', IRQ.NOAUTOEN, 'IRQ_NOAUTOEN'],
  ['istate', IRQS.AUTODETECT, 'IRQS_AUTODETECT'],
  ['istate', IRQS.REPLAY, 'IRQS_REPLAY'],
  ['istate', IRQS.WAITING, 'IRQS_WAITING'],
  ['istate', IRQS.PENDING, 'IRQS_PENDING'],
];

/** Prints what is known of an interrupt that came for nobody, at most 5 times in 5 s. @kernel print_irq_desc */
export function printIrqDesc(desc: IrqDesc): void {
  const { log } = desc.genirq.smp;
  const lines = [
    `irq ${desc.irq}, desc: (____ptrval____), depth: ${desc.depth}, count: ${desc.irqCount}, unhandled: ${desc.irqsUnhandled}`,
    `->handle_irq():  (____ptrval____), ${flowSymbol(desc.handleIrq)}`,
    `->irq_data.chip(): (____ptrval____), ${desc.irqData.chip.name}`,
    `->action(): ${desc.action ? '(____ptrval____)' : '(null)'}`,
  ];
  if (desc.action) lines.push(`->action->handler(): (____ptrval____), ${flowSymbol(desc.action.handler)}`);
  for (const [word, bit, text] of FLAG_LINES) if (desc[word] & bit) lines.push(`${text.padStart(14)} set`);
  log.ratelimited('print_irq_desc', 'warn', lines.join('\n'), 5);
}

/** An interrupt arrived that nothing is set up for. @kernel ack_bad_irq */
export function ackBadIrq(desc: IrqDesc): void {
  desc.genirq.smp.log.print('crit', `unexpected IRQ trap at vector ${desc.irq.toString(16).padStart(2, '0')}`);
}

/** The acknowledge of {@link noIrqChip}. @kernel ack_bad */
export function ackBad(desc: IrqDesc): void {
  printIrqDesc(desc);
  ackBadIrq(desc);
}
