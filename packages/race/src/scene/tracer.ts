import type { AccessTags, FenceKind, Recorder } from '@irqchip/litmus/internals';
import type { Registry } from './registry.ts';

/** How far interrupts go. */
export interface InterruptBounds {
  /** Interrupts that one CPU takes in a run. */
  readonly taken: number;
  /** How deep they nest, where handlers switch interrupts on. */
  readonly nested: number;
}

/** A line that interrupts the CPU under check. */
interface Line { readonly loc: number; readonly handler: () => void }

/** Stands between the code of one run and the recorder: where interrupts may come, and what is said of each access. */
export class Tracer {
  /** False while the scene is set up: accesses are plain then. */
  listening = false;
  /** Set when a run took as many interrupts as it may. */
  boundHit = false;
  private current: Recorder | null = null;
  private readonly lines: Line[] = [];
  private readonly entries: number[] = [];
  private taken = 0;
  private irqsOn: () => boolean = () => false;
  private enter: (handler: () => void) => void = () => undefined;

  constructor(readonly registry: Registry, private readonly bounds: InterruptBounds) {}

  get recorder(): Recorder { return this.current!; }

  /** Nesting of interrupts: 0 for a task. */
  get depth(): number { return this.entries.length; }

  get lineLocations(): number[] { return this.lines.map(({ loc }) => loc); }

  addLine(line: Line): void { this.lines.push(line); }

  /** From here on accesses are recorded. */
  listen(recorder: Recorder, irqsOn: () => boolean, enter: (handler: () => void) => void): void {
    this.current = recorder;
    this.irqsOn = irqsOn;
    this.enter = enter;
    this.listening = true;
  }

  /** Before each access: an interrupt may be taken, and after it another. */
  before(): void { while (this.interrupt()); }

  /** At the end of the CPU's code: interrupts that are still to come. */
  drain(): void { while (this.interrupt()); }

  /** @param csr - what a CSR access orders, rather than a barrier of the code. */
  fence(kind: FenceKind, csr = false): void {
    if (this.listening) this.recorder.fence(kind, { where: this.where(), depth: this.entries.length, csr });
  }

  tags(): AccessTags {
    // Whatever a handler does depends on the interrupt having come.
    const ctrl = this.entries.reduce((mask, entry) => mask | (1 << entry), 0);
    return { where: this.where(), depth: this.entries.length, ctrl };
  }

  private interrupt(): boolean {
    if (!this.listening || this.lines.length === 0 || this.entries.length >= this.bounds.nested || !this.irqsOn()) return false;
    if (this.taken >= this.bounds.taken) {
      this.boundHit = true;
      return false;
    }
    const { recorder } = this;
    for (const { loc, handler } of this.lines) {
      const entry = recorder.nextIndex;
      if (!recorder.trap(loc, { ...this.tags(), where: this.where(1) })) continue;
      this.taken++;
      this.entries.push(entry);
      this.enter(handler);
      this.entries.pop();
      return true;
    }
    return false;
  }

  /**
   * The innermost line of code that is neither the checker's nor the port's. What was interrupted is not looked at, but for the taking
   * of the interrupt itself.
   */
  private where(entering = 0): string | null {
    const sites = callSites();
    let beyond = this.entries.length === 0 ? Infinity : 1 + entering;
    const index = sites.findIndex((site) => {
      const own = OWN.test(site.getFileName() ?? '');
      if (own && site.getFunctionName() === 'interrupt') beyond--;
      return !own || beyond === 0;
    });
    const site = sites[index];
    if (!site || beyond === 0) return null;
    const { places } = this.registry;
    const key = `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
    // Mapping a place to the line that somebody wrote is slow; the same few come again and again.
    if (!places.has(key)) places.set(key, writtenPlace(index));
    return places.get(key)!;
  }
}

const OWN = /\/(race|litmus|smp)\/(src|dist|lib)\//;

/** A frame of the stack, as V8 has it. */
interface CallSite {
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  getFunctionName(): string | null;
}

/** V8's hook for stacks; what it returns is what `stack` is. */
const hook = Error as unknown as { prepareStackTrace?: ((error: unknown, sites: readonly CallSite[]) => unknown) | undefined };

/** The stack as it is, without source maps. */
function callSites(): readonly CallSite[] {
  const before = hook.prepareStackTrace;
  hook.prepareStackTrace = (_error, sites) => sites;
  try {
    return new Error().stack as unknown as readonly CallSite[];
  } finally {
    hook.prepareStackTrace = before;
  }
}

/** `file.ts:12`, of that frame of the caller's stack. */
function writtenPlace(index: number): string | null {
  const frame = (new Error().stack ?? '').split('\n')[1 + index];
  const found = frame && /(?:\(|at )(?:file:\/\/)?([^()\s]+):(\d+):\d+\)?$/.exec(frame);
  return found ? `${found[1]!.split('/').at(-1)}:${found[2]}` : null;
}
