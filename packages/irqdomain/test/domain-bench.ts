import { freeDesc, Genirq, handleFasteoiIrq, IRQ, IRQD, irqDomainActivateIrq, irqDomainDeactivateIrq, type IrqData } from '@irqchip/genirq-core';
import { type Errno, IrqError, Smp } from '@irqchip/smp';
import {
  irqCreateDirectMapping, irqCreateMapping, irqDisposeMapping, irqDomainAllocDescs, irqDomainAllocIrqsAt, irqDomainAllocIrqsParent, irqDomainAssociate, irqDomainAssociateMany, irqDomainCreateHierarchy,
  irqDomainCreateLegacy, irqDomainCreateLinear, irqDomainCreateNomap, irqDomainCreateSimple, irqDomainCreateTree, irqDomainDisassociate, irqDomainDisconnectHierarchy, irqDomainFreeIrqs, irqDomainFreeIrqsCommon,
  irqDomainFreeIrqsParent, irqDomainGetIrqData, irqDomainRemove, IrqDomains, irqDomainSetInfo, irqFindMapping, ofFwnode, type IrqDomain, type IrqDomainOps,
} from '../src/index.ts';
import { codeOf, spyChip } from './bench.ts';
import { hwirqAt, isStacked, SHAPES, WorldModel, type Arg, type DomainModel, type Fault, type Kind } from './domain-model.ts';

const NR_IRQS = 16;

/** As `toEqual`, but quick when they are. */
export function same(got: unknown, expected: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(expected)) expect(got).toEqual(expected);
}

/** A machine with domains and its model; every call goes to both, and then all maps are compared. */
export class Worlds {
  readonly smp = new Smp({ nrCpus: 1 });
  readonly genirq = new Genirq(this.smp, { nrIrqs: NR_IRQS });
  readonly domains = new IrqDomains(this.genirq);
  readonly model = new WorldModel(NR_IRQS);
  /** Also those that were removed: interrupts may still be in them. */
  private readonly known = new Map<DomainModel, IrqDomain>();
  private readonly claimed = new Map<string, Set<number>>();
  private readonly chip = spyChip();
  private trail: string[] = [];
  private serial = 0;

  /** What the coming operation has to suffer. */
  begin(fault: Fault | null, mapFails: Errno | null, activateFails: string | null): void { this.model.begin(fault, mapFails, activateFails); }

  create(kind: Kind): void {
    const name = `${kind}${this.serial++}`;
    let made: IrqDomain | null = null;
    this.both(() => this.model.create(kind, `:${name}`), () => { made = this.make(kind, name); }, () => {
      if (made) this.known.set(this.model.list[0]!, made);
    });
  }

  remove(domain: DomainModel): void { this.both(() => this.model.remove(domain), () => irqDomainRemove(this.real(domain))); }
  setDefault(domain: DomainModel | null): void {
    this.both(() => { this.model.default = domain; return 'none'; }, () => this.domains.setDefaultDomain(domain && this.real(domain)));
  }

  allocDescs(exact: number, count: number, hwirq: number): void {
    this.both(() => `${this.model.allocDescs(exact, count, hwirq)}`, () => irqDomainAllocDescs(this.domains, exact, count, hwirq, -1));
  }

  freeDesc(virq: number): void { this.both(() => this.model.freeDesc(virq), () => freeDesc(this.genirq, virq)); }

  map(domain: DomainModel | null, hwirq: number): void {
    this.both(() => this.model.createMapping(domain, hwirq), () => irqCreateMapping(domain ? this.real(domain) : this.domains, hwirq));
  }

  direct(domain: DomainModel): void { this.both(() => this.model.createDirect(domain), () => irqCreateDirectMapping(this.real(domain))); }
  associate(domain: DomainModel, virq: number, hwirq: number): void {
    this.both(() => this.model.associate(domain, virq, hwirq), () => irqDomainAssociate(this.real(domain), virq, hwirq));
  }

  associateMany(domain: DomainModel, virq: number, hwirq: number, count: number): void {
    this.both(() => this.model.associateMany(domain, virq, hwirq, count), () => irqDomainAssociateMany(this.real(domain), virq, hwirq, count));
  }

  dispose(virq: number): void { this.both(() => this.model.dispose(virq), () => irqDisposeMapping(this.domains, virq)); }

