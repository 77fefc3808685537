import type { IrqChip, IrqData, IrqFlowHandler } from '@irqchip/genirq-core';
import type { IrqDomain } from '@irqchip/irqdomain';
import { IrqError, Spinlock, type MmioRegion, type Smp } from '@irqchip/smp';

/** What the mask register holds, as far as the core wrote it: one bit a line. */
export interface MaskCache { value: number }

/** Register offsets of one chip type, in bytes; those that its callbacks do not use may be left out. @kernel irq_chip_regs */
export interface IrqChipRegs {
  enable?: number;
  disable?: number;
  mask?: number;
  ack?: number;
  eoi?: number;
  type?: number;
}

/** The callbacks of one chip type, and the way back to it. */
export interface GenericIrqChip extends IrqChip {
  name: string;
  flags: number;
  readonly type: IrqChipType;
}

/** One way in which the lines of a chip can work: its callbacks, its registers, its flow. @kernel irq_chip_type */
export class IrqChipType {
  readonly chip: GenericIrqChip;
  /** Offsets in the chip's region. */
  regs: IrqChipRegs = {};
  /** IRQ_TYPE_* that this type serves. */
  type = 0;
  /** Where the mask is remembered: here, or in the chip for all types. */
  maskCache: MaskCache;

  constructor(name: string, public handler: IrqFlowHandler | null, shared: MaskCache) {
    this.chip = { name, flags: 0, type: this };
    this.maskCache = shared;
  }
}

/** What a generic chip is made of. */
export interface GenericChipInit {
  readonly name: string;
  readonly numCt: number;
  readonly irqBase: number;
  readonly regs: MmioRegion | null;
  readonly handler: IrqFlowHandler | null;
}

type Registers = Pick<MmioRegion, 'readl' | 'writel'>;

/** Up to 32 lines whose control is a bit in each of a few registers. @kernel irq_chip_generic */
export class IrqChipGeneric {
  readonly lock: Spinlock;
  /** First Linux interrupt of the chip; in a domain, its first hwirq. */
  readonly irqBase: number;
  irqCnt = 0;
  readonly maskCache: MaskCache = { value: 0 };
  /** Lines that may wake the machine, and those that shall. */
  wakeEnabled = 0;
  wakeActive = 0;
  /** Lines that are mapped, and lines that do not exist. */
  installed = 0;
  unused = 0;
  domain: IrqDomain | null = null;
  /** The driver's own. */
  private: unknown = null;
  readonly chipTypes: readonly IrqChipType[];
  /** Registers are big-endian. */
  bigEndian = false;
  private readonly unset: Registers = { readl: () => this.refuse(), writel: () => this.refuse() };
  /** {@link regs}, or what refuses in their place, so that no access has to look. */
  private io: Registers = this.unset;

  constructor(readonly smp: Smp, private readonly init: GenericChipInit) {
    this.lock = new Spinlock(smp, `generic chip ${init.name}`);
    this.irqBase = init.irqBase;
    this.regs = init.regs;
    this.chipTypes = Array.from({ length: init.numCt }, () => new IrqChipType(init.name, init.handler, this.maskCache));
  }

  /** Register region, null until it is set; set it before the first line is mapped. */
  get regs(): MmioRegion | null { return this.io === this.unset ? null : this.io as MmioRegion; }
  set regs(regs: MmioRegion | null) { this.io = regs ?? this.unset; }

  /** The 32-bit register at `offset`. @throws IrqError `EINVAL` before {@link regs} is set. @kernel irq_reg_readl */
  readl(offset: number): number {
    const value = this.io.readl(offset);
    return this.bigEndian ? swab32(value) : value;
  }

  /** Writes the 32-bit register at `offset`: as in `regs`, the offset comes first, where C has it last. Errors as {@link readl}. @kernel irq_reg_writel */
  writel(offset: number, value: number): void {
    this.io.writel(offset, this.bigEndian ? swab32(value) : value);
  }

  private refuse(): never {
    const { domain, irqBase, init: { name } } = this;
    throw new IrqError('EINVAL', domain
      ? `generic chip ${name} of ${domain.name}, lines from ${irqBase} on: its registers are not set. Set gc.regs before a line is mapped, in the init of irqDomainAllocGenericChips or irqDomainInstantiateGeneric.`
      : `generic chip ${name}, irqs from ${irqBase} on: its registers are not set. Give irqAllocGenericChip its region.`);
  }
}

/** The chip behind one line. @kernel irq_data_get_irq_chip_data (of a generic chip) */
export function chipOf(data: IrqData): IrqChipGeneric { return data.chipData as IrqChipGeneric; }

/** The type that one line works as now. @kernel irq_data_get_chip_type */
export function irqDataGetChipType(data: IrqData): IrqChipType { return (data.chip as GenericIrqChip).type; }

function swab32(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
