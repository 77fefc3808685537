import { APLIC } from '../../src/registers.ts';
import type { AplicOptions } from './options.ts';

const bit = (source: number): number => 1 << (source & 31);

function put(words: Int32Array, source: number, value: boolean): void {
  if (value) words[source >>> 5]! |= bit(source);
  else words[source >>> 5]! &= ~bit(source);
}

const has = (words: Int32Array, source: number): boolean => (words[source >>> 5]! & bit(source)) !== 0;

/**
 * What a domain holds per source, one bit each, 32 to a word. The level of the wire, the latch that an edge sets and the bit
 * that software sets are three things; the pending bit that software sees is made of them (AIA 4.7).
 */
export class Sources {
  /** Sources 1 to this. */
  readonly count: number;
  readonly words: number;
  readonly config: Int32Array;
  readonly target: Int32Array;
  readonly enabled: Int32Array;
  /** DM: messages, not direct delivery. */
  msi: boolean;
  /** Sources that the domain has: not those that its parent kept. */
  private readonly present: Int32Array;
  private readonly active: Int32Array;
  private readonly level: Int32Array;
  private readonly inverted: Int32Array;
  /** Has a rectified input. */
  private readonly wired: Int32Array;
  private readonly input: Int32Array;
  private readonly latch: Int32Array;
  private readonly soft: Int32Array;
  private readonly options: AplicOptions;
  /** Pending of a level-sensitive source is a bit of its own also where it should copy the input. */
  private readonly stored: boolean;

  constructor(count: number, msi: boolean, options: AplicOptions) {
    this.count = count;
    this.msi = msi;
    this.options = options;
    this.stored = options.levelPendingLatches === true || options.modeChangeKeepsPending === true;
    this.words = (count >>> 5) + 1;
    const words = (): Int32Array => new Int32Array(this.words);
    [this.present, this.active, this.level, this.inverted, this.wired] = [words(), words(), words(), words(), words()];
    [this.input, this.latch, this.soft, this.enabled] = [words(), words(), words(), words()];
    this.config = new Int32Array(count + 1);
    this.target = new Int32Array(count + 1);
    this.target.fill(this.initialTarget());
    this.setPresent(true);
  }

  exists(source: number): boolean { return source >= 1 && source <= this.count; }
  isPresent(source: number): boolean { return has(this.present, source); }
  isActive(source: number): boolean { return has(this.active, source); }
  inputOf(source: number): boolean { return has(this.input, source); }

  setPresent(all: boolean): void {
    for (let source = 1; source <= this.count; source++) put(this.present, source, all);
  }

  /** The parent delegates the source to this domain, its wire being at `level`. */
  grant(source: number, level: boolean): void {
    put(this.present, source, true);
    put(this.input, source, level);
  }

  /** The parent takes the source back: the domain appears not to implement it (AIA 4.5.2). */
  withdraw(source: number): void {
    this.configure(source, 0);
    put(this.present, source, false);
  }

  /** AIA 4.5.2: what is pending stays so, unless the source becomes inactive or is level-sensitive with a low input. */
  configure(source: number, config: number): void {
    const before = this.isPending(source);
    const wasActive = this.isActive(source);
    const mode = (config & APLIC.SOURCECFG_D) !== 0 ? APLIC.SOURCECFG_SM_INACTIVE : config & APLIC.SOURCECFG_SM_MASK;
    const isActive = mode !== APLIC.SOURCECFG_SM_INACTIVE;
    this.config[source] = config;
    put(this.active, source, isActive);
    put(this.level, source, mode >= APLIC.SOURCECFG_SM_LEVEL_HIGH);
    put(this.inverted, source, mode === APLIC.SOURCECFG_SM_EDGE_FALL || mode === APLIC.SOURCECFG_SM_LEVEL_LOW);
    put(this.wired, source, mode >= APLIC.SOURCECFG_SM_EDGE_RISE || (isActive && this.options.detachedSeesWire === true));
    if (!isActive) this.clear(source);
    else this.carry(source, before);
    if (isActive && !wasActive && !this.options.targetsSurviveInactive && !this.options.targetsStickWhileInactive) this.target[source] = this.initialTarget();
  }