  disassociate(domain: DomainModel, virq: number): void {
    this.both(() => this.model.disassociate(domain, virq), () => irqDomainDisassociate(this.real(domain), virq));
  }

  alloc(domain: DomainModel | null, base: number, count: number, arg: Arg, realloc: boolean): void {
    this.both(() => this.model.alloc(domain, base, count, arg, realloc), () => irqDomainAllocIrqsAt(domain ? this.real(domain) : this.domains, base, count, -1, arg, realloc, null));
  }

  freeIrqs(virq: number, count: number): void { this.both(() => this.model.freeIrqs(virq, count), () => irqDomainFreeIrqs(this.domains, virq, count)); }
  activate(virq: number): void { this.both(() => this.model.activate(virq), () => irqDomainActivateIrq(this.genirq.irqToDesc(virq)!.irqData, false)); }
  deactivate(virq: number): void { this.both(() => this.model.deactivate(virq), () => irqDomainDeactivateIrq(this.genirq.irqToDesc(virq)!.irqData)); }

  // Drivers

  private make(kind: Kind, name: string): IrqDomain {
    const { domains } = this;
    const { size, max, first = 0, firstHwirq = 0 } = SHAPES[kind];
    const [node, ops] = [ofFwnode(`/${name}`), this.ops(kind, `:${name}`)];
    switch (kind) {
      case 'linear': return irqDomainCreateLinear(domains, node, size, ops, null);
      case 'tree': case 'root': return irqDomainCreateTree(domains, node, ops, null);
      case 'simple': return irqDomainCreateSimple(domains, node, size, first, ops, null);
      case 'legacy': return irqDomainCreateLegacy(domains, node, size - firstHwirq, first, firstHwirq, ops, null);
      case 'nomap': return irqDomainCreateNomap(domains, node, max, ops, null);
      case 'middle': return irqDomainCreateHierarchy(this.real(this.model.live('root')!), 0, size, node, ops, null);
      case 'device': return irqDomainCreateHierarchy(this.real(this.model.live('middle')!), 0, size, node, ops, null);
    }
  }

  private ops(kind: Kind, name: string): IrqDomainOps {
    const note = (what: string): void => void this.trail.push(what);
    const claimed = new Set<number>();
    this.claimed.set(name, claimed);
    return {
      map: (d, virq, hwirq) => {
        note(`map ${name} ${virq} ${hwirq}`);
        if (this.model.mapFails) throw new IrqError(this.model.mapFails, 'the driver does not like it');
        irqDomainSetInfo(d, virq, hwirq, this.chip, null, handleFasteoiIrq, null, null);
      },
      unmap: (_d, virq) => note(`unmap ${name} ${virq} ${this.genirq.irqToDesc(virq)!.irqData.hwirq}`),
      activate: (_d, { hwirq }) => {
        note(`activate ${name} ${hwirq}`);
        if (this.model.activateFails === name) throw new IrqError('EIO', 'will not start');
      },
      deactivate: (_d, { hwirq }) => note(`deactivate ${name} ${hwirq}`),
      ...(isStacked(kind) ? this.stacked(kind as 'root' | 'middle' | 'device', name, claimed, note) : {}),
    };
  }

