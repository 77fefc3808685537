import { ERRNO, type Errno } from '@irqchip/smp';
import { type Layout, LAYOUTS, ONLINE } from './state-machine-layout.ts';

/**
 * The hotplug state machine as a reader of Linux's rules would write it down: one straight loop a section, no shared walk,
 * no look ahead. It knows nothing of how the package does it.
 */
export type Way = 'startup' | 'teardown';

/** Who is registered in a state; `instances` (newest first) makes it a multi-instance state. */
export interface Registered { name: string; startup: boolean; teardown: boolean; instances: string[] | null }

/** What one operation is to do. */
export interface Outcome {
  calls: string[];
  code: string;
  /** Lines of the kernel log, `level text`. */
  log: string[];
  /** Findings: exact texts, or the pattern of one that is reported once a machine. */
  findings: (string | RegExp)[];
  /** A callback failed that must not: what happens from here on no rule says, but that it is reported. */
  lost: boolean;
}

class Lost extends Error {}

export class HotplugModel {
  readonly layout: Layout;
  readonly state: number[];
  readonly target: number[];
  readonly fail: number[];
  readonly online: Set<number> = new Set([0]);
  readonly slots: Map<number, Registered> = new Map();
  disabled = 0;
  /** The machine refuses to let a CPU go. */
  refuse: Errno | null = null;
  /** `who/way/cpu` of callbacks that fail, and how. */
  plan: ReadonlyMap<string, Errno> = new Map();
  private out: Outcome = fresh();

  constructor(linux: keyof typeof LAYOUTS, readonly nrCpus: number, readonly possible: ReadonlySet<number>, readonly present: ReadonlySet<number>) {
    this.layout = LAYOUTS[linux];
    this.state = Array.from({ length: nrCpus }, (_, cpu) => (cpu === 0 ? ONLINE : 0));
    this.target = [...this.state];
    this.fail = this.state.map(() => -1);
    for (const [slot, [name, startup, teardown]] of this.layout.core) this.slots.set(slot, { name, startup, teardown, instances: null });
  }

  statesText(): string {
    const rows = [...this.slots].sort(([a], [b]) => a - b);
    return rows.map(([slot, { name }]) => `${String(slot).padStart(3)}: ${name}\n`).join('');
  }

  /** Runs one operation; `act` answers 'none' or the code. */
  predict(act: () => string): Outcome {
    const out = this.out = fresh();
    try {
      out.code = act();
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      out.lost = true;
    }
    return out;
  }

  // Registering

  /** Answers the code, or the number of a dynamic slot. */
  setup(asked: number, who: Registered, invoke: boolean, caller: number): string {
    if (who.name === '' || asked <= 0 || asked >= ONLINE) return 'EINVAL';
    const slot = this.freeSlot(asked);
    if (slot === null) {
      if (asked !== this.layout.prepareDyn[0] && asked !== this.layout.onlineDyn[0]) return 'EBUSY';
      this.out.findings.push('No more dynamic states available for CPU hotplug');
      return 'ENOSPC';
    }
    this.slots.set(slot, who);
    if (!invoke || !who.startup || who.instances) return `${slot}`;
    const code = this.startAll(slot, undefined, caller);
    if (code === 'none') return `${slot}`;
    this.slots.delete(slot);
    return code;
  }

  private freeSlot(asked: number): number | null {
    const range = [this.layout.prepareDyn, this.layout.onlineDyn].find(([first]) => first === asked) ?? [asked, asked];
    for (let slot = range[0]; slot <= range[1]; slot++) if (!this.slots.has(slot)) return slot;
    return null;
  }

  remove(slot: number, invoke: boolean, caller: number): string {
    if (slot <= 0 || slot >= ONLINE) return 'EINVAL';
    const who = this.slots.get(slot);
    if (!who) return 'none';
    if (who.instances?.length) this.out.findings.push(`Error: Removing state ${slot} which has instances left.`);
    if (invoke && !who.instances && who.teardown) this.stopAll(slot, undefined, this.nrCpus, caller);
    this.slots.delete(slot);
    return 'none';
  }

  addInstance(slot: number, node: string, invoke: boolean, caller: number): string {
    const who = this.slots.get(slot);
    if (!who?.instances) return 'EINVAL';
    if (invoke && who.startup) {
      const code = this.startAll(slot, node, caller);
      if (code !== 'none') return code;
    }
    who.instances.unshift(node);
    return 'none';
  }

  removeInstance(slot: number, node: string, invoke: boolean, caller: number): string {
    const who = this.slots.get(slot);
    if (!who?.instances?.includes(node)) return 'EINVAL';
    if (invoke && who.teardown) this.stopAll(slot, node, this.nrCpus, caller);
    who.instances.splice(who.instances.indexOf(node), 1);
    return 'none';
  }

  private startAll(slot: number, node: string | undefined, caller: number): string {
    for (const cpu of this.pastIt(slot, this.nrCpus)) {
      const code = this.one(slot, cpu, 'startup', caller, node);
      if (code === 'none') continue;
      if (this.isAtomic(slot)) this.out.findings.push(/^STARTING and DYING callbacks must not fail/);
      if (this.slots.get(slot)!.teardown) this.stopAll(slot, node, cpu, caller);
      return code;
    }
    return 'none';
  }

