import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { APLIC, APLIC_COMPATIBLE } from '../../src/registers.ts';
import { ImsicHardware } from '../imsic/imsic.ts';
import { nodeByPhandle, nodeThatLists } from '../tree.ts';
import { MsiAddresses } from './addresses.ts';
import { readBinding, type AplicBinding } from './binding.ts';
import { Delivery } from './delivery.ts';
import { Messages } from './messages.ts';
import { aplicSwitches, type AplicOptions } from './options.ts';
import { PostedWrites } from './posted.ts';
import { Sources } from './sources.ts';

const M_EXT = 11;
const S_EXT = 9;
const GENMSI_FIELDS = (APLIC.TARGET_HART_IDX_MASK << APLIC.TARGET_HART_IDX_SHIFT) | APLIC.TARGET_EIID_MASK;
const GUEST_FIELD = APLIC.TARGET_GUEST_IDX_MASK << APLIC.TARGET_GUEST_IDX_SHIFT;

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/**
 * One interrupt domain of an APLIC: a control region, its sources, and how it delivers. Domains find each other through the
 * device tree when first used. Wires enter at the root; a domain whose parent has no model takes them itself.
 */
export class AplicHardware implements MmioDevice, HardwareInstance {
  readonly devices: readonly MmioDevice[] = [this];
  private readonly ctx: HardwareContext;
  private readonly options: AplicOptions;
  private readonly binding: AplicBinding;
  private readonly sources: Sources;
  private readonly delivery: Delivery;
  private readonly messages: Messages;
  private readonly addresses: MsiAddresses;
  private readonly posted: PostedWrites | null;
  private enable = false;
  private bigEndian = false;
  private linked = false;
  /** At supervisor level: what the domain signals to, or the kind of its interrupt files, says so. */
  private supervisor = false;
  private parent: AplicHardware | null = null;
  private children: readonly (AplicHardware | null)[] = [];
  private imsic: ImsicHardware | null = null;

  /** @throws IrqError `EINVAL` when the node does not describe an APLIC. */
  constructor(ctx: HardwareContext, options: AplicOptions = ctx.options) {
    this.ctx = ctx;
    this.options = aplicSwitches(options);
    this.binding = readBinding(ctx, this.options);
    const { msiDelayNs = 0, clearDelayNs = 0 } = this.options;
    this.sources = new Sources(this.binding.sources, !this.binding.direct, this.options);
    this.delivery = new Delivery(this.sources, 2 ** this.binding.iprioBits - 1, this.options);
    this.addresses = new MsiAddresses(this.options);
    this.messages = new Messages(ctx.dma, ctx.clock, msiDelayNs, (hart, guest) => this.root().addresses.address(this.supervisor, hart, guest));
    this.posted = clearDelayNs > 0 ? new PostedWrites(ctx.clock, clearDelayNs, (offset, value) => this.store(offset, value)) : null;
    ctx.targets.forEach(({ hartid, irq }, k) => {
      if (hartid !== null && (irq === M_EXT || irq === S_EXT)) this.delivery.add(this.binding.hartIndexes[k]!, (level) => this.signal(hartid, irq, level));
    });
  }

  /** Lets posted clears arrive. */
  flush(): void { this.posted?.flush(); }

  setInput(source: number, level: boolean): void {
    this.link();
    if (this.parent !== null) this.parent.setInput(source, level);
    else if (this.sources.exists(source)) this.wire(source, level);
  }

  /** Only 4-byte accesses count (AIA 4.5). */
  read(offset: number, width: number): number {
    if (width !== 4 && !(width === 8 && this.options.splitWide)) return 0;
    this.link();
    this.flush();
    const value = this.load(offset);
    return this.bigEndian ? swapBytes(value) : value;
  }

  write(offset: number, width: number, value: number): void {
    if (width !== 4 && !(width === 8 && this.options.splitWide)) return;
    this.link();
    const fixed = offset === APLIC.SETIPNUM_LE || offset === APLIC.SETIPNUM_BE;
    const word = this.bigEndian && !fixed ? swapBytes(value) : value | 0;
    if (this.posted !== null && isClear(offset)) this.posted.post(offset, word);
    else this.store(offset, word);
  }

  private load(offset: number): number {
    const { sources } = this;
    if (offset === APLIC.DOMAINCFG) return this.domaincfg();
    if (offset < APLIC.MMSICFGADDR) return sources.configOf((offset - APLIC.SOURCECFG_BASE) / 4 + 1);
    if (offset <= APLIC.SMSICFGADDRH) return this.hasAddressRegister(offset) ? this.addresses.read(offset) : 0;
    if (offset < APLIC.SETIPNUM_LE) return this.loadWord(offset & ~0xff, (offset & 0xff) >>> 2);
    if (offset === APLIC.GENMSI) return sources.msi ? this.messages.read() : 0;
    if (offset >= APLIC.IDC_BASE) return this.delivery.read((offset - APLIC.IDC_BASE) >>> 5, offset & (APLIC.IDC_SIZE - 1));
    return offset >= APLIC.TARGET_BASE ? sources.targetOf((offset - APLIC.TARGET_BASE) / 4 + 1) : 0;
  }

