import type { Bench, BenchHandler, BenchOptions, RequestedPercpu } from '@irqchip/testbench';
import type { CaseKit } from './case.ts';

/** A machine whose CPUs have lines for themselves, each with a device that asks. */
export class Locals {
  readonly b: Bench;

  /** @param made - a machine that there is already */
  constructor(private readonly kit: CaseKit, more?: Partial<BenchOptions>, made?: Bench) { this.b = made ?? kit.bench(more); }

  get cpus(): number[] { return this.kit.cpus(this.b); }

  /** Requests a line; its devices are content once they are served. No CPU has it enabled. */
  request(line: number = this.kit.first, handler: BenchHandler = () => undefined): RequestedPercpu {
    const { b, kit } = this;
    kit.step = `line ${line} is requested`;
    kit.asked = kit.desc(b, line);
    return b.requestPercpu(line, (irq, request) => {
      if (kit.trigger === 'level') b.raw(line, b.machine.smp.cpus.current).lower();
      return handler(irq, request);
    });
  }

  /** The same, and CPUs enable it, all of them when none is said. */
  enabled(line: number = this.kit.first, cpus: readonly number[] = this.cpus, handler?: BenchHandler): RequestedPercpu {
    const request = this.request(line, handler);
    for (const cpu of cpus) this.enable(request, cpu);
    return request;
  }

  enable(request: RequestedPercpu, cpu: number): void {
    this.kit.step = `line ${request.line} is enabled on CPU ${cpu}`;
    request.enable(cpu);
    this.kit.calm(this.b);
  }

  disable(request: RequestedPercpu, ...cpus: readonly number[]): void {
    for (const cpu of cpus) {
      this.kit.step = `line ${request.line} is disabled on CPU ${cpu}`;
      request.disable(cpu);
    }
  }

  /** The device that a CPU has on a line asks for attention once; nobody else runs before this returns. */
  askQuietly(line: number, cpu: number): void {
    this.kit.step = `line ${line} of CPU ${cpu} asks`;
    const drive = this.b.raw(line, cpu);
    if (this.kit.trigger === 'edge') drive.pulse();
    else drive.raise();
  }

  /** The same, and what is still to come, comes. */
  ask(line: number, cpu: number): void {
    this.kit.asked = this.kit.desc(this.b, line);
    this.askQuietly(line, cpu);
    this.kit.calm(this.b);
  }

  /** A device asks that its CPU has disabled: no CPU is interrupted, and nothing runs. */
  askInVain(request: RequestedPercpu, cpu: number, what: string): void {
    const before = request.fired;
    this.kit.staysQuiet(this.b, () => this.askQuietly(request.line, cpu), `${what}, with line ${request.line} of CPU ${cpu} active`);
    this.kit.calm(this.b);
    this.kit.ranOn(request, before, [], `${what}, with that of CPU ${cpu} active`);
  }

  /** A device asks once, and its handler runs once, on its CPU. */
  once(request: RequestedPercpu, cpu: number, what: string): void {
    const before = request.fired;
    this.ask(request.line, cpu);
    this.kit.ranOn(request, before, [cpu], `${what}, after that of CPU ${cpu} asked`);
  }

  /** What came while a line was off, now that it is on: an edge as the controller remembers it, a level that is still up. */
  caughtUp(request: RequestedPercpu, before: number, cpu: number, what: string): void {
    const { kit: { options: { remembers = true }, trigger } } = this;
    if (remembers || trigger === 'level') this.kit.ranOn(request, before, [cpu], what);
    else this.kit.ranOn(request, before, [], `${what}, which its controller does not remember`);
  }
}

/** Every CPU enables every line, which runs there; what was latched earlier may come once. */
export function everyLineWorks(kit: CaseKit, b: Bench, what: string): void {
  const locals = new Locals(kit, undefined, b);
  for (const line of kit.sample) {
    const request = locals.enabled(line);
    for (const cpu of locals.cpus) {
      const early = request.ranOn.filter((on) => on === cpu).length;
      kit.ok(early <= 1, `${what}, for what had come earlier: the handler of line ${line} ran ${early} times on CPU ${cpu}, and not once at most`);
    }
    for (const cpu of locals.cpus) locals.once(request, cpu, `${what}, enabled on all CPUs`);
  }
}