  private stopAll(slot: number, node: string | undefined, before: number, caller: number): void {
    for (const cpu of this.pastIt(slot, before)) this.mustNotFail(this.one(slot, cpu, 'teardown', caller, node));
  }

  /** Present CPUs at or past the state; those of its own only while they are online. */
  private pastIt(slot: number, before: number): number[] {
    const cpus = [...this.present].sort((a, b) => a - b).filter((cpu) => cpu < before && this.state[cpu]! >= slot);
    return slot > this.layout.bringup ? cpus.filter((cpu) => this.online.has(cpu)) : cpus;
  }

  // Bringing up

  up(cpu: number, target: number, caller: number): string {
    if (!this.canRest(target)) return 'EINVAL';
    if (!this.possible.has(cpu)) {
      this.out.log.push(`err can't online cpu ${cpu} because it is not configured as may-hotadd at boot time`);
      return 'EINVAL';
    }
    if (this.disabled > 0) return 'EBUSY';
    if (!this.present.has(cpu)) return 'EINVAL';
    const from = this.state[cpu]!;
    if (from >= target) return 'none';
    this.target[cpu] = target;
    const code = from < this.layout.bringup ? this.fromPrepare(cpu, from, target, caller) : this.onlineUp(cpu, from, target, caller);
    if (code !== 'none') {
      this.state[cpu] = from;
      this.target[cpu] = from;
    } else if (target < this.layout.bringup || target > this.layout.onlineIdle) this.state[cpu] = target;
    return code;
  }

  private fromPrepare(cpu: number, from: number, target: number, caller: number): string {
    const { bringup, onlineIdle } = this.layout;
    for (let slot = from + 1; slot <= Math.min(target, bringup); slot++) {
      const code = this.whole(slot, cpu, 'startup', caller);
      if (code === 'none') continue;
      this.upFailed(code, cpu, slot);
      this.dead(cpu, slot - 1, from, caller);
      return code;
    }
    if (target < bringup) return 'none';
    this.starting(cpu, target);
    this.online.add(cpu);
    const code = this.onlineUp(cpu, onlineIdle, target, caller);
    if (code !== 'none') {
      this.upFailed(code, cpu, onlineIdle);
      this.mustNotFail(this.die(cpu, from, caller));
      this.dead(cpu, bringup, from, caller);
    }
    this.state[cpu] = onlineIdle;
    return code;
  }

  private starting(cpu: number, target: number): void {
    const { bringup, apOnline } = this.layout;
    for (let slot = bringup + 1; slot <= Math.min(target, apOnline); slot++) {
      const code = this.whole(slot, cpu, 'startup', cpu);
      if (code !== 'none') this.out.log.push(`warn CPU ${cpu} UP state ${this.nameOf(slot)} (${slot}) failed (${errno(code)})`);
    }
  }

  private onlineUp(cpu: number, from: number, target: number, caller: number): string {
    for (let slot = from + 1; slot <= target; slot++) {
      const code = this.whole(slot, cpu, 'startup', caller);
      if (code === 'none') continue;
      for (let undo = slot - 1; undo > from; undo--) this.mustNotFail(this.whole(undo, cpu, 'teardown', caller));
      return code;
    }
    return 'none';
  }

  private upFailed(code: string, cpu: number, slot: number): void {
    this.out.log.push(`debug CPU UP failed (${errno(code)}) CPU ${cpu} state ${this.nameOf(slot)} (${slot})`);
  }

  // Taking down

  down(cpu: number, target: number): string {
    if (!this.canRest(target)) return 'EINVAL';
    if (!this.possible.has(cpu)) return 'EINVAL';
    if (this.disabled > 0) return 'EBUSY';
    if (this.online.size === 1) return 'EBUSY';
    if (!this.present.has(cpu)) return 'EINVAL';
    const from = this.state[cpu]!;
    if (from < target) return 'EINVAL';
    const control = Math.min(...[...this.online].filter((other) => other !== cpu));
    this.target[cpu] = target;
    const code = this.walkDown(cpu, from, target, control);
    this.state[cpu] = code === 'none' ? target : from;
    this.target[cpu] = this.state[cpu];
    return code;
  }

  private walkDown(cpu: number, from: number, target: number, control: number): string {
    const { bringup, teardown } = this.layout;
    if (from > bringup) {
      for (let slot = from; slot > Math.max(target, teardown); slot--) {
        const code = this.whole(slot, cpu, 'teardown', control);
        if (code !== 'none') return this.backOnline(cpu, slot, from, control, code);
      }
      if (target > teardown) return 'none';
      const code = this.die(cpu, target, control);
      if (code !== 'none') {
        this.out.log.push(`debug CPU DOWN failed (${errno(code)}) CPU ${cpu} state ${this.nameOf(teardown - 1)} (${teardown - 1})`);
        return this.backOnline(cpu, teardown, from, control, code);
      }
    } else return this.stillInPrepare(cpu, from, target, control);
    this.dead(cpu, bringup, target, control);
    return 'none';
  }