  /** The wire is driven. Returns whether anything that software sees changed. */
  drive(source: number, level: boolean): boolean {
    const { levelRepeats, levelPendingLatches } = this.options;
    const pending = this.isPending(source);
    const was = this.isHigh(source);
    put(this.input, source, level);
    const now = this.isHigh(source);
    const isLevel = has(this.level, source);
    if (now && (!was || (isLevel && levelRepeats === true)) && this.config[source]! >= APLIC.SOURCECFG_SM_EDGE_RISE) put(this.latch, source, true);
    else if (!now && isLevel && !levelPendingLatches) this.unpend(source);
    return this.isPending(source) !== pending;
  }

  /** Rectified inputs of 32 sources (AIA 4.5.2, 4.5.7). */
  rectifiedWord(k: number): number { return (this.input[k]! ^ this.inverted[k]!) & this.wired[k]!; }

  /** Pending bits of 32 sources (AIA 4.7). */
  pendingWord(k: number): number {
    const held = this.latch[k]! | this.soft[k]!;
    if (this.msi || this.stored) return held;
    return (this.level[k]! & this.rectifiedWord(k)) | (~this.level[k]! & held);
  }

  isPending(source: number): boolean { return (this.pendingWord(source >>> 5) & bit(source)) !== 0; }

  /** Software sets pending bits, where it can (AIA 4.7). */
  setWord(k: number, bits: number): void {
    const level = this.level[k]!;
    const settable = ~level | (this.msi ? (this.options.setipIgnoresInput ? level : level & this.rectifiedWord(k)) : 0);
    this.soft[k]! |= bits & this.active[k]! & settable;
  }

  /** Software clears pending bits, where it can: a level-sensitive source in direct mode follows its input (AIA 4.7). */
  clearWord(k: number, bits: number): void {
    const cleared = this.msi && !this.options.clripLeavesLevel ? bits : bits & ~this.level[k]!;
    this.latch[k]! &= ~cleared;
    this.soft[k]! &= ~cleared;
  }

  /** Enables sources; inactive ones stay disabled (AIA 4.5.9). */
  enableWord(k: number, bits: number): void { this.enabled[k]! |= bits & this.active[k]!; }
  disableWord(k: number, bits: number): void { this.enabled[k]! &= ~bits; }

  /** Direct mode: a claim clears pending "if possible" (AIA 4.8.1.5, 4.7). */
  claim(source: number): void {
    const stays = this.stored && has(this.level, source) && this.isHigh(source);
    this.unpend(source);
    if (stays) put(this.latch, source, true);
  }

  /** A message was sent (AIA 4.9). */
  sent(source: number): void { this.unpend(source); }

  /** `sourcecfg` as software reads it (AIA 4.5.2). */
  configOf(source: number): number { return this.exists(source) ? this.config[source]! : 0; }

  /** `target` as software reads it (AIA 4.5.16): 0 while the source is inactive. */
  targetOf(source: number): number {
    return this.exists(source) && (this.isActive(source) || this.options.targetsStickWhileInactive) ? this.target[source]! : 0;
  }

  /** AIA 4.5.1: pending bits go on under the rules of the new mode; targets become unspecified (AIA 4.5.16). */
  setMode(msi: boolean): void {
    if (msi === this.msi) return;
    const pending = Array.from({ length: this.words }, (_, k) => this.pendingWord(k));
    this.msi = msi;
    pending.forEach((word, k) => { this.latch[k] = word; });
    this.soft.fill(0);
    for (let source = 1; source <= this.count; source++) if (this.isActive(source)) this.target[source] = this.initialTarget();
  }

  /** A legal value for what is unspecified: hart index 0, lowest priority number or identity 0. */
  private initialTarget(): number { return this.msi ? 0 : APLIC.DEFAULT_PRIORITY; }

  private isHigh(source: number): boolean { return (this.rectifiedWord(source >>> 5) & bit(source)) !== 0; }

  private unpend(source: number): void {
    put(this.latch, source, false);
    put(this.soft, source, false);
  }

  private clear(source: number): void {
    this.unpend(source);
    put(this.enabled, source, false);
  }

  /** Pending, from one active mode to another. */
  private carry(source: number, before: boolean): void {
    const high = this.isHigh(source);
    if (has(this.level, source) && !high && !this.stored) this.unpend(source);
    else if (before || (high && this.options.sourcecfgSetsPending !== false)) put(this.latch, source, true);
  }
}
