import { ERRNO, type Errno } from '@irqchip/smp';

/**
 * Domains, their maps and the interrupts in them, by Linux's rules: one Map a domain, one list of
 * levels an interrupt. It is given the same driver behaviour as the package, and predicts what every call answers and leaves.
 */
export type Kind = 'linear' | 'tree' | 'simple' | 'legacy' | 'nomap' | 'root' | 'middle' | 'device';

/** Where a driver's alloc is to fail: in which domain, at which interrupt of the block; `after` is the device's, when its parents are done. */
export type FailStep = 'root' | 'middle' | 'device' | 'after';
export interface Arg { readonly hwirq: number; readonly fail: { readonly step: FailStep; readonly at: number } | null; readonly shape: 'whole' | 'cut' | 'unset' }
export interface Fault { readonly site: string; readonly after: number; readonly times: number }

export interface DomainModel {
  readonly name: string;
  readonly kind: Kind;
  readonly revmapSize: number;
  readonly max: number;
  readonly parent: DomainModel | null;
  mapcount: number;
  readonly map: Map<number, number>;
  /** What the driver of this level has given out. */
  readonly claimed: Set<number>;
}

interface Level { readonly domain: DomainModel; hwirq: number; set: boolean }
/** Levels from the outermost to the root; none: a descriptor without a domain. */
export interface Interrupt { levels: Level[]; activated: boolean }

/** Numbers that both sides use: sizes, and what the drivers make of an argument. */
export const SHAPES: Readonly<Record<Kind, { size: number; max: number; first?: number; firstHwirq?: number }>> = {
  linear: { size: 8, max: 8 }, tree: { size: 0, max: Infinity }, simple: { size: 3, max: 3, first: 20 }, legacy: { size: 5, max: 5, first: 4, firstHwirq: 2 },
  nomap: { size: 0, max: 9 }, root: { size: 0, max: Infinity }, middle: { size: 26, max: 26 }, device: { size: 8, max: 8 },
};
export const hwirqAt = { device: (arg: Arg, i: number): number => arg.hwirq + i, middle: (arg: Arg, i: number): number => 20 + arg.hwirq + i, root: (virq: number): number => 100 + virq } as const;
export const isStacked = (kind: Kind): boolean => kind === 'root' || kind === 'middle' || kind === 'device';

export class WorldModel {
  readonly interrupts: Map<number, Interrupt> = new Map();
  /** Newest first. */
  list: DomainModel[] = [];
  default: DomainModel | null = null;
  nrIrqs: number;
  fault: Fault | null = null;
  mapFails: Errno | null = null;
  activateFails: string | null = null;
  trail: string[] = [];
  log: string[] = [];
  findings: (string | RegExp)[] = [];
  private asked = 0;

  constructor(nrIrqs: number) { this.nrIrqs = nrIrqs; }

  begin(fault: Fault | null, mapFails: Errno | null, activateFails: string | null): void {
    Object.assign(this, { fault, mapFails, activateFails });
  }

  /** Before each call. */
  clear(): void { Object.assign(this, { trail: [], log: [], findings: [], asked: 0 }); }

  /** An allocation; false when it fails. */
  private ask(site: string): boolean {
    if (this.fault?.site !== site) return true;
    const nth = this.asked++;
    return nth < this.fault.after || nth >= this.fault.after + this.fault.times;
  }

  // Descriptors

  /** At `exact`, or the lowest free run from `from` on. Negative numbers as strings are codes. */
  private descs(exact: number, from: number, count: number): number | 'EEXIST' | 'ENOMEM' {
    const free = (start: number): boolean => Array.from({ length: count }, (_, i) => start + i).every((virq) => !this.interrupts.has(virq));
    let start = exact >= 0 ? exact : from;
    if (exact >= 0 && !free(exact)) return 'EEXIST';
    while (!free(start)) start++;
    this.nrIrqs = Math.max(this.nrIrqs, start + count);
    for (let i = 0; i < count; i++) if (!this.ask('irq_desc')) return 'ENOMEM';
    for (let i = 0; i < count; i++) this.interrupts.set(start + i, { levels: [], activated: false });
    return start;
  }

