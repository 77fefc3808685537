/** printk levels by name, in the kernel's order (KERN_EMERG 0 … KERN_DEBUG 7). */
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the kernel log. */
export interface LogRecord {
  readonly level: LogLevel;
  /** Without a time stamp and without a newline. */
  readonly text: string;
  /** Simulated time in ns. */
  readonly timeNs: number;
}

interface RateLimit { begin: number; printed: number; missed: number }

const INTERVAL_NS = 5e9;
const BURST = 10;

/**
 * The kernel log of one machine. Keeps what was printed; a watcher may follow.
 * @kernel printk
 */
export class Log {
  readonly records: LogRecord[] = [];
  private readonly watchers = new Set<(record: LogRecord) => void>();
  private readonly limits = new Map<string, RateLimit>();
  private readonly printedOnce = new Set<string>();

  constructor(private readonly nowNs: () => number = () => 0) {}

  print(level: LogLevel, text: string): void {
    const record: LogRecord = { level, text, timeNs: this.nowNs() };
    this.records.push(record);
    for (const watcher of this.watchers) watcher(record);
  }

  /** @kernel pr_emerg */
  emerg(text: string): void { this.print('emerg', text); }
  /** @kernel pr_err, dev_err */
  err(text: string): void { this.print('err', text); }
  /** @kernel pr_warn, dev_warn */
  warn(text: string): void { this.print('warn', text); }
  /** @kernel pr_info, dev_info */
  info(text: string): void { this.print('info', text); }
  /** @kernel pr_debug, dev_dbg */
  debug(text: string): void { this.print('debug', text); }

  /**
   * Prints at most `burst` lines per `intervalNs` and site; what was dropped is reported before the next one.
   * @param site - the function that prints: each site has a budget of its own.
   * @kernel printk_ratelimited
   */
  ratelimited(site: string, level: LogLevel, text: string, burst: number = BURST, intervalNs: number = INTERVAL_NS): void {
    const now = this.nowNs();
    let limit = this.limits.get(site);
    if (!limit) this.limits.set(site, (limit = { begin: now, printed: 0, missed: 0 }));
    if (now > limit.begin + intervalNs) {
      if (limit.missed > 0) this.warn(`${site}: ${limit.missed} callbacks suppressed`);
      limit.begin = now;
      limit.printed = 0;
      limit.missed = 0;
    }
    if (limit.printed < burst) {
      limit.printed++;
      this.print(level, text);
    } else {
      limit.missed++;
    }
  }

  /** Prints the first time `site` asks, and never again on this machine. @kernel printk_once, pr_warn_once, pr_info_once, pr_err_once */
  once(site: string, level: LogLevel, text: string): void {
    if (this.printedOnce.has(site)) return;
    this.printedOnce.add(site);
    this.print(level, text);
  }

  /** Calls `watcher` for every further line; returns how to stop. */
  watch(watcher: (record: LogRecord) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
}
