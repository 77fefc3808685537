import { Smp } from '@irqchip/smp';
import { allocDescAt, Genirq, handleBadIrq, IRQ, IRQS } from '../src/index.ts';
import { logTexts, trap } from './fixture.ts';

const NAMES = [
  ['settings', IRQ.LEVEL, '     IRQ_LEVEL set'],
  ['settings', IRQ.PER_CPU, '   IRQ_PER_CPU set'],
  ['settings', IRQ.NOPROBE, '   IRQ_NOPROBE set'],
  ['settings', IRQ.NOREQUEST, ' IRQ_NOREQUEST set'],
  ['settings', IRQ.NOTHREAD, '  IRQ_NOTHREAD set'],
  ['settings', IRQ.NOAUTOEN, '  IRQ_NOAUTOEN set'],
  ['istate', IRQS.AUTODETECT, 'IRQS_AUTODETECT set'],
  ['istate', IRQS.REPLAY, '   IRQS_REPLAY set'],
  ['istate', IRQS.WAITING, '  IRQS_WAITING set'],
  ['istate', IRQS.PENDING, '  IRQS_PENDING set'],
] as const;

/** What is logged of an interrupt that comes for nobody. */
function dump(prepare: (genirq: Genirq, irq: number) => void): string[] {
  const smp = new Smp({ nrCpus: 1 });
  const genirq = new Genirq(smp);
  const irq = allocDescAt(genirq, 18, 0);
  prepare(genirq, irq);
  trap(smp, () => handleBadIrq(genirq.irqToDesc(irq)!));
  const [lines, unexpected] = logTexts(smp);
  expect(unexpected).toBe('unexpected IRQ trap at vector 12');
  // A printk() without a level is a warning.
  expect(smp.log.records.map(({ level }) => level)).toEqual(['warn', 'crit']);
  return lines!.split('\n');
}

test.each(NAMES)('the dump of an unexpected interrupt names flag %s 0x%i as the kernel does', (word, bit, line) => {
  expect(dump((genirq, irq) => { genirq.irqToDesc(irq)![word] |= bit; }).slice(4)).toEqual([line]);
});

test('all flags are named, in the kernel\'s order, after chip and handlers', () => {
  const lines = dump((genirq, irq) => {
    for (const [word, bit] of NAMES) genirq.irqToDesc(irq)![word] |= bit;
  });
  expect(lines).toEqual([
    'irq 18, desc: (____ptrval____), depth: 1, count: 0, unhandled: 0', '->handle_irq():  (____ptrval____), handle_bad_irq',
    '->irq_data.chip(): (____ptrval____), none', '->action(): (null)', ...NAMES.map(([, , line]) => line),
  ]);
});
