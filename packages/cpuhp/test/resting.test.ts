import { Bench, codeOf } from './bench.ts';

const brief = (bench: Bench): string[] => bench.take().map((call) => call.replace(/ on .*/, ''));

/** Three PREPARE states and an ONLINE one, CPUs 1 and 2 up. */
function resting(): Bench {
  const bench = new Bench();
  for (const [state, name] of [[44, 'low'], [46, 'mid'], [48, 'high'], [200, 'dyn']] as const) {
    bench.cpuhp.setupStateNocalls(state, name, bench.startup(name), bench.teardown(name));
  }
  bench.cpuhp.cpuUp(1);
  bench.cpuhp.cpuUp(2);
  bench.take();
  return bench;
}

test('a CPU that rests exactly in a state counts as past it, both when the state is set up and when it is removed', () => {
  const bench = resting();
  bench.cpuhp.setupStateNocalls(180, 'rest', null, null);
  bench.cpuhp.cpuDown(1, 180);
  bench.take();
  bench.cpuhp.removeState(180);
  bench.cpuhp.setupState(180, 'again', bench.startup('again'), bench.teardown('again'));
  expect(brief(bench)).toEqual(['again startup 0', 'again startup 1', 'again startup 2']);
  bench.cpuhp.removeState(180);
  expect(brief(bench)).toEqual(['again teardown 0', 'again teardown 1', 'again teardown 2']);
});

test('bringing up or taking down a CPU to where it stands calls nothing and is no error', () => {
  const bench = resting();
  const { smp, cpuhp } = bench;
  cpuhp.cpuUp(1, 'CPUHP_ONLINE');
  expect(smp.cpus.dying.isEmpty()).toBe(true);
  cpuhp.cpuDown(1, 'CPUHP_AP_ACTIVE');
  expect(codeOf(() => cpuhp.cpuDown(1, 'CPUHP_AP_ACTIVE'))).toBe('none');
  cpuhp.setTarget(1, 235);
  expect([cpuhp.stateOf(1), cpuhp.targetOf(1), bench.take(), smp.diagnostics.open]).toEqual([235, 235, [], []]);
});

test('a teardown that fails below the bring-up starts those above it again, up to where the CPU rested', () => {
  const bench = resting();
  bench.cpuhp.cpuDown(1, 48);
  bench.take();
  bench.failing.add('low/teardown/1');
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EIO');
  expect(brief(bench)).toEqual(['high teardown 1', 'mid teardown 1', 'low teardown 1', 'mid startup 1', 'high startup 1']);
  expect([bench.cpuhp.stateOf(1), bench.cpuhp.targetOf(1)]).toEqual([48, 48]);
  expect(bench.smp.diagnostics.open).toEqual([]);
  expect(bench.smp.log.records.map(({ level, text }) => `${level} ${text}`)).toEqual(['debug CPU DOWN failed (-5) CPU 1 state (null) (43)']);
});

test('a startup that fails while such a takedown is undone is reported', () => {
  const bench = resting();
  bench.cpuhp.cpuDown(1, 48);
  bench.failing.add('low/teardown/1').add('mid/startup/1');
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EIO');
  expect(bench.smp.diagnostics.take('warn').map(({ message }) => message.split(':')[0]))
    .toEqual(['A callback failed during rollback, and the CPU stays half way', 'DEAD callback error for CPU1']);
});

test('a CPU that rests below the bring-up has no thread to kick', () => {
  const bench = resting();
  bench.cpuhp.cpuDown(1, 48);
  bench.take();
  const kicked: string[] = [];
  bench.cpuhp.trace = { enter: (_cpu, _target, _step, name) => void kicked.push(name), multiEnter: () => undefined, exit: () => undefined };
  bench.cpuhp.cpuDown(1);
  expect(kicked).not.toContain('cpuhp_kick_ap_work');
  expect(brief(bench)).toEqual(['high teardown 1', 'mid teardown 1', 'low teardown 1']);
});

test('CPUs that were online from the start have their hotplug threads: bringing them up again allocates nothing', () => {
  const { smp, cpuhp } = resting();
  cpuhp.cpuDown(0);
  smp.faults.fail('task_struct');
  expect(codeOf(() => cpuhp.cpuUp(0))).toBe('none');
});
