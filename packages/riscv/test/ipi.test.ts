import { readdirSync, readFileSync } from 'node:fs';
import { IRQ, irqToDesc } from '@irqchip/genirq-core';
import { IPI, IPI_NAMES } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';
import { FakeMachine } from './fake-machine.ts';

describe('the virq range', () => {
  test('eight hidden per-CPU interrupts named IPI, enabled on the calling CPU only', () => {
    const m = new FakeMachine(2);
    expect(m.ipi.haveVirqRange).toBe(false);
    m.ipi.setVirqRange(m.ipiVirq, 8);
    expect(m.ipi.haveVirqRange).toBe(true);
    for (let i = 0; i < 8; i++) {
      const desc = irqToDesc(m.genirq, m.ipiVirq + i)!;
      expect([desc.action?.name, (desc.settings & IRQ.HIDDEN) !== 0, desc.percpuEnabled?.toList()]).toEqual(['IPI', true, '0']);
    }
    expect(m.smp.diagnostics.open).toEqual([]);
  });

  test('the second range is reported and ignored', () => {
    const m = new FakeMachine(1);
    m.ipi.setVirqRange(m.ipiVirq, 8);
    m.ipi.setVirqRange(99, 8);
    expect(m.smp.diagnostics.take('warn')).toHaveLength(1);
    m.ipi.sendReschedule(0);
    expect(m.doorbells).toEqual(['0>0:0']);
  });

  test('a range of fewer than eight is reported and used', () => {
    const m = new FakeMachine(1, {}, { nrIpi: 2 });
    m.ipi.setVirqRange(m.ipiVirq, 2);
    expect(m.smp.diagnostics.take('warn')).toHaveLength(1);
    expect(irqToDesc(m.genirq, m.ipiVirq + 1)!.action?.name).toBe('IPI');
  });

  test('an interrupt that cannot be requested is reported, the others work', () => {
    const m = new FakeMachine(1);
    m.ipi.setVirqRange(m.ipiVirq + 4, 8);
    expect(m.smp.diagnostics.take('warn')).toHaveLength(4);
    expect(irqToDesc(m.genirq, m.ipiVirq + 7)!.action?.name).toBe('IPI');
  });

  test('enable and disable before there is a range are reported once', () => {
    const m = new FakeMachine(1);
    m.ipi.enable();
    m.ipi.enable();
    m.ipi.disable();
    expect(m.smp.diagnostics.take('warn')).toHaveLength(2);
  });

  test('disable keeps what is sent meanwhile for the next enable', () => {
    const m = new FakeMachine(2).withIpis();
    const seen: number[] = [];
    m.ipi.attach({ reschedule: (cpu) => seen.push(cpu) });
    m.on(1, () => m.ipi.disable());
    m.on(0, () => m.ipi.sendReschedule(1));
    m.settle();
    expect(seen).toEqual([]);
    m.on(1, () => m.ipi.enable());
    m.settle();
    expect(seen).toEqual([1]);
  });

  test('sending without a provider is reported', () => {
    const m = new FakeMachine(1);
    m.ipi.sendReschedule(0);
    m.ipi.sendMask(CpuMask.of(1, 0), IPI.TIMER);
    expect(m.smp.diagnostics.take('context')).toHaveLength(2);
  });
});

