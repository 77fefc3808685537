import type { ConformanceCase } from '../case.ts';
import { Talk } from './ipi.ts';
import { suits } from './types.ts';

/** Without these nothing works, and no other case is judged. */
export const gateCases: readonly ConformanceCase[] = [
  {
    name: 'it boots, and every CPU comes up',
    gate: 'it does not boot',
    rule: 'probe and hotplug callbacks do not fail (of_irq_init, smp_init)',
    kinds: ['wired', 'msi', 'ipi', 'percpu'],
    run(kit) {
      const { cpus } = kit.bench().machine.smp;
      kit.same(cpus.online.toList(), cpus.possible.toList(), 'online CPUs are');
    },
  },
  {
    name: 'a line that asks once runs its handler once',
    gate: 'no line works',
    rule: 'flow handlers: one event, one handle_irq_event',
    run(kit) {
      const b = kit.bench();
      for (const line of kit.sample) {
        const request = kit.request(b, line);
        for (let times = 1; times <= 3; times++) {
          kit.ask(b, line);
          kit.fired(request, times, times === 1 ? 'after it asked once' : `after it asked ${times} times`);
        }
      }
      kit.quiet(b, 'after everything was handled');
    },
  },
  {
    name: 'the flow handler suits the trigger of its lines',
    gate: 'their flow handler is for other lines',
    rule: 'handle_edge_irq is for edges, handle_level_irq for levels; handle_simple_irq masks nothing',
    kinds: ['wired'],
    run(kit) { suits(kit, kit.request(kit.bench(), kit.first), kit.trigger === 'level'); },
  },
  {
    name: 'every CPU reaches every CPU',
    gate: 'not every CPU is reached',
    rule: 'ipi_send_mask (of a mux, ipi_mux_ops.send): the doorbell of that CPU, its own as well, and of no other',
    kinds: ['ipi'],
    run(kit) {
      const talk = new Talk(kit);
      const { b, cpus } = talk;
      const expected: number[] = [];
      for (const from of cpus) for (const to of cpus) {
        expected.push(to);
        kit.step = `CPU ${from} sends to CPU ${to}`;
        b.on(from, () => {
          talk.ipi.sendReschedule(to);
          if (from !== to) return;
          b.machine.smp.cpus.boundary();
          talk.ranOn(expected, `before the task of CPU ${from} went on, which sent to itself, messages`);
        });
        talk.ranOn(expected, `after CPU ${from} sent to CPU ${to}, messages`);
      }
    },
  },
];