  private stacked(kind: 'root' | 'middle' | 'device', name: string, claimed: Set<number>, note: (what: string) => void): IrqDomainOps {
    const release = (d: IrqDomain, virq: number, count: number): void => {
      for (let i = 0; i < count; i++) claimed.delete(irqDomainGetIrqData(d, virq + i)!.hwirq);
    };
    const claim = (d: IrqDomain, virq: number, count: number, arg: Arg): void => {
      for (let i = 0; i < count; i++) {
        const hwirq = kind === 'root' ? hwirqAt.root(virq + i) : hwirqAt[kind](arg, i);
        const refused = arg.fail?.step === kind && arg.fail.at === i ? 'ENOSPC' : claimed.has(hwirq) || irqFindMapping(d, hwirq) ? 'EBUSY' : null;
        if (refused) {
          release(d, virq, i);
          throw new IrqError(refused, `${name} refuses`);
        }
        claimed.add(hwirq);
        irqDomainSetInfo(d, virq + i, hwirq, this.chip, null, handleFasteoiIrq, null, null);
      }
    };
    const undoing = (undo: () => void, fn: () => void): void => {
      try {
        fn();
      } catch (error) {
        undo();
        throw error;
      }
    };
    const alloc = (d: IrqDomain, virq: number, count: number, arg: Arg): void => {
      note(`alloc ${name} ${count}`);
      if (kind === 'root') return claim(d, virq, count, arg);
      if (kind === 'middle') {
        if (arg.shape === 'cut') for (let i = 0; i < count; i++) irqDomainDisconnectHierarchy(d.parent!, virq + i);
        else irqDomainAllocIrqsParent(d, virq, count, arg);
        if (arg.shape !== 'unset') undoing(() => irqDomainFreeIrqsParent(d, virq, count), () => claim(d, virq, count, arg));
        return;
      }
      claim(d, virq, count, arg);
      undoing(() => release(d, virq, count), () => {
        irqDomainAllocIrqsParent(d, virq, count, arg);
        if (arg.fail?.step !== 'after' || arg.fail.at >= count) return;
        irqDomainFreeIrqsParent(d, virq, count);
        throw new IrqError('ENOSPC', `${name} changed its mind`);
      });
    };
    return {
      alloc: (d, virq, count, arg) => alloc(d, virq, count, arg as Arg),
      free: (d, virq, count) => {
        for (let i = 0; i < count; i++) note(`free ${name} ${virq + i}`);
        release(d, virq, count);
        irqDomainFreeIrqsCommon(d, virq, count);
      },
    };
  }

  // Comparing

  private real(domain: DomainModel): IrqDomain { return this.known.get(domain)!; }