describe('messages', () => {
  test('each reaches its handler on the CPU that got it, in hard irq context with interrupts off', () => {
    const m = new FakeMachine(3).withIpis();
    const seen: string[] = [];
    const note = (what: string) => (cpu: number) => {
      const { cpus } = m.smp;
      seen.push(`${what} ${cpu} ${cpus.current} ${cpus.inHardirq()} ${cpus.irqsDisabled()}`);
    };
    m.ipi.attach({ reschedule: note('reschedule'), timerBroadcast: note('timer'), kgdbRoundup: note('kgdb') });
    m.ipi.sendReschedule(2);
    m.ipi.tickBroadcast(new CpuMask(3, [1]));
    m.settle();
    m.on(2, () => m.ipi.kgdbRoundupCpus());
    m.settle();
    expect(seen).toEqual(['timer 1 1 true true', 'reschedule 2 2 true true', 'kgdb 0 0 true true', 'kgdb 1 1 true true']);
    expect(m.smp.diagnostics.open).toEqual([]);
  });

  test('a backtrace shows the asking CPU first, then rings the others, and waits for them', () => {
    const m = new FakeMachine(3).withIpis();
    const shown: number[] = [];
    m.ipi.attach({ backtrace: (cpu) => shown.push(cpu) });
    m.on(1, () => m.ipi.triggerBacktrace(CpuMask.all(3)));
    expect(shown).toEqual([1, 0, 2]);
    expect(m.log().slice(-4)).toEqual([
      'NMI backtrace for cpu 1', 'Sending NMI from CPU 1 to CPUs 0,2:', 'NMI backtrace for cpu 0', 'NMI backtrace for cpu 2',
    ]);
    m.on(1, () => m.ipi.triggerBacktrace(CpuMask.all(3), 1));
    expect(shown).toEqual([1, 0, 2, 0, 2]);
  });

  test('stop takes every other CPU out of the online mask for good', () => {
    const m = new FakeMachine(3).withIpis();
    const parked: number[] = [];
    m.ipi.attach({ stop: (cpu) => parked.push(cpu) });
    m.on(1, () => m.ipi.sendStop());
    expect([m.smp.cpus.online.toList(), m.ipi.stopped.toList(), parked]).toEqual(['1', '0,2', [0, 2]]);
    expect([m.smp.cpus.irqsDisabledOn(0), m.smp.cpus.irqsDisabledOn(2)]).toEqual([true, true]);
    expect(m.log()).toContain('SMP: stopping secondary CPUs');
    expect(m.log().some((line) => line.includes('failed'))).toBe(false);
  });

  test('a CPU that does not answer a stop is named', () => {
    const m = new FakeMachine(3).withIpis();
    m.deaf.set(2);
    m.ipi.sendStop();
    expect(m.log()).toContain('SMP: failed to stop secondary CPUs 0,2');
  });

  test('a crash stop parks CPUs, leaves them online, and happens once', () => {
    const m = new FakeMachine(3).withIpis();
    const parked: number[] = [];
    m.ipi.attach({ crashStop: (cpu) => parked.push(cpu) });
    m.ipi.crashSendStop();
    m.ipi.crashSendStop();
    expect([m.smp.cpus.online.toList(), parked]).toEqual(['0-2', [1, 2]]);
    expect(m.log().filter((line) => line === 'SMP: stopping secondary CPUs')).toHaveLength(1);
  });

  test('stopping alone says nothing', () => {
    const m = new FakeMachine(1).withIpis();
    m.ipi.sendStop();
    m.ipi.crashSendStop();
    expect(m.log().filter((line) => line.startsWith('SMP:'))).toEqual([]);
  });
});

const LINUX = new URL('../../../testdata/linux/', import.meta.url);

/** Every recorded /proc/interrupts that testdata has. */
function recordings(): [string, '6.12' | '7.2', string][] {
  return readdirSync(LINUX, { recursive: true, encoding: 'utf8' })
    .filter((name) => /INTERRUPTS[^/]*\.txt$/.test(name))
    .map((name) => [name, name.startsWith('linux-7.2') ? '7.2' : '6.12', readFileSync(new URL(name, LINUX), 'utf8')]);
}

/** Recorded from Linux 6.12.107 and 7.2.13 on QEMU 10.0.2; counts are put in, every other byte must come out. */
describe('the rows of /proc/interrupts', () => {
  test.each(recordings())('%s', (_name, linux, text) => {
    const rows = text.split('\n').filter((line) => line.startsWith('IPI'));
    const cpus = [...text.split('\n')[0]!.matchAll(/CPU(\d+)/g)].map(([, cpu]) => Number(cpu));
    const m = new FakeMachine(Math.max(...cpus) + 1, {}, { linux }).withIpis();
    m.smp.cpus.online.clearAll();
    for (const cpu of cpus) m.smp.cpus.online.set(cpu);
    rows.forEach((row, i) => {
      const counts = row.slice(5).trim().split(/ +/).slice(0, cpus.length).map(Number);
      counts.forEach((count, at) => m.smp.cpus.runOn(cpus[at]!, () => {
        for (let n = 0; n < count; n++) irqToDesc(m.genirq, m.ipiVirq + i)!.countThisCpu();
      }));
    });
    expect(m.ipi.archShowInterrupts(linux === '7.2' ? 4 : 3)).toBe(`${rows.join('\n')}\n`);
  });

  test('a blank follows the colon in wide tables of Linux 6.12', () => {
    const m = new FakeMachine(1).withIpis();
    expect(m.ipi.archShowInterrupts(4).split('\n')[0]).toBe(`IPI0:          0  ${IPI_NAMES[0]!}`);
    expect(m.ipi.archShowInterrupts(5).split('\n')[0]).toBe(` IPI0:          0  ${IPI_NAMES[0]!}`);
  });

  test('without a provider there are rows of zeros', () => {
    expect(new FakeMachine(1).ipi.archShowInterrupts(3).split('\n')).toHaveLength(9);
  });
});
