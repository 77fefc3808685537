import { IrqError } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';

/** 7.2: PREPARE up to 83, STARTING 84 to 142, TEARDOWN 143, ONLINE 144 to 235. */
const BRINGUP = 83;
const AP_ONLINE = 142;
const TEARDOWN = 143;
const ONLINE_IDLE = 144;
const ONLINE = 236;
const DYN = [61, 192];

/** A machine with a driver in every slot that a walk steps on and the core leaves free, labelled by its number. */
function full(): Bench & { slots: number[] } {
  const bench = new Bench({ nrCpus: 2 });
  const core = new Set(bench.cpuhp.states().map(({ state }) => state));
  const slots: number[] = [];
  for (let state = 1; state < ONLINE; state++) {
    // No walk steps on ONLINE_IDLE on the way up: the idle loop itself sets that state.
    if (core.has(state) || state === ONLINE_IDLE) continue;
    // Filling a dynamic range from its first slot on is filling it by number.
    bench.cpuhp.setupStateNocalls(state, `s${state}`, bench.startup(`${state}`), bench.teardown(`${state}`));
    slots.push(state);
  }
  return Object.assign(bench, { slots });
}

const startups = (slots: number[]): string[] => slots.map((slot) => `${slot} startup`);
const teardowns = (slots: number[]): string[] => slots.map((slot) => `${slot} teardown`).reverse();
const brief = (calls: string[]): string[] => calls.map((call) => call.split(' ').slice(0, 2).join(' '));
const SLOTS = full().slots;
const isAtomic = (slot: number): boolean => slot > BRINGUP && slot < AP_ONLINE;

test('there is a driver in every slot', () => {
  expect(SLOTS).toEqual(expect.arrayContaining([2, ...DYN, 81, 86, 100, 141, 145, 232, 234]));
  expect(SLOTS).toHaveLength(235 - 12 - 1);
});

test.each(SLOTS.filter((slot) => slot < BRINGUP))('startup of PREPARE state %i fails: the states before it are torn down, it is not', (slot) => {
  const bench = full();
  bench.failing.add(`${slot}/startup/1`);
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  const before = SLOTS.filter((other) => other < slot);
  expect(brief(bench.calls)).toEqual([...startups([...before, slot]), ...teardowns(before)]);
  expect(bench.cpuhp.stateOf(1)).toBe(0);
  expect(bench.smp.cpus.online.test(1)).toBe(false);
});

test.each(SLOTS.filter(isAtomic))('startup of STARTING state %i fails: it is logged and the CPU comes up', (slot) => {
  const bench = full();
  bench.failing.add(`${slot}/startup/1`);
  bench.cpuhp.cpuUp(1);
  expect(brief(bench.calls)).toEqual(startups(SLOTS));
  expect(bench.smp.log.records.map(({ level, text }) => `${level} ${text}`)).toEqual([`warn CPU 1 UP state s${slot} (${slot}) failed (-5)`]);
  expect(bench.cpuhp.stateOf(1)).toBe(ONLINE);
});

test.each(SLOTS.filter((slot) => slot > ONLINE_IDLE))('startup of ONLINE state %i fails: the CPU goes all the way down again', (slot) => {
  const bench = full();
  bench.failing.add(`${slot}/startup/1`);
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  const before = SLOTS.filter((other) => other < slot);
  expect(brief(bench.calls)).toEqual([...startups([...before, slot]), ...teardowns(before)]);
  expect(bench.cpuhp.stateOf(1)).toBe(0);
  expect(bench.smp.cpus.online.test(1)).toBe(false);
});

test.each(SLOTS.filter((slot) => slot > ONLINE_IDLE))('teardown of ONLINE state %i fails: the states above start again, it does not, and the CPU stays', (slot) => {
  const bench = full();
  bench.cpuhp.cpuUp(1);
  bench.take();
  bench.failing.add(`${slot}/teardown/1`);
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EIO');
  const above = SLOTS.filter((other) => other > slot);
  expect(brief(bench.calls)).toEqual([...teardowns([slot, ...above]), ...startups(above)]);
  expect([bench.cpuhp.stateOf(1), bench.cpuhp.targetOf(1)]).toEqual([ONLINE, ONLINE]);
  expect(bench.smp.cpus.online.test(1)).toBe(true);
  expect(bench.smp.cpus.dying.test(1)).toBe(false);
});