  /** A CPU that never came alive can still turn round: its DEAD callbacks may fail like others (cpuhp_down_callbacks). */
  private stillInPrepare(cpu: number, from: number, target: number, control: number): string {
    for (let slot = from; slot > target; slot--) {
      const code = this.whole(slot, cpu, 'teardown', control);
      if (code === 'none') continue;
      this.out.log.push(`debug CPU DOWN failed (${errno(code)}) CPU ${cpu} state ${this.nameOf(slot - 1)} (${slot - 1})`);
      return this.backOnline(cpu, slot, from, control, code);
    }
    return 'none';
  }

  /** The states above the one that failed start again. */
  private backOnline(cpu: number, failed: number, from: number, control: number, code: string): string {
    for (let slot = failed + 1; slot <= from; slot++) this.mustNotFail(this.whole(slot, cpu, 'startup', control));
    return code;
  }

  private die(cpu: number, target: number, control: number): string {
    const { teardown, apOnline, apOffline } = this.layout;
    const code = this.whole(teardown, cpu, 'teardown', control);
    if (code !== 'none') return code;
    if (this.refuse) return this.refuse;
    this.online.delete(cpu);
    for (let slot = apOnline; slot > Math.max(target, apOffline); slot--) {
      const failed = this.whole(slot, cpu, 'teardown', cpu);
      // The line names where the CPU stands, already one below.
      if (failed !== 'none') this.out.log.push(`warn CPU ${cpu} DOWN state ${this.nameOf(slot - 1)} (${slot - 1}) failed (${errno(failed)})`);
    }
    return 'none';
  }

  private dead(cpu: number, first: number, target: number, control: number): void {
    for (let slot = first; slot > target; slot--) this.mustNotFail(this.whole(slot, cpu, 'teardown', control));
  }

  // The files of 18.5

  setTarget(cpu: number, target: number, caller: number): string {
    if (!this.canRest(target)) return 'EINVAL';
    // No directory, no file.
    if (!this.possible.has(cpu)) return 'EINVAL';
    if (this.state[cpu] === target) return 'none';
    return this.state[cpu]! < target ? this.up(cpu, target, caller) : this.down(cpu, target);
  }

  setFail(cpu: number, slot: number): string {
    const { bringup } = this.layout;
    const who = this.slots.get(slot);
    const none = slot !== -1 && !(who?.startup || who?.teardown);
    if (!this.possible.has(cpu) || none || this.isAtomic(slot) || (slot >= 0 && slot <= bringup && this.state[cpu]! > bringup)) return 'EINVAL';
    this.fail[cpu] = slot;
    return 'none';
  }

  // Calling

  /** All instances of a state; if one fails, those before it are undone. */
  private whole(slot: number, cpu: number, way: Way, control: number): string {
    const who = this.slots.get(slot);
    if (!who?.[way]) return 'none';
    if (!who.instances) return this.one(slot, cpu, way, control);
    if (this.hooked(slot, cpu)) return 'EAGAIN';
    const back: Way = way === 'startup' ? 'teardown' : 'startup';
    for (const [done, node] of who.instances.entries()) {
      const code = this.call(slot, cpu, way, control, node);
      if (code === 'none') continue;
      if (who[back]) for (const other of who.instances.slice(0, done)) this.mustNotFail(this.call(slot, cpu, back, control, other));
      return code;
    }
    return 'none';
  }

  private one(slot: number, cpu: number, way: Way, control: number, node?: string): string {
    return this.hooked(slot, cpu) ? 'EAGAIN' : this.call(slot, cpu, way, control, node);
  }

  private hooked(slot: number, cpu: number): boolean {
    const hit = this.fail[cpu] === slot;
    if (hit) this.fail[cpu] = -1;
    return hit;
  }

  private call(slot: number, cpu: number, way: Way, control: number, node?: string): string {
    if (this.layout.core.has(slot)) return 'none';
    const { name } = this.slots.get(slot)!;
    const who = node === undefined ? name : `${name}.${node}`;
    const where = slot <= this.layout.bringup ? `${control}` : `${cpu}${this.isAtomic(slot) ? ' irqs off' : ''}`;
    this.out.calls.push(`${who} ${way} ${cpu} on ${where}`);
    return this.plan.get(`${who}/${way}/${cpu}`) ?? 'none';
  }

  private mustNotFail(code: string): void {
    if (code !== 'none') throw new Lost();
  }

  private canRest(target: number): boolean { return this.slots.has(target) && !this.layout.cantStop.includes(target); }
  private isAtomic(slot: number): boolean { return slot >= this.layout.idleDead && slot < this.layout.apOnline; }
  private nameOf(slot: number): string { return this.slots.get(slot)?.name ?? '(null)'; }
}

function fresh(): Outcome { return { calls: [], code: 'none', log: [], findings: [], lost: false }; }

/** As the log prints it. */
export function errno(code: string): number { return -ERRNO[code as Errno]; }
