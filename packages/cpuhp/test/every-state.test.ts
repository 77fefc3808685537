import type { LinuxVersion } from '@irqchip/cpuhp';
import { Bench, codeOf, parseStates, recorded } from './bench.ts';
import { LAYOUTS } from './state-machine-layout.ts';
import type { Way } from './state-machine-model.ts';

/** A state of a recorded machine: what it has to call, and for which instances. */
interface Step { slot: number; name: string; startup: boolean; teardown: boolean; nodes: string[]; core: boolean }

const BOARDS: [LinuxVersion, string][] = [
  ['6.12', 'linux-6.12-debugfs/imsic-smp4'], ['6.12', 'linux-6.12-debugfs/plic-smp4'],
  ['7.2', 'linux-7.2-debugfs/imsic-smp4'], ['7.2', 'linux-7.2-mmode/mmode-smp4'],
];
const TRACED = 'linux-6.12-debugfs/imsic-smp4';

/** Numbers of the states that the traced kernel called on that occasion, one for each call. */
function called(file: string): number[] {
  const steps = recorded(`${TRACED}/${file}`).matchAll(/cpuhp_(?:multi_)?enter: +cpu: 0001 target: +\d+ step: +(\d+)/g);
  return [...steps].map(([, step]) => Number(step));
}

/** By name, what the traced kernel called on the way up and down. The trace does not see STARTING and DYING: their names tell. */
function callbacks(): Map<string, { startup: boolean; teardown: boolean; instances: number }> {
  const [up, down] = [called('TRACE.online1.txt'), called('TRACE.offline1.txt')];
  const { apOffline, apOnline } = LAYOUTS['6.12'];
  return new Map(parseStates(recorded(`${TRACED}/HOTPLUG_STATES.txt`)).map(({ state, name }) => {
    const unseen = state > apOffline && state < apOnline;
    const times = Math.max(up.filter((step) => step === state).length, down.filter((step) => step === state).length);
    return [name, {
      startup: unseen ? !name.endsWith(':dying') : up.includes(state), teardown: unseen || down.includes(state), instances: times > 1 ? times : 0,
    }];
  }));
}

const CALLBACKS = callbacks();

class Machine extends Bench {
  readonly steps: Step[];
  constructor(readonly linux: LinuxVersion, board: string) {
    super({ linux, nrCpus: 2 });
    const { core } = LAYOUTS[linux];
    this.steps = parseStates(recorded(`${board}/HOTPLUG_STATES.txt`)).map(({ state: slot, name }) => {
      const { startup, teardown, instances } = CALLBACKS.get(name) ?? { startup: true, teardown: true, instances: 0 };
      const own = core.get(slot);
      if (own) return { slot, name, startup: own[1], teardown: own[2], nodes: [], core: true };
      return this.register({ slot, name: `${slot}-${name}`, startup, teardown, nodes: Array.from({ length: instances }, (_, i) => `n${i}`), core: false });
    });
  }

  private register(step: Step): Step {
    const { slot, name, nodes } = step;
    const [startup, teardown] = [step.startup ? this.startup(name) : null, step.teardown ? this.teardown(name) : null];
    if (nodes.length === 0) this.cpuhp.setupStateNocalls(slot, name, startup, teardown);
    else this.cpuhp.setupStateMulti(slot, name, startup, teardown);
    // The newest comes first.
    for (const id of [...nodes].reverse()) this.cpuhp.addInstanceNocalls(slot, { id });
    return step;
  }

  /** Writes down the calls of these states in the order of the way. */
  expect(way: Way, from: (slot: number) => boolean): string[] {
    const steps = this.steps.filter(({ slot }) => from(slot));
    return (way === 'startup' ? steps : steps.reverse()).flatMap((step) => this.lines(step, way));
  }

  lines(step: Step, way: Way, nodes: string[] = step.nodes): string[] {
    if (step.core || !step[way]) return [];
    const { bringup, apOnline } = LAYOUTS[this.linux];
    const where = step.slot < bringup ? '0' : step.slot < apOnline ? '1 irqs off' : '1';
    return (step.nodes.length === 0 ? [step.name] : nodes.map((node) => `${step.name}.${node}`)).map((who) => `${who} ${way} 1 on ${where}`);
  }

  /** Each call of the state that may fail: who, what was called up to it, and what takes the earlier instances back. */
  failures(step: Step, way: Way): { who: string; calls: string[] }[] {
    if (step.core) return [];
    if (step.nodes.length === 0) return [{ who: step.name, calls: this.lines(step, way) }];
    const back: Way = way === 'startup' ? 'teardown' : 'startup';
    return step.nodes.map((node, i) => ({
      who: `${step.name}.${node}`,
      calls: [...this.lines(step, way, step.nodes.slice(0, i + 1)), ...this.lines(step, back, step.nodes.slice(0, i))],
    }));
  }
}

