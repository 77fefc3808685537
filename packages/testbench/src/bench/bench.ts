import { parseDtb } from '@irqchip/devicetree';
import {
  disableIrq, enableIrq, freeIrq, IRQ_HANDLED, irqSetAffinity, IRQ_TYPE, requestIrq, requestPercpuIrq, requestThreadedIrq, type Genirq,
} from '@irqchip/genirq-core';
import type { FwNode, IrqDomain } from '@irqchip/irqdomain';
import { createMachine, debugIrqFiles, type Machine } from '@irqchip/machine';
import { ofParentHartid, type HardwareModel } from '@irqchip/riscv';
import { CpuMask, IrqError, type Diagnostic } from '@irqchip/smp';
import { watchFindings } from '../jest/findings.ts';
import { benchBoard, CONTROLLER, withProbe } from './board.ts';
import { BootLog } from './boot-log.ts';
import { CallTrace } from './call-trace.ts';
import { checkBench, checkLine } from './check-options.ts';
import { domainOf, madeModel, mapSpecifier } from './controller.ts';
import { History } from './history.ts';
import { benchHardware, type BenchHardware, type LineControls } from './hw.ts';
import { BenchLine, Requested, type BenchHandler, type LineDrive } from './line.ts';
import { MessageDevice } from './msix.ts';
import type { BenchOptions } from './options.ts';
import { inputOf, localWire, RequestedPercpu } from './percpu.ts';
import { Spy, type RegisterAccess } from './spy.ts';

/** Interrupts in a row that are a storm on a bench: more than a test asks for, and soon taken. */
const STORM = 10_000;

/** What is said besides of a storm. */
const LIMITED = ' Where so many are right, raise the option stormLimit.';

/**
 * A running machine around one driver and its hardware. May be taken apart: `const { hw, request } = bench(…)`. What drives a
 * line from a task lets all CPUs run before it returns; from a handler it only drives the line.
 */
export class Bench<H extends HardwareModel = HardwareModel> {
  /** What matchers know it by: Jest may have loaded this module twice. */
  readonly what = 'irqchip bench';
  readonly machine: Machine;
  /** The model, with `pulse`, `hold` and `lower` where it has none of its own. */
  readonly hw: BenchHardware<H>;
  /** Path of the controller's node. */
  readonly node: string;
  /** Calls of chip callbacks, flow handlers and handlers, in order, of the lines that were asked for: `mux8.irqAck(3)`. */
  readonly trace: readonly string[];
  /** The driver's register accesses, oldest first; none for models that come with the framework. */
  readonly registers: readonly RegisterAccess[];
  /** The device behind the lines of a bench with `messages`. */
  readonly messages: MessageDevice | null;
  /** What was found of failures that `allowFailures` allows. */
  readonly allowed: readonly Diagnostic[];
  private readonly history: History;
  private readonly calls: CallTrace;
  private readonly spy: Spy;
  private readonly lines = new Map<number, BenchLine>();
  private readonly options: BenchOptions<H>;
  private readonly undriven: boolean;
  private readonly own: Partial<LineControls> | undefined;

  /** @param history - keeps what a machine did that does not boot; testkit's. */
  constructor(options: BenchOptions<H>, history: History = new History()) {
    checkBench(options);
    this.options = options;
    this.history = history;
    this.calls = new CallTrace(history);
    const hardware = madeModel(options.hardware);
    this.own = hardware as Partial<LineControls> | undefined;
    this.spy = new Spy(history, options.firmware);
    this.node = options.node ?? CONTROLLER;
    this.machine = this.boot(hardware);
    const { diagnostics } = this.machine.smp;
    this.allowed = options.allowFailures === true ? diagnostics.take('probe') : [];
    this.undriven = diagnostics.open.some(({ kind, message }) => kind === 'undriven' && message.startsWith(`${this.node} `));
    this.spy.cpu = () => this.machine.smp.cpus.current;
    this.hw = benchHardware(hardware ?? {} as H, { pulse: this.pulse, hold: this.hold, lower: this.lower }, this.after);
    this.trace = this.calls.calls;
    this.registers = this.spy.accesses;
    this.watchLookups();
    this.messages = this.startMessages();
    this.told(() => { for (const { node, line } of this.spy.high) this.machine.pin(node, line).raise(); });
    watchFindings(this.machine.smp);
  }

