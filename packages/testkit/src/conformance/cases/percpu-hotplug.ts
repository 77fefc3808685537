import type { ConformanceCase } from '../case.ts';
import { Locals } from '../locals.ts';
import { pluggable } from '../needs.ts';

/** Per-CPU lines, and CPUs that come and go. Their users disable them when a CPU goes, and enable them when it comes. */
export const percpuHotplugCases: readonly ConformanceCase[] = [
  {
    name: 'a CPU that went with its line pending takes it when it is back and enables it',
    rule: 'the parent of a CPU is disabled when it goes and enabled when it comes (CPUHP_AP_*_STARTING); what is pending stays in the controller',
    kinds: ['percpu'],
    needs: pluggable,
    run(kit) {
      const locals = new Locals(kit);
      const { b } = locals;
      const request = locals.enabled();
      for (let round = 0; round < 2; round++) for (const cpu of locals.cpus.slice(1)) {
        locals.disable(request, cpu);
        locals.askInVain(request, cpu, `disabled on CPU ${cpu}, which is to go`);
        const before = request.fired;
        b.cpuDown(cpu);
        kit.calm(b);
        kit.ranOn(request, before, [], `while CPU ${cpu} is down`);
        b.cpuUp(cpu);
        kit.calm(b);
        kit.ranOn(request, before, [], `after CPU ${cpu} came back, and did not enable it yet`);
        locals.enable(request, cpu);
        locals.caughtUp(request, before, cpu, `after CPU ${cpu} came back with it pending, and enabled it`);
        locals.once(request, cpu, `after CPU ${cpu} came back and enabled it`);
      }
    },
  },
  {
    name: 'a CPU that comes back has its lines off until it enables them',
    rule: 'enable_percpu_irq is their user\'s, in a callback of CPU hotplug, and not their driver\'s',
    kinds: ['percpu'],
    needs: pluggable,
    run(kit) {
      const locals = new Locals(kit);
      const { b } = locals;
      const requests = kit.sample.map((line) => locals.enabled(line));
      for (const cpu of locals.cpus.slice(1)) {
        for (const request of requests) locals.disable(request, cpu);
        b.cpuDown(cpu);
        b.cpuUp(cpu);
        for (const request of requests) locals.askInVain(request, cpu, `after CPU ${cpu} came back`);
      }
    },
  },
  {
    name: 'the lines of the other CPUs work while a CPU is down, and when it is back',
    rule: 'what a driver does when a CPU goes or comes is of that CPU',
    kinds: ['percpu'],
    needs: pluggable,
    run(kit) {
      const locals = new Locals(kit);
      const { b, cpus } = locals;
      const request = locals.enabled();
      for (const gone of cpus) {
        const others = cpus.filter((cpu) => cpu !== gone);
        locals.disable(request, gone);
        b.cpuDown(gone);
        for (const cpu of others) locals.once(request, cpu, `while CPU ${gone} is down`);
        b.cpuUp(gone);
        for (const cpu of others) locals.once(request, cpu, `after CPU ${gone} came back`);
        locals.enable(request, gone);
        locals.once(request, gone, `after CPU ${gone} came back and enabled it`);
      }
    },
  },
];
