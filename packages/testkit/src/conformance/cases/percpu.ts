import { Random } from '@irqchip/machine';
import type { RequestedPercpu } from '@irqchip/testbench';
import type { ConformanceCase } from '../case.ts';
import { Locals } from '../locals.ts';
import { all, linesAtLeast, ownHardware, severalCpus } from '../needs.ts';

/** From a line of a CPU to its handler. */
export const percpuCases: readonly ConformanceCase[] = [
  {
    name: 'the handler of a per-CPU line gets the device of its CPU',
    rule: 'handle_percpu_devid_irq: raw_cpu_ptr(action->percpu_dev_id)',
    kinds: ['percpu'],
    needs: severalCpus,
    run(kit) {
      const locals = new Locals(kit);
      const request = locals.enabled();
      for (const cpu of locals.cpus) locals.ask(kit.first, cpu);
      kit.same(request.devIds, locals.cpus, `line ${kit.first} asked on each CPU; its handler was handed the devices of CPUs`);
    },
  },
  {
    name: 'every line of a CPU runs its own handler and no other',
    rule: 'a hwirq is one line of each CPU: generic_handle_domain_irq',
    kinds: ['percpu'],
    needs: linesAtLeast(2),
    run(kit) {
      const locals = new Locals(kit);
      const requests = kit.sample.map((line) => locals.enabled(line));
      for (const cpu of locals.cpus) kit.sample.forEach((line, at) => {
        const before = requests.map(({ fired }) => fired);
        locals.ask(line, cpu);
        const ran = requests.flatMap(({ fired }, i) => new Array<number>(fired - before[i]!).fill(kit.sample[i]!));
        kit.same(ran, [kit.sample[at]], `after line ${line} of CPU ${cpu} asked, lines whose handlers ran`);
      });
    },
  },
  {
    name: 'lines of one CPU that ask at once are all handled',
    rule: 'a demultiplexer handles everything that is pending, in one interrupt or in several',
    kinds: ['percpu'],
    needs: linesAtLeast(2),
    run(kit) {
      const locals = new Locals(kit);
      const requests = kit.sample.map((line) => locals.enabled(line));
      for (const cpu of locals.cpus) {
        const before = requests.map(({ fired }) => fired);
        locals.b.irqsOff(cpu, () => { for (const line of kit.sample) locals.askQuietly(line, cpu); });
        kit.calm(locals.b);
        requests.forEach((request, i) => kit.ranOn(request, before[i]!, [cpu], `after all lines of CPU ${cpu} asked at once`));
      }
    },
  },
  {
    name: 'a per-CPU line that asks on all CPUs at once runs on each',
    rule: 'the lines of two CPUs share nothing: acknowledging one leaves the other pending',
    kinds: ['percpu'],
    needs: severalCpus,
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      const request = locals.enabled();
      for (const first of cpus) {
        const before = request.fired;
        b.machine.smp.cpus.localIrqDisable();
        for (const cpu of [...cpus.slice(first), ...cpus.slice(0, first)]) locals.askQuietly(kit.first, cpu);
        b.machine.smp.cpus.localIrqEnable();
        kit.calm(b);
        kit.same(request.ranOn.slice(before).sort((one, other) => one - other), cpus, `after line ${kit.first} of all CPUs asked at once, its handler ran on CPUs`);
      }
    },
  },
  {
    name: 'a per-CPU line that asks again in its own handler is handled again',
    rule: 'handle_percpu_devid_irq acknowledges before the handler',
    kinds: ['percpu'],
    run(kit) {
      for (const cpu of kit.cpus(kit.bench())) {
        const locals = new Locals(kit);
        const request = locals.enabled(kit.first, [cpu], (_irq, { fired }) => { if (fired === 1) locals.askQuietly(kit.first, cpu); });
        locals.ask(kit.first, cpu);
        kit.ranOn(request, 0, [cpu, cpu], `after an event on CPU ${cpu}, and one more in its handler`);
      }
    },
  },
  {
    name: 'an interrupt of a CPU with none of its lines pending runs no handler',
    rule: 'a demultiplexer copes with nothing pending',
    kinds: ['percpu'],
    needs: ownHardware,
    run(kit) {
      const locals = new Locals(kit);
      const requests = kit.sample.map((line) => locals.enabled(line));
      locals.b.glitch();
      for (const request of requests) kit.ranOn(request, 0, [], 'after an interrupt with nothing pending');
      locals.once(requests[0]!, 0, 'after an interrupt with nothing pending');
    },
  },
  {
    name: 'a line is of its CPU, whichever hart boots',
    rule: 'riscv_hartid_to_cpuid: a hartid is no CPU number, and neither is a row of registers',
    kinds: ['percpu'],
    needs: all(severalCpus, ownHardware),
    run(kit) {
      const bootHart = kit.bench().machine.board.harts.at(-1)!.hartid;
      const locals = new Locals(kit, { bootHart });
      const request = locals.enabled();
      for (const cpu of locals.cpus) locals.once(request, cpu, `with hart ${bootHart} as CPU 0`);
    },
  },
  {
    name: '/proc/interrupts counts a per-CPU line on each CPU',
    rule: 'handle_percpu_devid_irq: __kstat_incr_irqs_this_cpu; show_interrupts',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      const { irq } = locals.enabled();
      for (const cpu of cpus) for (let times = 0; times <= cpu; times++) locals.ask(kit.first, cpu);
      const row = b.procInterrupts().split('\n').find((text) => text.trimStart().startsWith(`${irq}:`)) ?? 'no row';
      const counts = row.trim().split(/\s+/).slice(1, 1 + cpus.length).map(Number);
      kit.same(counts, cpus.map((cpu) => cpu + 1), `line ${kit.first} asked once on CPU 0, twice on CPU 1, and so on; its row counts`);
      kit.ok(row.endsWith(`  line${kit.first}`), `the row does not end with the device (line${kit.first}): ${row}`);
    },
  },
  {
    name: 'hundreds of events at random on all CPUs lose nothing',
    rule: 'no event of an enabled line is lost',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      const random = new Random(11);
      let asked: Asked[] = [];
      const ask = (request: RequestedPercpu, cpu: number): void => {
        asked.push({ request, cpu, before: runsOn(request, cpu) });
        locals.askQuietly(request.line, cpu);
      };
      const requests: RequestedPercpu[] = kit.sample.map((line) => locals.enabled(line, cpus, () => {
        // Others ask while a handler runs, of its CPU and of others.
        if (random.below(4) === 0) ask(requests[random.below(requests.length)]!, cpus[random.below(cpus.length)]!);
      }));
      for (let event = 0; event < 200; event++) {
        asked = [];
        const some = requests.flatMap((request) => cpus.map((cpu) => ({ request, cpu }))).filter(() => random.below(3) === 0);
        b.irqsOff(cpus[random.below(cpus.length)]!, () => { for (const { request, cpu } of some) ask(request, cpu); });
        kit.calm(b);
        for (const { request, cpu, before } of asked) {
          kit.ok(runsOn(request, cpu) > before, `event ${event}, of ${asked.map((each) => `line ${each.request.line} of CPU ${each.cpu}`).join(', ')}: the handler of line ${request.line} ran 0 times on CPU ${cpu}, and not once or more`);
        }
      }
    },
  },
];

interface Asked { readonly request: RequestedPercpu; readonly cpu: number; readonly before: number }

function runsOn({ ranOn }: RequestedPercpu, cpu: number): number { return ranOn.filter((on) => on === cpu).length; }
