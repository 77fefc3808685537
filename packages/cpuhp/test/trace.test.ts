import { type CpuHotplug, formatCpuhpEnter, formatCpuhpExit, formatCpuhpMultiEnter } from '@irqchip/cpuhp';
import { Bench, recorded } from './bench.ts';

/** Traces `cpuhp` as `[cpu] event` lines. */
function follow(bench: Bench): string[] {
  const lines: string[] = [];
  const on = (text: string): void => void lines.push(`[00${bench.smp.cpus.current}] ${text}`);
  bench.cpuhp.trace = {
    enter: (...event) => on(formatCpuhpEnter(...event)),
    multiEnter: (...event) => on(formatCpuhpMultiEnter(...event)),
    exit: (...event) => on(formatCpuhpExit(...event)),
  };
  return lines;
}

/** The recorded events, without task, time and flags; only steps that `cpuhp` has. */
function expected(file: string, cpuhp: CpuHotplug): string[] {
  const steps = new Set(cpuhp.states().map(({ state }) => state));
  return recorded(`linux-6.12-debugfs/imsic-smp4/${file}`).split('\n')
    .map((line) => /^.*-\d+ +(\[\d+\]) \S+ +[\d.]+: (cpuhp_.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, cpu, event]) => `${cpu} ${event}`)
    .filter((event) => steps.has(Number(/step: +(\d+)/.exec(event)![1])));
}

test('CPU 1 going down and coming up is traced as Linux 6.12 traced it, on the same CPUs', () => {
  const bench = new Bench({ linux: '6.12' });
  function riscvOnlineCpu(): void { /* the name is what counts */ }
  function riscvOfflineCpu(): void { /* the name is what counts */ }
  function timersPrepareCpu(): void { /* the name is what counts */ }
  function timersDeadCpu(): void { /* the name is what counts */ }
  bench.cpuhp.setupStateNocalls(195, 'riscv:online', riscvOnlineCpu, riscvOfflineCpu);
  bench.cpuhp.setupStateNocalls('CPUHP_TIMERS_PREPARE', 'timers:prepare', timersPrepareCpu, timersDeadCpu);
  // Seen by nobody: the CPU is not in the online mask then.
  bench.cpuhp.setupStateNocalls('CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 'irqchip/riscv/imsic:starting', bench.startup('imsic'), bench.teardown('imsic'));
  bench.cpuhp.cpuUp(1);
  const lines = follow(bench);

  bench.cpuhp.cpuDown(1);
  const down = expected('TRACE.offline1.txt', bench.cpuhp);
  expect(down).toHaveLength(16);
  expect(lines.splice(0)).toEqual(down);

  bench.cpuhp.cpuUp(1);
  const up = expected('TRACE.online1.txt', bench.cpuhp);
  expect(up).toHaveLength(14);
  expect(lines.splice(0)).toEqual(up);
});

test('7.2 kicks and brings up in two steps', () => {
  const bench = new Bench({ linux: '7.2' });
  const lines = follow(bench);
  bench.cpuhp.cpuUp(1, 'CPUHP_AP_SMPBOOT_THREADS');
  expect(lines).toEqual([
    '[000] cpuhp_enter: cpu: 0001 target: 148 step:   1 (smpboot_create_threads)',
    '[000] cpuhp_exit:  cpu: 0001  state:   1 step:   1 ret: 0',
    '[000] cpuhp_enter: cpu: 0001 target: 148 step:  82 (cpuhp_kick_ap_alive)',
    '[000] cpuhp_exit:  cpu: 0001  state:  82 step:  82 ret: 0',
    '[000] cpuhp_enter: cpu: 0001 target: 148 step:  83 (cpuhp_bringup_ap)',
    '[001] cpuhp_enter: cpu: 0001 target: 148 step: 148 (smpboot_unpark_threads)',
    '[001] cpuhp_exit:  cpu: 0001  state: 148 step: 148 ret: 0',
    '[000] cpuhp_exit:  cpu: 0001  state: 148 step:  83 ret: 0',
  ]);
});

test('instances are traced one by one, with errors', () => {
  const bench = new Bench();
  function blkMqOnline(_cpu: number, node: { ok: boolean }): void { if (!node.ok) bench.startup('x')(0); }
  bench.failing.add('x/startup/0');
  bench.cpuhp.setupStateMulti('CPUHP_AP_ONLINE_DYN', 'blk', blkMqOnline, null);
  const lines = follow(bench);
  bench.cpuhp.addInstance(192, { ok: true });
  expect(() => bench.cpuhp.addInstance(192, { ok: false })).toThrow();
  expect(lines).toEqual([
    '[000] cpuhp_multi_enter: cpu: 0000 target: 236 step: 192 (blk_mq_online)',
    '[000] cpuhp_exit:  cpu: 0000  state: 236 step: 192 ret: 0',
    '[000] cpuhp_multi_enter: cpu: 0000 target: 236 step: 192 (blk_mq_online)',
    '[000] cpuhp_exit:  cpu: 0000  state: 236 step: 192 ret: -5',
  ]);
});

test('a bound core callback keeps the name that the kernel traces there; a nameless one goes by its state', () => {
  const bench = new Bench();
  bench.cpuhp.setCoreCallback('CPUHP_AP_IRQ_AFFINITY_ONLINE', () => undefined);
  bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'mux8:online', bench.startup('x'), null);
  const lines = follow(bench);
  bench.cpuhp.cpuUp(1);
  const text = lines.join('\n');
  expect(text).toMatch(/step: 149 \(irq_affinity_online_cpu\)/);
  expect(text).toMatch(/step: 192 \(mux8:online\)/);
});

test('nobody watches, nothing is called', () => {
  const bench = new Bench();
  const lines = follow(bench);
  bench.cpuhp.trace = null;
  bench.cpuhp.cpuUp(1);
  expect(lines).toEqual([]);
});
