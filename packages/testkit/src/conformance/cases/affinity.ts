import { IRQCHIP, isMovePending, type IrqData } from '@irqchip/genirq-core';
import type { Bench, Requested } from '@irqchip/testbench';
import type { CaseKit, ConformanceCase } from '../case.ts';
import { all, linesAtLeast, movable, pluggable } from '../needs.ts';
import { enable, mask } from './disable.ts';

/** Has `fn` called on CPU 0 at every step while a CPU goes or comes. */
function during(b: Bench, change: () => void, fn: (step: number) => void): void {
  const { cpuhp, smp: { cpus } } = b.machine;
  let step = 0;
  const enter = (): void => { cpus.runOn(0, () => fn(step++)); };
  cpuhp.trace = { enter, multiEnter: enter, exit: () => undefined };
  try {
    change();
  } finally {
    cpuhp.trace = null;
  }
}

/** A move that waits for the next interrupt of the line (IRQCHIP_MOVE_DEFERRED) is made by one. */
function moveTo(kit: CaseKit, b: Bench, line: number, ...cpus: number[]): void {
  b.setAffinity(line, ...cpus);
  kit.calm(b);
  if (!isMovePending(b.line(line).desc.irqData)) return;
  kit.ask(b, line);
}

function deferred({ on: { desc } }: Requested): boolean {
  for (let data: IrqData | null = desc.irqData; data !== null; data = data.parentData) {
    if (((data.chip.flags ?? 0) & IRQCHIP.MOVE_DEFERRED) !== 0) return true;
  }
  return false;
}

/** Where lines go, and what becomes of them when CPUs go and come. */
export const affinityCases: readonly ConformanceCase[] = [
  {
    name: 'a line runs on the CPU that it is sent to',
    rule: 'irq_set_affinity: the chip routes the line and updates the effective mask',
    needs: movable,
    run(kit) {
      const b = kit.bench();
      for (const line of kit.sample) {
        const request = kit.request(b, line);
        for (const cpu of [...kit.cpus(b), 0]) {
          moveTo(kit, b, line, cpu);
          kit.once(b, request, `sent to CPU ${cpu}`, cpu);
          kit.same(request.on.desc.common.effectiveAffinity.toList(), String(cpu), `line ${line}, sent to CPU ${cpu}, has an effective affinity of`);
        }
      }
    },
  },
  {
    name: 'moving a line leaves the others where they are',
    rule: 'irq_set_affinity is of one line',
    needs: all(movable, linesAtLeast(2)),
    run(kit) {
      const b = kit.bench();
      const requests = kit.sample.map((line) => kit.request(b, line));
      for (const request of requests) moveTo(kit, b, request.line, 1);
      moveTo(kit, b, kit.first, 0);
      for (const request of requests) {
        kit.once(b, request, `after line ${kit.first} was sent to CPU 0 and the others to CPU 1`, request.line === kit.first ? 0 : 1);
      }
    },
  },
  {
    name: 'a line that is moved while pending is not lost',
    rule: 'irq_set_affinity: what is on its way arrives',
    needs: movable,
    run(kit) {
      const { b, request } = kit.one();
      for (let times = 1; times <= 4; times++) {
        b.irqsOff(0, () => {
          kit.askQuietly(b);
          b.setAffinity(kit.first, times % 2);
        });
        kit.calm(b);
        kit.fired(request, times, 'asked, then moved, then let in');
      }
    },
  },
  {
    name: 'a line that is moved in its own handler goes on',
    rule: 'irq_set_affinity while the line is in progress',
    needs: movable,
    run(kit) {
      const b = kit.bench();
      const request = kit.request(b, kit.first, (_irq, { fired }) => { b.setAffinity(kit.first, fired % 2); });
      for (let times = 1; times <= 4; times++) {
        kit.ask(b);
        kit.fired(request, times, 'moved in its handler');
      }
    },
  },
  {
    name: 'a disabled line can be moved, and runs where it was moved to',
    rule: 'irq_set_affinity on a masked line does not unmask it',
    needs: movable,
    run(kit) {
      const { b, request } = kit.one();
      moveTo(kit, b, kit.first, 0);
      const ran = request.fired;
      mask(kit, b);
      b.setAffinity(kit.first, 1);
      kit.calm(b);
      kit.heldBack(b, kit.first, 'masked, sent to another CPU, and active', () => kit.insist(b, kit.first, kit.message(b)));
      kit.fired(request, ran, 'masked, sent to another CPU, and active');
      enable(kit, b);
      kit.ok(request.fired > ran, 'active once while it was masked: its handler ran 0 times, and not once');
      kit.once(b, request, 'sent to CPU 1 while disabled, and enabled again', 1);
    },
  },
  {
    name: 'CPUs that are not online are no place for a line',
    rule: 'irq_set_affinity: −EINVAL without an online CPU in the mask',
    needs: all(movable, pluggable),
    run(kit) {
      const { b, request } = kit.one();
      moveTo(kit, b, kit.first, 0);
      b.cpuDown(1);
      // Where moves are deferred, the refusal is not the caller's to see.
      if (!deferred(request)) kit.refuses(() => b.setAffinity(kit.first, 1), 'sending a line to CPU 1, which is offline,', 'EINVAL');
      else b.setAffinity(kit.first, 1);
      const before = request.fired;
      for (let times = 0; times < 2; times++) {
        kit.ask(b);
      }
      kit.ranOn(request, before, [0, 0], 'on CPU 0, sent to CPU 1, which is offline, and active twice');
    },
  },
  {
    name: 'a line whose CPU goes moves to one that stays',
    rule: 'irq_migrate_all_off_this_cpu',
    needs: all(movable, pluggable),
    run(kit) {
      const { b, request } = kit.one();
      moveTo(kit, b, kit.first, 1);
      b.cpuDown(1);
      kit.calm(b);
      kit.once(b, request, 'after its CPU went');
      kit.ok(request.ranOn.at(-1) !== 1, 'it ran on CPU 1, which went, and not on one that stayed');
      b.cpuUp(1);
      moveTo(kit, b, kit.first, 1);
      kit.once(b, request, 'sent to CPU 1 after that came back', 1);
    },
  },
  {
    name: 'a CPU that goes with a line pending loses nothing',
    rule: 'irq_migrate_all_off_this_cpu, and what the driver does with what is pending at the old CPU',
    needs: all(movable, pluggable),
    run(kit) {
      let steps = 0;
      const dry = kit.bench();
      during(dry, () => dry.cpuDown(1), () => { steps++; });
      kit.ok(steps > 0, 'a CPU that goes takes no steps');
      for (let at = 0; at < steps; at++) {
        const { b, request } = kit.one();
        moveTo(kit, b, kit.first, 1);
        const before = request.fired;
        during(b, () => b.cpuDown(1), (step) => { if (step === at) kit.askQuietly(b); });
        kit.calm(b);
        kit.fired(request, before + 1, `asked at step ${at} of its CPU's going`);
      }
    },
  },
  {
    name: 'lines that ask while CPUs go and come are handled',
    rule: 'CPU hotplug disturbs no line elsewhere',
    needs: pluggable,
    run(kit) {
      const { b, request } = kit.one();
      const ask = (): void => kit.askQuietly(b);
      for (const cpu of kit.cpus(b).slice(1)) {
        during(b, () => b.cpuDown(cpu), ask);
        kit.ask(b);
        during(b, () => b.cpuUp(cpu), ask);
        kit.calm(b);
        kit.once(b, request, `after CPU ${cpu} went and came`);
      }
    },
  },
];
