import { IrqError } from './error.ts';

/**
 * Makes allocations fail on request. Every allocation of the framework asks here first, under the name of its site
 * (`irq_desc`, `irq_domain`, `fwnode`, `percpu`, …).
 * @kernel should_failslab
 */
export class AllocFaults {
  private readonly armed = new Map<string, { after: number; times: number }>();
  /** Sites that asked, in order, while {@link record} is on. */
  readonly asked: string[] = [];
  record = false;

  /** Lets allocations at `site` fail: the first `after` succeed, the next `times` fail. */
  fail(site: string, { after = 0, times = 1 }: { after?: number; times?: number } = {}): void {
    if (times > 0) this.armed.set(site, { after, times });
    else this.armed.delete(site);
  }

  /** Disarms everything. */
  clear(): void { this.armed.clear(); }

  /** @throws IrqError `ENOMEM` when this allocation was chosen to fail. */
  check(site: string): void {
    if (this.record) this.asked.push(site);
    if (this.armed.size === 0) return;
    const rule = this.armed.get(site);
    if (!rule) return;
    if (rule.after > 0) { rule.after--; return; }
    if (--rule.times <= 0) this.armed.delete(site);
    throw new IrqError('ENOMEM', `Out of memory for ${site} (failure injected).`);
  }
}
