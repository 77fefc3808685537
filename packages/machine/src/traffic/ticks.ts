import type { Machine } from '../machine.ts';

/** Lets the timers of all CPUs tick every `periodNs`, as a kernel's do, on CPUs that come back too. */
export class Ticks {
  constructor(private readonly machine: Machine, private readonly periodNs: number) {
    const { clockEvents, smp } = machine;
    for (const cpu of smp.cpus.possible) clockEvents.onEvent(cpu, (event) => event.nextEvent(periodNs));
    for (const cpu of smp.cpus.online) this.start(cpu);
  }

  /** Starts the timer of an online CPU; nothing where no driver registered one. */
  start(cpu: number): void {
    const { clockEvents } = this.machine;
    this.machine.on(cpu, () => clockEvents.of(cpu)?.nextEvent(this.periodNs));
  }
}
