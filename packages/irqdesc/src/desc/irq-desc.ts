import { CpuMask, Spinlock, type Cpus, type PerCpu } from '@irqchip/smp';
import type { IrqChip } from '../chip/irq-chip.ts';
import type { Genirq } from '../genirq.ts';
import { IRQD } from './flags.ts';
import type { IrqCommonData, IrqData, IrqDataDomain } from './irq-data.ts';

/** Runs one interrupt through its controller's protocol. Hard irq context, interrupts off. @kernel irq_flow_handler_t */
export type IrqFlowHandler = (desc: IrqDesc) => void;

/** A device's handler; returns IRQ_NONE, IRQ_HANDLED or IRQ_WAKE_THREAD. @kernel irq_handler_t */
export type IrqHandler = (irq: number, devId: never) => number;

/** One handler on an interrupt. @kernel irqaction */
export interface IrqAction {
  irq: number;
  handler: IrqHandler;
  threadFn: IrqHandler | null;
  devId: unknown;
  percpuDevId: PerCpu<unknown> | null;
  /** Per-CPU actions: the CPUs that it serves. */
  affinity: CpuMask | null;
  flags: number;
  name: string;
  next: IrqAction | null;
  /** Bit in `threadsOneshot`. */
  threadMask: number;
  /** It was woken and has not started running. @kernel IRQTF_RUNTHREAD */
  threadRunning: boolean;
  /** It was told that it has no thread to wake. @kernel IRQTF_WARNED */
  warned: boolean;
  /** Forced threading: what was the driver's own thread. */
  secondary: IrqAction | null;
}

/** One Linux interrupt. @kernel irq_desc */
export class IrqDesc {
  readonly genirq: Genirq;
  /** The machine's CPUs; here as well, since every delivery asks which one runs. */
  readonly cpus: Cpus;
  readonly irq: number;
  readonly lock: Spinlock;
  readonly common: IrqCommonData;
  /** The outermost level, closest to the device. @kernel irq_desc.irq_data */
  readonly irqData: IrqData;
  handleIrq: IrqFlowHandler;
  action: IrqAction | null = null;
  /** IRQ_* settings. */
  settings = 0;
  /** IRQS_* */
  istate = 0;
  depth = 1;
  wakeDepth = 0;
  totCount = 0;
  irqCount = 0;
  irqsUnhandled = 0;
  lastUnhandledNs = 0;
  threadsHandled = 0;
  threadsHandledLast = 0;
  threadsOneshot = 0;
  threadsActive = 0;
  /** The CPU that runs the handlers while INPROGRESS is set, else -1. */
  runningOn = -1;
  parentIrq = 0;
  /** CPUs on which the per-CPU interrupt is enabled; null unless it is a per-CPU devid interrupt. */
  percpuEnabled: CpuMask | null = null;
  pendingMask: CpuMask | null = null;
  affinityHint: CpuMask | null = null;
  affinityNotify: ((mask: CpuMask) => void) | null = null;
  /** Name of the flow handler, printed after the Level/Edge column. */
  name: string | null = null;
  /** What debugfs prints as the device. */
  deviceName: string | null = null;
  private counts: Int32Array | null = null;

  constructor(genirq: Genirq, irq: number, node: number, affinity: CpuMask, chip: IrqChip, handleIrq: IrqFlowHandler) {
    this.genirq = genirq;
    this.cpus = genirq.smp.cpus;
    this.irq = irq;
    this.lock = new Spinlock(genirq.smp, `irq_desc ${irq}`);
    this.handleIrq = handleIrq;
    this.common = new Common(this, node, affinity.clone());
    this.irqData = makeIrqData(irq, chip, this.common, null);
  }

  /** Counts one interrupt on the running CPU. @kernel __kstat_incr_irqs_this_cpu */
  countThisCpu(): void {
    const counts = this.counts ?? (this.counts = new Int32Array(this.cpus.nrCpuIds));
    counts[this.cpus.current]!++;
  }

  /** How often it ran on `cpu`. @kernel irq_desc_kstat_cpu */
  countOn(cpu: number): number {
    return this.counts === null ? 0 : this.counts[cpu]! >>> 0;
  }
}

/** What all levels share; the effective mask, which most interrupts never get, is made on first use. */
class Common implements IrqCommonData {
  readonly desc: IrqDesc;
  state: number = IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED;
  handlerData: unknown = null;
  msiDesc: unknown = null;
  readonly affinity: CpuMask;
  ipiOffset = 0;
  node: number;
  private effective: CpuMask | null = null;

  constructor(desc: IrqDesc, node: number, affinity: CpuMask) {
    this.desc = desc;
    this.node = node;
    this.affinity = affinity;
  }

  get effectiveAffinity(): CpuMask {
    return this.effective ?? (this.effective = new CpuMask(this.affinity.size));
  }
}

/** A level of a hierarchy; all levels share `common`. */
export function makeIrqData(irq: number, chip: IrqChip, common: IrqCommonData, domain: IrqDataDomain | null): IrqData {
  return { irq, hwirq: 0, mask: 0, chip, chipData: null, domain, parentData: null, common };
}