  /** Near the hwirq if possible, and never 0 of its own accord. */
  allocDescs(exact: number, count: number, hwirq: number): number | 'EEXIST' | 'ENOMEM' {
    if (exact >= 0) return this.descs(exact, exact, count);
    const hint = hwirq % this.nrIrqs || 1;
    const virq = this.descs(-1, hint, count);
    return typeof virq === 'string' && hint > 1 ? this.descs(-1, 1, count) : virq;
  }

  freeDesc(virq: number): string {
    this.interrupts.delete(virq);
    return 'none';
  }

  // Domains

  create(kind: Kind, name: string): string {
    if (!this.ask('irq_domain') || !this.ask('irq_domain_name')) return 'ENOMEM';
    const { size, max, first, firstHwirq = 0 } = SHAPES[kind];
    const parent = kind === 'middle' ? this.live('root') : kind === 'device' ? this.live('middle') : null;
    const domain: DomainModel = { name, kind, revmapSize: size, max, parent, mapcount: 0, map: new Map(), claimed: new Set() };
    this.list.unshift(domain);
    if (kind === 'simple' && typeof this.descs(first!, first!, size) === 'string') this.log.push(`irq: Cannot allocate irq_descs @ IRQ${first}, assuming pre-allocated`);
    if (first !== undefined) for (let i = 0; i < size - firstHwirq; i++) this.associate(domain, first + i, firstHwirq + i);
    return 'none';
  }

  live(kind: Kind): DomainModel | null { return this.list.find((domain) => domain.kind === kind) ?? null; }

  remove(domain: DomainModel): string {
    if ([...domain.map.keys()].some((hwirq) => hwirq >= domain.revmapSize)) this.findings.push(/irq_domain_remove/);
    this.list = this.list.filter((other) => other !== domain);
    if (this.default === domain) this.default = null;
    return 'none';
  }

  find(domain: DomainModel, hwirq: number): number {
    if (domain.kind !== 'nomap') return domain.map.get(hwirq) ?? 0;
    const level = hwirq < domain.max ? this.interrupts.get(hwirq)?.levels[0] : undefined;
    return level?.domain === domain && level.hwirq === hwirq ? hwirq : 0;
  }

  private enter(level: Level, virq: number): void {
    level.domain.mapcount++;
    if (level.domain.kind !== 'nomap') level.domain.map.set(level.hwirq, virq);
  }

  private leave(level: Level): void {
    level.domain.mapcount--;
    level.domain.map.delete(level.hwirq);
  }

  // Mapping without a hierarchy

  associate(domain: DomainModel, virq: number, hwirq: number): string {
    const interrupt = this.interrupts.get(virq);
    const refused = hwirq >= domain.max ? `hwirq 0x${hwirq.toString(16)} is too large for ${domain.name}`
      : !interrupt ? `virq${virq} is not allocated` : interrupt.levels.length > 0 ? `virq${virq} is already associated` : null;
    if (refused !== null) {
      this.findings.push(`error: ${refused}`);
      return 'EINVAL';
    }
    this.trail.push(`map ${domain.name} ${virq} ${hwirq}`);
    if (this.mapFails) {
      if (this.mapFails !== 'EPERM') this.log.push(`irq: ${domain.name} didn't like hwirq-0x${hwirq.toString(16)} to VIRQ${virq} mapping (rc=${-ERRNO[this.mapFails]})`);
      return this.mapFails;
    }
    const level = { domain, hwirq, set: true };
    interrupt!.levels = [level];
    this.enter(level, virq);
    return 'none';
  }

  associateMany(domain: DomainModel, virq: number, hwirq: number, count: number): string {
    for (let i = 0; i < count; i++) this.associate(domain, virq + i, hwirq + i);
    return 'none';
  }

