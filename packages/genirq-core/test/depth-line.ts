import { IRQ, IRQD, IRQS } from '../src/index.ts';

export type Flow = 'simple' | 'level' | 'edge' | 'fasteoi';
export type Act = 'arrive' | 'disable' | 'enable';
/** What a handler, or a thread, does when it is run. */
export interface Behaviour { readonly returns: number; readonly acts: readonly Act[] }
/** Which callbacks the chip has, its IRQCHIP_* flags, and which of them fail just now. */
export interface ChipShape { readonly has: ReadonlySet<string>; readonly flags: number; readonly resendWhenInProgress: boolean }
export interface Request { dev: string | null; handler: boolean; thread: boolean; flags: number }

export interface Action extends Request { mask: number; run: boolean; toldOff: boolean }

const { IRQ_DISABLED, IRQ_MASKED, IRQ_STARTED, ACTIVATED } = IRQD;
const { PENDING, REPLAY } = IRQS;

/** The words of a line, and what the core asks its chip for. */
export class Line {
  depth = 1;
  dstate: number = IRQ_DISABLED | IRQ_MASKED;
  istate = 0;
  settings = 0;
  count = 0;
  actions: Action[] = [];
  threadsOneshot = 0;
  threadsActive = 0;
  resendQueued = false;
  /** Woken threads, in the order of their wake-ups. */
  woken: Action[] = [];
  /** What happened, in order: callbacks, handlers, threads. */
  calls: string[] = [];
  log: (string | RegExp)[] = [];
  findings: (string | RegExp)[] = [];
  /** Callbacks that fail in this operation, by name. */
  fails: ReadonlySet<string> = new Set();
  retriggers = true;
  script: Behaviour[] = [];

  constructor(protected readonly chip: ChipShape) {
    if (chip.resendWhenInProgress) this.dstate |= IRQD.RESEND_WHEN_IN_PROGRESS;
  }

  // Callbacks

  protected has(name: string): boolean { return this.chip.has.has(name); }

  protected call(name: string): boolean {
    if (!this.has(name)) return false;
    this.calls.push(name);
    return true;
  }

  protected bus<T>(fn: () => T): T {
    this.call('irqBusLock');
    const result = fn();
    this.call('irqBusSyncUnlock');
    return result;
  }

  protected is(bits: number): boolean { return (this.dstate & bits) !== 0; }

  protected mask(): void { if (!this.is(IRQ_MASKED) && this.call('irqMask')) this.dstate |= IRQ_MASKED; }
  protected unmask(): void { if (this.is(IRQ_MASKED) && this.call('irqUnmask')) this.dstate &= ~IRQ_MASKED; }

  protected maskAck(): void {
    if (this.call('irqMaskAck')) this.dstate |= IRQ_MASKED;
    else {
      this.mask();
      this.call('irqAck');
    }
  }

  protected enableLine(): void {
    if (!this.is(IRQ_DISABLED)) return this.unmask();
    this.dstate &= ~IRQ_DISABLED;
    if (this.call('irqEnable')) this.dstate &= ~IRQ_MASKED;
    else this.unmask();
  }

  protected disableLine(mask: boolean): void {
    if (this.is(IRQ_DISABLED)) {
      if (mask) this.mask();
      return;
    }
    this.dstate |= IRQ_DISABLED;
    if (this.call('irqDisable')) this.dstate |= IRQ_MASKED;
    else if (mask) this.mask();
  }

  protected startup(): void {
    this.depth = 0;
    if (this.is(IRQ_STARTED)) this.enableLine();
    else {
      if (!this.is(ACTIVATED)) this.findings.push(/activated/i);
      if (this.call('irqStartup')) this.dstate &= ~(IRQ_DISABLED | IRQ_MASKED);
      else this.enableLine();
      this.dstate |= IRQ_STARTED;
    }
    this.resend(false);
  }

  protected shutdown(): void {
    if (!this.is(IRQ_STARTED)) return;
    this.resendQueued = false;
    this.depth++;
    if (this.call('irqShutdown')) this.dstate |= IRQ_DISABLED | IRQ_MASKED;
    else this.disableLine(true);
    this.dstate &= ~IRQ_STARTED;
  }

  // Resend

  protected resend(inject: boolean): string {
    if (this.settings & IRQ.LEVEL) {
      this.istate &= ~PENDING;
      return 'EINVAL';
    }
    if (this.istate & REPLAY) return 'EBUSY';
    if (!(this.istate & PENDING) && !inject) return 'none';
    this.istate &= ~PENDING;
    if (!(this.call('irqRetrigger') && this.retriggers)) this.resendQueued = true;
    this.istate |= REPLAY;
    return 'none';
  }
}
