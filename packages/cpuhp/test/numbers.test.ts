import type { CpuhpStateName, LinuxVersion } from '@irqchip/cpuhp';
import { Bench, codeOf, parseStates, recorded } from './bench.ts';

/** What drivers register under these enumerators in a real kernel. */
const REGISTERED: Partial<Record<CpuhpStateName, string>> = {
  CPUHP_RANDOM_PREPARE: 'random:prepare',
  CPUHP_WORKQUEUE_PREP: 'workqueue:prepare',
  CPUHP_HRTIMERS_PREPARE: 'hrtimers:prepare',
  CPUHP_SMPCFD_PREPARE: 'smpcfd:prepare',
  CPUHP_RELAY_PREPARE: 'relay:prepare',
  CPUHP_RCUTREE_PREP: 'RCU/tree:prepare',
  CPUHP_TOPOLOGY_PREPARE: 'base/topology:prepare',
  CPUHP_TIMERS_PREPARE: 'timers:prepare',
  CPUHP_TMIGR_PREPARE: 'tmigr:prepare',
  CPUHP_AP_RCUTREE_DYING: 'RCU/tree:dying',
  CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING: 'irqchip/sifive/plic:starting',
  CPUHP_AP_IRQ_RISCV_IMSIC_STARTING: 'irqchip/riscv/imsic:starting',
  CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING: 'irqchip/sbi-ipi:starting',
  CPUHP_AP_PERF_RISCV_STARTING: 'perf/riscv/pmu:starting',
  CPUHP_AP_RISCV_TIMER_STARTING: 'clockevents/riscv/timer:starting',
  CPUHP_AP_CLINT_TIMER_STARTING: 'clockevents/clint/timer:starting',
  CPUHP_AP_DUMMY_TIMER_STARTING: 'clockevents/dummy_timer:starting',
  CPUHP_AP_SMPCFD_DYING: 'smpcfd:dying',
  CPUHP_AP_HRTIMERS_DYING: 'hrtimers:dying',
  CPUHP_AP_TICK_DYING: 'tick:dying',
  CPUHP_AP_PERF_ONLINE: 'perf:online',
  CPUHP_AP_TMIGR_ONLINE: 'tmigr:online',
  CPUHP_AP_WATCHDOG_ONLINE: 'lockup_detector:online',
  CPUHP_AP_WORKQUEUE_ONLINE: 'workqueue:online',
  CPUHP_AP_RANDOM_ONLINE: 'random:online',
  CPUHP_AP_RCUTREE_ONLINE: 'RCU/tree:online',
  CPUHP_AP_KTHREADS_ONLINE: 'kthreads:online',
};

const BOARDS: [LinuxVersion, string][] = [
  ['6.12', 'linux-6.12-debugfs/imsic-smp4'],
  ['6.12', 'linux-6.12-debugfs/plic-smp4'],
  ['7.2', 'linux-7.2-debugfs/imsic-smp4'],
  ['7.2', 'linux-7.2-mmode/mmode-smp4'],
];

describe.each(BOARDS)('Linux %s, %s', (linux, board) => {
  const states = parseStates(recorded(`${board}/HOTPLUG_STATES.txt`));
  const numberByName = new Map(states.map(({ name, state }) => [name, state]));

  test('every core state has the recorded number and name', () => {
    const { cpuhp } = new Bench({ linux });
    const core = cpuhp.states();
    expect(core.length).toBe(linux === '6.12' ? 13 : 14);
    for (const entry of core) expect(states).toContainEqual(entry);
  });

  test('every enumerator that is registered there has the recorded number', () => {
    const { cpuhp } = new Bench({ linux });
    const found = Object.entries(REGISTERED).filter(([, name]) => numberByName.has(name));
    expect(found.length).toBeGreaterThan(20);
    for (const [state, name] of found) expect([name, cpuhp.numberOf(state as CpuhpStateName)]).toEqual([name, numberByName.get(name)]);
  });

  test('the state list of a machine with the recorded states is the recorded text', () => {
    const { cpuhp } = new Bench({ linux });
    const first = cpuhp.numberOf('CPUHP_AP_ONLINE_DYN');
    const last = cpuhp.numberOf('CPUHP_AP_ONLINE_DYN_END');
    const own = new Set(cpuhp.states().map(({ state }) => state));
    for (const { state, name } of states.filter((entry) => !own.has(entry.state))) {
      const dynamic = state >= first && state <= last;
      const got = cpuhp.setupStateNocalls(dynamic ? 'CPUHP_AP_ONLINE_DYN' : state, name, null, null);
      expect(got).toBe(dynamic ? state : 0);
    }
    expect(cpuhp.statesText()).toBe(`${recorded(`${board}/HOTPLUG_STATES.txt`).trimEnd()}\n`);
  });
});

test('sections begin and end where each release has them', () => {
  const borders = (linux: LinuxVersion): number[] => {
    const { cpuhp } = new Bench({ linux });
    const names: CpuhpStateName[] = ['CPUHP_BP_PREPARE_DYN', 'CPUHP_BP_PREPARE_DYN_END', 'CPUHP_BP_KICK_AP', 'CPUHP_AP_ONLINE_IDLE', 'CPUHP_AP_ONLINE_DYN', 'CPUHP_AP_ONLINE_DYN_END'];
    return names.map((name) => cpuhp.numberOf(name));
  };
  expect(borders('6.12')).toEqual([64, 84, 85, 146, 192, 232]);
  expect(borders('7.2')).toEqual([61, 81, 82, 144, 192, 232]);
});

test('6.12 has no ACLINT SSWI state, 7.2 has it between PLIC and IMSIC', () => {
  const old = new Bench({ linux: '6.12' });
  expect(codeOf(() => old.cpuhp.setupState('CPUHP_AP_IRQ_ACLINT_SSWI_STARTING', 'sswi', null, null))).toBe('EINVAL');
  const { cpuhp } = new Bench({ linux: '7.2' });
  expect(cpuhp.numberOf('CPUHP_AP_IRQ_ACLINT_SSWI_STARTING')).toBe(99);
});

test('an online CPU stands at 236 and an offline one at 0, as recorded', () => {
  const recordedValue = (file: string, key: string): number => (
    Number(new RegExp(`${key}:(-?\\d+)`).exec(recorded(`linux-6.12-debugfs/imsic-smp4/${file}`))![1]));
  const { cpuhp } = new Bench({ linux: '6.12', nrCpus: 2 });
  cpuhp.cpuUp(1);
  for (const [file, step] of [['HOTPLUG_CPUSTATE.txt', null], ['HOTPLUG_CPUSTATE.offline1.txt', (): void => cpuhp.cpuDown(1)]] as const) {
    step?.();
    for (const cpu of [0, 1]) {
      expect(cpuhp.stateOf(cpu)).toBe(recordedValue(file, `cpu${cpu}/hotplug/state`));
      expect(cpuhp.targetOf(cpu)).toBe(recordedValue(file, `cpu${cpu}/hotplug/target`));
      expect(cpuhp.failOf(cpu)).toBe(recordedValue(file, `cpu${cpu}/hotplug/fail`));
    }
  }
});