  createMapping(where: DomainModel | null, hwirq: number): string {
    const domain = where ?? this.default;
    if (!domain) {
      this.findings.push(`irq_create_mapping_affinity(, ${hwirq.toString(16)}) called with NULL domain`);
      return '0';
    }
    const known = this.find(domain, hwirq);
    if (known) return `${known}`;
    const virq = this.allocDescs(-1, 1, hwirq);
    if (typeof virq === 'string') return '0';
    return this.associate(domain, virq, hwirq) === 'none' ? `${virq}` : this.giveUp(virq);
  }

  createDirect(domain: DomainModel): string {
    const virq = this.descs(-1, 1, 1);
    if (typeof virq === 'string') return '0';
    if (virq >= domain.max) {
      this.log.push(`irq: ERROR: no free irqs available below ${domain.max} maximum`);
      return this.giveUp(virq);
    }
    return this.associate(domain, virq, virq) === 'none' ? `${virq}` : this.giveUp(virq);
  }

  private giveUp(virq: number): string {
    this.interrupts.delete(virq);
    return '0';
  }

  dispose(virq: number): string {
    const interrupt = this.interrupts.get(virq);
    if (virq === 0 || !interrupt) return 'none';
    const outermost = interrupt.levels[0];
    if (!outermost) this.findings.push(/./);
    else if (isStacked(outermost.domain.kind)) this.freeIrqs(virq, 1);
    else {
      this.trail.push(`unmap ${outermost.domain.name} ${virq} ${outermost.hwirq}`);
      this.leave(outermost);
      this.interrupts.delete(virq);
    }
    return 'none';
  }

  /** What dispose does, but the descriptor stays. */
  disassociate(domain: DomainModel, virq: number): string {
    const interrupt = this.interrupts.get(virq);
    const level = interrupt?.levels[0];
    if (!level || level.domain !== domain) this.findings.push(`virq${virq} doesn't exist; cannot disassociate`);
    else {
      this.trail.push(`unmap ${domain.name} ${virq} ${level.hwirq}`);
      this.leave(level);
      interrupt.levels = [];
    }
    return 'none';
  }

  // Hierarchy

  alloc(where: DomainModel | null, base: number, count: number, arg: Arg, realloc: boolean): string {
    const domain = where ?? this.default;
    if (!domain) {
      this.findings.push('domain is NULL; cannot allocate IRQ');
      return 'EINVAL';
    }
    const virq = realloc ? base : this.allocDescs(base, count, 0);
    if (typeof virq === 'string') return virq;
    const block = Array.from({ length: count }, (_, i) => virq + i);
    const code = this.fill(domain, virq, block, arg);
    if (code !== 'none') {
      for (const one of block) this.interrupts.delete(one);
      return code;
    }
    for (const one of block) for (const level of this.interrupts.get(one)!.levels) this.enter(level, one);
    return `${virq}`;
  }

  private fill(domain: DomainModel, virq: number, block: number[], arg: Arg): string {
    for (const one of block) {
      const { levels } = this.interrupts.get(one)!;
      for (let at: DomainModel | null = domain; at; at = at.parent) {
        if (at !== domain && !this.ask('irq_data')) return 'ENOMEM';
        levels.push({ domain: at, hwirq: 0, set: false });
      }
    }
    if (!isStacked(domain.kind)) return 'ENOSYS';
    const code = this.driverAlloc(domain, virq, block.length, arg);
    if (code !== 'none') return code;
    for (const one of block) {
      const interrupt = this.interrupts.get(one)!;
      const cut = arg.shape === 'cut' && domain.kind !== 'root';
      if (interrupt.levels.some(({ domain: { kind }, set }) => !set && !(cut && kind === 'root'))) return 'EINVAL';
    }
    if (arg.shape === 'cut' && domain.kind !== 'root') {
      for (const one of block) {
        const { domain: root } = this.interrupts.get(one)!.levels.pop()!;
        this.log.push(`irq: IRQ${one}: trimming hierarchy from ${root.name}`);
      }
    }
    return 'none';
  }

  private level(virq: number, domain: DomainModel): Level | undefined { return this.interrupts.get(virq)?.levels.find((level) => level.domain === domain); }

