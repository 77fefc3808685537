import { Cpus, NR_CPUS, Smp, type CpusHooks } from '@irqchip/smp';

/** CPUs whose deliveries, waits and switches are written down. */
function watched(nr: number, relax: () => boolean = () => false): { cpus: Cpus; events: string[] } {
  const cpus = new Cpus(nr);
  const events: string[] = [];
  const hooks: CpusHooks = {
    deliver: () => { events.push(`deliver on ${cpus.current}`); },
    relax,
    switched: (cpu) => { events.push(`to ${cpu}`); },
  };
  cpus.attach(hooks);
  return { cpus, events };
}

test('a fresh machine has all CPUs possible and present, CPU 0 online and running, interrupts on', () => {
  const { cpus } = new Smp({ nrCpus: 3 });
  expect([cpus.possible, cpus.present, cpus.online, cpus.dying].map(String)).toEqual(['0-2', '0-2', '0', '']);
  expect([cpus.nrCpuIds, cpus.current, cpus.inHardirq(), cpus.irqsDisabled()]).toEqual([3, 0, false, false]);
});

test('a machine has 1 to 4,096 CPUs', () => {
  for (const nr of [0, -1, 2.5, NR_CPUS + 1]) expect(() => new Cpus(nr)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  expect(new Cpus(NR_CPUS).possible.weight()).toBe(4096);
});

test('two machines share no state', () => {
  const [a, b] = [new Cpus(2), new Cpus(2)];
  a.localIrqDisable();
  a.online.set(1);
  a.irqEnter();
  expect([b.irqsDisabled(), b.online.test(1), b.inHardirq()]).toEqual([false, false, false]);
});

describe('interrupts on and off', () => {
  test('belong to the running CPU alone', () => {
    const { cpus } = watched(2);
    cpus.localIrqDisable();
    expect([cpus.irqsDisabledOn(0), cpus.irqsDisabledOn(1)]).toEqual([true, false]);
    cpus.runOn(1, () => { expect(cpus.irqsDisabled()).toBe(false); });
    expect(cpus.irqsDisabled()).toBe(true);
  });

  test('switching on takes what was waiting', () => {
    const { cpus, events } = watched(1);
    cpus.localIrqDisable();
    expect(events).toEqual([]);
    cpus.localIrqEnable();
    expect([cpus.irqsDisabled(), events]).toEqual([false, ['deliver on 0']]);
  });

  test('save and restore nest: only the outer restore switches on', () => {
    const { cpus, events } = watched(1);
    const outer = cpus.localIrqSave();
    const inner = cpus.localIrqSave();
    cpus.localIrqRestore(inner);
    expect([cpus.irqsDisabled(), events]).toEqual([true, []]);
    cpus.localIrqRestore(outer);
    expect([cpus.irqsDisabled(), events]).toEqual([false, ['deliver on 0']]);
  });

  test('restoring a state with interrupts off switches them off again', () => {
    const { cpus } = watched(1);
    cpus.localIrqDisable();
    const flags = cpus.localIrqSave();
    cpus.localIrqEnable();
    cpus.localIrqRestore(flags);
    expect(cpus.irqsDisabled()).toBe(true);
  });

  test('the return from a trap switches on without taking the next one', () => {
    const { cpus, events } = watched(1);
    cpus.localIrqDisable();
    cpus.trapReturn();
    expect([cpus.irqsDisabled(), events]).toEqual([false, []]);
  });

  test('an access boundary delivers, unless interrupts are off', () => {
    const { cpus, events } = watched(1);
    cpus.boundary();
    cpus.localIrqDisable();
    cpus.boundary();
    expect(events).toEqual(['deliver on 0']);
  });

  test('nothing attached: switching on and boundaries are quiet, and nobody else can make progress', () => {
    const cpus = new Cpus(1);
    cpus.localIrqDisable();
    cpus.localIrqEnable();
    cpus.boundary();
    expect(cpus.relax()).toBe(false);
  });
});

test('hard interrupts nest, each CPU for itself', () => {
  const { cpus } = watched(2);
  cpus.irqEnter();
  cpus.irqEnter();
  cpus.irqExit();
  expect(cpus.inHardirq()).toBe(true);
  expect(cpus.runOn(1, () => cpus.inHardirq())).toBe(false);
  cpus.irqExit();
  expect(cpus.inHardirq()).toBe(false);
});

describe('runOn', () => {
  test('runs as the other CPU, returns its result, and comes back', () => {
    const { cpus, events } = watched(3);
    expect(cpus.runOn(2, () => cpus.current)).toBe(2);
    expect([cpus.current, events]).toEqual([0, ['to 2', 'to 0']]);
  });

  test('nests', () => {
    const { cpus } = watched(3);
    const seen = cpus.runOn(1, () => [cpus.current, cpus.runOn(2, () => cpus.current), cpus.current]);
    expect(seen).toEqual([1, 2, 1]);
  });

  test('comes back when the other CPU throws', () => {
    const { cpus, events } = watched(2);
    expect(() => cpus.runOn(1, () => { throw new Error('oops'); })).toThrow('oops');
    expect([cpus.current, events]).toEqual([0, ['to 1', 'to 0']]);
  });

  test('on the running CPU switches nothing', () => {
    const { cpus, events } = watched(2);
    expect(cpus.runOn(0, () => 5)).toBe(5);
    expect(events).toEqual([]);
  });

  test('a CPU keeps its own context between visits', () => {
    const { cpus } = watched(2);
    cpus.runOn(1, () => { cpus.localIrqDisable(); cpus.irqEnter(); });
    expect([cpus.irqsDisabled(), cpus.inHardirq()]).toEqual([false, false]);
    expect(cpus.runOn(1, () => [cpus.irqsDisabled(), cpus.inHardirq()])).toEqual([true, true]);
  });

  test('an impossible CPU is EINVAL, and nothing ran', () => {
    const { cpus } = watched(2);
    cpus.possible.clear(1);
    let ran = 0;
    for (const cpu of [1, 2, -1]) expect(() => cpus.runOn(cpu, () => ran++)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect([ran, cpus.current]).toEqual([0, 0]);
  });
});

describe('migrate', () => {
  test('the task goes on as another CPU until its runOn ends', () => {
    const { cpus, events } = watched(3);
    cpus.online.set(2);
    expect(cpus.runOn(1, () => { cpus.migrate(2); return cpus.current; })).toBe(2);
    expect([cpus.current, events]).toEqual([0, ['to 1', 'to 2', 'to 0']]);
    cpus.migrate(2);
    expect(cpus.current).toBe(2);
  });

  test('to a CPU that is not online is EINVAL, and the task stays where it is', () => {
    const { cpus } = watched(2);
    for (const cpu of [1, 2, -1]) expect(() => cpus.migrate(cpu)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(cpus.current).toBe(0);
  });
});

describe('waitUntil', () => {
  test('does not let anybody run when the condition holds already', () => {
    let relaxed = 0;
    watched(1, () => { relaxed++; return true; }).cpus.waitUntil(() => true, 'nothing');
    expect(relaxed).toBe(0);
  });

  test('lets others run until the condition holds', () => {
    let left = 3;
    const { cpus } = watched(1, () => { left--; return true; });
    cpus.waitUntil(() => left === 0, 'the countdown');
    expect(left).toBe(0);
  });

  test('the last progress may be what fulfils the condition', () => {
    let done = false;
    const { cpus } = watched(1, () => { done = true; return false; });
    expect(() => { cpus.waitUntil(() => done, 'the last step'); }).not.toThrow();
  });

  test('is EDEADLK when no CPU can make progress, and says who waits for what', () => {
    const { cpus } = watched(2);
    expect(() => cpus.runOn(1, () => { cpus.waitUntil(() => false, 'CPU 0 to answer'); })).toThrow(expect.objectContaining({ code: 'EDEADLK', errno: -35, message: expect.stringMatching(/CPU1 .*CPU 0 to answer/) as unknown }));
  });
});
