import { type Genirq, IRQ_NONE, type IrqTrace } from '@irqchip/irqdesc';
import type { CpuMask, Smp } from '@irqchip/smp';
import { EventEmitter } from 'eventemitter3';

/** One trace event, with the words of ftrace. */
export interface TraceEvent {
  /** `irq_handler_entry`, `irq_handler_exit`, `ipi_raise`, `ipi_entry`, `ipi_exit`. */
  readonly event: string;
  /** The CPU that it happened on. */
  readonly cpu: number;
  /** Simulated time, ns. */
  readonly timeNs: number;
  /** The event's fields as ftrace prints them, `irq=10 name=riscv-timer`. */
  readonly fields: string;
  /** The whole line, as in the `trace` file. */
  readonly line: string;
}

/** `event` gets every event; the others those of their kind. */
export interface IrqWatchEvents {
  event: [TraceEvent];
  irq_handler_entry: [TraceEvent];
  irq_handler_exit: [TraceEvent];
  ipi_raise: [TraceEvent];
  ipi_entry: [TraceEvent];
  ipi_exit: [TraceEvent];
}

type Kind = Exclude<keyof IrqWatchEvents, 'event'>;

/** Listens to a machine's interrupts. A listener must not change them: it runs inside of what it hears of. */
export class IrqWatch extends EventEmitter<IrqWatchEvents> implements IrqTrace {
  constructor(private readonly genirq: Genirq) {
    super();
  }

  /** Stops watching; delivery no longer pays for it. */
  close(): void {
    if (this.genirq.trace === this) this.genirq.trace = null;
    this.removeAllListeners();
  }

  handlerEntry(irq: number, name: string): void { this.tell('irq_handler_entry', `irq=${irq} name=${name}`); }

  handlerExit(irq: number, ret: number): void { this.tell('irq_handler_exit', `irq=${irq} ret=${ret === IRQ_NONE ? 'unhandled' : 'handled'}`); }

  ipiRaise(mask: CpuMask, reason: string): void { this.tell('ipi_raise', `target_mask=${mask.toHex()} (${reason})`); }

  ipiEntry(reason: string): void { this.tell('ipi_entry', `(${reason})`); }

  ipiExit(reason: string): void { this.tell('ipi_exit', `(${reason})`); }

  private tell(kind: Kind, fields: string): void {
    const { smp } = this.genirq;
    const cpu = smp.cpus.current;
    const timeNs = smp.clock.nowNs();
    const event: TraceEvent = { event: kind, cpu, timeNs, fields, line: traceLine(smp, kind, fields) };
    this.emit(kind, event);
    this.emit('event', event);
  }
}

/**
 * Starts to watch the interrupts of a machine; a machine has one watch, which all callers share.
 * @example watchIrqs(genirq).on('event', ({ line }) => lines.push(line));
 */
export function watchIrqs(genirq: Genirq): IrqWatch {
  if (genirq.trace instanceof IrqWatch) return genirq.trace;
  const watch = new IrqWatch(genirq);
  genirq.trace = watch;
  return watch;
}

/** As the kernel's `trace` file has it: task, CPU, context (d: interrupts off, h: hard irq), seconds, event, fields. */
function traceLine({ cpus, clock }: Smp, event: string, fields: string): string {
  const context = `${cpus.irqsDisabled() || cpus.inHardirq() ? 'd' : '.'}.${cpus.inHardirq() ? 'h' : '.'}..`;
  const seconds = (clock.nowNs() / 1e9).toFixed(6).padStart(12);
  return `${'<idle>-0'.padStart(16)}       [${String(cpus.current).padStart(3, '0')}] ${context} ${seconds}: ${event}: ${fields}`;
}
