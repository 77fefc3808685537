import type { Genirq } from '../genirq.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { flowSymbol } from './symbol.ts';

/**
 * The interrupts whose chained handlers were entered and not yet left, innermost last. One list for all CPUs: a hard interrupt that is
 * taken while another CPU waits in one ends before that goes on.
 */
export class ChainedCalls {
  private readonly irqs: number[] = [];
  /** How many are open. */
  open = 0;

  enter(irq: number): void { this.irqs[this.open++] = irq; }

  /** Returns whether `irq` was the last to be entered; when not, nothing has changed. */
  exit(irq: number): boolean {
    if (this.open === 0 || this.irqs[this.open - 1] !== irq) return false;
    this.open--;
    return true;
  }

  /** Where `irq` stands among those that are open, -1 when it is not. */
  indexOf(irq: number): number { return this.irqs.slice(0, this.open).lastIndexOf(irq); }

  /** Those entered from place `from` on are taken out. */
  cut(from: number): readonly number[] {
    const cut = this.irqs.slice(from, this.open);
    this.open = from;
    return cut;
  }
}

/** Reports the chained handlers that were entered at place `from` and after it and have not been left. */
export function reportOpenCalls(genirq: Genirq, cpu: number, from: number): void {
  for (const irq of genirq.chainedCalls.cut(from)) {
    const desc = genirq.irqToDesc(irq);
    const name = desc === null ? 'its handler' : flowSymbol(desc.handleIrq);
    genirq.smp.diagnostics.report('context', `irq ${irq}: ${name} called chainedIrqEnter and came back without chainedIrqExit, on CPU${cpu}: call chainedIrqExit(chip, desc) on every way out. Most controllers deliver nothing more on that line until then.`);
  }
}

/** `desc` is left, and was not the last to be entered: those above it were never left, or it was never entered. */
export function reportWrongExit(desc: IrqDesc): void {
  const { genirq } = desc;
  const cpu = desc.cpus.current;
  const at = genirq.chainedCalls.indexOf(desc.irq);
  if (at >= 0) {
    reportOpenCalls(genirq, cpu, at + 1);
    genirq.chainedCalls.cut(at);
    return;
  }
  genirq.smp.diagnostics.report('context', `irq ${desc.irq}: ${flowSymbol(desc.handleIrq)} calls chainedIrqExit without chainedIrqEnter before it, on CPU${cpu}: begin with chainedIrqEnter(chip, desc).`);
}
