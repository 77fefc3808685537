import { CpuMask, Smp } from '@irqchip/smp';
import { Genirq, ipiSendMask, ipiSendSingle, allocDescs, watchIrqs, type IrqTrace } from '../src/index.ts';
import { parseCpuHex, parseCpuList } from '../src/proc/parse-mask.ts';
import { codeOf } from './affinity-fixture.ts';

const machine = (): { smp: Smp; genirq: Genirq } => {
  const smp = new Smp({ nrCpus: 4, clock: { nowNs: () => 2e9 } });
  return { smp, genirq: new Genirq(smp) };
};

describe('trace events', () => {
  test('the way into and out of an IPI, with its reason', () => {
    const { genirq } = machine();
    const heard: string[] = [];
    const watch = watchIrqs(genirq);
    watch.on('ipi_entry', ({ event, fields }) => heard.push(`${event}: ${fields}`));
    watch.on('ipi_exit', ({ event, fields }) => heard.push(`${event}: ${fields}`));
    watch.ipiEntry('Rescheduling interrupts');
    watch.ipiExit('Rescheduling interrupts');
    expect(heard).toEqual(['ipi_entry: (Rescheduling interrupts)', 'ipi_exit: (Rescheduling interrupts)']);
  });

  test.each([
    ['a task', false, false, '.....'],
    ['a task with interrupts off', true, false, 'd....'],
    ['hard irq context', true, true, 'd.h..'],
    ['hard irq context that has interrupts on', false, true, 'd.h..'],
  ])('the context column for %s', (_what, off, hardirq, column) => {
    const { smp, genirq } = machine();
    const lines: string[] = [];
    watchIrqs(genirq).on('event', ({ line }) => lines.push(line));
    if (hardirq) smp.cpus.irqEnter();
    if (off) smp.cpus.localIrqDisable();
    genirq.trace!.handlerEntry(3, 'x');
    expect(lines).toEqual([`        <idle>-0       [000] ${column}     2.000000: irq_handler_entry: irq=3 name=x`]);
  });

  test('a watch that is closed leaves the trace of somebody else alone', () => {
    const { genirq } = machine();
    const watch = watchIrqs(genirq);
    const other: IrqTrace = { handlerEntry: () => undefined, handlerExit: () => undefined };
    genirq.trace = other;
    watch.close();
    expect(genirq.trace).toBe(other);
  });
});

describe('CPUs as text', () => {
  test.each([['1-6:1/3', '1,4'], ['2-9:2/3', '2-3,5-6,8-9'], ['0-23:10/12', '0-9,12-21'], ['0-23:1/12', '0,12'], ['  1,\t3 ,, 5\n', '1,3,5'], ['3-3', '3'],
    ['all:1/2', '0,2,4,6,8,10,12,14,16,18,20,22'], ['0-N:1/8', '0,8,16']])('list %j is CPUs %j', (text, list) => {
    expect(parseCpuList(text, 24).toList()).toBe(list);
  });

  test.each(['0-3:0/0', '0-3:1/0', '4-0:1/2', 'x1', '1x', '1-3:x/2', '1-3:1/2x', 'all-3', '3:1/2', 'N:1/2', '-1'])('list %j is no list', (text) => {
    expect(codeOf(() => parseCpuList(text, 24))).toBe('EINVAL');
  });

  test.each([['  f\n', '0-3'], ['1, 00000000', '32'], ['80000000', '31'], ['ffffffff', '0-31'], ['1,00000001', '0,32']])('hexadecimal %j is CPUs %j', (text, list) => {
    expect(parseCpuHex(text, 40).toList()).toBe(list);
  });

  test.each(['100000000', '1,100000000', 'fffffffff'])('hexadecimal %j has too many bits in a group', (text) => {
    expect(codeOf(() => parseCpuHex(text, 200))).toBe('EOVERFLOW');
  });
});

describe('an IPI that may not be sent', () => {
  function ipi(sends: boolean): { smp: Smp; genirq: Genirq; irq: number; sent: number[] } {
    const { smp, genirq } = machine();
    const irq = allocDescs(genirq, -1, 1, 1, -1);
    const sent: number[] = [];
    genirq.irqToDesc(irq)!.irqData.chip = { name: 'ipi', ...(sends && { ipiSendSingle: (_data: unknown, cpu: number) => void sent.push(cpu) }) };
    return { smp, genirq, irq, sent };
  }

  test.each([-1, 4, 99])('there is no CPU %i', (cpu) => {
    const { smp, genirq, irq, sent } = ipi(true);
    expect(codeOf(() => ipiSendSingle(genirq, irq, cpu))).toBe('EINVAL');
    expect([sent, smp.diagnostics.take().map(({ message }) => message.split(':')[0])]).toEqual([[], ['ipi_send_single']]);
  });

  test('the finding names the call', () => {
    const { smp, genirq, irq } = ipi(false);
    expect(codeOf(() => ipiSendMask(genirq, irq, new CpuMask(4, [1])))).toBe('EINVAL');
    expect(codeOf(() => ipiSendMask(genirq, 77, new CpuMask(4, [1])))).toBe('EINVAL');
    expect(smp.diagnostics.take().map(({ kind, message }) => `${kind} ${message.split(':')[0]}`)).toEqual(['warn ipi_send_mask']);
  });

  test('the last CPU is a CPU', () => {
    const { smp, genirq, irq, sent } = ipi(true);
    ipiSendSingle(genirq, irq, 3);
    ipiSendMask(genirq, irq, new CpuMask(4, [0, 3]));
    expect([sent, smp.diagnostics.open]).toEqual([[3, 0, 3], []]);
  });
});
