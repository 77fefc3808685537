import { runTraffic } from '@irqchip/machine';
import { IPI } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';
import type { Bench, BenchOptions } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { ownHardware, severalCpus } from '../needs.ts';

/** A machine whose messages and calls say where they ran. */
export class Talk {
  readonly b: Bench;
  /** CPUs on which something ran, in order. */
  readonly ran: number[] = [];

  /** @param then - what a message does where it arrives */
  constructor(private readonly kit: CaseKit, private readonly then?: (talk: Talk, cpu: number) => void, more?: Partial<BenchOptions>) {
    this.b = kit.bench(more);
    this.ipi.attach({ reschedule: (cpu) => {
      this.ran.push(cpu);
      this.then?.(this, cpu);
    } });
  }

  get ipi(): Bench['machine']['ipi'] { return this.b.machine.ipi; }
  get cpus(): number[] { return this.kit.cpus(this.b); }
  /** The CPU that runs. */
  get current(): number { return this.b.machine.smp.cpus.current; }

  send(from: number, to: number): void { this.b.on(from, () => this.ipi.sendReschedule(to)); }
  call(from: number, to: number): void { this.b.on(from, () => this.ipi.smpCallFunctionSingle(to, () => this.ran.push(this.current))); }
  ranOn(cpus: readonly number[], what: string): void { this.kit.same(this.ran, cpus, `${what} ran on CPUs`); }
}

/** Providers of IPIs, through the architecture's messages. */
export const ipiCases: readonly ConformanceCase[] = [
  {
    name: 'what is sent while interrupts are off arrives once when they are on',
    rule: 'sends of one message merge until the target takes it',
    kinds: ['ipi'],
    run(kit) {
      const talk = new Talk(kit);
      talk.b.irqsOff(0, () => {
        for (let times = 0; times < 3; times++) talk.ipi.sendReschedule(0);
        talk.ranOn([], 'with interrupts off, messages');
      });
      talk.ranOn([0], 'with interrupts on again, a message that was sent three times');
    },
  },
  {
    name: 'a message that is sent again in its own handler is handled again',
    rule: 'what rang is acknowledged before it is handled: the parent of a mux before ipi_mux_process, an IPI of its own in irq_ack',
    kinds: ['ipi'],
    run(kit) {
      const talk = new Talk(kit, ({ ran, ipi }, cpu) => { if (ran.length < 5) ipi.sendReschedule(cpu); });
      talk.send(0, 0);
      talk.ranOn([0, 0, 0, 0, 0], 'a message that four handlers sent again');
    },
  },
  {
    name: 'a message to another CPU, sent in a handler, arrives',
    rule: 'ipi_send_mask works from hard irq context, while an IPI is handled',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const talk = new Talk(kit, ({ ran, ipi, cpus: { length } }, cpu) => { if (ran.length < 3 * length) ipi.sendReschedule((cpu + 1) % length); });
      const { length } = talk.cpus;
      talk.send(0, 1);
      talk.ranOn(Array.from({ length: 3 * length }, (_, i) => (i + 1) % length), 'messages that went round');
    },
  },
  {
    name: 'messages of all kinds arrive, each once',
    rule: 'messages that are pending at once are all handled, in one interrupt or in several',
    kinds: ['ipi'],
    run(kit) {
      const { b, ipi } = new Talk(kit);
      const seen: string[] = [];
      ipi.attach({ reschedule: () => void seen.push('reschedule'), timerBroadcast: () => void seen.push('timer'), kgdbRoundup: () => void seen.push('kgdb') });
      b.irqsOff(0, () => { for (const op of [IPI.KGDB_ROUNDUP, IPI.TIMER, IPI.RESCHEDULE]) ipi.sendSingle(0, op); });
      kit.same(seen, ['reschedule', 'timer', 'kgdb'], 'three messages at once were handled as');
    },
  },
  {
    name: 'one message to many CPUs reaches each of them and no other',
    rule: 'ipi_send_mask: every CPU of the mask',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const talk = new Talk(kit);
      const { b, ipi, cpus } = talk;
      const from = cpus.pop()!;
      const mask = new CpuMask(from + 1);
      for (const cpu of cpus) mask.set(cpu);
      b.on(from, () => ipi.sendMask(mask, IPI.RESCHEDULE));
      talk.ran.sort((one, other) => one - other);
      talk.ranOn(cpus, `a message from CPU ${from} to CPUs ${mask.toList()}`);
    },
  },
  {
    name: 'function calls run on their CPU before the caller goes on',
    rule: 'smp_call_function_single with wait',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const talk = new Talk(kit);
      const { b, ipi, ran, cpus } = talk;
      for (const from of cpus) b.on(from, () => {
        ran.length = 0;
        ipi.smpCallFunction(() => ran.push(talk.current));
        ran.sort((one, other) => one - other);
        talk.ranOn(cpus.filter((cpu) => cpu !== from), `calls of CPU ${from}`);
      });
    },
  },
  {
    name: 'a doorbell that nobody rang runs no handler',
    rule: 'a handler of the parent copes with nothing pending',
    kinds: ['ipi'],
    needs: ownHardware,
    run(kit) {
      const talk = new Talk(kit);
      talk.b.glitch();
      talk.ranOn([], 'messages that nobody sent');
      talk.send(0, 0);
      talk.ranOn([0], 'after an interrupt that nobody sent, a message to CPU 0');
    },
  },
  {
    name: 'the boot hart may be any hart',
    rule: 'riscv_hartid_to_cpuid: a hartid is no CPU number',
    kinds: ['ipi'],
    needs: severalCpus,
    run(kit) {
      const bootHart = kit.bench().machine.board.harts.at(-1)!.hartid;
      const talk = new Talk(kit, undefined, { bootHart });
      for (const to of talk.cpus) talk.send(0, to);
      talk.ranOn(talk.cpus, `with hart ${bootHart} as CPU 0, messages to each CPU`);
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
      const talk = new Talk(kit);
      const { b, cpus } = talk;
      const row = (): number[] => (/^ *IPI0:(.*) {2}Rescheduling/m.exec(b.procInterrupts())?.[1] ?? '').trim().split(/\s+/).map(Number);
      const before = row();
      for (const cpu of cpus) for (let times = 0; times <= cpu; times++) talk.send(0, cpu);
      kit.same(row().map((count, cpu) => count - before[cpu]!), cpus.map((cpu) => cpu + 1), 'the row IPI0, where CPU 0 got 1 message, CPU 1 got 2, and so on, grew by');
    },
  },
];
