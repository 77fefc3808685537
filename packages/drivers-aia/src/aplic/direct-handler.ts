import { chainedIrqEnter, chainedIrqExit, genericHandleIrq, type Genirq, type IrqDesc } from '@irqchip/genirq-core';
import { irqFindMapping } from '@irqchip/irqdomain';
import { APLIC } from '../registers.ts';
import type { AplicDirect, AplicIdc, AplicParent } from './idc.ts';

/**
 * So often one source may be claimed in a row within one interrupt before it counts as stuck: beyond the 100,000 after which
 * the core gives up an interrupt that nobody handles.
 */
const STORM_LIMIT = 200_000;

/** Handler of the harts' external interrupt, for all APLICs of the machine. */
export function aplicDirectHandler(genirq: Genirq, parent: AplicParent): (desc: IrqDesc) => void {
  const { smp } = genirq;

  /**
   * Hard irq, interrupts off. One entry takes everything that is pending for this hart.
   *
   * A level source stays pending until its device is quiet, so the kernel's loop never ends when a handler claims to have
   * handled what it did not. Here such a source is masked and reported.
   * @kernel aplic_direct_handle_irq
   */
  function aplicDirectHandleIrq(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    const idc = parent.idcs[smp.cpus.current] ?? null;
    chainedIrqEnter(chip, desc);
    if (idc !== null) drain(idc);
    else smp.diagnostics.warnOnce(true, `aplic: CPU${smp.cpus.current} took an external interrupt, and no APLIC names it in its interrupts-extended`);
    chainedIrqExit(chip, desc);
  }

  function drain(idc: AplicIdc): void {
    let last = 0;
    let turns = 0;
    for (let source = idc.claim(); source !== 0; source = idc.claim()) {
      turns = source === last ? turns + 1 : 0;
      last = source;
      handleSource(idc.direct, source);
      if (turns === STORM_LIMIT) silence(idc.direct, source);
      else if (turns > STORM_LIMIT) return;
    }
  }

  function handleSource({ domain, priv }: AplicDirect, source: number): void {
    const irq = irqFindMapping(domain, source);
    if (irq !== 0) genericHandleIrq(genirq, irq);
    else priv.device.warnRatelimited('aplic_direct_handle_irq', `hw_irq ${source} mapping not found`);
  }

  function silence({ priv }: AplicDirect, source: number): void {
    priv.regs.writel(APLIC.CLRIENUM, source);
    smp.diagnostics.report('storm', `${priv.device.name}: source ${source} stays pending on CPU${smp.cpus.current}, and its handler does not quiet the device. It was masked; clear the device in the handler, or return IRQ_NONE.`);
  }

  return aplicDirectHandleIrq;
}
