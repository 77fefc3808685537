import { IrqError } from '@irqchip/smp';
import { CPUHP_INVALID, type HotplugPort } from '@irqchip/cpuhp';
import { Bench, codeOf } from './bench.ts';

const noop = (): void => undefined;

/** A machine in good order, to be spoiled by `changes`. */
function port(bench: Bench, changes: Partial<HotplugPort> = {}): HotplugPort {
  const { cpus } = bench.smp;
  return {
    bringup: (cpu) => cpus.runOn(cpu, () => {
      cpus.localIrqDisable();
      bench.cpuhp.notifyCpuStarting(cpu);
      cpus.online.set(cpu);
      cpus.localIrqEnable();
    }),
    cpuDisable: (cpu) => void cpus.online.clear(cpu),
    cpuDead: noop,
    ...changes,
  };
}

function spoiled(changes: (bench: Bench) => Partial<HotplugPort>): Bench {
  const bench = new Bench();
  bench.cpuhp.setupStateNocalls('CPUHP_BP_PREPARE_DYN', 'prep', bench.startup('prep'), bench.teardown('prep'));
  bench.cpuhp.setupStateNocalls('CPUHP_AP_CLINT_TIMER_STARTING', 'clint', bench.startup('clint'), bench.teardown('clint'));
  bench.cpuhp.setupStateNocalls('CPUHP_AP_ONLINE_DYN', 'dyn', bench.startup('dyn'), bench.teardown('dyn'));
  bench.cpuhp.attach(port(bench, changes(bench)));
  return bench;
}

