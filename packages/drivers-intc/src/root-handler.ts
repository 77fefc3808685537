import { genericHandleDomainIrq, type IrqDomain } from '@irqchip/irqdomain';
import { TOPI_IID_SHIFT, type Csr, type Harts } from '@irqchip/riscv';
import type { Smp } from '@irqchip/smp';

/** Every trap enters here: hard irq context, interrupts off, on the interrupted hart. */
export type RootHandler = (cause: number) => void;

/** The interrupt bit of a cause register as it looks in 32 bits; causes may be given with or without it. */
const CAUSE_NUMBER = 0x7fffffff;

/** So often one cause may come first in a row, within one trap, before it counts as stuck. */
export const STORM_LIMIT = 4096;

/** One interrupt a trap, named by its cause. @kernel riscv_intc_irq */
export function makeIntcHandler(smp: Smp, domain: IrqDomain): RootHandler {
  return (cause) => {
    const hwirq = cause & CAUSE_NUMBER;
    if (genericHandleDomainIrq(domain, hwirq) !== 0) {
      smp.log.ratelimited('riscv_intc_irq', 'warn', `riscv-intc: Failed to handle interrupt (cause: ${hwirq})`);
    }
  };
}

/**
 * Everything that `topi` names, best first, until nothing is pending and enabled.
 *
 * The kernel's loop never ends when a cause stays pending with nobody to clear it. Here such a cause is masked on this hart
 * and reported: at once when it has no mapping, otherwise after {@link STORM_LIMIT} turns.
 * @kernel riscv_intc_aia_irq
 */
export function makeIntcAiaHandler(smp: Smp, domain: IrqDomain, csr: Csr, harts: Harts): RootHandler {
  const { topi } = harts.csr;
  return () => {
    let last = 0;
    let turns = 0;
    for (let top = csr.read(topi); top !== 0; top = csr.read(topi)) {
      const hwirq = top >>> TOPI_IID_SHIFT;
      turns = hwirq === last ? turns + 1 : 0;
      last = hwirq;
      if (genericHandleDomainIrq(domain, hwirq) !== 0) reportStorm(smp, csr, harts, hwirq, 'nobody has mapped it');
      else if (turns >= STORM_LIMIT) reportStorm(smp, csr, harts, hwirq, 'its handler does not clear it');
      if (turns > STORM_LIMIT) return;
    }
  };
}

function reportStorm(smp: Smp, csr: Csr, harts: Harts, hwirq: number, why: string): void {
  silence(csr, harts, hwirq);
  smp.diagnostics.report('storm', `Local interrupt ${hwirq} stays pending and enabled on CPU${smp.cpus.current}, and ${why}. It was masked there; clear the source in the handler, or do not set its enable bit.`);
}

function silence(csr: Csr, harts: Harts, hwirq: number): void {
  const bit = 1 << (hwirq & 31);
  if (hwirq < 32) csr.clear(harts.csr.ie, bit);
  else if (harts.xlen === 32) csr.clear(harts.csr.ieh, bit);
  else csr.clear(harts.csr.ie, 0, bit);
}