test.each(SLOTS.filter(isAtomic))('teardown of DYING state %i fails: it is logged and the CPU dies', (slot) => {
  const bench = full();
  bench.cpuhp.cpuUp(1);
  bench.take();
  bench.failing.add(`${slot}/teardown/1`);
  bench.cpuhp.cpuDown(1);
  expect(brief(bench.calls)).toEqual(teardowns(SLOTS));
  const below = bench.cpuhp.states().find(({ state }) => state === slot - 1)?.name ?? '(null)';
  expect(bench.smp.log.records.map(({ text }) => text)).toEqual([`CPU 1 DOWN state ${below} (${slot - 1}) failed (-5)`]);
  expect(bench.cpuhp.stateOf(1)).toBe(0);
});

test.each(SLOTS.filter((slot) => slot < BRINGUP))('teardown of DEAD state %i must not fail: it is reported, and the error returned', (slot) => {
  const bench = full();
  bench.cpuhp.cpuUp(1);
  bench.take();
  bench.failing.add(`${slot}/teardown/1`);
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EIO');
  expect(bench.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual(['DEAD callback error for CPU1']);
});

test('the machine refuses to let the CPU go: every ONLINE state starts again', () => {
  const bench = full();
  bench.cpuhp.cpuUp(1);
  bench.take();
  const { cpus } = bench.smp;
  bench.cpuhp.attach({
    bringup: () => undefined,
    cpuDisable: (cpu) => {
      expect([cpus.current, cpus.irqsDisabled()]).toEqual([cpu, true]);
      throw new IrqError('EOPNOTSUPP', 'no');
    },
    cpuDead: () => bench.calls.push('dead'),
  });
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EOPNOTSUPP');
  const online = SLOTS.filter((slot) => slot > TEARDOWN);
  expect(brief(bench.calls)).toEqual([...teardowns(online), ...startups(online)]);
  expect(bench.cpuhp.stateOf(1)).toBe(ONLINE);
  expect([cpus.online.test(1), cpus.irqsDisabledOn(1), cpus.dying.test(1)]).toEqual([true, false, false]);
});

test('a partial walk that fails goes back to where it began, not further', () => {
  const bench = full();
  bench.cpuhp.cpuUp(1, 160);
  bench.take();
  bench.failing.add('170/startup/1');
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  const between = SLOTS.filter((slot) => slot > 160 && slot < 170);
  expect(brief(bench.take())).toEqual([...startups([...between, 170]), ...teardowns(between)]);
  expect(bench.cpuhp.stateOf(1)).toBe(160);
  bench.failing.clear();
  bench.failing.add('150/teardown/1');
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EIO');
  const above = SLOTS.filter((slot) => slot > 150 && slot <= 160);
  expect(brief(bench.take())).toEqual([...teardowns([150, ...above]), ...startups(above)]);
  expect(bench.cpuhp.stateOf(1)).toBe(160);
});

test('from a PREPARE state, an ONLINE failure goes back to that PREPARE state', () => {
  const bench = full();
  bench.cpuhp.cpuUp(1, 40);
  bench.take();
  bench.failing.add('200/startup/1');
  expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  expect(brief(bench.take()).at(-1)).toBe('41 teardown');
  expect(bench.cpuhp.stateOf(1)).toBe(40);
});

test('the error says which CPU, which way, which state, and why', () => {
  const bench = full();
  bench.failing.add('200/startup/1');
  expect(() => bench.cpuhp.cpuUp(1)).toThrow('CPU1: startup of state 200 (s200) failed with EIO: 200 has no startup today');
  expect(bench.smp.log.records.map(({ level, text }) => `${level} ${text}`)).toEqual(['debug CPU UP failed (-5) CPU 1 state (null) (144)']);
});
