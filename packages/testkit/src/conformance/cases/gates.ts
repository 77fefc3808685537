import type { Bench } from '@irqchip/testbench';
import { ConformanceError, isStorm, type CaseKit, type ConformanceCase } from '../case.ts';
import { showPath } from '../look.ts';
import { Talk } from './ipi.ts';

/** Has `fn` tell, when it fails, what the driver does with its registers and its parent interrupt. */
function onItsWay(kit: CaseKit, b: Bench, line: number | null, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    if (!(error instanceof ConformanceError) && !isStorm(error)) throw error;
    const message = isStorm(error) ? `EDEADLK: ${error.message}\nlast step of the case: ${kit.step}` : error.message;
    throw new ConformanceError(message + showPath(b, line === null ? null : kit.desc(b, line)));
  }
}

/** Without these nothing works, and no other case is judged. */
export const gateCases: readonly ConformanceCase[] = [
  {
    name: 'it boots, and every CPU comes up',
    gate: 'it does not boot',
    rule: 'a driver\'s probe and hotplug callbacks do not fail, nor hold a CPU up (kernel/cpu.c, smp_init)',
    kinds: ['wired', 'msi', 'ipi'],
    run(kit) {
      const { cpus } = kit.bench().machine.smp;
      kit.same(cpus.online.toList(), cpus.possible.toList(), 'online CPUs are');
    },
  },
  {
    name: 'a line that asks once runs its handler once',
    gate: 'no line works',
    rule: 'flow handlers: one event, one handle_irq_event',
    kinds: ['wired', 'msi'],
    run(kit) {
      const b = kit.bench();
      for (const line of kit.sample) {
        const request = kit.request(b, line);
        for (let times = 1; times <= 3; times++) {
          onItsWay(kit, b, line, () => {
            kit.ask(b, line);
            kit.fired(request, times, times === 1 ? 'after it asked once' : `after it asked ${times} times`);
          });
        }
      }
      kit.quiet(b, 'after everything was handled');
    },
  },
  {
    name: 'every CPU reaches every CPU',
    gate: 'not every CPU is reached',
    rule: 'ipi_mux_ops.send: the doorbell of that CPU, its own as well, and of no other',
    kinds: ['ipi'],
    run(kit) {
      const talk = new Talk(kit);
      const { b, cpus } = talk;
      const expected: number[] = [];
      for (const from of cpus) for (const to of cpus) {
        expected.push(to);
        onItsWay(kit, b, null, () => {
          kit.step = `CPU ${from} sends to CPU ${to}`;
          b.on(from, () => {
            talk.ipi.sendReschedule(to);
            if (from !== to) return;
            b.machine.smp.cpus.boundary();
            talk.ranOn(expected, `before the task went on in which CPU ${from} sent to itself, messages`);
          });
          talk.ranOn(expected, `after CPU ${from} sent to CPU ${to}, messages`);
        });
      }
    },
  },
];