  /** AIA 4.5.5, 4.5.7, 4.5.9; `clrie` and the by-number registers read 0. */
  private loadWord(array: number, k: number): number {
    if (k >= this.sources.words) return 0;
    if (array === APLIC.SETIP_BASE) return this.sources.pendingWord(k);
    if (array === APLIC.CLRIP_BASE) return this.sources.rectifiedWord(k);
    return array === APLIC.SETIE_BASE ? this.sources.enabled[k]! : 0;
  }

  private store(offset: number, value: number): void {
    if (offset >= APLIC.IDC_BASE) return this.delivery.write((offset - APLIC.IDC_BASE) >>> 5, offset & (APLIC.IDC_SIZE - 1), value);
    if (offset === APLIC.DOMAINCFG) this.setDomaincfg(value);
    else if (offset < APLIC.MMSICFGADDR) this.setSourcecfg((offset - APLIC.SOURCECFG_BASE) / 4 + 1, value);
    else if (offset <= APLIC.SMSICFGADDRH) { if (this.hasAddressRegister(offset)) this.addresses.write(offset, value); }
    else if (offset < APLIC.SETIPNUM_LE) this.storeBits(offset, value);
    else if (offset === APLIC.SETIPNUM_LE) this.byNumber(APLIC.SETIP_BASE, value);
    else if (offset === APLIC.SETIPNUM_BE) this.byNumber(APLIC.SETIP_BASE, swapBytes(value));
    else if (offset === APLIC.GENMSI) this.generate(value);
    else if (offset >= APLIC.TARGET_BASE) this.setTarget((offset - APLIC.TARGET_BASE) / 4 + 1, value);
    this.update();
  }

  /** AIA 4.5.1. */
  private domaincfg(): number {
    return APLIC.DOMAINCFG_RDONLY | (this.enable ? APLIC.DOMAINCFG_IE : 0) | (this.sources.msi ? APLIC.DOMAINCFG_DM : 0) | (this.bigEndian ? APLIC.DOMAINCFG_BE : 0);
  }

  private setDomaincfg(value: number): void {
    this.enable = (value & APLIC.DOMAINCFG_IE) !== 0;
    if (this.binding.direct && this.binding.msi) this.sources.setMode((value & APLIC.DOMAINCFG_DM) !== 0);
    if (this.options.bigEndian) this.bigEndian = (value & APLIC.DOMAINCFG_BE) !== 0;
  }

  /** AIA 4.5.2. */
  private setSourcecfg(source: number, value: number): void {
    const { sources } = this;
    if (!sources.exists(source) || !sources.isPresent(source)) return;
    let config = value & ((value & APLIC.SOURCECFG_D) !== 0 ? APLIC.SOURCECFG_D | APLIC.SOURCECFG_CHILDIDX_MASK : APLIC.SOURCECFG_SM_MASK);
    const isReserved = config === 2 || config === 3;
    if ((isReserved && !this.options.reservedModesStick) || ((config & APLIC.SOURCECFG_D) !== 0 && this.binding.children.length === 0)) config = 0;
    const before = this.childOf(source);
    sources.configure(source, config);
    const after = this.childOf(source);
    if (before === after || this.options.undelegatedVisible) return;
    before?.withdraw(source);
    after?.grant(source, sources.inputOf(source));
  }

  /** AIA 4.5.16. */
  private setTarget(source: number, value: number): void {
    const { sources } = this;
    if (!sources.exists(source) || !(sources.isActive(source) || this.options.targetsStickWhileInactive)) return;
    const hart = APLIC.TARGET_HART_IDX_MASK << APLIC.TARGET_HART_IDX_SHIFT;
    const sticky = this.options.reservedBitsStick;
    if (sources.msi) {
      const guest = this.supervisor ? GUEST_FIELD : 0;
      sources.target[source] = sticky ? value : value & (hart | guest | APLIC.TARGET_EIID_MASK);
      return;
    }
    const priority = value & (2 ** this.binding.iprioBits - 1);
    sources.target[source] = (value & (sticky ? ~APLIC.TARGET_IPRIO_MASK : hart)) | (priority === 0 ? APLIC.DEFAULT_PRIORITY : priority);
  }

  /** `setip` to `clrienum`. */
  private storeBits(offset: number, value: number): void {
    const array = offset & ~0xff;
    const k = (offset & 0xff) >>> 2;
    if ((offset & 0xff) === (APLIC.SETIPNUM & 0xff)) this.byNumber(array, value);
    else if (k < this.sources.words) this.applyBits(array, k, k === 0 ? value & ~1 : value);
  }

  /** AIA 4.5.6, 4.5.8, 4.5.10, 4.5.12: numbers without an active source are ignored. */
  private byNumber(array: number, source: number): void {
    if (this.sources.exists(source)) this.applyBits(array, source >>> 5, 1 << (source & 31));
  }

