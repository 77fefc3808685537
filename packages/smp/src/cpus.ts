import { CpuMask } from './cpumask.ts';
import { IrqError } from './error.ts';

/** What the machine under the CPUs does at the points where control may leave the running code. */
export interface CpusHooks {
  /** Interrupts were switched on on the running CPU, or it crossed an access boundary: take what is deliverable. */
  deliver(): void;
  /** The running CPU waits: let others run. Returns false when nothing anywhere could make progress. */
  relax(): boolean;
  /** The running CPU is about to be another one. */
  switched?(cpu: number): void;
}

const NO_HOOKS: CpusHooks = { deliver: () => undefined, relax: () => false };

/** Works in a row that make a storm: more than it takes to find an interrupt that nobody cares for. */
const STORM = 200_000;

/** Up to this many CPUs a machine. */
export const NR_CPUS = 4096;

/**
 * The CPUs of one machine: which exist, which one runs now, and in what context. Code always runs *as* a CPU; the
 * composition root moves between them with {@link Cpus.runOn}. A fresh object has all CPUs possible and present, and only
 * CPU 0 online, in task context with interrupts on.
 */
export class Cpus {
  readonly nrCpuIds: number;
  /** @kernel cpu_possible_mask */
  readonly possible: CpuMask;
  /** @kernel cpu_present_mask */
  readonly present: CpuMask;
  /** @kernel cpu_online_mask */
  readonly online: CpuMask;
  /** @kernel cpu_dying_mask */
  readonly dying: CpuMask;
  /**
   * Early in boot: only the boot CPU runs, and it has interrupts off. Set and cleared by whoever boots; meanwhile nobody switches them on,
   * and what is forbidden with interrupts off only because another CPU might wait for this one is allowed.
   * @kernel early_boot_irqs_disabled
   */
  earlyBootIrqsDisabled = false;
  private readonly disabled: Uint8Array;
  private readonly hardirqs: Uint8Array;
  /** How often each CPU has asked for interrupts off by counting, and whether they were off before the first. */
  private readonly counted: Uint32Array;
  private readonly countedFlags: Uint8Array;
  private readonly works: { readonly cpu: number; readonly fn: () => void }[] = [];
  private running = 0;
  private hooks: CpusHooks = NO_HOOKS;

  /** @param enabledEarly - told when interrupts are switched on while {@link Cpus.earlyBootIrqsDisabled}. */
  constructor(nrCpuIds: number, private readonly enabledEarly: () => void = () => undefined) {
    if (!Number.isInteger(nrCpuIds) || nrCpuIds < 1 || nrCpuIds > NR_CPUS) {
      throw new IrqError('EINVAL', `A machine has 1 to ${NR_CPUS} CPUs, not ${nrCpuIds}.`);
    }
    this.nrCpuIds = nrCpuIds;
    this.possible = CpuMask.all(nrCpuIds);
    this.present = CpuMask.all(nrCpuIds);
    this.online = CpuMask.of(nrCpuIds, 0);
    this.dying = new CpuMask(nrCpuIds);
    this.disabled = new Uint8Array(nrCpuIds);
    this.hardirqs = new Uint8Array(nrCpuIds);
    this.counted = new Uint32Array(nrCpuIds);
    this.countedFlags = new Uint8Array(nrCpuIds);
  }

  /** Called once by whoever runs the CPUs. */
  attach(hooks: CpusHooks): void { this.hooks = hooks; }

  /** The CPU that runs now. @kernel smp_processor_id */
  get current(): number { return this.running; }

  /** Whether the running CPU is in a hard interrupt. @kernel in_hardirq */
  inHardirq(): boolean { return this.hardirqs[this.running] !== 0; }

  /** @kernel irqs_disabled */
  irqsDisabled(): boolean { return this.disabled[this.running] !== 0; }

  /** Whether `cpu` has interrupts off. */
  irqsDisabledOn(cpu: number): boolean { return this.disabled[cpu] !== 0; }

  /** @kernel local_irq_disable */
  localIrqDisable(): void { this.disabled[this.running] = 1; }

  /** Switches interrupts on and takes what was waiting. @kernel local_irq_enable */
  localIrqEnable(): void {
    if (this.earlyBootIrqsDisabled && this.irqsDisabled()) this.enabledEarly();
    this.disabled[this.running] = 0;
    if (this.works.length !== 0) this.runWorks();
    this.hooks.deliver();
  }

  /** Switches interrupts off; returns what {@link localIrqRestore} needs. @kernel local_irq_save */
  localIrqSave(): boolean {
    const flags = this.disabled[this.running] !== 0;
    this.disabled[this.running] = 1;
    return flags;
  }

  /** @kernel local_irq_restore */
  localIrqRestore(flags: boolean): void {
    if (flags) this.disabled[this.running] = 1;
    else this.localIrqEnable();
  }