describe.each(BOARDS)('Linux %s, the states of %s', (linux, board) => {
  const { bringup, idleDead, apOnline, onlineIdle } = LAYOUTS[linux];
  const all = new Machine(linux, board).steps;
  const isAtomic = (slot: number): boolean => slot >= idleDead && slot < apOnline;
  const having = (way: Way): Step[] => all.filter((step) => step[way]);
  const fresh = (up: boolean): Machine => {
    const machine = new Machine(linux, board);
    if (up) machine.cpuhp.cpuUp(1);
    machine.take();
    return machine;
  };
  const after = (machine: Machine): unknown => ({ calls: machine.take(), state: machine.cpuhp.stateOf(1), online: machine.smp.cpus.online.test(1), fail: machine.cpuhp.failOf(1) });

  test('a CPU goes up and down through all of them', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ core }) => !core).length).toBeGreaterThan(30);
    const machine = fresh(false);
    machine.cpuhp.cpuUp(1);
    expect(machine.take()).toEqual(machine.expect('startup', () => true));
    machine.cpuhp.cpuDown(1);
    expect(machine.take()).toEqual(machine.expect('teardown', () => true));
  });

  test('up, fail file: the state is not called, those before it are torn down, the CPU is off', () => {
    for (const { slot } of having('startup').filter((step) => !isAtomic(step.slot))) {
      const machine = fresh(false);
      machine.cpuhp.setFail(1, slot);
      expect(codeOf(() => machine.cpuhp.cpuUp(1))).toBe('EAGAIN');
      const calls = [...machine.expect('startup', (other) => other < slot), ...machine.expect('teardown', (other) => other < slot)];
      expect({ slot, after: after(machine) }).toEqual({ slot, after: { calls, state: 0, online: false, fail: -1 } });
      machine.cpuhp.cpuUp(1);
      expect(machine.cpuhp.stateOf(1)).toBe(236);
    }
  });

  test('up, failing startup in PREPARE and ONLINE: it is called and not torn down, those before it are', () => {
    for (const step of having('startup').filter(({ slot }) => !isAtomic(slot))) {
      for (const { who, calls } of fresh(false).failures(step, 'startup')) {
        const machine = fresh(false);
        machine.failing.add(`${who}/startup/1`);
        expect(codeOf(() => machine.cpuhp.cpuUp(1))).toBe('EIO');
        const below = (way: Way): string[] => machine.expect(way, (other) => other < step.slot);
        expect({ who, after: after(machine) }).toEqual({ who, after: { calls: [...below('startup'), ...calls, ...below('teardown')], state: 0, online: false, fail: -1 } });
      }
    }
  });

  test.each(['startup', 'teardown'] as const)('STARTING and DYING, failing %s: it is logged by name, and every other state is called', (way) => {
    const steps = having(way).filter(({ slot }) => isAtomic(slot));
    expect(steps.length).toBeGreaterThan(2);
    for (const step of steps) {
      const machine = fresh(way === 'teardown');
      machine.failing.add(`${step.name}/${way}/1`);
      if (way === 'startup') machine.cpuhp.cpuUp(1);
      else machine.cpuhp.cpuDown(1);
      expect(after(machine)).toEqual({ calls: machine.expect(way, () => true), state: way === 'startup' ? 236 : 0, online: way === 'startup', fail: -1 });
      const at = way === 'startup' ? step.slot : step.slot - 1;
      const name = machine.steps.find(({ slot }) => slot === at)?.name ?? '(null)';
      expect(machine.smp.log.records.map(({ text }) => text)).toEqual([`CPU 1 ${way === 'startup' ? 'UP' : 'DOWN'} state ${name} (${at}) failed (-5)`]);
    }
  });

  test('down, fail file: the state is not called, those above it start again, the CPU stays', () => {
    for (const { slot } of having('teardown').filter((step) => step.slot >= apOnline)) {
      const machine = fresh(true);
      machine.cpuhp.setFail(1, slot);
      expect(codeOf(() => machine.cpuhp.cpuDown(1))).toBe('EAGAIN');
      const above = (other: number): boolean => other > slot;
      expect({ slot, after: after(machine) }).toEqual({ slot, after: { calls: [...machine.expect('teardown', above), ...machine.expect('startup', above)], state: 236, online: true, fail: -1 } });
      machine.cpuhp.cpuDown(1);
      expect(machine.cpuhp.stateOf(1)).toBe(0);
    }
  });

  test('down, failing ONLINE teardown: it is called and not started again, those above it are', () => {
    for (const step of having('teardown').filter(({ slot }) => slot > onlineIdle)) {
      for (const { who, calls } of fresh(false).failures(step, 'teardown')) {
        const machine = fresh(true);
        machine.failing.add(`${who}/teardown/1`);
        expect(codeOf(() => machine.cpuhp.cpuDown(1))).toBe('EIO');
        const above = (way: Way): string[] => machine.expect(way, (other) => other > step.slot);
        expect({ who, after: after(machine) }).toEqual({ who, after: { calls: [...above('teardown'), ...calls, ...above('startup')], state: 236, online: true, fail: -1 } });
      }
    }
  });

  test('down, failing DEAD teardown: it is warned about; the states above it start again as far as the idle loop', () => {
    for (const step of having('teardown').filter(({ slot }) => slot < bringup)) {
      for (const { who, calls } of fresh(false).failures(step, 'teardown')) {
        const machine = fresh(true);
        machine.failing.add(`${who}/teardown/1`);
        expect(codeOf(() => machine.cpuhp.cpuDown(1))).toBe('EIO');
        const again = machine.expect('startup', (other) => other > step.slot && other < apOnline);
        expect({ who, after: after(machine) }).toEqual({
          who, after: { calls: [...machine.expect('teardown', (other) => other > step.slot), ...calls, ...again], state: onlineIdle, online: true, fail: -1 },
        });
        expect(machine.smp.diagnostics.take().map(({ message }) => message)).toEqual(['DEAD callback error for CPU1']);
      }
    }
  });

  test('the fail file refuses what may not fail, and what has nothing to call', () => {
    for (const { slot, startup, teardown } of all) {
      const refused = (up: boolean): string => codeOf(() => fresh(up).cpuhp.setFail(1, slot));
      const never = isAtomic(slot) || !(startup || teardown);
      expect([slot, refused(false), refused(true)]).toEqual([slot, never ? 'EINVAL' : 'none', never || slot <= bringup ? 'EINVAL' : 'none']);
    }
  });
});