  /** A line and its interrupt, mapped when first asked for. @throws IrqError `EINVAL` for what is no line, and when the driver refuses it. */
  readonly line = (line: number): BenchLine => {
    checkLine(line);
    let known = this.lines.get(line);
    if (known === undefined) {
      const irq = this.told(() => (this.messages === null ? this.map([line]) : this.messages.irq(line)));
      const desc = this.machine.genirq.irqToDesc(irq)!;
      const { hwirq } = desc.irqData;
      this.calls.follow(desc);
      const drive = desc.percpuEnabled === null ? this.drive(line) : null;
      const ofCpu: LineDrive[] = [];
      known = new BenchLine(this.machine, line, irq, (cpu) => drive ?? (ofCpu[cpu!] ??= this.drive(line, cpu)), this.act, () => this.recent(hwirq), () => this.calls.flowsOf(desc));
      this.lines.set(line, known);
    }
    return known;
  };

  /** The Linux number of a line. */
  readonly virq = (line: number): number => this.line(line).irq;

  /**
   * Maps an interrupt from its specifier; a line alone gets the bench's trigger where the controller wants two cells.
   * @throws IrqError `EINVAL` when that is refused.
   */
  readonly map = (specifier: readonly number[]): number => {
    const cells = this.machine.tree.byPath(this.node)?.u32('#interrupt-cells') ?? 1;
    const param = specifier.length < cells && cells === 2 ? [...specifier, this.options.trigger ?? IRQ_TYPE.EDGE_RISING] : specifier;
    const domain = this.domain();
    return this.told(() => mapSpecifier(this.machine, domain, param));
  };

  /**
   * Requests a line, as a device's driver does. The handler counts as having handled unless it returns something else.
   * @throws IrqError as `requestIrq`.
   */
  readonly request = (line: number, handler: BenchHandler = () => undefined, flags = 0, name: string = `line${line}`): Requested => {
    const request = this.requested(line, name);
    this.told(() => requestIrq(this.machine.genirq, request.irq, this.telling(request, handler), flags, name, request));
    return request;
  };

  /** The same with a thread; a handler of null only wakes it. @throws IrqError as `requestThreadedIrq`. */
  readonly requestThreaded = (
    line: number, handler: BenchHandler | null, thread: BenchHandler, flags = 0, name: string = `line${line}`,
  ): Requested => {
    const request = this.requested(line, name);
    const woken = this.telling(request, thread, request.threadRanOn, ' thread');
    this.told(() => requestThreadedIrq(this.machine.genirq, request.irq, handler && this.telling(request, handler), woken, flags, name, request));
    return request;
  };

  /**
   * Requests a per-CPU line, for all CPUs; none has it enabled. It is driven as other lines are, of one CPU: `pulse(3, cpu)`.
   * @throws IrqError as `requestPercpuIrq`.
   */
  readonly requestPercpu = (line: number, handler: BenchHandler = () => undefined, name: string = `line${line}`): RequestedPercpu => {
    const request = new RequestedPercpu(this.line(line), name, this.on);
    const told = this.telling(request, handler);
    this.told(() => requestPercpuIrq(this.machine.genirq, request.irq, (irq, id: number | null | undefined) => {
      request.devIds.push(id ?? -1);
      return told(irq);
    }, name, request.ids));
    return request;
  };

  /** A rising and a falling edge on a line; a message of a vector. @param cpu - of a per-CPU line, whose. */
  readonly pulse = (line: number, cpu?: number): void => this.line(line).pulse(cpu);
  /** The line goes up until {@link lower}. */
  readonly hold = (line: number, cpu?: number): void => this.line(line).raise(cpu);
  readonly lower = (line: number, cpu?: number): void => this.line(line).lower(cpu);

  /** Drives a line that is not mapped: an interrupt that nobody expects. @param cpu - of a per-CPU line, whose. */
  readonly raw = (line: number, cpu?: number): LineDrive => this.drive(line, cpu);

  /** Which input of the controller's model is a per-CPU line on a CPU. @throws IrqError `EINVAL` when nobody says it. */
  readonly input = (line: number, cpu: number): number => {
    const { machine: { harts, tree }, options: { input } } = this;
    const hartid = harts.cpuidToHartid(cpu);
    if (typeof input === 'function') return input(hartid, line);
    return inputOf(tree.byPath(this.node)!, input ?? this.domain().hwirqMax, hartid, line);
  };

