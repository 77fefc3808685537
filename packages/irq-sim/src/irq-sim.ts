import {
  handleLevelIrq, handleSimpleIrq, IRQ, IRQ_SET_MASK, IRQ_TYPE, irqDataToDesc, irqdSetTriggerType, modifyStatus, setChip, setChipData, setHandler,
  setHandlerLocked, type IrqChip, type IrqchipIrqState, type IrqData,
} from '@irqchip/genirq-core';
import {
  irqDomainCreateLinear, irqDomainRemove, irqDomainResetIrqData, irqResolveMapping, type FwNode, type IrqDomain, type IrqDomains,
} from '@irqchip/irqdomain';
import { IrqError, type Smp } from '@irqchip/smp';

/** Hooks of whoever stands behind the lines. @kernel irq_sim_ops */
export interface IrqSimOps {
  /** A line is requested; throw to refuse. */
  irqSimIrqRequested?(domain: IrqDomain, hwirq: number, data: unknown): void;
  irqSimIrqReleased?(domain: IrqDomain, hwirq: number, data: unknown): void;
}

/** What a simulated chip can be told. */
export interface IrqSimOptions {
  readonly ops?: IrqSimOps;
  /** Handed to the ops. */
  readonly data?: unknown;
  /** Accept level triggers too, which the kernel's chip refuses; `setIrqchipState(genirq, virq, 'LINE_LEVEL', …)` drives the wires. */
  readonly levelLines?: boolean;
}

const LEVEL = IRQ_TYPE.LEVEL_HIGH | IRQ_TYPE.LEVEL_LOW;

/** One simulated controller. @kernel irq_sim_work_ctx */
class IrqSim {
  domain: IrqDomain | null = null;
  readonly enabled: Uint8Array;
  readonly pending: Uint8Array;
  /** Wires of level lines: 1 is high. */
  readonly wires: Uint8Array;
  private queued = false;

  constructor(readonly smp: Smp, size: number, readonly options: IrqSimOptions) {
    this.enabled = new Uint8Array(size);
    this.pending = new Uint8Array(size);
    this.wires = new Uint8Array(size);
  }

  /** Whether a level line asks to be served. */
  asserted(data: IrqData): boolean {
    const type = data.common.state & IRQ_TYPE.SENSE_MASK;
    if ((type & LEVEL) === 0) return false;
    return (this.wires[data.hwirq] === 1) === ((type & IRQ_TYPE.LEVEL_HIGH) !== 0);
  }

  raise(hwirq: number): void {
    this.pending[hwirq] = 1;
    if (this.queued) return;
    this.queued = true;
    this.smp.cpus.irqWorkQueue(this.handleIrq);
  }

  /** In hard irq context: upwards through the lines once; what is raised again meanwhile makes another work. @kernel irq_sim_handle_irq */
  private readonly handleIrq = (): void => {
    for (let hwirq = this.pending.indexOf(1); hwirq >= 0; hwirq = this.pending.indexOf(1, hwirq + 1)) {
      this.pending[hwirq] = 0;
      const desc = irqResolveMapping(this.domain!, hwirq);
      if (desc) desc.handleIrq(desc);
    }
    this.queued = this.pending.includes(1);
    if (this.queued) this.smp.cpus.irqWorkQueue(this.handleIrq);
  };
}

const simOf = (data: IrqData): IrqSim => data.chipData as IrqSim;

function setType(data: IrqData, type: number): number {
  const { options } = simOf(data);
  const level = (type & LEVEL) !== 0;
  if ((type & ~IRQ_TYPE.EDGE_BOTH) !== 0 && !(options.levelLines === true && (type === IRQ_TYPE.LEVEL_HIGH || type === IRQ_TYPE.LEVEL_LOW))) {
    throw new IrqError('EINVAL', `irq ${data.irq}: a simulated line is edge triggered, not of type ${type}${level && options.levelLines !== true ? '; create the chip with levelLines for levels' : ''}.`);
  }
  irqdSetTriggerType(data, type);
  setHandlerLocked(data, level ? handleLevelIrq : handleSimpleIrq);
  return IRQ_SET_MASK.OK;
}

