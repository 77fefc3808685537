import type { Condition, LitmusTest, Op } from '@irqchip/race';
import { IrqError } from '@irqchip/smp';

/** Conditions, expressions and branches may nest so far. */
const DEEPEST = 64;

/** What each operation must have; what is not listed here is the checker's to refuse. */
const NEEDED: Readonly<Record<string, readonly (keyof Op)[]>> = {
  read: ['loc', 'reg', 'order'], write: ['loc', 'val', 'order'], rmw: ['loc', 'fn', 'arg', 'order'],
  io_read: ['loc'], io_write: ['loc', 'val'], lock: ['loc'], unlock: ['loc'], is_locked: ['loc', 'reg'],
  fence: ['kind'], let: ['reg', 'val'], if: ['cond'],
};

const ORDERS: Readonly<Record<string, readonly string[]>> = {
  read: ['once', 'acquire', 'plain'], write: ['once', 'release', 'plain'], rmw: ['full', 'relaxed', 'acquire', 'release'],
};

type Members = Readonly<Record<string, unknown>>;

/** The test, if it is one. @throws IrqError `EINVAL` with the place and what is wrong there. */
export function checkTest(test: unknown, at: string): LitmusTest {
  if (!isObject(test)) throw bad(at, 'is no object');
  if (typeof test['name'] !== 'string' || test['name'] === '') throw bad(at, 'has no name');
  const where = `${at} (${test['name']})`;
  const { init, locks = [], threads, exists } = test;
  if (!isObject(init)) throw bad(where, 'init is no object from location to value');
  for (const [name, value] of Object.entries(init)) if (!isValue(value)) throw bad(where, `init of ${name} is neither a whole number nor an address such as "&x"`);
  if (!Array.isArray(locks) || !locks.every((name) => typeof name === 'string')) throw bad(where, 'locks is no list of names');
  if (!Array.isArray(threads) || threads.length === 0 || !threads.every(Array.isArray)) throw bad(where, 'threads is no list of lists of operations');
  const registers = threads.map((ops: unknown[], thread) => {
    const set = new Set<string>();
    checkOps(ops, `${where}: thread ${thread}`, set, 0);
    return set;
  });
  checkCondition(exists, `${where}: exists`, new Set([...Object.keys(init), ...(locks)]), registers, 0);
  checkStatements(test, where);
  return { ...test, locks } as unknown as LitmusTest;
}

function checkOps(ops: readonly unknown[], at: string, registers: Set<string>, depth: number): void {
  if (depth > DEEPEST) throw bad(at, `branches nest deeper than ${DEEPEST}`);
  ops.forEach((op, index) => {
    const where = `${at}, operation ${index}`;
    if (!isObject(op) || typeof op['op'] !== 'string') throw bad(where, 'is no object with op');
    checkOp(op, op['op'], `${where} (${op['op']})`);
    if (typeof op['reg'] === 'string') registers.add(op['reg']);
    for (const branch of [op['then'], op['else']]) {
      if (branch === undefined) continue;
      if (!Array.isArray(branch)) throw bad(where, 'then and else are lists of operations');
      checkOps(branch, where, registers, depth + 1);
    }
  });
}

function checkOp(op: Members, kind: string, at: string): void {
  for (const member of Object.hasOwn(NEEDED, kind) ? NEEDED[kind]! : []) if (op[member] === undefined) throw bad(at, `has no ${member}`);
  for (const member of ['reg', 'kind', 'fn', 'order'] as const) {
    if (op[member] !== undefined && typeof op[member] !== 'string') throw bad(at, `${member} is no text`);
  }
  const orders = Object.hasOwn(ORDERS, kind) ? ORDERS[kind]! : null;
  if (orders && !orders.includes(op['order'] as string)) throw bad(at, `order is ${orders.join(', ')}, not '${String(op['order'])}'`);
  const { loc, ret } = op;
  if (loc !== undefined && typeof loc !== 'string' && !(isObject(loc) && typeof loc['deref'] === 'string')) throw bad(at, 'loc is neither a name nor { "deref": register }');
  if (ret !== undefined && ret !== 'old' && ret !== 'new' && ret !== 'none') throw bad(at, `ret is old, new or none, not '${String(ret)}'`);
  for (const member of ['val', 'arg', 'expect', 'cond'] as const) if (op[member] !== undefined) checkExpression(op[member], `${at}: ${member}`, 0);
}

function checkExpression(expression: unknown, at: string, depth: number): void {
  if (depth > DEEPEST) throw bad(at, `nests deeper than ${DEEPEST}`);
  if (isValue(expression)) return;
  if (!Array.isArray(expression) || expression.length !== 3 || typeof expression[0] !== 'string') throw bad(at, 'is neither a whole number, a register, "&location", nor [operation, left, right]');
  checkExpression(expression[1], at, depth + 1);
  checkExpression(expression[2], at, depth + 1);
}

/** A name that nothing has would make any statement about it false, without a word. */
function checkCondition(condition: unknown, at: string, locations: ReadonlySet<string>, registers: readonly ReadonlySet<string>[], depth: number): asserts condition is Condition {
  if (depth > DEEPEST) throw bad(at, `nests deeper than ${DEEPEST}`);
  const [kind, ...rest] = Array.isArray(condition) ? (condition as unknown[]) : [];
  if (kind === 'eq') {
    const [name, value] = rest;
    if (rest.length !== 2 || typeof name !== 'string' || !isValue(value)) throw bad(at, 'eq takes a name and a value');
    const [, thread, register] = /^(\d+):(.+)$/.exec(name) ?? [];
    const known = thread === undefined ? locations.has(name) : registers[Number(thread)]?.has(register!);
    if (known !== true) throw bad(at, `asks about ${name}, which is neither a location nor a register that its thread sets`);
    return;
  }
  if (kind !== 'and' && kind !== 'or' && kind !== 'not') throw bad(at, 'is no list that begins with and, or, not or eq');
  if (kind === 'not' && rest.length !== 1) throw bad(at, 'not takes one condition');
  for (const part of rest) checkCondition(part, at, locations, registers, depth + 1);
}

function checkStatements({ verdict, outcomes, scope }: Members, at: string): void {
  const verdicts = Object.values(isObject(verdict) ? verdict : {});
  if ((verdict !== undefined && !isObject(verdict)) || !verdicts.every((each) => each === 'Never' || each === 'Sometimes' || each === null)) {
    throw bad(at, 'verdict is no object from model to Never, Sometimes or null');
  }
  const states = Object.values(isObject(outcomes) ? outcomes : {});
  if ((outcomes !== undefined && !isObject(outcomes)) || !states.every((each) => each === null || (Array.isArray(each) && each.every((state) => typeof state === 'string')))) {
    throw bad(at, 'outcomes is no object from model to a list of final states');
  }
  if (scope !== undefined && typeof scope !== 'string') throw bad(at, 'scope is no text');
}

function isObject(value: unknown): value is Members { return typeof value === 'object' && value !== null && !Array.isArray(value); }
function isValue(value: unknown): boolean { return typeof value === 'string' || (Number.isSafeInteger(value) && (value as number) === ((value as number) | 0)); }
function bad(at: string, what: string): IrqError { return new IrqError('EINVAL', `${at}: ${what}.`); }
