/** A rule of the kernel that running code broke: what lockdep, `WARN_ON` or a storm detector would have reported. */
export interface Diagnostic {
  /** Which rule, a short stable word such as `warn`, `context`, `wrong-cpu`, `lock-order`, `storm`. */
  readonly kind: string;
  readonly message: string;
  /** The CPU that ran when it was found. */
  readonly cpu: number;
  /** The call that did it. */
  readonly stack: string;
}

/** Collects findings. A test fails on any that it did not expect; {@link Diagnostics.take} hands out the expected ones. */
export class Diagnostics {
  private readonly found: Diagnostic[] = [];
  private readonly reportedOnce = new Set<string>();

  constructor(private readonly thisCpu: () => number = () => 0) {}

  /** What is open: reported and not yet taken. */
  get open(): readonly Diagnostic[] { return this.found; }

  report(kind: string, message: string): void {
    const stack = (new Error(message).stack ?? '').split('\n').slice(2).join('\n');
    this.found.push({ kind, message, cpu: this.thisCpu(), stack });
  }

  /** Reports and returns true when `condition` holds. @kernel WARN, WARN_ON */
  warnOn(condition: boolean, message: string): boolean {
    if (condition) this.report('warn', message);
    return condition;
  }

  /** As {@link warnOn}, but each message is reported at most once a machine. @kernel WARN_ONCE, WARN_ON_ONCE */
  warnOnce(condition: boolean, message: string): boolean {
    if (condition && !this.reportedOnce.has(message)) {
      this.reportedOnce.add(message);
      this.report('warn', message);
    }
    return condition;
  }

  /** Removes and returns the open findings, all or those of one kind. */
  take(kind?: string): Diagnostic[] {
    const taken: Diagnostic[] = [];
    for (let i = 0; i < this.found.length;) {
      if (kind === undefined || this.found[i]!.kind === kind) taken.push(...this.found.splice(i, 1));
      else i++;
    }
    return taken;
  }
}
