import { flowSymbol } from '../flow/symbol.ts';
import type { IrqDesc } from '../irqdesc/irq-desc.ts';
import { IRQ, IRQ_TYPE, IRQS } from '../irqdesc/flags.ts';

const FLAG_LINES: readonly (readonly [word: 'settings' | 'istate', bit: number, text: string])[] = [
  ['settings', IRQ.LEVEL, '___LEVEL'],
  ['settings', IRQ.PER_CPU, '___PER_CPU'],
  ['settings', IRQ.NOPROBE, '___NOPROBE'],
  ['settings', IRQ.NOREQUEST, '___NOREQUEST'],
  ['settings', IRQ.NOTHREAD, '___NOTHREAD'],
  ['settings', IRQ.NOAUTOEN, '___NOAUTOEN'],
  ['istate', IRQS.AUTODETECT, '   IRQS_AUTODETECT'],
  ['istate', IRQS.REPLAY, '   IRQS_REPLAY'],
  ['istate', IRQS.WAITING, '   IRQS_WAITING'],
  ['istate', IRQS.PENDING, '   IRQS_PENDING'],
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
  if (desc.settings & IRQ_TYPE.SENSE_MASK) lines.push(`   trigger type ${desc.settings & IRQ_TYPE.SENSE_MASK}`);
  for (const [word, bit, text] of FLAG_LINES) if (desc[word] & bit) lines.push(`${text} set`);
  log.ratelimited('print_irq_desc', 'info', lines.join('\n'), 5);
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
