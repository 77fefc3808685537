import { CpuMask } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';

/** CPUs 0 to 3 are up; the scheduler has 1 and 2. */
function isolated(): Bench {
  const bench = new Bench({ housekeeping: new CpuMask(4, [1, 2]) });
  for (const cpu of [1, 2, 3]) bench.cpuhp.cpuUp(cpu);
  bench.cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'prep', null, bench.teardown('prep'));
  return bench;
}

test('the last housekeeping CPU is EBUSY, however many others are online', () => {
  const bench = isolated();
  bench.cpuhp.cpuDown(2);
  expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EBUSY');
  expect([bench.smp.cpus.online.toList(), bench.cpuhp.stateOf(1)]).toEqual(['0-1,3', 236]);
});

test('an isolated CPU is taken down by a housekeeping one, which need not be the lowest', () => {
  const bench = isolated();
  bench.cpuhp.cpuDown(3);
  bench.cpuhp.cpuDown(0);
  expect(bench.calls).toEqual(['prep teardown 3 on 1', 'prep teardown 0 on 1']);
});

test('a housekeeping CPU is taken down by the other one', () => {
  const bench = isolated();
  bench.cpuhp.cpuDown(1);
  expect(bench.calls).toEqual(['prep teardown 1 on 2']);
});
