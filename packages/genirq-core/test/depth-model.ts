import { IRQ, IRQ_HANDLED, IRQ_TYPE, IRQ_WAKE_THREAD, IRQCHIP, IRQD, IRQF, IRQS } from '../src/index.ts';
import { type Action, type ChipShape, type Flow, Line, type Request } from './depth-line.ts';

const { IRQ_DISABLED, IRQ_MASKED, IRQ_INPROGRESS, ACTIVATED, TRIGGER_MASK, DEFAULT_TRIGGER_SET, LEVEL, NO_BALANCING } = IRQD;
const { PENDING, REPLAY, WAITING, ONESHOT, AUTODETECT, SPURIOUS_DISABLED } = IRQS;
const hex = (flags: number): string => flags.toString(16).padStart(8, '0');

/**
 * One interrupt line by Linux's rules: words, depth, actions, threads, and what the chip is asked to do, in that
 * order. Straight code for each rule; it shares the flag numbers with the package and nothing else.
 */
export class LineModel extends Line {
  constructor(chip: ChipShape, private readonly flow: Flow, private readonly linux: '6.12' | '7.2') { super(chip); }

  // Disable depth

  disable(how: 'nosync' | 'sync' | 'hardirq'): string {
    this.bus(() => { if (this.depth++ === 0) this.disableLine((this.settings & IRQ.DISABLE_UNLAZY) !== 0); });
    if (how === 'sync') this.synchronize();
    return how === 'hardirq' ? `${this.threadsActive === 0}` : 'none';
  }

  enable(): string {
    this.bus(() => {
      if (this.depth === 0) this.findings.push('Unbalanced enable for IRQ 0');
      else if (this.depth > 1) this.depth--;
      else {
        this.settings |= IRQ.NOPROBE;
        this.startup();
      }
    });
    return 'none';
  }

  private synchronize(): void {
    this.call('irqGetIrqchipState');
    this.runThreads();
  }

  // Request and free

  request({ dev, handler, thread, flags }: Request, fault: string | null): string {
    if ((flags & IRQF.SHARED && (dev === null || flags & IRQF.NO_AUTOEN)) || this.settings & IRQ.NOREQUEST || !(handler || thread)) return 'EINVAL';
    if (fault === 'irqaction' || (fault === 'irq_thread' && thread)) return 'ENOMEM';
    const action: Action = { dev, handler, thread, flags, mask: 0, run: false, toldOff: false };
    if (!(flags & IRQF.TRIGGER_MASK)) action.flags |= this.dstate & TRIGGER_MASK;
    if (flags & IRQF.ONESHOT && !thread && this.linux === '7.2') this.findings.push(new RegExp(`^${this.nameOf({ dev, handler, thread, flags })} .*ONESHOT`));
    if (this.chip.flags & IRQCHIP.ONESHOT_SAFE) action.flags &= ~IRQF.ONESHOT;
    return this.bus(() => this.setUp(action));
  }

  private setUp(action: Action): string {
    const first = this.actions.length === 0;
    if (first && this.call('irqRequestResources') && this.fails.has('irqRequestResources')) {
      this.log.push(`genirq: Failed to request resources for ${this.nameOf(action)} (irq 0) on irqchip noting`);
      return 'EBUSY';
    }
    let code = this.fits(action);
    if (code === 'none' && first) code = this.begin(action);
    if (code !== 'none') {
      if (first) this.call('irqReleaseResources');
      return code;
    }
    this.actions.push(action);
    return 'none';
  }

  private fits(action: Action): string {
    const old = this.actions[0];
    if (old) {
      const type = action.flags & IRQF.TRIGGER_MASK;
      if (!this.is(DEFAULT_TRIGGER_SET)) this.dstate = (this.dstate & ~TRIGGER_MASK) | type | DEFAULT_TRIGGER_SET;
      let fits = (old.flags & action.flags & IRQF.SHARED) !== 0 && (this.dstate & TRIGGER_MASK) === type;
      if (fits && old.flags & IRQF.ONESHOT && action.flags & IRQF.COND_ONESHOT) action.flags |= IRQF.ONESHOT;
      else if ((old.flags ^ action.flags) & IRQF.ONESHOT) fits = false;
      if (!fits) {
        this.log.push(`genirq: Flags mismatch irq 0. ${hex(action.flags)} (${this.nameOf(action)}) vs. ${hex(old.flags)} (${this.nameOf(old)})`);
        return 'EBUSY';
      }
    }
    if (action.flags & IRQF.ONESHOT) {
      const used = this.actions.reduce((bits, { mask }) => bits | mask, 0);
      action.mask = 1;
      while (used & action.mask) action.mask <<= 1;
    } else if (!action.handler && !(this.chip.flags & IRQCHIP.ONESHOT_SAFE)) {
      this.log.push(`genirq: Threaded irq requested with handler=NULL and !ONESHOT for ${this.nameOf(action)} (irq 0)`);
      return 'EINVAL';
    }
    return 'none';
  }

