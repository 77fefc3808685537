import { IMPOSSIBLE, Refused, type Recorder } from '../program/recorder.ts';
import type { FenceKind, Order } from '../program/trace.ts';
import type { Op, Place } from './test-file.ts';
import { evaluate, type Locations, type Tainted } from './values.ts';

const FENCES: ReadonlySet<string> = new Set<FenceKind>([
  'mb', 'rmb', 'wmb', 'io_mb', 'io_rmb', 'io_wmb', 'before_atomic', 'after_atomic', 'after_spinlock', 'after_unlock_lock', 'barrier', 'trap',
]);

/** What an RMW makes of the old value and its argument; undefined: nothing is written. */
const FUNCTIONS: Readonly<Record<string, (old: number, arg: number, expected: number) => number | undefined>> = {
  xchg: (_, arg) => arg,
  add: (old, arg) => old + arg,
  sub: (old, arg) => old - arg,
  or: (old, arg) => old | arg,
  and: (old, arg) => old & arg,
  xor: (old, arg) => old ^ arg,
  andnot: (old, arg) => old & ~arg,
  cmpxchg: (old, arg, expected) => (old === expected ? arg : undefined),
};

/** One run of one thread of a litmus test. */
export class Interpreter {
  private readonly registers = new Map<string, Tainted>();

  constructor(private readonly memory: Recorder, private readonly locations: Locations) {}

  /** @returns the registers at the end, or {@link IMPOSSIBLE}. @throws Refused */
  run(ops: readonly Op[]): ReadonlyMap<string, Tainted> | typeof IMPOSSIBLE {
    return this.block(ops, 0) === null ? IMPOSSIBLE : this.registers;
  }

  /** Returns the reads that branches so far depended on, null for a run that cannot be. */
  private block(ops: readonly Op[], ctrl: number, past: number = ctrl): number | null {
    let reached = past;
    for (const op of ops) {
      if (op.op === 'if') {
        const { value, from } = this.evaluate(op.cond!);
        const inside = this.block((value !== 0 ? op.then : op.else) ?? [], ctrl | from, reached | from);
        if (inside === null) return null;
        reached = inside;
      } else if (!this.step(op, ctrl, reached)) {
        return null;
      }
    }
    return reached;
  }

  private step(op: Op, ctrl: number, ctrlPast: number): boolean {
    const { memory } = this;
    if (op.op === 'let') {
      this.registers.set(op.reg!, this.evaluate(op.val!));
      return true;
    }
    if (op.op === 'fence') {
      if (!FENCES.has(op.kind!)) throw new Refused(`barrier ${op.kind} is not modelled`);
      memory.fence(op.kind as FenceKind);
      return true;
    }
    if (op.loc === undefined) throw new Refused(`operation ${op.op} is not modelled`);
    const { loc, addr } = this.place(op.loc);
    if (loc < 0) return false;
    this.access(op, loc, { addr, ctrl, ctrlPast });
    return true;
  }

  private access(op: Op, loc: number, tags: { addr: number; ctrl: number; ctrlPast: number }): void {
    const { memory } = this;
    if (op.order === 'plain') throw new Refused(`unmarked access to ${this.locations.names[loc]}`);
    const bit = 1 << memory.nextIndex;
    const keep = (value: number): void => { if (op.reg) this.registers.set(op.reg, { value, from: bit }); };
    switch (op.op) {
      case 'read': return keep(memory.read(loc, op.order as Order, tags));
      case 'io_read': return keep(memory.ioRead(loc, tags));
      case 'is_locked': return keep(memory.isLocked(loc, tags));
      case 'lock': return memory.lock(loc, tags);
      case 'unlock': return memory.unlock(loc, tags);
      case 'write':
      case 'io_write': {
        const { value, from } = this.evaluate(op.val!);
        if (op.op === 'write') memory.write(loc, value, op.order as Order, { ...tags, data: from });
        else memory.ioWrite(loc, value, op.ordered === true, { ...tags, data: from });
        return;
      }
      case 'rmw': return this.rmw(op, loc, tags, keep);
      default: throw new Refused(`operation ${op.op} is not modelled`);
    }
  }

  private rmw(op: Op, loc: number, tags: { addr: number; ctrl: number; ctrlPast: number }, keep: (value: number) => void): void {
    const change = Object.hasOwn(FUNCTIONS, op.fn ?? '') ? FUNCTIONS[op.fn!] : undefined;
    if (!change) throw new Refused(`atomic ${op.fn} is not modelled`);
    const arg = this.evaluate(op.arg!);
    const expected = op.expect === undefined ? { value: 0, from: 0 } : this.evaluate(op.expect);
    const old = this.memory.rmw(loc, op.order as Order, (was) => change(was, arg.value, expected.value), {
      ...tags, data: arg.from | expected.from, noReturn: op.ret === 'none', dependent: op.fn !== 'xchg' && op.fn !== 'cmpxchg',
    });
    keep(op.ret === 'new' ? change(old, arg.value, expected.value) ?? old : old);
  }

  private place(place: Place): { loc: number; addr: number } {
    if (typeof place === 'string') return { loc: this.locations.of(place), addr: 0 };
    const { value, from } = this.registers.get(place.deref) ?? { value: 0, from: 0 };
    return { loc: this.locations.at(value), addr: from };
  }

  private evaluate(expression: Parameters<typeof evaluate>[0]): Tainted {
    return evaluate(expression, this.registers, this.locations);
  }
}
