import { enablePercpuIrq, IRQ_TYPE } from '@irqchip/genirq-core';
import type { ConformanceCase } from '../case.ts';
import { Locals } from '../locals.ts';
import { linesAtLeast, ownHardware, severalCpus } from '../needs.ts';
import { fromAnything } from './firmware.ts';

/** Requesting, enabling and disabling what each CPU has for itself. */
export const percpuRequestCases: readonly ConformanceCase[] = [
  {
    name: 'a per-CPU line that is enabled on one CPU stays masked on the others',
    rule: 'enable_percpu_irq is of the calling CPU',
    kinds: ['percpu'],
    needs: severalCpus,
    run(kit) {
      for (const cpu of kit.cpus(kit.bench())) {
        const locals = new Locals(kit);
        const request = locals.enabled(kit.first, [cpu]);
        for (const other of locals.cpus) if (other !== cpu) locals.askInVain(request, other, `enabled on CPU ${cpu}`);
        locals.once(request, cpu, `enabled on CPU ${cpu}`);
      }
    },
  },
  {
    name: 'a per-CPU line that is disabled on one CPU goes on on the others',
    rule: 'disable_percpu_irq is of the calling CPU, and masks at once',
    kinds: ['percpu'],
    needs: severalCpus,
    run(kit) {
      for (const cpu of kit.cpus(kit.bench())) {
        const locals = new Locals(kit);
        const request = locals.enabled();
        locals.disable(request, cpu);
        locals.askInVain(request, cpu, `disabled on CPU ${cpu}`);
        for (const other of locals.cpus) if (other !== cpu) locals.once(request, other, `disabled on CPU ${cpu}`);
      }
    },
  },
  {
    name: 'what comes while a CPU has its line disabled comes when it is enabled, as the controller remembers it',
    rule: 'disable_percpu_irq masks at once; enable_percpu_irq replays nothing: what is pending in the controller is delivered',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      const request = locals.enabled();
      for (let round = 0; round < 2; round++) for (const cpu of locals.cpus) {
        locals.disable(request, cpu);
        locals.askInVain(request, cpu, `disabled on CPU ${cpu}`);
        const before = request.fired;
        locals.enable(request, cpu);
        locals.caughtUp(request, before, cpu, `active while disabled on CPU ${cpu}, and enabled again`);
        locals.once(request, cpu, `enabled again on CPU ${cpu}`);
      }
    },
  },
  {
    name: 'disabled and pending on a CPU, a line never runs with the others of that CPU',
    rule: 'a demultiplexer handles what is pending and enabled',
    kinds: ['percpu'],
    needs: linesAtLeast(2),
    run(kit) {
      const locals = new Locals(kit);
      const [off, on] = kit.sample.map((line) => locals.enabled(line));
      for (const cpu of locals.cpus) {
        locals.disable(off!, cpu);
        locals.askInVain(off!, cpu, `disabled on CPU ${cpu}`);
        const before = off!.fired;
        locals.once(on!, cpu, `with line ${off!.line} of CPU ${cpu} disabled and pending`);
        kit.ranOn(off!, before, [], `disabled and pending, and another of CPU ${cpu} active`);
      }
    },
  },
  {
    name: 'enabling a line of a CPU leaves its others as they are',
    rule: 'irq_unmask is of one line',
    kinds: ['percpu'],
    needs: linesAtLeast(3),
    run(kit) {
      const locals = new Locals(kit);
      const [off, on, last] = kit.sample.map((line) => locals.request(line));
      for (const cpu of locals.cpus) {
        locals.enable(on!, cpu);
        locals.enable(last!, cpu);
        locals.askInVain(off!, cpu, `with others of CPU ${cpu} enabled`);
        locals.once(on!, cpu, `with line ${last!.line} of CPU ${cpu} enabled after it`);
      }
    },
  },
  {
    name: 'disabling a line of a CPU leaves its others as they are',
    rule: 'irq_mask is of one line',
    kinds: ['percpu'],
    needs: linesAtLeast(2),
    run(kit) {
      const locals = new Locals(kit);
      const [off, ...rest] = kit.sample.map((line) => locals.enabled(line));
      for (const cpu of locals.cpus) {
        locals.disable(off!, cpu);
        for (const request of rest) locals.once(request, cpu, `with line ${off!.line} of CPU ${cpu} disabled`);
      }
    },
  },
  {
    name: 'a per-CPU line that is enabled and not requested is switched off where it comes',
    rule: 'handle_percpu_devid_irq: without an action, irq_percpu_disable on this CPU',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      const line = b.line(kit.first);
      for (const cpu of cpus) b.on(cpu, () => enablePercpuIrq(b.machine.genirq, line.irq, IRQ_TYPE.NONE));
      for (const cpu of cpus) {
        locals.ask(kit.first, cpu);
        kit.same(cpus.filter((each) => line.enabledOn(each)), cpus.filter((each) => each > cpu), `line ${kit.first}, which nobody requested, asked on CPUs 0 to ${cpu}; CPUs that have it enabled`);
        kit.quiet(b, 'after a line that nobody requested was switched off');
      }
    },
  },
  {
    name: 'a per-CPU line is requested once, is quiet when it was freed, and can be requested again',
    rule: 'request_percpu_irq: -EBUSY, -EINVAL for CPUs that overlap; free_percpu_irq after disable_percpu_irq on each CPU',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      for (let round = 1; round <= 3; round++) {
        const request = locals.enabled();
        kit.refuses(() => b.requestPercpu(kit.first), `a second request of line ${kit.first}`);
        const before = request.fired;
        for (const cpu of cpus) locals.once(request, cpu, `requested for the ${round}th time`);
        locals.disable(request, ...cpus);
        request.free();
        for (const cpu of cpus) {
          locals.askInVain(request, cpu, 'freed');
          if (kit.trigger === 'level') b.raw(kit.first, cpu).lower();
        }
        kit.ranOn(request, before, cpus, `requested for the ${round}th time and freed`);
        const next = locals.enabled();
        const late = cpus.map((cpu) => next.ranOn.filter((on) => on === cpu).length);
        kit.ok(late.every((runs) => runs <= 1), `requested again after it was active: the handler of line ${kit.first} ran ${late.join(', ')} times on the CPUs, and not once at most`);
        locals.disable(next, ...cpus);
        next.free();
      }
    },
  },
  {
    name: 'per-CPU lines that firmware left on are quiet until a CPU enables them',
    rule: 'an enable that firmware left is nobody\'s request: a driver switches off every line of every CPU, before the parent interrupt of that CPU is let in',
    kinds: ['percpu'],
    needs: ownHardware,
    run(kit) {
      const clean = kit.bench();
      const inputs = kit.sample.flatMap((line) => kit.cpus(clean).map((cpu) => clean.input(line, cpu)));
      const used = (setInput: (input: number, level: boolean) => void): void => {
        for (const input of inputs) {
          setInput(input, true);
          setInput(input, false);
        }
      };
      fromAnything(kit, used, (b, booted) => {
        kit.calm(b);
        kit.quiet(b, booted);
        const locals = new Locals(kit, undefined, b);
        const requests = kit.sample.map((line) => locals.request(line));
        for (const cpu of locals.cpus) for (const request of requests) locals.askInVain(request, cpu, `${booted}, enabled nowhere`);
        for (const request of requests) for (const cpu of locals.cpus) {
          const before = request.fired;
          locals.enable(request, cpu);
          locals.caughtUp(request, before, cpu, `${booted}, active before it was enabled on CPU ${cpu}`);
          locals.once(request, cpu, `${booted}, enabled on CPU ${cpu}`);
        }
      });
    },
  },
];