  /** The first action sets the line up and starts it. */
  private begin(action: Action): string {
    const type = action.flags & IRQF.TRIGGER_MASK;
    const code = type ? this.setTrigger(type) : 'none';
    if (code !== 'none') return code;
    if (!this.is(ACTIVATED)) {
      this.calls.push('activate');
      if (this.fails.has('activate')) return 'ENOSPC';
      this.dstate |= ACTIVATED;
    }
    this.istate &= ~(AUTODETECT | SPURIOUS_DISABLED | ONESHOT | WAITING);
    this.dstate &= ~IRQ_INPROGRESS;
    if (action.flags & IRQF.ONESHOT) this.istate |= ONESHOT;
    if (action.flags & IRQF.NOBALANCING) {
      this.settings |= IRQ.NO_BALANCING;
      this.dstate |= NO_BALANCING;
    }
    if (!(action.flags & IRQF.NO_AUTOEN) && !(this.settings & IRQ.NOAUTOEN)) this.startup();
    else {
      if (action.flags & IRQF.SHARED) this.findings.push(/shared and not enabled automatically/);
      this.depth = 1;
    }
    return 'none';
  }

  free(dev: string | null): string {
    let found: Action | undefined;
    this.bus(() => {
      found = this.actions.find((action) => action.dev === dev);
      if (!found) this.findings.push('Trying to free already-free IRQ 0');
      else {
        this.actions = this.actions.filter((action) => action !== found);
        if (this.actions.length === 0) {
          this.settings &= ~IRQ.DISABLE_UNLAZY;
          this.shutdown();
        }
      }
    });
    if (!found) return 'null';
    this.synchronize();
    if (this.actions.length === 0) {
      this.bus(() => {
        if (this.is(ACTIVATED)) this.calls.push('deactivate');
        this.dstate &= ~ACTIVATED;
        this.call('irqReleaseResources');
      });
    }
    return this.nameOf(found);
  }

  private nameOf({ dev }: Request): string { return dev ?? 'alone'; }

  // Type and settings

  setType(type: number): string { return this.bus(() => this.setTrigger(type)); }

  private setTrigger(type: number): string {
    if (!this.has('irqSetType')) return 'none';
    const around = (this.chip.flags & IRQCHIP.SET_TYPE_MASKED) !== 0;
    if (around) this.mask();
    const unmask = around && !this.is(IRQ_DISABLED);
    this.calls.push('irqSetType');
    const failed = this.fails.has('irqSetType');
    if (failed) this.log.push(new RegExp(`Setting trigger mode ${type} for irq 0 failed`));
    else {
      const level = (type & IRQ_TYPE.LEVEL_MASK) !== 0;
      this.dstate = (this.dstate & ~(TRIGGER_MASK | LEVEL)) | type | (level ? LEVEL : 0);
      this.settings = (this.settings & ~(IRQ_TYPE.SENSE_MASK | IRQ.LEVEL)) | type | (level ? IRQ.LEVEL : 0);
    }
    if (unmask) this.unmask();
    return failed ? 'EINVAL' : 'none';
  }

  modify(clear: number, set: number): string {
    if (set & IRQ.NOAUTOEN && this.depth === 0) this.findings.push(/NOAUTOEN/);
    this.settings = (this.settings & ~clear) | set;
    const kept = this.settings & IRQ_TYPE.SENSE_MASK || this.dstate & TRIGGER_MASK;
    this.dstate = (this.dstate & ~(NO_BALANCING | LEVEL | TRIGGER_MASK)) | kept
      | (this.settings & IRQ.NO_BALANCING ? NO_BALANCING : 0) | (this.settings & IRQ.LEVEL ? LEVEL : 0);
    return 'none';
  }

  // Injection and replay

  inject(): string {
    // First the state is tried, which this chip has not.
    this.bus(() => undefined);
    return this.bus(() => (this.is(ACTIVATED) ? this.resend(true) : 'EINVAL'));
  }