function setState(data: IrqData, which: IrqchipIrqState, state: boolean): void {
  const sim = simOf(data);
  if (which === 'PENDING') {
    // A masked line forgets: the simulated controller latches nothing.
    if (sim.enabled[data.hwirq] === 0) return;
    if (state) sim.raise(data.hwirq);
    else sim.pending[data.hwirq] = 0;
  } else if (which === 'LINE_LEVEL' && sim.options.levelLines === true) {
    sim.wires[data.hwirq] = state ? 1 : 0;
    if (sim.enabled[data.hwirq] === 1 && sim.asserted(data)) sim.raise(data.hwirq);
    else if (irqDataToDesc(data).handleIrq === handleLevelIrq) sim.pending[data.hwirq] = 0;
  } else {
    throw new IrqError('EINVAL', `irq ${data.irq}: a simulated line has no state ${which}${which === 'LINE_LEVEL' ? '; create the chip with levelLines' : ''}.`);
  }
}

function getState(data: IrqData, which: IrqchipIrqState): boolean {
  const sim = simOf(data);
  if (which === 'PENDING') return sim.enabled[data.hwirq] === 1 && sim.pending[data.hwirq] === 1;
  if (which === 'LINE_LEVEL' && sim.options.levelLines === true) return sim.wires[data.hwirq] === 1;
  throw new IrqError('EINVAL', `irq ${data.irq}: a simulated line has no state ${which}.`);
}

const irqSimChip: IrqChip = {
  name: 'irq_sim',
  irqMask: (data) => { simOf(data).enabled[data.hwirq] = 0; },
  irqUnmask: (data) => {
    const sim = simOf(data);
    sim.enabled[data.hwirq] = 1;
    if (sim.asserted(data)) sim.raise(data.hwirq);
  },
  irqSetType: setType,
  irqGetIrqchipState: getState,
  irqSetIrqchipState: setState,
  irqRequestResources: (data) => {
    const { domain, options } = simOf(data);
    options.ops?.irqSimIrqRequested?.(domain!, data.hwirq, options.data);
  },
  irqReleaseResources: (data) => {
    const { domain, options } = simOf(data);
    options.ops?.irqSimIrqReleased?.(domain!, data.hwirq, options.data);
  },
};

/**
 * A controller without hardware: `size` lines, made pending by `setIrqchipState(genirq, virq, 'PENDING', true)`, which a masked
 * line ignores; handlers then run in hard irq context. Task context.
 * @throws IrqError `ENOMEM`.
 * @kernel irq_domain_create_sim
 */
export function irqDomainCreateSim(domains: IrqDomains, fwnode: FwNode | null, size: number, options: IrqSimOptions = {}): IrqDomain {
  const { genirq, smp } = domains;
  smp.faults.check('irq_sim');
  const sim = new IrqSim(smp, size, options);
  const domain = irqDomainCreateLinear(domains, fwnode, size, {
    map: (_domain, virq) => {
      setChip(genirq, virq, irqSimChip);
      setChipData(genirq, virq, sim);
      setHandler(genirq, virq, handleSimpleIrq);
      modifyStatus(genirq, virq, IRQ.NOREQUEST | IRQ.NOAUTOEN, IRQ.NOPROBE);
    },
    unmap: (_domain, virq) => {
      setHandler(genirq, virq, null);
      irqDomainResetIrqData(genirq.irqToDesc(virq)!.irqData);
    },
  }, sim);
  sim.domain = domain;
  return domain;
}

/** Takes a simulated controller away; dispose of its mappings first. Task context. @kernel irq_domain_remove_sim */
export function irqDomainRemoveSim(domain: IrqDomain): void {
  irqDomainRemove(domain);
}
