import { parseDtb } from '@irqchip/devicetree';
import {
  disableIrq, enableIrq, freeIrq, IRQ_HANDLED, irqSetAffinity, IRQ_TYPE, requestIrq, requestThreadedIrq, type Genirq, type IrqHandler,
} from '@irqchip/genirq-core';
import { HWIRQ_NO_LIMIT, irqCreateFwspecMapping, type FwNode, type IrqDomain } from '@irqchip/irqdomain';
import { createMachine, debugIrqFiles, type Machine } from '@irqchip/machine';
import type { HardwareModel } from '@irqchip/riscv';
import { CpuMask, IrqError, type Diagnostic } from '@irqchip/smp';
import { watchFindings } from '../jest/findings.ts';
import { benchBoard, CONTROLLER, withProbe } from './board.ts';
import { BootLog } from './boot-log.ts';
import { CallTrace } from './call-trace.ts';
import { checkBench, checkLine, isModel } from './check-options.ts';
import { History } from './history.ts';
import { benchHardware, type BenchHardware, type LineControls } from './hw.ts';
import { BenchLine, Requested, type BenchHandler, type LineDrive } from './line.ts';
import { MessageDevice } from './msix.ts';
import { show } from './option-rules.ts';
import type { BenchOptions } from './options.ts';
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
    const hardware = made(options.hardware);
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
    watchFindings(diagnostics);
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
      known = new BenchLine(this.machine, line, irq, this.drive(line), this.act, () => this.recent(hwirq), () => this.calls.flowsOf(desc));
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
    const { domains } = this.machine;
    const cells = this.machine.tree.byPath(this.node)?.u32('#interrupt-cells') ?? 1;
    const param = specifier.length < cells && cells === 2 ? [...specifier, this.options.trigger ?? IRQ_TYPE.EDGE_RISING] : specifier;
    const { log, diagnostics } = this.machine.smp;
    const [printed, found] = [log.records.length, diagnostics.open.length];
    const domain = this.domain();
    const virq = this.told(() => irqCreateFwspecMapping(domains, { fwnode: domain.fwnode, param }));
    if (virq !== 0) return virq;
    const [line = 0] = param;
    const { hwirqMax: lines } = domain;
    if (line >= lines && lines !== HWIRQ_NO_LIMIT) throw new IrqError('EINVAL', `line ${line} of ${this.node}: its domain has ${lines} lines, 0 to ${lines - 1}`);
    const why = diagnostics.open[found]?.message ?? log.records.slice(printed).findLast(({ level }) => level !== 'debug')?.text;
    throw new IrqError('EINVAL', `<${param.join(' ')}> of ${this.node} cannot be mapped: ${why ?? 'its domain refuses it, and the log does not say why'}`);
  };

  /**
   * Requests a line, as a device's driver does. The handler counts as having handled unless it returns something else.
   * @throws IrqError as `requestIrq`.
   */
  readonly request = (line: number, handler: BenchHandler = () => undefined, flags = 0, name: string = `line${line}`): Requested => {
    const { request, told } = this.requested(line, name);
    this.told(() => requestIrq(this.machine.genirq, request.irq, told(handler, request.ranOn, ''), flags, name, request));
    return request;
  };

  /** The same with a thread; a handler of null only wakes it. @throws IrqError as `requestThreadedIrq`. */
  readonly requestThreaded = (
    line: number, handler: BenchHandler | null, thread: BenchHandler, flags = 0, name: string = `line${line}`,
  ): Requested => {
    const { request, told } = this.requested(line, name);
    this.told(() => requestThreadedIrq(this.machine.genirq, request.irq, handler && told(handler, request.ranOn, ''), told(thread, request.threadRanOn, ' thread'), flags, name, request));
    return request;
  };

  /** A rising and a falling edge on a line; a message of a vector. */
  readonly pulse = (line: number): void => this.line(line).pulse();
  /** The line goes up until {@link lower}. */
  readonly hold = (line: number): void => this.line(line).raise();
  readonly lower = (line: number): void => this.line(line).lower();

  /** Drives a line that is not mapped: an interrupt that nobody expects. */
  readonly raw = (line: number): LineDrive => this.drive(line);

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
    this.act(() => this.told(() => how(this.machine.genirq, irq)));
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

  private domain(): IrqDomain & { readonly fwnode: FwNode } {
    const domain = this.machine.domains.list.find(({ fwnode }) => fwnode?.path === this.node);
    if (domain?.fwnode) return domain as IrqDomain & { readonly fwnode: FwNode };
    throw new IrqError('ENODEV', this.whyNoDomain());
  }

  private whyNoDomain(): string {
    const { failures, tree, smp: { log } } = this.machine;
    const failure = failures.find(({ node }) => node === this.node);
    if (failure) return `${this.node} has no interrupt domain: ${failure.driver} refused it: ${failure.error.message}`;
    if (!this.undriven) return `${this.node} has no interrupt domain; did its driver create one with the node's fwnode?`;
    const idle = log.records.flatMap(({ text }) => /driver (\S+) is idle/.exec(text)?.[1] ?? []);
    return `no driver for ${tree.byPath(this.node)?.compatible.join(', ')} (node ${this.node}); ${idle.length > 0 ? `drivers given: ${idle.join(', ')}` : 'none was given'}; add modules: [irqchipModule(driver)]`;
  }

  private drive(line: number): LineDrive {
    const { messages } = this;
    if (messages !== null) return { raise: () => messages.fire(line), lower: () => undefined, pulse: () => messages.fire(line) };
    const { own } = this;
    // A model without inputs has its own way to be driven, or none, of which pin() says what to do.
    if (this.machine.model(this.node)?.setInput === undefined && own?.pulse) {
      return { pulse: () => own.pulse!(line), raise: () => own.hold?.(line), lower: () => own.lower?.(line) };
    }
    return this.machine.pin(this.node, line);
  }

  private requested(line: number, name: string): { request: Requested; told: (handler: BenchHandler, runs: number[], what: string) => IrqHandler } {
    const { genirq, smp } = this.machine;
    const request = new Requested(this.line(line), name, (gone) => this.told(() => freeIrq(genirq, gone.irq, gone)));
    const told = (handler: BenchHandler, runs: number[], what: string) => (irq: number): number => {
      this.calls.note(`${name}${what}()`);
      runs.push(smp.cpus.current);
      const result = handler(irq, request);
      return typeof result === 'number' ? result : IRQ_HANDLED;
    };
    return { request, told };
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

function made<H extends HardwareModel>(source: BenchOptions<H>['hardware']): H | undefined {
  if (typeof source !== 'function') return source;
  // Of functions only classes have a prototype that stays.
  const isClass = Object.getOwnPropertyDescriptor(source, 'prototype')?.writable === false;
  const model = isClass ? new (source as new () => H)() : (source as () => H)();
  if (!isModel(model)) throw new IrqError('EINVAL', `bench: hardware is a function that returns ${show(model)}, and not a model, { compatible, create }.`);
  return model;
}

/**
 * Boots a machine around one driver and its hardware.
 * @throws IrqError `EINVAL` for options that there are not and values that they cannot have; what the machine or the driver
 * refuses, with the last warnings of the log.
 */
export function bench<H extends HardwareModel = HardwareModel>(options: BenchOptions<H>): Bench<H> {
  return new Bench(options);
}
