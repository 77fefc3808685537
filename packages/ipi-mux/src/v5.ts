import type { CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, disablePercpuIrq, enablePercpuIrq, getTriggerType, handlePercpuDevidIrq, setChainedHandler,
  setPercpuDevid, type IrqChip, type IrqDesc,
} from '@irqchip/genirq-core';
import {
  genericHandleDomainIrq, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainFreeIrqsTop, irqDomainRemove, irqDomainSetInfo,
  irqDomainTranslateOnecell, type IrqDomain, type IrqDomainOps, type IrqDomains,
} from '@irqchip/irqdomain';
import { errnoOf, lowestBit, type CpuMask, type SharedWords, type Smp } from '@irqchip/smp';
import { IPI_MUX_NR_IRQS, type IpiMuxOps } from './contract.ts';

const WORDS = IPI_MUX_NR_IRQS / 32;

/**
 * The algorithm of the patch as posted (v5, 24 March 2022), its loop and its `destroy` included, so that the questions of the
 * review can be put to it. One object stands for the file's global state. Masking does nothing here, a send always rings, and
 * misuse returns 0 without a word. Use {@link IpiMuxes} for everything else.
 */
export class IpiMuxV5 {
  private readonly smp: Smp;
  private readonly bits: SharedWords;
  private domain: IrqDomain | null = null;
  private ops: IpiMuxOps | null = null;
  private parentVirq = 0;

  constructor(private readonly domains: IrqDomains, private readonly cpuhp: CpuHotplug) {
    this.smp = domains.genirq.smp;
    this.bits = this.smp.memory.words('ipi-mux v5 bits', this.smp.cpus.nrCpuIds * WORDS);
  }

  /**
   * Returns the first of 64 virqs, 0 on misuse, or the negative errno of the allocation. What fails after that is ignored.
   * @kernel ipi_mux_create (as the v5 patch had it)
   */
  create(parentVirq: number, ops: IpiMuxOps | null): number {
    if (this.domain || !ops?.clear || !ops.send) return 0;
    let domain: IrqDomain;
    try {
      domain = irqDomainCreateLinear(this.domains, null, IPI_MUX_NR_IRQS, this.domainOps(), null);
    } catch (error) {
      errnoOf(error);
      this.smp.log.err('ipi-mux: unable to add IPI Mux domain');
      return 0;
    }
    let virq: number;
    try {
      virq = irqDomainAllocIrqs(domain, IPI_MUX_NR_IRQS, -1, { fwnode: null, param: [0] });
    } catch (error) {
      this.smp.log.err('ipi-mux: unable to alloc IRQs from IPI Mux domain');
      irqDomainRemove(domain);
      return errnoOf(error);
    }
    this.domain = domain;
    this.parentVirq = parentVirq;
    this.ops = ops;
    if (parentVirq > 0) this.adoptParent(parentVirq);
    return virq;
  }

  /**
   * Removes the domain and forgets the parent; mappings, chained handler and hotplug state stay behind, as in the patch.
   * @kernel ipi_mux_destroy
   */
  destroy(): void {
    if (!this.domain) return;
    irqDomainRemove(this.domain);
    this.domain = null;
    this.parentVirq = 0;
  }

  /** Hard irq context, interrupts off, on the CPU whose parent fired. @kernel ipi_mux_process */
  process(): void {
    const { memory, cpus } = this.smp;
    const base = cpus.current * WORDS;
    for (;;) {
      this.ops!.clear(this.parentVirq);
      // Pairs with both barriers around the setting of the bit in send().
      memory.mb();
      let found = 0;
      for (let word = 0; word < WORDS; word++) {
        const taken = this.bits.xchg(base + word, 0);
        found |= taken;
        this.dispatch(word << 5, taken);
      }
      if (found === 0) return;
    }
  }

  private dispatch(base: number, taken: number): void {
    for (let rest = taken; rest !== 0; rest &= rest - 1) {
      const hwirq = base + lowestBit(rest);
      if (genericHandleDomainIrq(this.domain, hwirq) !== 0) {
        this.smp.log.ratelimited('ipi_mux_process', 'warn', `ipi-mux: can't find mapping for hwirq ${hwirq}`);
      }
    }
  }

  private send(hwirq: number, mask: CpuMask): void {
    const { memory } = this.smp;
    memory.smpMbBeforeAtomic();
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      this.bits.or(cpu * WORDS + (hwirq >>> 5), 1 << (hwirq & 31));
    }
    memory.smpMbAfterAtomic();
    this.ops!.send(this.parentVirq, mask);
  }

  private domainOps(): IrqDomainOps {
    const chip: IrqChip = {
      name: 'RISC-V IPI Mux',
      irqMask: () => undefined,
      irqUnmask: () => undefined,
      ipiSendMask: ({ hwirq }, mask) => this.send(hwirq, mask),
    };
    return {
      translate: irqDomainTranslateOnecell,
      alloc: (domain, virq, nr, arg) => {
        const { hwirq } = irqDomainTranslateOnecell(domain, arg as never);
        for (let i = 0; i < nr; i++) {
          setPercpuDevid(this.domains.genirq, virq + i);
          irqDomainSetInfo(domain, virq + i, hwirq + i, chip, domain.hostData, handlePercpuDevidIrq, null, null);
        }
      },
      free: irqDomainFreeIrqsTop,
    };
  }

  private adoptParent(parentVirq: number): void {
    const { genirq } = this.domains;
    const ipiMuxHandler = (desc: IrqDesc): void => {
      const { chip } = desc.irqData;
      chainedIrqEnter(chip, desc);
      this.process();
      chainedIrqExit(chip, desc);
    };
    setChainedHandler(genirq, parentVirq, ipiMuxHandler);
    try {
      this.cpuhp.setupState(
        'CPUHP_AP_ONLINE_DYN', 'irqchip/ipi-mux:starting',
        () => enablePercpuIrq(genirq, parentVirq, getTriggerType(genirq, parentVirq)),
        () => disablePercpuIrq(genirq, parentVirq),
      );
    } catch (error) {
      errnoOf(error);
    }
  }
}
