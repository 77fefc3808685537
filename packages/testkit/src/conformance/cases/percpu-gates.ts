import { requestIrq } from '@irqchip/genirq-core';
import type { ConformanceCase } from '../case.ts';
import { Locals } from '../locals.ts';

/** Flow handlers of the kernel that are for other lines. */
const OTHERS = ['handleEdgeIrq', 'handleLevelIrq', 'handleFasteoiIrq', 'handleSimpleIrq', 'handleNestedIrq', 'handleBadIrq', 'handlePercpuIrq'];

/** Without these no per-CPU line works, and no other case is judged. */
export const percpuGates: readonly ConformanceCase[] = [
  {
    name: 'a line is a per-CPU interrupt, and no other kind of request gets it',
    gate: 'its lines are no per-CPU interrupts',
    rule: 'irq_set_percpu_devid when it is mapped, handle_percpu_devid_irq; request_irq is -EINVAL',
    kinds: ['percpu'],
    run(kit) {
      const b = kit.bench();
      for (const line of kit.sample) {
        const { percpu, irq, desc: { handleIrq: { name } } } = b.line(line);
        kit.ok(percpu, `line ${line} is no per-CPU interrupt: call setPercpuDevid(genirq, virq) where the domain maps it`);
        kit.ok(!OTHERS.includes(name), `the flow handler of line ${line}, which each CPU has for itself, is ${name}, and not handlePercpuDevidIrq`);
        kit.refuses(() => requestIrq(b.machine.genirq, irq, () => 1, 0, 'device', b), `an ordinary request of line ${line}`, 'EINVAL');
      }
      // The kernel warns of such a request.
      b.takeDiagnostics('warn');
    },
  },
  {
    name: 'a line of each CPU runs its handler there, once for each event',
    gate: 'no per-CPU line works',
    rule: 'enable_percpu_irq unmasks on the calling CPU; handle_percpu_devid_irq runs on the CPU that was interrupted',
    kinds: ['percpu'],
    run(kit) {
      const locals = new Locals(kit);
      for (const line of kit.sample) {
        const request = locals.enabled(line);
        for (const cpu of locals.cpus) for (let times = 1; times <= 3; times++) locals.once(request, cpu, times === 1 ? 'enabled on all CPUs' : `for the ${times}th time`);
      }
      kit.quiet(locals.b, 'after everything was handled');
    },
  },
];
