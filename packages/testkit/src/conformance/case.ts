import { IRQ_TYPE, type IrqChip, type IrqDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { Bench, type BenchHandler, type BenchOptions, type Requested } from '@irqchip/testbench';
import { History, showLine } from '@irqchip/testbench/internals';
import { benchOptions } from './check-options.ts';
import { showCallback, traceIpis } from './look.ts';
import type { ConformanceKind, ConformanceOptions, LineTrigger } from './options.ts';

/** What a driver did not keep to. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

/** The same, and it is not the rule of its case. */
export class OtherError extends ConformanceError {}

/** One rule that every driver of its kinds keeps. */
export interface ConformanceCase {
  /** What happens, as the title of a test. */
  readonly name: string;
  /** Where the rule comes from. */
  readonly rule: string;
  /** Default: lines of both kinds. */
  readonly kinds?: readonly ConformanceKind[];
  /** What does not work yet when it fails: then no other case is run. */
  readonly gate?: string;
  /** Only for lines of this trigger. Default: for each that the lines can be. */
  readonly trigger?: LineTrigger;
  /** Why it does not apply, null when it does. */
  needs?(options: ConformanceOptions): string | null;
  run(kit: CaseKit): void;
}

/** Whether it is the machine's error for an interrupt that does not end. */
export function isStorm(error: unknown): error is IrqError { return error instanceof IrqError && error.code === 'EDEADLK'; }

interface Message { readonly address: number; readonly data: number }

/** Nothing that a driver has to do makes so many interrupts in a row. */
const STORM = 2000;

/** So much time lets deferred work of controllers happen. */
const CALM_NS = 20e6;

/** What a case is run with. */
export class CaseKit {
  readonly benches: Bench[] = [];
  /** What was done last, for errors that tell nothing of the case. */
  step = 'a machine is made';
  /** The line that asked last. */
  asked: IrqDesc | null = null;
  /** What was thrown last where a case looks at it, and may tell it in words of its own. */
  thrown: unknown = null;
  /** What came last, where more was tried afterwards, or on a machine that did not boot. */
  history: string | null = null;

  constructor(readonly options: ConformanceOptions, readonly trigger: LineTrigger) {}

  get first(): number { return this.options.first ?? 0; }
  get count(): number { return this.options.lines ?? 0; }
  /** How often a handler runs for one event that came while it was disabled. */
  get replays(): number { return this.trigger === 'edge' ? this.options.replays ?? 1 : 1; }
  /** Some lines: the first, the last, and what is between as far as it is interesting. */
  get sample(): number[] {
    const { first, count } = this;
    const last = first + count - 1;
    return [...new Set([first, first + 1, first + (count >> 1), last - 1, last])].filter((line) => line >= first && line <= last);
  }

  /** Boots a machine. */
  bench(more: Partial<BenchOptions> = {}): Bench {
    const { kind, lines, cpus, tree, input = this.first + this.count } = this.options;
    const type = this.trigger === 'edge' ? IRQ_TYPE.EDGE_RISING : IRQ_TYPE.LEVEL_HIGH;
    const made = this.noted(() => this.boot({
      stormLimit: STORM, ...benchOptions(this.options), trigger: type, ...(kind === 'msi' ? { messages: lines ?? 1 } : kind === 'percpu' ? { input } : {}),
      ...(tree === undefined ? { cpus: cpus ?? 3 } : {}), ...more,
    }));
    this.benches.push(made);
    if (kind === 'ipi') traceIpis(made);
    this.step = 'a machine has booted';
    return made;
  }

  private boot(options: BenchOptions): Bench {
    const history = new History();
    try {
      return new Bench(options, history);
    } catch (error) {
      // That of the machine before would be none of this failure.
      if (!history.empty || this.benches.length > 0) this.history = history.show();
      throw error;
    }
  }

  /** CPUs of a machine. */
  cpus(b: Bench): number[] { return [...b.machine.smp.cpus.possible]; }

  /** Requests a line whose device is content when it was served `times` times, and lets the controller do what it does later. */
  request(b: Bench, line: number = this.first, handler: BenchHandler = () => undefined, flags = 0, times = 1): Requested {
    this.step = `line ${line} is requested`;
    const made = b.request(line, (irq, request) => {
      if (this.trigger === 'level' && request.fired >= times) b.raw(line).lower();
      return handler(irq, request);
    }, flags);
    this.calm(b);
    return made;
  }

  /** A machine whose first line is requested. */
  one(handler?: BenchHandler, flags = 0, times = 1): { readonly b: Bench; readonly request: Requested } {
    const b = this.bench();
    return { b, request: this.request(b, this.first, handler, flags, times) };
  }

  /** The device of a line asks for attention once, and what is still to come, comes. */
  ask(b: Bench, line: number = this.first): void {
    this.step = `line ${line} asks`;
    this.asked = this.desc(b, line);
    if (this.trigger === 'edge') b.pulse(line);
    else b.hold(line);
    this.calm(b);
  }

  /** The same, and nobody runs before this returns. */
  askQuietly(b: Bench, line: number = this.first): void {
    this.step = `line ${line} asks`;
    if (this.trigger === 'edge') b.raw(line).pulse();
    else b.raw(line).raise();
  }

  /** Asks, and sends its message, too, whatever the device's own mask says; not where that alone must hold it back. */
  insist(b: Bench, line: number, { address, data }: Message): void {
    if (this.options.kind === 'msi' && address !== 0 && this.controllerMasks(b, line)) b.send(address, data);
    this.ask(b, line);
  }

  /** Whether the controller is to hold back the message of a masked line that its device has not. */
  controllerMasks(b: Bench, line: number = this.first): boolean {
    if (this.options.maskedBy !== 'device') return true;
    const chip = this.controllerChip(b, line);
    this.ok(chip?.irqMask === undefined, `maskedBy says that devices alone mask messages, and chip ${chip?.name ?? ''} of the controller has irqMask: leave maskedBy out`);
    return false;
  }

  /** What may explain that a message was not held back. */
  private maskHint(b: Bench, line: number): string {
    if (this.options.kind !== 'msi' || this.options.maskedBy !== undefined) return '';
    const chip = this.controllerChip(b, line);
    return chip === null || chip.irqMask !== undefined ? '' : `\nchip ${chip.name} of the controller has no irqMask; if devices alone mask messages, say maskedBy: 'device'`;
  }

  /** The chip below the one of a message's device. */
  private controllerChip(b: Bench, line: number): IrqChip | null { return this.desc(b, line).irqData.parentData?.chip ?? null; }

  /** The message of a line as it is now. */
  message(b: Bench, line: number = this.first): Message { return b.messages?.message(line) ?? { address: 0, data: 0 }; }

  /** How often an interrupt of this line reached the core since `from` in the trace. */
  taken(b: Bench, line: number, from: number): number {
    const { hwirq } = this.desc(b, line).irqData;
    return b.trace.slice(from).filter((call) => /^handle\w+Irq\((\d+)\)$/.exec(call)?.[1] === String(hwirq)).length;
  }

  /** Lets everything that is still to come, come. */
  calm(b: Bench): void { b.advance(CALM_NS); }

  desc(b: Bench, line: number = this.first): IrqDesc { return b.line(line).desc; }

  ok(condition: boolean, what: string): void {
    if (!condition) throw new ConformanceError(what);
  }

  same(actual: unknown, expected: unknown, what: string): void {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) throw new ConformanceError(`${what}: ${is}, and not ${should}`);
  }

  /** How often a handler ran. */
  fired(request: Requested, times: number, what: string): void {
    if (request.fired !== times) throw new ConformanceError(`${what}: the handler of line ${request.line} ran ${request.fired} times, and not ${times}\n${showLine(request.on)}`);
  }

  /** How often it ran at most. Returns how often that was. */
  atMost({ line, fired }: Requested, most: number, what: string): number {
    this.ok(fired <= most, `${what}: the handler of line ${line} ran ${fired} times, and not ${most} at most`);
    return fired;
  }

  /** Where a handler ran since its first `before` runs. */
  ranOn({ line, ranOn }: Requested, before: number, cpus: readonly number[], what: string): void {
    this.same(ranOn.slice(before), cpus, `${what}, line ${line} ran on CPUs`);
  }

  /** A line asks once more, and its handler runs once more, on `cpu` if that is given. */
  once(b: Bench, request: Requested, what: string, cpu?: number): void {
    const before = request.fired;
    this.ask(b, request.line);
    if (cpu === undefined) this.fired(request, before + 1, what);
    else this.ranOn(request, before, [cpu], what);
  }

  /** Keeps what is thrown, for where it came from. */
  private noted<T>(fn: () => T): T {
    try {
      return fn();
    } catch (error) {
      this.thrown = error;
      throw error;
    }
  }

  /** An errno that a callback returned, and the core turned into an error, is none that it threw. */
  byChip(error: unknown): void {
    if (error instanceof IrqError && / of chip .* returned /.test(error.message)) throw new ConformanceError(error.message);
  }

  /** What is thrown must be an IrqError of this code, of any without one. */
  refuses(fn: () => void, what: string, code?: string): void {
    try {
      this.noted(fn);
    } catch (error) {
      this.byChip(error);
      if (error instanceof IrqError && (code === undefined || error.code === code)) {
        this.thrown = null;
        return;
      }
      const is = error instanceof IrqError ? `${error.code} (${error.message})` : String(error);
      throw new ConformanceError(`${what} is refused with ${is}, and not with ${code ?? 'an IrqError'}`);
    }
    throw new ConformanceError(`${what} is not refused with ${code ?? 'an IrqError'}`);
  }

  /** The controller interrupts nobody. */
  quiet(b: Bench, what: string): void { this.same(b.raised(), [], `${what}, the controller interrupts harts`); }

  /** The same, while `ask` has sources ask that nobody requested, and before a demultiplexer can swallow it. */
  staysQuiet(b: Bench, ask: () => void, what: string): void {
    let raised: string[] = [];
    try {
      b.irqsOff(0, () => {
        ask();
        raised = b.raised();
      });
    } catch (error) {
      // A storm that comes of it is not the news.
      if (raised.length === 0) throw error;
    }
    if (raised.length > 0) throw new ConformanceError(`${what}, the controller interrupts harts: ${JSON.stringify(raised)}, and not []${this.maskHint(b, this.first)}`);
  }

  /** Nothing of a line reaches the core while `act` runs, or `most` interrupts of it. */
  heldBack(b: Bench, line: number, what: string, act: () => void, most = 0): void {
    const from = b.trace.length;
    let storm = false;
    try {
      act();
      this.calm(b);
    } catch (error) {
      if (!isStorm(error)) throw error;
      storm = true;
    }
    const times = this.taken(b, line, from);
    if (!storm && times <= most) return;
    const { handleIrq, irqData } = this.desc(b, line);
    this.history = b.recent(irqData.hwirq);
    throw new ConformanceError(`line ${line}, ${what}, reached ${handleIrq.name} ${storm ? 'again and again' : `${times} times`}, and not ${most === 0 ? 'at all' : `${most} times at most`}${this.maskHint(b, line)}${showCallback(b, irqData, 'irqMask')}`);
  }
}