  /** What the drivers of the bench do; the order, and who undoes what, is theirs. */
  private driverAlloc(domain: DomainModel, virq: number, count: number, arg: Arg): string {
    this.trail.push(`alloc ${domain.name} ${count}`);
    if (domain.kind === 'root') return this.claim(domain, virq, count, arg, 'root');
    if (domain.kind === 'middle') {
      const parent = arg.shape === 'cut' ? 'none' : this.driverAlloc(domain.parent!, virq, count, arg);
      if (parent !== 'none' || arg.shape === 'unset') return parent;
      const code = this.claim(domain, virq, count, arg, 'middle');
      if (code !== 'none') this.driverFree(domain.parent, virq, count);
      return code;
    }
    let code = this.claim(domain, virq, count, arg, 'device');
    if (code !== 'none') return code;
    code = this.driverAlloc(domain.parent!, virq, count, arg);
    if (code === 'none' && arg.fail?.step === 'after' && arg.fail.at < count) {
      code = 'ENOSPC';
      this.driverFree(domain.parent, virq, count);
    }
    if (code !== 'none') this.unclaim(domain, virq, count);
    return code;
  }

  /** Each hwirq of the block once; if one cannot be had, none is kept. */
  private claim(domain: DomainModel, virq: number, count: number, arg: Arg, step: 'root' | 'middle' | 'device'): string {
    for (let i = 0; i < count; i++) {
      const hwirq = step === 'root' ? hwirqAt.root(virq + i) : hwirqAt[step](arg, i);
      const code = arg.fail?.step === step && arg.fail.at === i ? 'ENOSPC' : domain.claimed.has(hwirq) || this.find(domain, hwirq) ? 'EBUSY' : 'none';
      if (code !== 'none') {
        this.unclaim(domain, virq, i);
        return code;
      }
      domain.claimed.add(hwirq);
      Object.assign(this.level(virq + i, domain)!, { hwirq, set: true });
    }
    return 'none';
  }

  private unclaim(domain: DomainModel, virq: number, count: number): void {
    for (let i = 0; i < count; i++) domain.claimed.delete(this.level(virq + i, domain)!.hwirq);
  }

  /** One by one, and only where there is a level of this domain. */
  private driverFree(domain: DomainModel | null, virq: number, count: number): void {
    for (let i = 0; domain && i < count; i++) {
      const level = this.level(virq + i, domain);
      if (!level) continue;
      this.trail.push(`free ${domain.name} ${virq + i}`);
      domain.claimed.delete(level.hwirq);
      level.hwirq = 0;
      this.driverFree(domain.parent, virq + i, 1);
    }
  }

  freeIrqs(virq: number, count: number): string {
    const domain = this.interrupts.get(virq)?.levels[0]?.domain;
    if (!domain || !isStacked(domain.kind)) {
      this.findings.push(/./);
      return 'none';
    }
    for (let i = 0; i < count; i++) for (const level of this.interrupts.get(virq + i)!.levels) this.leave(level);
    this.driverFree(domain, virq, count);
    for (let i = 0; i < count; i++) this.interrupts.delete(virq + i);
    return 'none';
  }

  // Activation

  activate(virq: number): string {
    const interrupt = this.interrupts.get(virq)!;
    if (interrupt.activated) return 'none';
    const inward = [...interrupt.levels];
    for (let at = inward.length - 1; at >= 0; at--) {
      const { domain, hwirq } = inward[at]!;
      this.trail.push(`activate ${domain.name} ${hwirq}`);
      if (domain.name !== this.activateFails) continue;
      for (const done of inward.slice(at + 1)) this.trail.push(`deactivate ${done.domain.name} ${done.hwirq}`);
      return 'EIO';
    }
    interrupt.activated = true;
    return 'none';
  }

  deactivate(virq: number): string {
    const interrupt = this.interrupts.get(virq)!;
    if (interrupt.activated) for (const { domain, hwirq } of interrupt.levels) this.trail.push(`deactivate ${domain.name} ${hwirq}`);
    interrupt.activated = false;
    return 'none';
  }
}
