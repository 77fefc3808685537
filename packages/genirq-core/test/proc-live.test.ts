import {
  allocDescs, genericHandleIrq, Genirq, handleLevelIrq, IRQ_HANDLED, IRQ_NONE, type IrqChip, IRQF,
  irqSetAffinity, setChipAndHandlerName,
} from '@irqchip/irqdesc';
import { Smp } from '@irqchip/smp';
import { dataUpdateEffectiveAffinity } from '../src/affinity/effective.ts';
import { requestIrq } from '../src/manage/request.ts';
import { irqDebugShow } from '../src/proc/debugfs.ts';
import { showInterrupts } from '../src/proc/interrupts.ts';
import { watchIrqs } from '../src/proc/watch.ts';

const chip: IrqChip = {
  name: 'mux8',
  irqMask: () => undefined,
  irqUnmask: () => undefined,
  irqSetAffinity: (data, dest) => { dataUpdateEffectiveAffinity(data, dest); return 0; },
};

/** Two CPUs, one requested level interrupt, and what a trap does. */
function machine(): { genirq: Genirq; irq: number; trap(cpu: number, times?: number): void } {
  const smp = new Smp({ nrCpus: 2 });
  smp.cpus.online.set(1);
  const genirq = new Genirq(smp);
  const irq = allocDescs(genirq, -1, 1, 1, -1);
  setChipAndHandlerName(genirq, irq, chip, handleLevelIrq, 'level');
  const trap = (cpu: number, times = 1): void => smp.cpus.runOn(cpu, () => {
    for (let i = 0; i < times; i++) {
      const flags = smp.cpus.localIrqSave();
      smp.cpus.irqEnter();
      genericHandleIrq(genirq, irq);
      smp.cpus.irqExit();
      smp.cpus.localIrqRestore(flags);
    }
  });
  return { genirq, irq, trap };
}

test('a requested interrupt that runs is counted on its CPU, and watchers hear of each handler', () => {
  const { genirq, irq, trap } = machine();
  requestIrq(genirq, irq, () => IRQ_HANDLED, IRQF.SHARED, 'eth0', {});
  requestIrq(genirq, irq, () => IRQ_NONE, IRQF.SHARED, 'usb', {});
  const heard: string[] = [];
  trap(1);
  watchIrqs(genirq).on('event', ({ cpu, event, fields }) => heard.push(`${cpu} ${event} ${fields}`));
  trap(0);
  trap(1);
  expect(showInterrupts(genirq)).toBe('           CPU0       CPU1       \n  1:          1          2      mux8     Edge    -level     eth0, usb\n');
  const run = (cpu: number): string[] => [
    `${cpu} irq_handler_entry irq=1 name=eth0`, `${cpu} irq_handler_exit irq=1 ret=handled`,
    `${cpu} irq_handler_entry irq=1 name=usb`, `${cpu} irq_handler_exit irq=1 ret=unhandled`,
  ];
  expect(heard).toEqual([...run(0), ...run(1)]);
});

test('the request programs the default affinity; a later change shows in debugfs', () => {
  const { genirq, irq } = machine();
  const desc = genirq.irqToDesc(irq)!;
  requestIrq(genirq, irq, () => IRQ_HANDLED, 0, 'eth0', null);
  expect(desc.common.effectiveAffinity.toList()).toBe('0-1');
  irqSetAffinity(genirq, irq, genirq.cpumaskOf(1));
  expect(irqDebugShow(desc)).toMatch(/^handler: {2}handle_level_irq\n[^]*\n {12}IRQD_IRQ_STARTED\n {12}IRQD_AFFINITY_SET\nnode: {5}-1\naffinity: 1\neffectiv: 1\n/);
});

test('a storm that nobody handles is switched off and stays quiet', () => {
  const { genirq, irq, trap } = machine();
  requestIrq(genirq, irq, () => IRQ_NONE, 0, 'eth0', null);
  trap(0, 100_001);
  expect(genirq.irqToDesc(irq)!.countOn(0)).toBe(100_000);
  expect(genirq.smp.log.records.map(({ text }) => text)).toContain('Disabling IRQ #1');
  expect(genirq.smp.diagnostics.take('spurious')).toHaveLength(1);
  expect(genirq.smp.diagnostics.open).toEqual([]);
});
