import { genericHandleDomainIrq, type IrqDomain } from '@irqchip/irqdomain';
import { lowestBit, type CpuMask, type Cpus, type Memory, type SharedWords, type Smp } from '@irqchip/smp';
import type { IpiMuxTrace } from './contract.ts';

/** How a mux reaches the hardware: the merged and the posted contract differ in nothing else. */
export interface Doorbell {
  /** Makes the parent quiescent on this CPU, if that is the mux's business. */
  acknowledge(): void;
  /** Rings one CPU. */
  ring(cpu: number): void;
  /** Marks `hwirq` on every CPU of `mask` through {@link IpiMux.mark} and rings those that need it. */
  send(mux: IpiMux, hwirq: number, mask: CpuMask): void;
}

/**
 * Many virtual per-CPU IPIs over one hardware IPI.
 *
 * Per CPU and vIPI there are two bits. `enable` is written by its own CPU only. `bits` is set by anybody and cleared by its
 * own CPU only; a set bit is an IPI that was sent and not yet taken, so sends of one vIPI merge until the target takes it.
 * Words are 32 bits wide: vIPI n is bit n & 31 of the CPU's word n >> 5, and no rule ever relates two words.
 *
 * Between calls this holds: a bit that is set in both has a doorbell on its way, or a running process() that will take it.
 */
export class IpiMux {
  readonly nrIpi: number;
  /** Who is told of sends and dispatches. */
  trace: IpiMuxTrace | null = null;
  private readonly smp: Smp;
  private readonly cpus: Cpus;
  private readonly memory: Memory;
  private readonly enable: SharedWords;
  private readonly bits: SharedWords;
  private readonly wordsPerCpu: number;
  private readonly doorbell: Doorbell;
  private irqDomain!: IrqDomain;
  private firstVirq = 0;

  /** Drivers get a mux from {@link IpiMuxes.create}, which also {@link attach}es its domain. */
  constructor(smp: Smp, nrIpi: number, doorbell: Doorbell) {
    smp.faults.check('percpu');
    this.smp = smp;
    this.cpus = smp.cpus;
    this.memory = smp.memory;
    this.nrIpi = nrIpi;
    this.doorbell = doorbell;
    this.wordsPerCpu = (nrIpi + 31) >>> 5;
    this.enable = smp.memory.words('ipi-mux enable', smp.cpus.nrCpuIds * this.wordsPerCpu);
    this.bits = smp.memory.words('ipi-mux bits', smp.cpus.nrCpuIds * this.wordsPerCpu);
  }

  /** `IPI-Mux-6`: hwirq n is vIPI n. */
  get domain(): IrqDomain { return this.irqDomain; }

  /** The first virq; the others follow it. */
  get virq(): number { return this.firstVirq; }

  /** Hands the mux its domain and interrupts, once, before anybody else can see it. */
  attach(domain: IrqDomain, virq: number): void {
    this.irqDomain = domain;
    this.firstVirq = virq;
  }

  /** Stops dispatch of `hwirq` on the running CPU. Sends are kept. Interrupts off. @kernel ipi_mux_mask */
  mask(hwirq: number): void {
    this.enable.andNot(this.word(this.cpus.current, hwirq), 1 << (hwirq & 31));
  }

  /**
   * Allows dispatch of `hwirq` on the running CPU, and raises the parent there if it was sent in the meantime: the handler
   * runs from that interrupt, not from here. Interrupts off.
   * @kernel ipi_mux_unmask
   */
  unmask(hwirq: number): void {
    const cpu = this.cpus.current;
    const word = this.word(cpu, hwirq);
    const bit = 1 << (hwirq & 31);
    this.enable.or(word, bit);
    // Pairs with the barrier in mark(): of an unmask and a send that run together, at least one sees the other's bit.
    this.memory.smpMbAfterAtomic();
    if (this.bits.readOnce(word) & bit) this.doorbell.ring(cpu);
  }

  /**
   * Sends `hwirq` to every CPU of `mask`, ascending. Any context. No CPU is asked whether it is online.
   * @kernel ipi_mux_send_mask
   */
  send(hwirq: number, mask: CpuMask): void {
    this.doorbell.send(this, hwirq, mask);
  }

  /**
   * Makes `hwirq` pending on `cpu`. Returns whether the doorbell must follow: not when it was pending already (the earlier
   * send rang, or its unmask will), and not while it is masked there (the unmask will ring).
   */
  mark(cpu: number, hwirq: number): boolean {
    const word = this.word(cpu, hwirq);
    const bit = 1 << (hwirq & 31);
    // Release: what the sender stored before is seen by the handler. Pairs with the fully ordered fetchAndNot in take().
    const old = this.bits.fetchOrRelease(word, bit);
    // Pairs with the barrier in unmask().
    this.memory.smpMbAfterAtomic();
    // The doorbell is a device write that depends on this test, and no CPU writes to a device on speculation: no barrier is
    // needed between the two.
    const rings = (old & bit) === 0 && (this.enable.readOnce(word) & bit) !== 0;
    if (this.trace !== null) this.trace.raise(cpu, hwirq, (old & bit) !== 0, rings);
    return rings;
  }

  /**
   * Takes everything that is pending and enabled on the running CPU and runs the handlers, lowest vIPI first, each once.
   * One pass is enough: a send that comes later finds its bit clear and rings, and the parent, which was acknowledged before,
   * fires again.
   *
   * Hard irq context, interrupts off, on the CPU whose parent fired; not reentrant. With the merged contract the caller has
   * acknowledged the parent before, so that a doorbell that arrives from now on raises it again.
   * @kernel ipi_mux_process
   */
  process(): void {
    const { cpus } = this;
    if (!cpus.inHardirq() || !cpus.irqsDisabled()) {
      this.smp.diagnostics.report('context', `${this.irqDomain.name}: process() belongs in the parent's handler, in hard irq context with interrupts off.`);
    }
    this.doorbell.acknowledge();
    const cpu = cpus.current;
    const first = this.take(cpu * this.wordsPerCpu);
    const second = this.wordsPerCpu > 1 ? this.take(cpu * this.wordsPerCpu + 1) : 0;
    this.dispatch(cpu, 0, first);
    this.dispatch(cpu, 32, second);
  }

  /** Whether `hwirq` was sent to `cpu` and not yet taken. For tests and reports. */
  isPending(cpu: number, hwirq: number): boolean {
    return (this.bits.readOnce(this.word(cpu, hwirq)) & (1 << (hwirq & 31))) !== 0;
  }

  /** Whether `hwirq` is unmasked on `cpu`. For tests and reports. */
  isEnabled(cpu: number, hwirq: number): boolean {
    return (this.enable.readOnce(this.word(cpu, hwirq)) & (1 << (hwirq & 31))) !== 0;
  }

  private take(word: number): number {
    const enabled = this.enable.readOnce(word);
    // Clears only what is enabled: a masked send stays. Fully ordered: pairs with the release in mark(), and keeps the
    // handlers' loads after it.
    return this.bits.fetchAndNot(word, enabled) & enabled;
  }

  private dispatch(cpu: number, base: number, taken: number): void {
    for (let rest = taken; rest !== 0; rest &= rest - 1) {
      const hwirq = base + lowestBit(rest);
      if (this.trace !== null) this.trace.entry(cpu, hwirq);
      genericHandleDomainIrq(this.irqDomain, hwirq);
    }
  }

  private word(cpu: number, hwirq: number): number {
    return cpu * this.wordsPerCpu + (hwirq >>> 5);
  }
}
