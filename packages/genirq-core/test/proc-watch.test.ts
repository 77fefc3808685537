import { Genirq } from '@irqchip/irqdesc';
import { CpuMask, Smp } from '@irqchip/smp';
import { watchIrqs, type TraceEvent } from '../src/proc/watch.ts';

function machine(): { genirq: Genirq; smp: Smp } {
  const smp = new Smp({ nrCpus: 4, clock: { nowNs: () => 1_234_567_890 } });
  return { smp, genirq: new Genirq(smp) };
}

test('events carry the words of ftrace, the CPU and the time', () => {
  const { genirq, smp } = machine();
  const events: TraceEvent[] = [];
  watchIrqs(genirq).on('event', (event) => events.push(event));
  smp.cpus.runOn(2, () => {
    smp.cpus.localIrqDisable();
    smp.cpus.irqEnter();
    genirq.trace!.handlerEntry(10, 'riscv-timer');
    genirq.trace!.handlerExit(10, 1);
    genirq.trace!.handlerExit(11, 0);
    genirq.trace!.ipiRaise!(new CpuMask(4, [1, 3]), 'Rescheduling interrupts');
    smp.cpus.irqExit();
  });
  expect(events.map(({ event, fields }) => `${event}: ${fields}`)).toEqual([
    'irq_handler_entry: irq=10 name=riscv-timer', 'irq_handler_exit: irq=10 ret=handled', 'irq_handler_exit: irq=11 ret=unhandled',
    'ipi_raise: target_mask=a (Rescheduling interrupts)',
  ]);
  expect(events[0]).toMatchObject({ cpu: 2, timeNs: 1_234_567_890 });
  expect(events[0]!.line).toBe('        <idle>-0       [002] d.h..     1.234568: irq_handler_entry: irq=10 name=riscv-timer');
});

test('a machine has one watch, and none after close', () => {
  const { genirq } = machine();
  expect(genirq.trace).toBeNull();
  const watch = watchIrqs(genirq);
  expect(watchIrqs(genirq)).toBe(watch);
  let entries = 0;
  watch.on('irq_handler_entry', () => entries++);
  watch.handlerExit(1, 1);
  watch.handlerEntry(1, 'a');
  expect(entries).toBe(1);
  watch.close();
  expect(genirq.trace).toBeNull();
  watch.handlerEntry(1, 'a');
  expect(entries).toBe(1);
  expect(watchIrqs(genirq)).not.toBe(watch);
});

test('two machines are watched apart', () => {
  const [a, b] = [machine(), machine()];
  const heard: string[] = [];
  watchIrqs(a.genirq).on('event', () => heard.push('a'));
  watchIrqs(b.genirq).on('event', () => heard.push('b'));
  b.genirq.trace!.handlerEntry(1, 'x');
  expect(heard).toEqual(['b']);
});