  /** Also what is queued meanwhile. */
  runResend(): string {
    let ran = 0;
    for (; this.resendQueued; ran++) {
      this.resendQueued = false;
      this.arrive();
    }
    return `${ran}`;
  }

  // Arrivals

  arrive(): void {
    if (this.flow === 'simple') this.simple();
    else if (this.flow === 'level') this.level();
    else if (this.flow === 'edge') this.edge();
    else this.fasteoi();
  }

  private busy(): boolean { return this.is(IRQ_INPROGRESS); }

  private nobody(): boolean {
    this.istate &= ~(REPLAY | WAITING);
    if (this.actions.length > 0 && !this.is(IRQ_DISABLED)) return false;
    this.istate |= PENDING;
    return true;
  }

  private simple(): void {
    if (this.busy()) {
      if (this.chip.resendWhenInProgress) this.istate |= PENDING;
      return;
    }
    if (this.nobody()) return;
    this.count++;
    this.event();
  }

  private level(): void {
    this.maskAck();
    if (this.busy() || this.nobody()) return;
    this.count++;
    this.event();
    if (!this.is(IRQ_DISABLED) && this.threadsOneshot === 0) this.unmask();
  }

  private edge(): void {
    if (this.busy() || this.nobody()) {
      this.istate |= PENDING;
      return this.maskAck();
    }
    this.count++;
    this.call('irqAck');
    do {
      if (this.istate & PENDING && !this.is(IRQ_DISABLED)) this.unmask();
      this.event();
    } while (this.istate & PENDING && !this.is(IRQ_DISABLED));
  }

  private fasteoi(): void {
    const eoi = (): boolean => this.call('irqEoi');
    const unhandled = (): boolean => (this.chip.flags & IRQCHIP.EOI_IF_HANDLED ? false : eoi());
    if (this.busy()) {
      if (this.chip.resendWhenInProgress) this.istate |= PENDING;
      unhandled();
      return;
    }
    if (this.nobody()) {
      this.mask();
      unhandled();
      return;
    }
    this.count++;
    if (this.istate & ONESHOT) this.mask();
    this.event();
    if (!(this.istate & ONESHOT)) eoi();
    else if (!this.is(IRQ_DISABLED) && this.is(IRQ_MASKED) && this.threadsOneshot === 0) {
      eoi();
      this.unmask();
    } else if (!(this.chip.flags & IRQCHIP.EOI_THREADED)) eoi();
    if (this.istate & PENDING) this.resend(false);
  }

  private event(): void {
    this.istate &= ~PENDING;
    this.dstate |= IRQ_INPROGRESS;
    for (const action of [...this.actions]) {
      const returned = action.handler ? this.behave(`handler ${this.nameOf(action)}`) : IRQ_WAKE_THREAD;
      if (returned !== IRQ_WAKE_THREAD) continue;
      if (action.thread) this.wake(action);
      else if (!action.toldOff) {
        action.toldOff = true;
        this.log.push(/IRQ_WAKE_THREAD/);
      }
    }
    this.dstate &= ~IRQ_INPROGRESS;
  }

  private behave(who: string): number {
    this.calls.push(who);
    const { returns, acts } = this.script.shift() ?? { returns: IRQ_HANDLED, acts: [] };
    for (const act of acts) {
      if (act === 'arrive') this.arrive();
      else if (act === 'disable') this.disable('nosync');
      else this.enable();
    }
    return returns;
  }

  private wake(action: Action): void {
    if (action.run) return;
    action.run = true;
    this.threadsOneshot |= action.mask;
    this.threadsActive++;
    this.woken.push(action);
  }

  runThreads(): string {
    let ran = 0;
    for (let action = this.woken.shift(); action; action = this.woken.shift(), ran++) {
      action.run = false;
      const returned = this.behave(`thread ${this.nameOf(action)}`);
      // Only forced threading has a second thread to wake.
      if (returned === IRQ_WAKE_THREAD) this.findings.push(new RegExp(`${this.nameOf(action)}\\) returned IRQ_WAKE_THREAD`));
      if (this.istate & ONESHOT) this.bus(() => this.finish(action));
      this.threadsActive--;
    }
    return `${ran}`;
  }

  private finish(action: Action): void {
    if (action.run) return;
    this.threadsOneshot &= ~action.mask;
    if (this.threadsOneshot !== 0 || this.is(IRQ_DISABLED) || !this.is(IRQ_MASKED)) return;
    if (this.chip.flags & IRQCHIP.EOI_THREADED) this.call('irqEoi');
    this.unmask();
  }
}
