import type { IrqData, IrqDesc } from '@irqchip/genirq-core';
import { IRQ_DOMAIN_FLAG } from './flags.ts';
import type { FwNode } from './fwnode.ts';
import type { IrqDomains } from './irq-domains.ts';

/** Firmware's description of one interrupt of a controller. @kernel irq_fwspec */
export interface IrqFwspec {
  readonly fwnode: FwNode | null;
  /** Cells, at most 16. */
  readonly param: readonly number[];
}

/** What a description means inside its domain. */
export interface IrqTranslation {
  readonly hwirq: number;
  /** IRQ_TYPE_* */
  readonly type: number;
}

/**
 * What a controller's driver tells its domain. All are called in task context with the domain tree locked, unless said
 * otherwise. Failure is an `IrqError`, thrown.
 * @kernel irq_domain_ops
 */
export interface IrqDomainOps {
  /** Whether the domain serves this device-tree node. Without it the fwnode and the token decide. */
  match?(domain: IrqDomain, node: FwNode | null, busToken: number): boolean;
  /** As `match`, for full descriptions; asked only when a token other than ANY is looked for. */
  select?(domain: IrqDomain, fwspec: IrqFwspec, busToken: number): boolean;
  /** Sets up chip and flow handler of a new mapping. `EPERM` refuses without a message. */
  map?(domain: IrqDomain, virq: number, hwirq: number): void;
  unmap?(domain: IrqDomain, virq: number): void;
  /** The older form of `translate`. */
  xlate?(domain: IrqDomain, node: FwNode | null, intspec: readonly number[]): IrqTranslation;
  translate?(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation;
  /** Allocates a block at this level; having it makes the domain hierarchical. Undo your own half when you throw. */
  alloc?(domain: IrqDomain, virq: number, nrIrqs: number, arg: unknown): void;
  /** Called once per interrupt, for the outermost level only. */
  free?(domain: IrqDomain, virq: number, nrIrqs: number): void;
  /** Before the interrupt is first used; parents come first. Any lock state of the requesting path. */
  activate?(domain: IrqDomain, data: IrqData, reserve: boolean): void;
  deactivate?(domain: IrqDomain, data: IrqData): void;
  /**
   * More lines for debugfs. They are printed as they are: `indent` is how many columns the kernel's callback is told to leave free.
   * `data` is null when a whole domain is shown.
   */
  debugShow?(domain: IrqDomain, data: IrqData | null, indent: number): string[];
}

/** What a new domain is made of, everything worked out. */
export interface IrqDomainInit {
  readonly fwnode: FwNode | null;
  name: string;
  busToken: number;
  flags: number;
  ops: IrqDomainOps;
  hostData: unknown;
  parent: IrqDomain | null;
  hwirqMax: number;
  revmapSize: number;
  exit: ((domain: IrqDomain) => void) | null;
}

/** Allocation by descriptor rather than through `alloc`; called with the domain tree unlocked. */
export interface WiredMapping {
  /** @throws IrqError when it fails. */
  alloc(hwirq: number, type: number): number;
  free(virq: number): void;
}

/**
 * The numbers of one interrupt controller, and the Linux interrupts that they are mapped to.
 *
 * Between calls this holds: every interrupt that `revmap` or `tree` names has a level of this domain with that hwirq, and
 * `mapcount` is how many there are.
 * @kernel irq_domain
 */
export class IrqDomain {
  readonly domains: IrqDomains;
  readonly fwnode: FwNode | null;
  /** Also the file in debugfs. */
  name: string;
  /** DOMAIN_BUS.* */
  busToken: number;
  /** IRQ_DOMAIN_FLAG.* */
  flags: number;
  ops: IrqDomainOps;
  /** The driver's own. */
  hostData: unknown;
  /** Towards the CPU. */
  readonly parent: IrqDomain | null;
  /** The innermost domain of the tree; its lock is everybody's. */
  readonly root: IrqDomain;
  /** First hwirq that cannot be associated. */
  readonly hwirqMax: number;
  /** hwirqs below it live in `revmap`, the others in `tree`. */
  readonly revmapSize: number;
  mapcount = 0;
  /** @kernel irq_domain.revmap */
  readonly revmap: (IrqDesc | null)[];
  /** @kernel irq_domain.revmap_tree */
  readonly tree: Map<number, IrqDesc> = new Map<number, IrqDesc>();
  /** Lines that came although they are not mapped. */
  readonly unmapped: Set<number> = new Set<number>();
  /** Its generic chips, which go with it when it has the flag DESTROY_GC. @kernel irq_domain.gc */
  gc: { remove(domain: IrqDomain): void } | null = null;
  /** What an MSI parent offers to the domains of devices; `@irqchip/msi` knows its type. @kernel irq_domain.msi_parent_ops */
  msiParentOps: object | null = null;
  /** Of a device that turns wires into messages: how its interrupts are mapped and disposed of. */
  wired: WiredMapping | null = null;
  /** Called when the domain is removed. @kernel irq_domain.exit */
  readonly exit: ((domain: IrqDomain) => void) | null;
  private holder = '';