  /** Switches interrupts off on the running CPU until as many {@link localInterruptEnable} calls. @kernel local_interrupt_disable */
  localInterruptDisable(): void {
    if (this.counted[this.running]!++ === 0) this.countedFlags[this.running] = this.localIrqSave() ? 1 : 0;
  }

  /**
   * Takes one {@link localInterruptDisable} back; the last one restores what was before the first.
   * @throws IrqError `EINVAL` when the running CPU has none to take back.
   * @kernel local_interrupt_enable
   */
  localInterruptEnable(): void {
    if (this.counted[this.running] === 0) {
      throw new IrqError('EINVAL', `local_interrupt_enable on CPU${this.running} without a local_interrupt_disable before it; each takes back one.`);
    }
    if (--this.counted[this.running]! === 0) this.localIrqRestore(this.countedFlags[this.running] !== 0);
  }

  /** Interrupts on again at the return from a trap; whoever took the trap looks for the next one. */
  trapReturn(): void {
    this.disabled[this.running] = 0;
    if (this.works.length !== 0) this.runWorks();
  }

  /**
   * Has `fn` called once on the running CPU in hard irq context: now when interrupts are on, else as soon as they are. Any context.
   * @kernel irq_work_queue
   */
  irqWorkQueue(fn: () => void): void {
    this.works.push({ cpu: this.running, fn });
    if (this.disabled[this.running] === 0) this.runWorks();
  }

  /** Entering a hard interrupt on the running CPU; the trap has switched interrupts off. @kernel irq_enter */
  irqEnter(): void { this.hardirqs[this.running]!++; }

  /**
   * Leaving it again.
   * @throws IrqError `EINVAL` without an {@link irqEnter} before it on the running CPU.
   * @kernel irq_exit
   */
  irqExit(): void {
    if (this.hardirqs[this.running] === 0) throw new IrqError('EINVAL', `irq_exit on CPU${this.running}, which is in no hard interrupt: each irqEnter is left once, on its own CPU.`);
    this.hardirqs[this.running]!--;
  }

  /** An access boundary: what is pending and deliverable on the running CPU is taken here. */
  boundary(): void {
    if (this.disabled[this.running] !== 0) return;
    if (this.works.length !== 0) this.runWorks();
    this.hooks.deliver();
  }

  /** Lets other CPUs run while this one waits; false when nothing could make progress. @kernel cpu_relax */
  relax(): boolean { return this.hooks.relax(); }

  /**
   * Waits until `done()` holds, letting other CPUs run.
   * @throws IrqError `EDEADLK` when no CPU can make progress and `done()` still does not hold.
   * @kernel smp_cond_load_acquire
   */
  waitUntil(done: () => boolean, what: string): void {
    while (!done()) {
      if (!this.relax() && !done()) {
        throw new IrqError('EDEADLK', `CPU${this.running} waits for ever for ${what}: no CPU has anything left to run. Are interrupts off on the CPU that should answer?`);
      }
    }
  }

  /** Runs `fn` as `cpu`, in that CPU's own context, and comes back. */
  runOn<T>(cpu: number, fn: () => T): T {
    if (!this.possible.test(cpu)) throw new IrqError('EINVAL', `CPU ${cpu} is not possible here; possible CPUs are ${this.possible.toList()}.`);
    const before = this.running;
    if (before === cpu) return fn();
    this.running = cpu;
    this.hooks.switched?.(cpu);
    try {
      return fn();
    } finally {
      this.running = before;
      this.hooks.switched?.(before);
    }
  }

  /**
   * The running task goes on as `cpu`, up to the end of the innermost {@link Cpus.runOn} around it: its own CPU has gone down.
   * @throws IrqError `EINVAL` for a CPU that is not online.
   * @kernel balance_push
   */
  migrate(cpu: number): void {
    if (!this.online.test(cpu)) throw new IrqError('EINVAL', `The task of CPU${this.running} cannot go on as CPU ${cpu}, which is not online; online CPUs are ${this.online.toList()}.`);
    this.running = cpu;
    this.hooks.switched?.(cpu);
  }

  /** @kernel irq_work_run */
  private runWorks(): void {
    const cpu = this.running;
    for (let runs = 0, index = this.nextWork(cpu); index >= 0; runs++, index = this.nextWork(cpu)) {
      if (runs > STORM) throw new IrqError('EDEADLK', `CPU${cpu} has run ${STORM} irq works in a row and each queued another: is a level line never lowered?`);
      const [work] = this.works.splice(index, 1);
      this.disabled[cpu] = 1;
      this.hardirqs[cpu]!++;
      try {
        work!.fn();
      } finally {
        this.hardirqs[cpu]!--;
        this.disabled[cpu] = 0;
      }
    }
  }

  private nextWork(cpu: number): number { return this.works.findIndex((work) => work.cpu === cpu); }
}