describe('cpuUp', () => {
  test('a CPU that is not possible is EINVAL, and the kernel says why', () => {
    const { smp, cpuhp } = new Bench();
    smp.cpus.possible.clear(3);
    expect(codeOf(() => cpuhp.cpuUp(3))).toBe('EINVAL');
    expect(codeOf(() => cpuhp.cpuUp(99))).toBe('EINVAL');
    expect(smp.log.records[0]).toMatchObject({ level: 'err', text: "can't online cpu 3 because it is not configured as may-hotadd at boot time" });
  });

  test('a CPU that is not present is EINVAL', () => {
    const { smp, cpuhp } = new Bench();
    smp.cpus.present.clear(3);
    expect(codeOf(() => cpuhp.cpuUp(3))).toBe('EINVAL');
  });

  test('a CPU that SMT control keeps off is EPERM', () => {
    const bench = spoiled(() => ({ bootable: () => false }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EPERM');
    expect(bench.calls).toEqual([]);
  });

  test('what the port throws is what cpuUp throws, and PREPARE is undone', () => {
    const bench = spoiled(() => ({ bringup: () => { throw new IrqError('ETIMEDOUT', 'the firmware is asleep'); } }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('ETIMEDOUT');
    expect(bench.calls).toEqual(['prep startup 1 on 0', 'prep teardown 1 on 0']);
    expect(bench.cpuhp.stateOf(1)).toBe(0);
  });

  test('a CPU that never runs its STARTING callbacks is EIO, and PREPARE is undone', () => {
    const bench = spoiled(({ smp }) => ({ bringup: (cpu) => void smp.cpus.online.set(cpu) }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
    expect(bench.calls).toEqual(['prep startup 1 on 0', 'prep teardown 1 on 0']);
    expect(bench.smp.log.records.map(({ text }) => text)).toContain('CPU1 failed to report alive state');
  });

  test('a CPU that is not online after its STARTING callbacks is ECANCELED, and goes down again', () => {
    const bench = spoiled(({ smp, cpuhp }) => ({
      bringup: (cpu) => smp.cpus.runOn(cpu, () => { smp.cpus.localIrqDisable(); cpuhp.notifyCpuStarting(cpu); smp.cpus.localIrqEnable(); }),
    }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('ECANCELED');
    expect(bench.calls).toEqual(['prep startup 1 on 0', 'clint startup 1 on 1 irqs off', 'clint teardown 1 on 1 irqs off', 'prep teardown 1 on 0']);
    expect(bench.cpuhp.stateOf(1)).toBe(0);
    expect(bench.smp.diagnostics.take('warn')).toHaveLength(1);
  });

  test('a CPU that came up once and never answers again is EIO', () => {
    let attempts = 0;
    const bench = spoiled((self) => ({ bringup: (cpu) => { if (attempts++ === 0) port(self).bringup(cpu); else self.smp.cpus.online.set(cpu); } }));
    bench.cpuhp.cpuUp(1);
    bench.cpuhp.cpuDown(1);
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
  });

  test('a CPU that is given up after its STARTING callbacks has nobody left to run DYING: PREPARE is undone', () => {
    const bench = spoiled((self) => ({
      bringup: (cpu) => { port(self).bringup(cpu); self.smp.cpus.online.clear(cpu); throw new IrqError('EIO', 'failed to come online'); },
    }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
    expect(bench.calls).toEqual(['prep startup 1 on 0', 'clint startup 1 on 1 irqs off', 'prep teardown 1 on 0']);
    expect(bench.cpuhp.stateOf(1)).toBe(0);
  });

  test('after a failed attempt the next one succeeds', () => {
    let attempts = 0;
    const bench = spoiled((self) => ({ bringup: (cpu) => { if (attempts++ > 0) port(self).bringup(cpu); } }));
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EIO');
    bench.cpuhp.cpuUp(1);
    expect(bench.cpuhp.stateOf(1)).toBe(236);
  });

  test('out of memory for the hotplug thread: nothing has happened', () => {
    const bench = spoiled(() => ({}));
    bench.smp.faults.fail('task_struct');
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('ENOMEM');
    expect([bench.cpuhp.stateOf(1), bench.calls]).toEqual([0, []]);
    bench.cpuhp.cpuUp(1);
    bench.cpuhp.cpuDown(1);
    bench.smp.faults.fail('task_struct');
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('none');
  });

  test('interrupts are on in ONLINE callbacks even if the port forgot them', () => {
    const bench = spoiled(({ smp, cpuhp }) => ({
      bringup: (cpu) => smp.cpus.runOn(cpu, () => { smp.cpus.localIrqDisable(); cpuhp.notifyCpuStarting(cpu); smp.cpus.online.set(cpu); }),
    }));
    bench.cpuhp.cpuUp(1);
    expect(bench.calls.at(-1)).toBe('dyn startup 1 on 1');
  });
});

describe('cpuDown', () => {
  test('of the CPU of the running task: the task goes on as the one that did the work', () => {
    const { smp: { cpus }, cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    cpuhp.cpuUp(2);
    cpuhp.cpuDown(0);
    expect(cpus.current).toBe(1);
    cpuhp.cpuDown(2);
    expect(cpus.current).toBe(1);
    cpuhp.cpuUp(0);
    cpuhp.cpuDown(1);
    expect(cpus.current).toBe(0);
  });

  test('that fails when the CPU is dead already: the task has moved all the same', () => {
    const bench = spoiled(() => ({ cpuDead: () => { throw new IrqError('EIO', 'the firmware is asleep'); } }));
    bench.cpuhp.cpuUp(1);
    expect(codeOf(() => bench.cpuhp.cpuDown(0))).toBe('EIO');
    expect([bench.smp.cpus.online.test(0), bench.smp.cpus.current]).toEqual([false, 1]);
  });

  test('the last online CPU is EBUSY', () => {
    const { cpuhp } = new Bench();
    expect(codeOf(() => cpuhp.cpuDown(0))).toBe('EBUSY');
    // Linux counts online CPUs, whichever CPU is asked for.
    cpuhp.cpuUp(1, 'CPUHP_BP_KICK_AP');
    expect(codeOf(() => cpuhp.cpuDown(1))).toBe('EBUSY');
    expect(codeOf(() => new Bench({ nrCpus: 1 }).cpuhp.removeCpu(0))).toBe('EBUSY');
  });

  test('a CPU that is not present, or not possible, is EINVAL', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    smp.cpus.present.clear(3);
    expect(codeOf(() => cpuhp.cpuDown(3))).toBe('EINVAL');
    expect(codeOf(() => cpuhp.cpuDown(4))).toBe('EINVAL');
  });

  test('a target above the CPU is EINVAL', () => {
    const { cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    expect(codeOf(() => cpuhp.cpuDown(2, 'CPUHP_AP_ACTIVE'))).toBe('EINVAL');
  });

  test('a platform without offlining is EOPNOTSUPP, before anything else', () => {
    const { cpuhp } = new Bench();
    cpuhp.cpuHotplugDisable();
    cpuhp.cpuHotplugDisableOfflining();
    expect(codeOf(() => cpuhp.cpuDown(0))).toBe('EOPNOTSUPP');
  });

  test('removeCpu of a CPU that cannot be taken away is EPERM', () => {
    const bench = spoiled(() => ({ hotpluggable: (cpu) => cpu !== 0 }));
    bench.cpuhp.cpuUp(1);
    expect(codeOf(() => bench.cpuhp.removeCpu(0))).toBe('EPERM');
    expect(bench.cpuhp.removeCpu(1)).toBe(0);
  });

  test('a CPU that dies in the online mask is a bug of the machine', () => {
    const bench = spoiled(() => ({ cpuDisable: noop }));
    bench.cpuhp.cpuUp(1);
    bench.cpuhp.cpuDown(1);
    expect(bench.smp.diagnostics.take('bug')).toHaveLength(1);
    expect(bench.smp.cpus.online.test(1)).toBe(false);
  });

  test('cpuDisable runs on the dying CPU with interrupts off, cpuDead on the control CPU after the DYING callbacks', () => {
    const bench = spoiled(({ smp, calls }) => ({
      cpuDisable: (cpu) => { calls.push(`disable on ${smp.cpus.current} ${smp.cpus.irqsDisabled()}`); smp.cpus.online.clear(cpu); },
      cpuDead: () => void calls.push(`dead on ${smp.cpus.current}`),
    }));
    bench.cpuhp.cpuUp(1);
    bench.take();
    bench.cpuhp.cpuDown(1);
    expect(bench.calls).toEqual(['dyn teardown 1 on 1', 'disable on 1 true', 'clint teardown 1 on 1 irqs off', 'dead on 0', 'prep teardown 1 on 0']);
  });
});

describe('while hotplug is disabled', () => {
  test('CPUs neither come nor go, until it is enabled as often', () => {
    const { cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    cpuhp.cpuHotplugDisable();
    cpuhp.cpuHotplugDisable();
    cpuhp.cpuHotplugEnable();
    expect(codeOf(() => cpuhp.cpuUp(2))).toBe('EBUSY');
    expect(codeOf(() => cpuhp.cpuDown(1))).toBe('EBUSY');
    expect(codeOf(() => cpuhp.cpuUp(1))).toBe('EBUSY');
    cpuhp.cpuHotplugEnable();
    cpuhp.cpuUp(2);
    expect(cpuhp.stateOf(2)).toBe(236);
  });

  test('enabling once too often is warned about, and does no harm', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.cpuHotplugEnable();
    expect(smp.diagnostics.take('warn').map(({ message }) => message)).toEqual(['Unbalanced cpu hotplug enable']);
    cpuhp.cpuHotplugDisable();
    expect(codeOf(() => cpuhp.cpuUp(1))).toBe('EBUSY');
  });
});

describe('targets', () => {
  test.each([
    ['nameless', 150], ['threads:prepare', 1], ['cpu:bringup', 83], ['ap:offline', 85], ['cpu:teardown', 143], ['beyond the last', 237], ['negative', -1],
  ])('no CPU rests in a state that is %s', (_, target) => {
    const { cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    expect(codeOf(() => cpuhp.setTarget(1, target))).toBe('EINVAL');
    expect(codeOf(() => cpuhp.setTarget(2, target))).toBe('EINVAL');
    expect(codeOf(() => cpuhp.cpuUp(2, target))).toBe('EINVAL');
    expect(codeOf(() => cpuhp.cpuDown(1, target))).toBe('EINVAL');
    expect([cpuhp.stateOf(1), cpuhp.stateOf(2)]).toEqual([236, 0]);
  });

  test('writing the target goes up or down as needed', () => {
    const { cpuhp } = new Bench();
    for (const target of [148, 236, 82, 149, 0, 0]) {
      cpuhp.setTarget(1, target);
      expect([cpuhp.stateOf(1), cpuhp.targetOf(1)]).toEqual([target, target]);
    }
  });

  test('without CPU_HOTPLUG_STATE_CONTROL only both ends are targets', () => {
    const { cpuhp } = new Bench({ stateControl: false });
    expect(codeOf(() => cpuhp.setTarget(1, 149))).toBe('EINVAL');
    cpuhp.setTarget(1, 236);
    cpuhp.setTarget(1, 0);
    expect(cpuhp.stateOf(1)).toBe(0);
  });

  test('a target among the STARTING states leaves out those beyond it, both ways', () => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.setupStateNocalls('CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING', 'plic', bench.startup('plic'), bench.teardown('plic'));
    bench.cpuhp.cpuUp(1, 'CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING');
    expect(bench.take()).toEqual(['prep startup 1 on 0', 'plic startup 1 on 1 irqs off']);
    bench.cpuhp.cpuUp(2);
    bench.take();
    bench.cpuhp.cpuDown(2, 'CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING');
    expect(bench.take()).toEqual(['dyn teardown 2 on 2', 'clint teardown 2 on 2 irqs off']);
  });

  test('a CPU that was sent up to a STARTING state reaches its idle loop all the same', () => {
    const { smp, cpuhp } = new Bench();
    cpuhp.cpuUp(1, 'CPUHP_AP_SCHED_STARTING');
    expect([cpuhp.stateOf(1), smp.cpus.online.test(1)]).toEqual([144, true]);
  });

  test('a CPU that died on the way to a DYING state has no way up but through 0', () => {
    const { cpuhp } = new Bench();
    cpuhp.cpuUp(1);
    cpuhp.cpuUp(2);
    cpuhp.cpuDown(1, 'CPUHP_AP_SCHED_STARTING');
    expect(cpuhp.stateOf(1)).toBe(84);
    expect(codeOf(() => cpuhp.cpuUp(1))).toBe('EDEADLK');
    cpuhp.cpuDown(1);
    cpuhp.cpuUp(1);
    expect(cpuhp.stateOf(1)).toBe(236);
  });
});

describe('the fail hook', () => {
  test('makes a PREPARE startup of an offline CPU fail once, without calling it', () => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.setFail(1, 'CPUHP_BP_PREPARE_DYN');
    expect(bench.cpuhp.failOf(1)).toBe(61);
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EAGAIN');
    expect([bench.calls, bench.cpuhp.failOf(1), bench.cpuhp.stateOf(1)]).toEqual([[], CPUHP_INVALID, 0]);
    bench.cpuhp.cpuUp(1);
    expect(bench.cpuhp.stateOf(1)).toBe(236);
  });

  test('makes the bring-up itself fail', () => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.setFail(1, 'CPUHP_BRINGUP_CPU');
    expect(codeOf(() => bench.cpuhp.cpuUp(1))).toBe('EAGAIN');
    expect(bench.calls).toEqual(['prep startup 1 on 0', 'prep teardown 1 on 0']);
  });

  test.each(['CPUHP_AP_ONLINE_DYN', 'CPUHP_AP_SMPBOOT_THREADS', 'CPUHP_TEARDOWN_CPU'] as const)('makes the teardown of %s fail, and the CPU stays', (state) => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.cpuUp(1);
    bench.take();
    bench.cpuhp.setFail(1, state);
    expect(codeOf(() => bench.cpuhp.cpuDown(1))).toBe('EAGAIN');
    expect(bench.calls).toEqual(state === 'CPUHP_AP_ONLINE_DYN' ? [] : ['dyn teardown 1 on 1', 'dyn startup 1 on 1']);
    expect(bench.cpuhp.stateOf(1)).toBe(236);
  });

  test.each([
    ['STARTING', 'CPUHP_AP_CLINT_TIMER_STARTING'], ['PREPARE while the CPU is up', 'CPUHP_BP_PREPARE_DYN'],
    ['bring-up while the CPU is up', 'CPUHP_BRINGUP_CPU'], ['without callbacks', 'CPUHP_ONLINE'], ['unnamed', 233], ['beyond the last', 237], ['negative', -2],
  ] as const)('is refused for states that are %s', (_, state) => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.cpuUp(1);
    expect(codeOf(() => bench.cpuhp.setFail(1, state))).toBe('EINVAL');
    expect(bench.cpuhp.failOf(1)).toBe(-1);
  });

  test('is taken back with -1', () => {
    const bench = spoiled(() => ({}));
    bench.cpuhp.setFail(1, 'CPUHP_AP_ONLINE_DYN');
    bench.cpuhp.setFail(1, CPUHP_INVALID);
    bench.cpuhp.cpuUp(1);
    expect(bench.cpuhp.stateOf(1)).toBe(236);
  });
});

describe('notifyCpuStarting', () => {
  test('on another CPU or with interrupts on is reported', () => {
    const bench = spoiled(({ smp, cpuhp }) => ({ bringup: (cpu) => { cpuhp.notifyCpuStarting(cpu); smp.cpus.online.set(cpu); } }));
    bench.cpuhp.cpuUp(1);
    expect(bench.smp.diagnostics.take().map(({ kind }) => kind)).toEqual(['wrong-cpu', 'context']);
  });

  test('of a CPU that nobody brings up is reported, and calls nothing', () => {
    const bench = spoiled(() => ({}));
    bench.smp.cpus.runOn(1, () => { bench.smp.cpus.localIrqDisable(); bench.cpuhp.notifyCpuStarting(1); });
    expect(bench.smp.diagnostics.take('warn')).toHaveLength(1);
    expect(bench.calls).toEqual([]);
  });
});
