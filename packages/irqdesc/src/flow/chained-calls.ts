import type { Genirq } from '../genirq.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { flowSymbol } from './symbol.ts';

/** So many demultiplexers below each other are known by name; of more, only their number. */
const NAMED = 8;

/** Which chained handlers each CPU has entered and not yet left: what is counted in every one of them, so no more than two words each. */
export class ChainedCalls {
  private readonly depth: Int32Array;
  private readonly irqs: Int32Array;

  constructor(nrCpus: number) {
    this.depth = new Int32Array(nrCpus);
    this.irqs = new Int32Array(NAMED * nrCpus);
  }

  /** A hard interrupt begins; what a thrown error left open is forgotten. */
  begin(cpu: number): void { this.depth[cpu] = 0; }

  enter(cpu: number, irq: number): void {
    const at = this.depth[cpu]!++;
    if (at < NAMED) this.irqs[NAMED * cpu + at] = irq;
  }

  /** Returns whether `irq` was the last to be entered; when not, nothing has changed. */
  exit(cpu: number, irq: number): boolean {
    const at = this.depth[cpu]! - 1;
    if (at < 0 || (at < NAMED && this.irqs[NAMED * cpu + at] !== irq)) return false;
    this.depth[cpu] = at;
    return true;
  }

  anyOpen(cpu: number): boolean { return this.depth[cpu] !== 0; }

  /** Where `irq` stands among those that are open, -1 when it is not. */
  indexOf(cpu: number, irq: number): number { return this.named(cpu).indexOf(irq); }

  /** Those entered from depth `from` on are taken out. */
  cut(cpu: number, from: number): readonly number[] {
    const cut = this.named(cpu).slice(from);
    this.depth[cpu] = from;
    return cut;
  }

  private named(cpu: number): number[] {
    return [...this.irqs.subarray(NAMED * cpu, NAMED * cpu + Math.min(this.depth[cpu]!, NAMED))];
  }
}

/** Reports the chained handlers that were entered at depth `from` and below it and have not been left. */
export function reportOpenCalls(genirq: Genirq, cpu: number, from: number): void {
  for (const irq of genirq.chainedCalls.cut(cpu, from)) {
    const desc = genirq.irqToDesc(irq);
    const name = desc === null ? 'its handler' : flowSymbol(desc.handleIrq);
    genirq.smp.diagnostics.report('context', `irq ${irq}: ${name} called chainedIrqEnter and came back without chainedIrqExit, on CPU${cpu}: call chainedIrqExit(chip, desc) on every way out. Most controllers deliver nothing more on that line until then.`);
  }
}

/** `desc` is left, and was not the last to be entered: those above it were never left, or it was never entered. */
export function reportWrongExit(desc: IrqDesc): void {
  const { genirq } = desc;
  const cpu = desc.cpus.current;
  const at = genirq.chainedCalls.indexOf(cpu, desc.irq);
  if (at >= 0) {
    reportOpenCalls(genirq, cpu, at + 1);
    genirq.chainedCalls.cut(cpu, at);
    return;
  }
  genirq.smp.diagnostics.report('context', `irq ${desc.irq}: ${flowSymbol(desc.handleIrq)} calls chainedIrqExit without chainedIrqEnter before it, on CPU${cpu}: begin with chainedIrqEnter(chip, desc).`);
}
