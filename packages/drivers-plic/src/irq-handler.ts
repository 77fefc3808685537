import { chainedIrqEnter, chainedIrqExit, type IrqDesc } from '@irqchip/genirq-core';
import { genericHandleDomainIrq } from '@irqchip/irqdomain';
import type { PlicHandler } from './handler.ts';
import type { Plics } from './plics.ts';

/** So many claims within one trap are a storm. More than the detector of unhandled interrupts needs to switch a few sources off. */
export const STORM_LIMIT = 250_000;

/**
 * The handler of the harts' external interrupt: claims until nothing is left. Hard irq, interrupts off.
 *
 * A level whose handler does not quiet it comes again and again within the loop. In the kernel that never ends; here the
 * source of claim {@link STORM_LIMIT} gets priority 0 and is reported.
 * @param isolatedClaim - of the PLIC that sets it up; the two are told apart by name only, each PLIC claims in its own way.
 * @kernel plic_handle_irq
 */
export function plicIrqHandler(plics: Plics, isolatedClaim: boolean): (desc: IrqDesc) => void {
  const { cpus, diagnostics, log } = plics.genirq.smp;

  function handle(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    const handler = plics.handlers[cpus.current] ?? null;
    if (handler === null) {
      diagnostics.warnOnce(true, `CPU${cpus.current} takes an external interrupt and has no PLIC context.`);
      return;
    }
    chainedIrqEnter(chip, desc);
    run(handler);
    chainedIrqExit(chip, desc);
  }

  function run(handler: PlicHandler): void {
    const { plic } = handler;
    let turns = 0;
    for (let hwirq = next(handler); hwirq !== 0; hwirq = next(handler)) {
      if (genericHandleDomainIrq(plic.domain, hwirq) !== 0) {
        // Nobody completes it: the source stays claimed.
        log.ratelimited('plic_handle_irq', 'warn', plic.line(`can't find mapping for hwirq ${hwirq}`));
      }
      if (++turns < STORM_LIMIT) continue;
      plic.setPriority(hwirq, 0);
      diagnostics.report('storm', `${STORM_LIMIT} claims in one trap on CPU${cpus.current}, the last one of source ${hwirq} of ${plic.name}: does its handler quiet it? It was masked.`);
      turns = 0;
    }
  }

  // debugfs shows the handler by its name.
  return isolatedClaim ? function plicHandleIrqCp100(desc) { handle(desc); } : function plicHandleIrq(desc) { handle(desc); };
}

function next(handler: PlicHandler): number {
  return handler.plic.isolatedClaim ? handler.claimIsolated() : handler.plic.regs.readl(handler.claim);
}