  private both(predict: () => string, act: () => unknown, then: () => void = () => undefined): void {
    const { smp, model } = this;
    const printed = smp.log.records.length;
    const { fault } = model;
    const held = [...this.genirq.descs].map(({ irqData }) => irqData);
    if (fault) smp.faults.fail(fault.site, fault);
    this.trail = [];
    model.clear();
    let answer: unknown;
    const code = codeOf(() => { answer = act(); });
    smp.faults.clear();
    const expected = predict();
    then();
    const log = smp.log.records.slice(printed).filter(({ level, text }) => level !== 'debug' || text.includes('trimming')).map(({ text }) => text);
    same({ got: code ?? (typeof answer === 'number' ? `${answer}` : 'none'), trail: this.trail, log }, { got: expected, trail: model.trail, log: model.log });
    const findings = smp.diagnostics.take().map(({ message }) => message);
    const fits = (text: string | RegExp, i: number): boolean => (typeof text === 'string' ? findings[i] === text : text.test(findings[i] ?? ''));
    if (findings.length !== model.findings.length || !model.findings.every(fits)) expect(findings).toEqual(model.findings.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
    this.compare();
    // Whoever still holds a level of a freed interrupt sees no domain and no parent.
    for (const data of held) if (this.genirq.irqToDesc(data.irq)?.irqData !== data && (data.domain ?? data.parentData) !== null) expect(this.chain(data)).toEqual([]);
  }

  /** Quick while all is well; the words are made for what is not. */
  private compare(): void {
    const { genirq, domains, model } = this;
    const heads = domains.list.length === model.list.length && domains.list.every(({ name }, i) => name === model.list[i]!.name)
      && domains.defaultDomain?.name === model.default?.name && genirq.descs.nrIrqs === model.nrIrqs;
    if (!heads || !this.interruptsAgree()) this.compareInterrupts();
    for (const [domain, real] of this.known) if (!this.mapsAgree(domain, real)) this.compareMaps(domain, real);
  }

  private interruptsAgree(): boolean {
    const { interrupts } = this.model;
    let count = 0;
    for (const { irq, irqData } of this.genirq.descs) {
      const expected = interrupts.get(irq);
      if (!expected || expected.activated !== ((irqData.common.state & IRQD.ACTIVATED) !== 0)) return false;
      let level: IrqData | null = irqData;
      for (const { domain, hwirq } of expected.levels) {
        if (level?.domain !== this.known.get(domain) || level?.hwirq !== hwirq || level.chip !== this.chip) return false;
        level = level.parentData;
      }
      // Nothing more: no further level, and a descriptor without a domain is as it was born.
      if (expected.levels.length > 0 ? level !== null : irqData.domain !== null || irqData.parentData !== null || irqData.hwirq !== 0) return false;
      count++;
    }
    return count === interrupts.size;
  }

  private mapsAgree(domain: DomainModel, real: IrqDomain): boolean {
    const claimed = this.claimed.get(domain.name)!;
    if (real.mapcount !== domain.mapcount || claimed.size !== domain.claimed.size || real.revmap.length !== domain.revmapSize) return false;
    let inArray = 0;
    for (const [hwirq, virq] of domain.map) {
      if (hwirq < domain.revmapSize) inArray++;
      if ((hwirq < domain.revmapSize ? real.revmap[hwirq] : real.tree.get(hwirq))?.irq !== virq) return false;
    }
    for (const hwirq of domain.claimed) if (!claimed.has(hwirq)) return false;
    for (let hwirq = 0; hwirq < 12; hwirq++) if (irqFindMapping(real, hwirq) !== this.model.find(domain, hwirq)) return false;
    return real.tree.size === domain.map.size - inArray && real.revmap.filter((slot) => slot !== null).length === inArray;
  }

  private compareInterrupts(): void {
    const { genirq, domains, model } = this;
    expect({
      list: domains.list.map(({ name }) => name), standard: domains.defaultDomain?.name, nrIrqs: genirq.descs.nrIrqs,
      interrupts: [...genirq.descs].map(({ irq, irqData }) => [irq, this.chain(irqData), (irqData.common.state & IRQD.ACTIVATED) !== 0]),
    }).toEqual({
      list: model.list.map(({ name }) => name), standard: model.default?.name, nrIrqs: model.nrIrqs,
      interrupts: [...model.interrupts].sort(([a], [b]) => a - b).map(([virq, { levels, activated }]) => [virq, levels.map(({ domain: { name }, hwirq }) => [name, hwirq, 'spy']), activated]),
    });
    throw new Error('the interrupts differ in something that is not printed');
  }

  private compareMaps(domain: DomainModel, real: IrqDomain): void {
    const sorted = (entries: Iterable<readonly [number, unknown]>): (readonly [number, unknown])[] => [...entries].sort(([a], [b]) => a - b);
    const inArray = (yes: boolean): (readonly [number, number])[] => [...domain.map].filter(([hwirq]) => (hwirq < domain.revmapSize) === yes);
    const found = (find: (hwirq: number) => number): number[] => Array.from({ length: 12 }, (_, hwirq) => find(hwirq));
    expect({
      name: real.name, mapcount: real.mapcount, revmap: real.revmap.flatMap((desc, hwirq) => (desc ? [[hwirq, desc.irq]] : [])), size: real.revmap.length,
      tree: sorted([...real.tree].map(([hwirq, { irq }]) => [hwirq, irq])), claimed: sorted(this.claimed.get(domain.name)!.entries()), found: found((hwirq) => irqFindMapping(real, hwirq)),
    }).toEqual({
      name: domain.name, mapcount: domain.mapcount, revmap: sorted(inArray(true)), size: domain.revmapSize,
      tree: sorted(inArray(false)), claimed: sorted(domain.claimed.entries()), found: found((hwirq) => this.model.find(domain, hwirq)),
    });
    throw new Error('the maps differ in something that is not printed');
  }

  private chain(data: IrqData): [string, number, string][] {
    const levels: [string, number, string][] = [];
    for (let level: IrqData | null = data; level; level = level.parentData) levels.push([level.domain?.name ?? 'none', level.hwirq, level.chip.name]);
    // As a descriptor without a domain is born.
    return data.domain === null && data.parentData === null && data.hwirq === 0 ? [] : levels;
  }

  /** Whatever was done: everything can be given back, and then nothing is left anywhere. */
  end(): void {
    this.begin(null, null, null);
    for (const [virq, { levels }] of [...this.model.interrupts]) {
      // Nobody disposes of virq 0.
      if (virq === 0 && levels.length === 1) this.disassociate(levels[0]!.domain, virq);
      if (virq === 0 && levels.length > 1) this.freeIrqs(virq, 1);
      else if (levels.length === 0 || virq === 0) this.freeDesc(virq);
      else this.dispose(virq);
    }
    for (const domain of [...this.model.list]) this.remove(domain);
    const left = [...this.known.values()].map(({ mapcount, tree, revmap }) => mapcount + tree.size + revmap.filter((slot) => slot !== null).length);
    same([[...this.genirq.descs].length, this.domains.list.length, left.every((count) => count === 0), this.domains.liveFwnodes.size], [0, 0, true, 0]);
    for (const { settings } of this.genirq.descs) same(settings & IRQ.NOREQUEST, 0);
  }
}