  /** One more device that sends messages to the controller, with as many as it is given. @throws IrqError `ENOSPC` and others when they cannot be had. */
  readonly device = (messages: number, slot: number): MessageDevice => {
    const device = new MessageDevice(`0000:00:${(slot + 1).toString(16).padStart(2, '0')}.0`, messages, this.spy.bus.dma);
    this.told(() => device.start(this.machine.domains, this.domain().fwnode));
    return device;
  };

  /** What a device writes to the bus, 32 bits. */
  readonly send = (address: number, data: number): void => {
    this.spy.bus.dma.write32(address, data);
    this.after();
  };

  /** Runs `fn` as a task of a CPU, and lets all CPUs run. @throws IrqError `EINVAL` when it is not online. */
  readonly on = <T>(cpu: number, fn: () => T): T => {
    const result = this.told(() => this.machine.on(cpu, fn));
    this.after();
    return result;
  };

  /** Runs `fn` with the interrupts of a CPU off: what comes meanwhile is taken afterwards. */
  readonly irqsOff = <T>(cpu: number, fn: () => T): T => this.on(cpu, () => {
    const { cpus } = this.machine.smp;
    const flags = cpus.localIrqSave();
    try {
      return fn();
    } finally {
      cpus.localIrqRestore(flags);
    }
  });

  /** Sends a line to the CPUs of a list. @throws IrqError as `irqSetAffinity`. */
  readonly setAffinity = (line: number, ...cpus: readonly number[]): void => {
    const mask = new CpuMask(this.machine.smp.cpus.nrCpuIds, cpus);
    this.change(line, (genirq, irq) => irqSetAffinity(genirq, irq, mask));
  };

  /** As `disable_irq` does, from a task. */
  readonly disable = (line: number): void => this.change(line, disableIrq);
  /** As `enable_irq` does, from a task; what came meanwhile runs before this returns. */
  readonly enable = (line: number): void => this.change(line, enableIrq);

  readonly advance = (ns: number): void => this.told(() => this.machine.advance(ns));
  readonly settle = (): void => this.told(() => this.machine.settle());
  readonly cpuUp = (cpu: number): void => this.machine.cpuUp(cpu);
  readonly cpuDown = (cpu: number): void => this.machine.cpuDown(cpu);
  readonly procInterrupts = (): string => this.machine.procInterrupts();

  /** The file of debugfs' irq/irqs of that number, or of irq/domains of that name. @throws IrqError `ENOENT` */
  readonly debugfs = (file: number | string): string => {
    const { irqs, domains } = debugIrqFiles(this.machine);
    const text = typeof file === 'number' ? irqs.get(String(file)) : domains.get(file);
    if (text === undefined) throw new IrqError('ENOENT', `debugfs has no ${typeof file === 'number' ? `irqs/${file}` : `domains/${file}; there are ${[...domains.keys()].join(', ')}`}.`);
    return text;
  };

  /** What the machine found so far, all or of one kind; it no longer fails the test. */
  readonly takeDiagnostics = (kind?: string): Diagnostic[] => this.machine.smp.diagnostics.take(kind);

  /** What the controller raises now, `hart 0 irq 9` or `/soc/plic@c000000 input 5`. Known for the bench's own hardware. */
  readonly raised = (): string[] => this.spy.raised();

  /** Interrupts the first hart although no line is active, until the driver reads or writes a register. Needs `hardware`. */
  readonly glitch = (): void => {
    this.spy.glitch();
    this.after();
  };

  /** Adds a line of one's own to {@link trace}, and to what messages show. */
  readonly note = (call: string): void => this.calls.note(call);

  /** Calls and register accesses that came last, with all callbacks of the line that is `hwirq` to its chip. */
  readonly recent = (hwirq?: number): string => this.history.show(hwirq);

  private readonly after = (): void => this.told(() => {
    const { cpus } = this.machine.smp;
    if (cpus.irqsDisabled()) return;
    cpus.boundary();
    if (!cpus.inHardirq()) this.machine.settle();
  });

  private readonly act = (how: () => void): void => {
    this.told(how);
    this.after();
  };

