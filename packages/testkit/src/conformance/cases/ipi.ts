import { runTraffic, type Machine } from '@irqchip/machine';
import { IPI } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';
import type { Bench } from '../../bench/bench.ts';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { ownHardware, severalCpus } from '../needs.ts';

/** CPUs on which reschedule messages were handled, in order. */
export function rescheduled({ ipi }: Machine, then: (cpu: number) => void = () => undefined): number[] {
  const cpus: number[] = [];
  ipi.attach({ reschedule: (cpu) => { cpus.push(cpu); then(cpu); } });
  return cpus;
}

/** CPU `from` sends a reschedule message to `to`. */
function send(b: Bench, from: number, to: number): void {
  b.on(from, () => b.machine.ipi.sendReschedule(to));
}

function maskOf(kit: CaseKit, b: Bench, except: number): CpuMask {
  const cpus = kit.cpus(b);
  const mask = new CpuMask(cpus.length);
  for (const cpu of cpus) if (cpu !== except) mask.set(cpu);
  return mask;
}

/** Providers of IPIs, through the architecture's messages. */
export const ipiCases: readonly ConformanceCase[] = [
  {
    name: 'what is sent while interrupts are off arrives once when they are on',
    rule: 'sends of one message merge until the target takes it',
    kinds: ['ipi'],
    run(kit) {
      const b = kit.bench();
      const seen = rescheduled(b.machine);
      b.irqsOff(0, () => {
        for (let times = 0; times < 3; times++) b.machine.ipi.sendReschedule(0);
        kit.same(seen, [], 'with interrupts off, messages were handled on CPUs');
      });
      kit.same(seen, [0], 'with interrupts on again, messages that were sent three times were handled on CPUs');
    },
  },
  {
    name: 'a message that is sent again in its own handler is handled again',
    rule: 'the parent is acknowledged before ipi_mux_process: a doorbell that comes later raises it again',
    kinds: ['ipi'],
    run(kit) {
      const b = kit.bench();
      const seen = rescheduled(b.machine, (cpu) => { if (seen.length < 5) b.machine.ipi.sendReschedule(cpu); });
      send(b, 0, 0);
      kit.same(seen.length, 5, 'a message that four handlers sent again was handled so often');
    },
  },
  {
    name: 'a message to another CPU, sent in a handler, arrives',
    rule: 'send works from hard irq context, during process',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const b = kit.bench();
      const cpus = kit.cpus(b);
      const seen = rescheduled(b.machine, (cpu) => { if (seen.length < 3 * cpus.length) b.machine.ipi.sendReschedule((cpu + 1) % cpus.length); });
      send(b, 0, 1);
      kit.same(seen, Array.from({ length: 3 * cpus.length }, (_, i) => (i + 1) % cpus.length), 'messages that went round were handled on CPUs');
    },
  },
  {
    name: 'messages of all kinds arrive, each once',
    rule: 'one doorbell carries all virtual IPIs of a CPU',
    kinds: ['ipi'],
    run(kit) {
      const b = kit.bench();
      const { machine: { ipi } } = b;
      const seen: string[] = [];
      ipi.attach({ reschedule: () => void seen.push('reschedule'), timerBroadcast: () => void seen.push('timer'), kgdbRoundup: () => void seen.push('kgdb') });
      b.irqsOff(0, () => { for (const op of [IPI.KGDB_ROUNDUP, IPI.TIMER, IPI.RESCHEDULE]) ipi.sendSingle(0, op); });
      kit.same(seen, ['reschedule', 'timer', 'kgdb'], 'three messages at once were handled as');
    },
  },
  {
    name: 'one message to many CPUs reaches each of them and no other',
    rule: 'ipi_mux_send_mask',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const b = kit.bench();
      const seen = rescheduled(b.machine);
      const from = kit.cpus(b).at(-1)!;
      const mask = maskOf(kit, b, from);
      b.on(from, () => b.machine.ipi.sendMask(mask, IPI.RESCHEDULE));
      kit.same(seen.toSorted((a, c) => a - c), [...mask], `a message from CPU ${from} to CPUs ${mask.toList()} was handled on CPUs`);
    },
  },
  {
    name: 'function calls run on their CPU before the caller goes on',
    rule: 'smp_call_function_single with wait',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const b = kit.bench();
      const { ipi, smp: { cpus } } = b.machine;
      const ran: [number, number][] = [];
      for (const from of kit.cpus(b)) b.on(from, () => {
        ipi.smpCallFunction(() => ran.push([from, cpus.current]));
        kit.same(ran.filter(([caller]) => caller === from).map(([, on]) => on).toSorted((a, c) => a - c), kit.cpus(b).filter((cpu) => cpu !== from), `calls of CPU ${from} ran on CPUs`);
      });
    },
  },
  {
    name: 'a doorbell that nobody rang runs no handler',
    rule: 'process with nothing pending does nothing',
    kinds: ['ipi'],
    needs: ownHardware,
    run(kit) {
      const b = kit.bench();
      const seen = rescheduled(b.machine);
      b.glitch();
      kit.same(seen, [], 'messages that nobody sent were handled on CPUs');
      send(b, 0, 0);
      kit.same(seen, [0], 'after an interrupt that nobody sent, a message to CPU 0 was handled on CPUs');
    },
  },
  {
    name: 'the boot hart may be any hart',
    rule: 'hartids and CPU numbers are two things (riscv_hartid_to_cpuid)',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const last = kit.bench().machine.board.harts.at(-1)!.hartid;
      const b = kit.bench({ bootHart: last });
      const seen = rescheduled(b.machine);
      for (const to of kit.cpus(b)) send(b, 0, to);
      kit.same(seen, kit.cpus(b), `with hart ${last} as CPU 0, messages to each CPU were handled on CPUs`);
    },
  },
  {
    name: 'thousands of messages at random lose none',
    rule: 'a pending message has its doorbell on the way',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const { ipis: { lost, sent }, calls } = runTraffic(kit.bench().machine, { rounds: 12, seed: 5 });
      kit.same(lost, 0, `of ${sent} messages, lost were`);
      kit.same(calls.ran, calls.asked, `of ${calls.asked} calls on other CPUs, run were`);
      kit.ok(sent > 100, `only ${sent} messages were sent`);
    },
  },
  {
    name: '/proc/interrupts counts messages where they were handled',
    rule: 'arch_show_interrupts',
    kinds: ['ipi'],
    run(kit) {
      const b = kit.bench();
      const row = (): number[] => (/^ *IPI0:(.*) {2}Rescheduling/m.exec(b.procInterrupts())?.[1] ?? '').trim().split(/\s+/).map(Number);
      const before = row();
      for (const cpu of kit.cpus(b)) for (let times = 0; times <= cpu; times++) send(b, 0, cpu);
      kit.same(row().map((count, cpu) => count - before[cpu]!), kit.cpus(b).map((cpu) => cpu + 1), 'the row IPI0 of /proc/interrupts grew, by CPU, where CPU 0 got 1 message, CPU 1 got 2, and so on, by');
    },
  },
];
