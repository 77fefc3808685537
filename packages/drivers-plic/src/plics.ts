import type { Genirq, IrqChip } from '@irqchip/genirq-core';
import { serviceToken, type ServiceToken } from '@irqchip/smp';
import { plicChips } from './chip.ts';
import type { PlicHandler } from './handler.ts';
import type { PlicPriv } from './priv.ts';

/** What the PLICs of one machine share. */
export class Plics {
  readonly genirq: Genirq;
  /** By CPU, whichever PLIC it is; null for a CPU without a context. @kernel plic_handlers */
  readonly handlers: (PlicHandler | null)[];
  /** In the order they were probed. */
  readonly all: PlicPriv[] = [];
  /** Linux irq of the harts' external interrupt, 0 until it is mapped. @kernel plic_parent_irq */
  parentIrq = 0;
  /** Whether the chained handler and the hotplug state are in place. @kernel plic_global_setup_done */
  globalSetupDone = false;
  /** For sources with a level. @kernel plic_chip */
  readonly levelChip: IrqChip;
  /** For sources with edges, where the controller tells them apart. @kernel plic_edge_chip */
  readonly edgeChip: IrqChip;

  constructor(genirq: Genirq) {
    this.genirq = genirq;
    this.handlers = new Array<PlicHandler | null>(genirq.smp.cpus.nrCpuIds).fill(null);
    const chips = plicChips(this);
    this.levelChip = chips.level;
    this.edgeChip = chips.edge;
  }

  /** Before the machine's power goes: remembers which sources have a priority. Interrupts off. @kernel plic_irq_suspend */
  suspend(): void {
    for (const plic of this.all) {
      for (let hwirq = 1; hwirq <= plic.ndev; hwirq++) plic.prioSave[hwirq] = plic.priority(hwirq) & 1;
    }
  }

  /** Afterwards: priorities and enables as they were. Interrupts off. @kernel plic_irq_resume */
  resume(): void {
    for (const plic of this.all) {
      for (let hwirq = 1; hwirq <= plic.ndev; hwirq++) plic.setPriority(hwirq, plic.prioSave[hwirq]!);
    }
    for (const handler of this.handlers) handler?.restore();
  }
}

/** The machine's {@link Plics} in the container. */
export const PLICS: ServiceToken<Plics> = serviceToken<Plics>('drivers-plic', 'Plics');
