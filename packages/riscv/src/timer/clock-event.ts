import { IrqError, PerCpu, serviceToken, type ServiceToken, type Smp } from '@irqchip/smp';

const NS_PER_SEC = 1e9;
/** The shortest delta that the RISC-V timers are asked for, in ticks. */
const MIN_DELTA_TICKS = 100;
const MAX_DELTA_TICKS = Number.MAX_SAFE_INTEGER;

/** Programs the running CPU's comparator: `ticks` from now. Interrupts off. */
export type SetNextEvent = (ticks: number) => void;

/** One CPU's one-shot timer. @kernel clock_event_device */
export class ClockEvent {
  /** Runs when the time has come: hard irq context, on this CPU. @kernel event_handler */
  eventHandler: (event: ClockEvent) => void = () => undefined;
  private readonly setNext: SetNextEvent;

  constructor(private readonly smp: Smp, readonly name: string, readonly cpu: number, readonly hz: number, setNext: SetNextEvent) {
    this.setNext = setNext;
  }

  /**
   * Fires once, `deltaNs` from now, at the earliest 100 ticks ahead; replaces what was set before. On the timer's own CPU,
   * any context.
   * @throws IrqError `EINVAL` for a delta that is not a number of ns, or on another CPU.
   * @kernel clockevents_program_event
   */
  nextEvent(deltaNs: number): void {
    const { cpus } = this.smp;
    if (!(deltaNs >= 0)) throw new IrqError('EINVAL', `${this.name}: ${deltaNs} ns is no time ahead.`);
    if (cpus.current !== this.cpu) throw new IrqError('EINVAL', `${this.name} of CPU${this.cpu} can only be set there, not by CPU${cpus.current}.`);
    const ticks = Math.min(Math.max(Math.floor((deltaNs / NS_PER_SEC) * this.hz), MIN_DELTA_TICKS), MAX_DELTA_TICKS);
    // The comparator is written in two halves: an interrupt between them would be a false one.
    const flags = cpus.localIrqSave();
    this.setNext(ticks);
    cpus.localIrqRestore(flags);
  }
}

/** The timers of one machine, one a CPU. @kernel tick_cpu_device */
export class ClockEvents {
  private readonly devices: PerCpu<ClockEvent | null> = new PerCpu<ClockEvent | null>(() => null);
  private readonly handlers: PerCpu<((event: ClockEvent) => void) | null> = new PerCpu<((event: ClockEvent) => void) | null>(() => null);

  constructor(private readonly smp: Smp) {}

  /** Makes `event` its CPU's timer; a handler that was set for the CPU stays. @kernel clockevents_config_and_register */
  register(event: ClockEvent): void {
    this.devices.set(event.cpu, event);
    const handler = this.handlers.get(event.cpu);
    if (handler) event.eventHandler = handler;
  }

  /** The timer of a CPU, once it has one. */
  of(cpu: number): ClockEvent | null { return this.devices.get(cpu); }

  /** What runs when the timer of `cpu` fires, now and after it was offline. */
  onEvent(cpu: number, handler: (event: ClockEvent) => void): void {
    this.handlers.set(cpu, handler);
    const event = this.devices.get(cpu);
    if (event) event.eventHandler = handler;
  }

  /** Sets the running CPU's timer. @throws IrqError `ENODEV` when it has none. */
  nextEvent(deltaNs: number): void {
    const { current } = this.smp.cpus;
    const event = this.devices.get(current);
    if (!event) throw new IrqError('ENODEV', `CPU${current} has no timer: neither a riscv-timer nor a CLINT driver has registered one.`);
    event.nextEvent(deltaNs);
  }

  /** Runs the tick handler of the running CPU although its timer did not fire. @kernel tick_receive_broadcast */
  receiveBroadcast(): void {
    const event = this.devices.get(this.smp.cpus.current);
    if (event) event.eventHandler(event);
  }
}

/** The machine's {@link ClockEvents} in the container. */
export const CLOCK_EVENTS: ServiceToken<ClockEvents> = serviceToken<ClockEvents>('riscv', 'ClockEvents');