  constructor(domains: IrqDomains, init: IrqDomainInit) {
    this.domains = domains;
    this.fwnode = init.fwnode;
    this.name = init.name;
    this.busToken = init.busToken;
    this.flags = init.flags | (init.ops.alloc ? IRQ_DOMAIN_FLAG.HIERARCHY : 0);
    this.ops = init.ops;
    this.hostData = init.hostData;
    this.parent = init.parent;
    this.root = init.parent?.root ?? this;
    this.hwirqMax = init.hwirqMax;
    this.revmapSize = init.revmapSize;
    this.revmap = new Array<IrqDesc | null>(init.revmapSize).fill(null);
    this.exit = init.exit;
  }

  /** @kernel irq_domain_is_hierarchy */
  get isHierarchy(): boolean { return (this.flags & IRQ_DOMAIN_FLAG.HIERARCHY) !== 0; }

  /** @kernel irq_domain_is_ipi */
  get isIpi(): boolean { return (this.flags & (IRQ_DOMAIN_FLAG.IPI_PER_CPU | IRQ_DOMAIN_FLAG.IPI_SINGLE)) !== 0; }

  /** @kernel irq_domain_is_ipi_per_cpu */
  get isIpiPerCpu(): boolean { return (this.flags & IRQ_DOMAIN_FLAG.IPI_PER_CPU) !== 0; }

  /** Whether the domains of devices can be stacked on it. @kernel irq_domain_is_msi_parent */
  get isMsiParent(): boolean { return (this.flags & IRQ_DOMAIN_FLAG.MSI_PARENT) !== 0; }

  /** Whether it is the MSI domain of one device. @kernel irq_domain_is_msi_device */
  get isMsiDevice(): boolean { return (this.flags & IRQ_DOMAIN_FLAG.MSI_DEVICE) !== 0; }

  /** @kernel irq_domain_is_nomap */
  get isNomap(): boolean { return (this.flags & IRQ_DOMAIN_FLAG.NO_MAP) !== 0; }

  /**
   * Runs `fn` with the whole tree locked, as the kernel's mutex does: reported are a caller that may not sleep, and one that comes from a
   * callback of the same tree, which would wait for itself.
   * @kernel irq_domain.mutex
   */
  locked<T>(where: string, fn: () => T): T {
    const { root } = this;
    const { smp } = this.domains;
    smp.mightSleep(`${where} on ${this.name}`);
    if (root.holder !== '') {
      smp.diagnostics.report('lock-order', `${where} on ${this.name} waits for ever: ${root.holder} below it holds the tree of ${root.name}. Do not call it from a domain's callbacks.`);
      return fn();
    }
    root.holder = where;
    try {
      return fn();
    } finally {
      root.holder = '';
    }
  }

  /** Runs `fn` with the tree unlocked, from inside {@link locked}. */
  unlocked<T>(fn: () => T): T {
    const { root } = this;
    const { holder } = root;
    root.holder = '';
    try {
      return fn();
    } finally {
      root.holder = holder;
    }
  }
}