  private change(line: number, how: (genirq: Genirq, irq: number) => unknown): void {
    const { irq } = this.line(line);
    this.act(() => { how(this.machine.genirq, irq); });
  }

  private boot(hardware: HardwareModel | undefined): Machine {
    const { tree: given, cpus, hardware: _, otherHardware = [], firmware: _firmware, ...rest } = this.options;
    const board = given === undefined ? benchBoard(this.options) : given instanceof Uint8Array ? parseDtb(given) : given;
    const log = new BootLog(rest.onStart);
    return log.of(() => this.booted(createMachine({
      consumers: 'none', stormLimit: STORM, ...rest, onStart: log.watch, ...(given === undefined || cpus === undefined ? {} : { cpus }),
      tree: withProbe(board), hardware: [...(hardware ? [this.spy.watch(hardware)] : []), ...otherHardware.map((model) => this.spy.overhear(model)), this.spy.probe()],
    })));
  }

  private booted(machine: Machine): Machine {
    const [failure] = machine.failures;
    if (failure !== undefined && this.options.allowFailures !== true) throw failure.error;
    return machine;
  }

  /** Has lines that are handled and not mapped told, of every controller that is looked at. */
  private watchLookups(): void {
    const paths = new Set([this.node, ...this.spy.contexts.map(({ node }) => node.path)]);
    this.machine.domains.onUnmapped = ({ fwnode }, hwirq) => {
      const { path = '' } = fwnode ?? {};
      if (paths.has(path)) this.history.note(`handle(${hwirq}): not mapped`, path.split('/').at(-1));
    };
  }

  private startMessages(): MessageDevice | null {
    const { messages } = this.options;
    return messages === undefined || this.machine.failures.length > 0 ? null : this.device(messages, 0);
  }

  private domain(): IrqDomain & { readonly fwnode: FwNode } { return domainOf(this.machine, this.node, this.undriven); }

  private drive(line: number, cpu?: number): LineDrive {
    const { messages } = this;
    if (messages !== null) return { raise: () => messages.fire(line), lower: () => undefined, pulse: () => messages.fire(line) };
    const { own, machine } = this;
    const model = machine.model(this.node);
    // A model without inputs has its own way to be driven, or none, of which pin() says what to do.
    if (model?.setInput === undefined && own?.pulse) {
      return { pulse: () => own.pulse!(line, cpu), raise: () => own.hold?.(line, cpu), lower: () => own.lower?.(line, cpu) };
    }
    if (cpu === undefined) return machine.pin(this.node, line);
    const local = model === null && ofParentHartid(machine.tree.byPath(this.node)!) !== null;
    return local ? localWire(this.spy.bus.lines, machine.smp.cpus, machine.harts.cpuidToHartid(cpu), line) : machine.pin(this.node, this.input(line, cpu));
  }

  private requested(line: number, name: string): Requested {
    return new Requested(this.line(line), name, (gone) => this.told(() => freeIrq(this.machine.genirq, gone.irq, gone)));
  }

  /** The handler of a request, which tells that it runs. */
  private telling(request: Requested, handler: BenchHandler, runs: number[] = request.ranOn, what = ''): (irq: number) => number {
    const { cpus } = this.machine.smp;
    return (irq) => {
      this.calls.note(`${request.name}${what}()`);
      runs.push(cpus.current);
      const result: unknown = handler(irq, request);
      if (result instanceof Promise) throw new IrqError('EINVAL', `The handler of ${request.name} is async, but an interrupt handler cannot wait: return, and leave the rest to a thread.`);
      return typeof result === 'number' ? result : IRQ_HANDLED;
    };
  }

  /** A storm is told with what the driver did. */
  private told<T>(fn: () => T): T {
    try {
      return fn();
    } catch (error) {
      if (!(error instanceof IrqError) || error.code !== 'EDEADLK' || error.cause !== undefined) throw error;
      throw new IrqError('EDEADLK', `${error.message}${LIMITED}\n${this.recent()}`, { cause: error });
    }
  }
}

/**
 * Boots a machine around one driver and its hardware.
 * @throws IrqError `EINVAL` for options that there are not and values that they cannot have; what the machine or the driver
 * refuses, with the last warnings of the log.
 */
export function bench<H extends HardwareModel = HardwareModel>(options: BenchOptions<H>): Bench<H> {
  return new Bench(options);
}