  private applyBits(array: number, k: number, bits: number): void {
    const { sources } = this;
    if (array === APLIC.SETIP_BASE) sources.setWord(k, bits);
    else if (array === APLIC.CLRIP_BASE) sources.clearWord(k, bits);
    else if (array === APLIC.SETIE_BASE) sources.enableWord(k, bits);
    else if (array === APLIC.CLRIE_BASE) sources.disableWord(k, bits);
  }

  /** AIA 4.5.15; not affected by IE. */
  private generate(value: number): void {
    if (this.sources.msi) this.messages.generate(value, this.options.reservedBitsStick ? ~GUEST_FIELD : GENMSI_FIELDS);
  }

  /** Delivers what is deliverable now. */
  private update(): void {
    this.delivery.on = this.enable && !this.sources.msi;
    this.delivery.updateAll();
    if (this.enable && this.sources.msi) this.messages.forward(this.sources);
  }

  private wire(source: number, level: boolean): void {
    const { sources } = this;
    const delegated = (sources.config[source]! & APLIC.SOURCECFG_D) !== 0;
    if (delegated) {
      if (!this.options.inputPerDomain) sources.drive(source, level);
      this.childOf(source)?.wire(source, level);
    } else if (sources.drive(source, level)) {
      if (sources.msi) this.update();
      else this.delivery.update(sources.target[source]! >>> APLIC.TARGET_HART_IDX_SHIFT);
    }
  }

  private childOf(source: number): AplicHardware | null {
    const config = this.sources.config[source]!;
    return (config & APLIC.SOURCECFG_D) === 0 ? null : this.children[config & APLIC.SOURCECFG_CHILDIDX_MASK] ?? null;
  }

  private grant(source: number, level: boolean): void {
    this.link();
    if (!this.sources.exists(source)) return;
    this.sources.grant(source, level);
  }

  private withdraw(source: number): void {
    if (!this.sources.exists(source)) return;
    this.childOf(source)?.withdraw(source);
    this.sources.withdraw(source);
    this.update();
  }

  /** The external interrupt of a hart: through its interrupt file where it has one (AIA 4.8.2). */
  private signal(hartid: number, irq: number, level: boolean): void {
    if (this.imsic?.serves(hartid, irq)) this.imsic.alternate(hartid, level);
    else this.ctx.lines.setLine(hartid, irq, level);
  }

  private root(): AplicHardware { return this.parent === null ? this : this.parent.root(); }

  /** AIA 4.5.3, 4.5.4: in a machine-level root, if there is a domain that sends messages. */
  private hasAddressRegister(offset: number): boolean {
    if (this.parent !== null || this.supervisor || !this.sendsMessages()) return false;
    return offset <= APLIC.MMSICFGADDRH || this.hasSupervisorChild();
  }

  private sendsMessages(): boolean { return this.binding.msi || this.children.some((child) => child?.sendsMessages()); }
  private hasSupervisorChild(): boolean {
    return this.children.some((child) => {
      child?.link();
      return child !== null && (child.supervisor || child.hasSupervisorChild());
    });
  }

  /** Finds the other models, once all are built. */
  private link(): void {
    if (this.linked) return;
    this.linked = true;
    const { ctx, binding, options } = this;
    const model = (phandle: number): HardwareInstance | null => {
      const node = nodeByPhandle(ctx.node, phandle);
      return node === null ? null : ctx.peer(node.path);
    };
    const above = nodeThatLists(ctx.node, APLIC_COMPATIBLE, 'riscv,children');
    const parent = above === null ? null : ctx.peer(above.path);
    this.parent = parent instanceof AplicHardware ? parent : null;
    this.children = binding.children.map((phandle) => {
      const child = model(phandle);
      return child instanceof AplicHardware ? child : null;
    });
    const imsic = binding.msiParent === undefined ? null : model(binding.msiParent);
    this.imsic = imsic instanceof ImsicHardware ? imsic : null;
    const irq = ctx.targets.find((target) => target.irq === M_EXT || target.irq === S_EXT)?.irq ?? this.imsic?.irq;
    this.supervisor = irq === undefined ? this.parent !== null || options.msiLayout !== undefined : irq === S_EXT;
    if (this.parent !== null) {
      if (!options.undelegatedVisible) this.sources.setPresent(false);
      this.parent.link();
    } else if (this.supervisor) {
      const layout = options.msiLayout ?? this.imsic?.layout;
      if (layout) this.addresses.preset(layout);
    }
    if (options.delegateAtReset) for (const { child, first, last } of binding.delegations) for (let i = first; i <= last; i++) this.setSourcecfg(i, APLIC.SOURCECFG_D | child);
  }
}

function isClear(offset: number): boolean {
  const array = offset & ~0xff;
  return array === APLIC.CLRIP_BASE || array === APLIC.CLRIE_BASE;
}

/** The model of `riscv,aplic`, one instance a domain; options: {@link AplicOptions}. */
export const aplicHardware: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): AplicHardware } = {
  compatible: [APLIC_COMPATIBLE],
  create: (ctx) => new AplicHardware(ctx),
};
