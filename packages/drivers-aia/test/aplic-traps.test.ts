/** The driver on the register model: what of the specification a driver can trip over. */
import { disableIrqNosync, enableIrq, freeIrq, IRQ_HANDLED, IRQ_NONE, irqSetAffinity, irqToDesc, requestIrq, setIrqType } from '@irqchip/genirq-core';
import { CpuMask } from '@irqchip/smp';
import type { AplicOptions as ModelOptions } from '../hardware/index.ts';
import { AplicBench, FALLING, HIGH, LOW, RISING, type AplicBenchOptions, type AplicOptions } from './aplic-bench.ts';
import { AplicMsiBench } from './aplic-msi-bench.ts';
import { modelled, type ModelledAplic } from './aplic-model.ts';

interface Rig extends ModelledAplic { readonly bench: AplicBench; readonly runs: string[] }

/** A probed APLIC on its model; `runs` are filled by handlers of {@link listen}. */
function direct(model: ModelOptions = {}, options: AplicOptions = {}, machine: AplicBenchOptions = {}): Rig {
  const bench = new AplicBench(machine);
  const made = modelled(bench, model, options);
  made.node.probe();
  return { bench, runs: [], ...made };
}

function overMessages(model: ModelOptions = {}, machine: AplicBenchOptions = {}): Rig & { bench: AplicMsiBench } {
  const bench = new AplicMsiBench(machine);
  const made = modelled(bench, model);
  made.node.probe();
  return { bench, runs: [], ...made };
}

/** Requests a source whose device is quiet after so many runs of its handler; a line that is low when active gives 'low'. */
function listen(rig: Rig, source: number, type: number, runs = 1): number {
  let left = runs;
  return rig.node.request(source, type, () => {
    rig.runs.push(`${source} on CPU${rig.bench.m.smp.cpus.current}`);
    if (type === HIGH || type === LOW) left = --left <= 0 ? (quiet(rig, source, type), runs) : left;
  });
}

const quiet = ({ hw }: Rig, source: number, type: number): void => hw.setInput(source, type === LOW || type === FALLING);

function raise(rig: Rig, source: number, type = HIGH): void {
  rig.hw.setInput(source, type === HIGH || type === RISING);
  settle(rig);
}

/** Until nothing is left to do; what one CPU asks of another's interrupt file is done at the next tick. */
function settle({ bench }: Rig): void {
  bench.m.settle();
  if (bench instanceof AplicMsiBench) bench.imsic.advance(8e6);
}

function expectNothingOpen({ bench }: Rig): void { expect(bench.m.smp.diagnostics.open).toEqual([]); }

const to = (rig: Rig, virq: number, cpu: number): void => {
  irqSetAffinity(rig.bench.m.genirq, virq, new CpuMask(4, [cpu]));
  settle(rig);
};

const MODES: [string, (model?: ModelOptions) => Rig][] = [['direct', (model) => direct(model)], ['MSI', (model) => overMessages(model)]];

describe.each(MODES)('%s mode', (_mode, make) => {
  test.each([['high', HIGH], ['low', LOW], ['rising', RISING], ['falling', FALLING]])('%s: one arrival, one run', (_name, type) => {
    const rig = make();
    if (type === LOW || type === FALLING) rig.hw.setInput(10, true);
    listen(rig, 10, type);
    raise(rig, 10, type);
    expect(rig.runs).toEqual(['10 on CPU0']);
    quiet(rig, 10, type);
    raise(rig, 10, type);
    expect(rig.runs).toEqual(['10 on CPU0', '10 on CPU0']);
    expectNothingOpen(rig);
  });

  test.each([0, 1, 2, 3])('moved to CPU %i it arrives there', (cpu) => {
    const rig = make();
    to(rig, listen(rig, 10, HIGH), cpu);
    raise(rig, 10);
    expect(rig.runs).toEqual([`10 on CPU${cpu}`]);
    expectNothingOpen(rig);
  });

  test('a level that outlasts its handler arrives again until it falls', () => {
    const rig = make();
    listen(rig, 10, HIGH, 3);
    raise(rig, 10);
    expect(rig.runs).toHaveLength(3);
    expectNothingOpen(rig);
  });

  test('a level that is up before anybody asks for it arrives at the request', () => {
    const rig = make();
    rig.hw.setInput(10, true);
    listen(rig, 10, HIGH);
    settle(rig);
    expect(rig.runs).toEqual(['10 on CPU0']);
  });

  test('the same on a device whose source mode never sets pending', () => {
    const rig = make({ sourcecfgSetsPending: false });
    rig.hw.setInput(10, true);
    listen(rig, 10, HIGH);
    rig.bench.m.settle();
    expect(rig.runs).toEqual(['10 on CPU0']);
  });

  test('a target that sticks while the source is inactive makes no difference', () => {
    const rig = make({ targetsStickWhileInactive: true });
    to(rig, listen(rig, 10, HIGH), 2);
    raise(rig, 10);
    expect(rig.runs).toEqual(['10 on CPU2']);
  });

  test('on qemu-11.1', () => {
    const rig = make({ quirks: 'qemu-11.1' });
    to(rig, listen(rig, 10, HIGH, 2), 1);
    listen(rig, 11, RISING);
    raise(rig, 10);
    raise(rig, 11, RISING);
    expect(rig.runs.map((run) => run.slice(0, 2))).toEqual(['10', '10', '11']);
    expectNothingOpen(rig);
  });

  test('a level that stays up while disabled arrives when enabled, and does not storm in between', () => {
    const rig = make();
    const virq = listen(rig, 10, HIGH);
    disableIrqNosync(rig.bench.m.genirq, virq);
    raise(rig, 10);
    expect(rig.runs).toEqual([]);
    enableIrq(rig.bench.m.genirq, virq);
    rig.bench.m.settle();
    expect(rig.runs).toEqual(['10 on CPU0']);
    expectNothingOpen(rig);
  });

  test('freed, and requested with another type', () => {
    const rig = make();
    const { genirq } = rig.bench.m;
    const virq = listen(rig, 10, HIGH);
    freeIrq(genirq, virq);
    raise(rig, 10);
    quiet(rig, 10, HIGH);
    setIrqType(genirq, virq, RISING);
    let runs = 0;
    requestIrq(genirq, virq, () => { runs++; return IRQ_HANDLED; }, 0, 'again');
    raise(rig, 10, RISING);
    // In MSI mode the change from a level raises the source, as if it were still one: the kernel's driver does that, too.
    expect([rig.runs, runs]).toEqual([[], rig.bench instanceof AplicMsiBench ? 2 : 1]);
  });

  test('a level that nobody handles is given up, and all others go on', () => {
    const rig = make();
    const virq = rig.node.request(10, HIGH, () => IRQ_NONE);
    raise(rig, 10);
    expect(rig.bench.m.log()).toContain(`Disabling IRQ #${virq}`);
    expect(irqToDesc(rig.bench.m.genirq, virq)!.totCount).toBe(100_000);
    listen(rig, 11, HIGH);
    raise(rig, 11);
    expect(rig.runs.map((run) => run.slice(0, 2))).toEqual(['11']);
    expect(rig.bench.m.smp.diagnostics.take().map(({ kind }) => kind)).toEqual(['spurious']);
  });

  test('a CPU goes: its interrupts arrive at another one, and stay there when it is back', () => {
    const rig = make();
    const { cpuhp } = rig.bench.m;
    to(rig, listen(rig, 10, HIGH), 1);
    cpuhp.cpuDown(1);
    raise(rig, 10);
    const [first] = rig.runs;
    expect(first).toMatch(/^10 on CPU[023]$/);
    cpuhp.cpuUp(1);
    raise(rig, 10);
    expect(rig.runs).toEqual([first, first]);
    expectNothingOpen(rig);
  });
});

describe('direct mode only', () => {
  test.each(['qemu-7.2', 'qemu-10.0'] as const)('%s latches levels: they arrive once more after they fell', (quirks) => {
    const rig = direct({ quirks });
    to(rig, listen(rig, 10, HIGH, 2), 1);
    raise(rig, 10);
    expect(rig.runs).toEqual(['10 on CPU1', '10 on CPU1', '10 on CPU1']);
    expectNothingOpen(rig);
  });

  test('the claim of a level does not clear it: a lying handler is masked after 200,000, and reported', () => {
    const rig = direct();
    const virq = rig.node.request(10, HIGH);
    raise(rig, 10);
    expect(rig.bench.m.smp.diagnostics.take('storm')).toHaveLength(1);
    expect(irqToDesc(rig.bench.m.genirq, virq)!.totCount).toBeGreaterThanOrEqual(200_000);
    listen(rig, 11, HIGH);
    raise(rig, 11);
    expect(rig.runs).toEqual(['11 on CPU0']);
  });

  test.each<[string, ModelOptions, number]>([
    ['strict: what is written to target while the source is inactive is lost', {}, 0],
    ['a device whose targets stick keeps it', { targetsStickWhileInactive: true }, 1],
  ])('%s; the write after the start counts', (_name, model, mapped) => {
    const rig = direct(model, { parents: [1, 0, 2, 3].map((cpu) => ({ cpu, irq: 9 })) });
    const virq = rig.node.map(10, HIGH);
    const target = (): number => rig.hw.read(0x3028, 4);
    // CPU 0, the first that the APLIC reaches, is hart index 1 here.
    expect(target()).toBe(mapped === 0 ? 0 : (1 << 18) | 1);
    requestIrq(rig.bench.m.genirq, virq, () => IRQ_HANDLED, 0, 'target');
    expect(target()).toBe((1 << 18) | 1);
  });

  test('the smallest source comes first', () => {
    const rig = direct();
    for (const source of [70, 3, 40]) listen(rig, source, RISING);
    for (const source of [70, 40, 3]) rig.hw.setInput(source, true);
    rig.bench.m.settle();
    expect(rig.runs.map((run) => Number.parseInt(run, 10))).toEqual([3, 40, 70]);
  });

  test('a spurious interrupt: the line fell before the claim, and nothing happens', () => {
    const rig = direct();
    listen(rig, 10, HIGH);
    const flags = rig.bench.m.smp.cpus.localIrqSave();
    rig.hw.setInput(10, true);
    rig.hw.setInput(10, false);
    rig.bench.m.smp.cpus.localIrqRestore(flags);
    rig.bench.m.settle();
    expect(rig.runs).toEqual([]);
  });

  test('iforce: one interrupt without a source, and none after it', () => {
    const rig = direct();
    listen(rig, 10, HIGH);
    rig.hw.write(0x4004, 4, 1);
    rig.bench.m.settle();
    expect([rig.runs, rig.hw.read(0x4004, 4)]).toEqual([[], 0]);
  });

  test('between the start of an interrupt and its affinity a strict device serves hart index 0, whoever that is', () => {
    const rig = direct({}, { parents: [{ cpu: 1, irq: 9 }, { cpu: 0, irq: 9 }] });
    rig.hw.setInput(10, true);
    listen(rig, 10, HIGH);
    rig.bench.m.settle();
    expect(rig.runs).toHaveLength(1);
    expectNothingOpen(rig);
  });

  test('hart indexes with gaps reach the harts that they name', () => {
    const rig = direct({}, { properties: { 'riscv,hart-indexes': [3, 0, 17, 5] } });
    for (const cpu of [0, 1, 2, 3]) {
      to(rig, listen(rig, 10 + cpu, HIGH), cpu);
      raise(rig, 10 + cpu);
    }
    expect(rig.runs).toEqual(['10 on CPU0', '11 on CPU1', '12 on CPU2', '13 on CPU3']);
  });

  test('two sockets, each with its own APLIC', () => {
    const bench = new AplicBench();
    const rigs: Rig[] = [[0, 1], [2, 3]].map((cpus, i) => {
      const made = modelled(bench, {}, { base: 0xd000000 + 0x8000 * i, parents: cpus.map((cpu) => ({ cpu, irq: 9 })) });
      made.node.probe();
      return { bench, runs: [], ...made };
    });
    for (const rig of rigs) listen(rig, 10, HIGH);
    for (const rig of rigs) raise(rig, 10);
    expect(rigs.map(({ runs }) => runs)).toEqual([['10 on CPU0'], ['10 on CPU2']]);
  });
});

describe('MSI mode only', () => {
  test('a device whose setipnum ignores the wire, as qemu-7.2 does, raises a level for ever', () => {
    const rig = overMessages({ quirks: 'qemu-7.2' });
    const { genirq } = rig.bench.m;
    let runs = 0;
    const virq = rig.node.map(10, HIGH);
    requestIrq(genirq, virq, () => {
      rig.hw.setInput(10, false);
      if (++runs === 50) disableIrqNosync(genirq, virq);
      return IRQ_HANDLED;
    }, 0, 'endless');
    raise(rig, 10);
    expect(runs).toBe(50);
  });

  test('a level is raised again by setipnum_le alone: without that write it comes once', () => {
    const rig = overMessages();
    const write = rig.hw.write.bind(rig.hw);
    rig.hw.write = (offset, width, value) => { if (offset !== 0x2000) write(offset, width, value); };
    listen(rig, 10, HIGH, 3);
    raise(rig, 10);
    expect(rig.runs).toHaveLength(1);
    rig.hw.write = write;
    write(0x2000, 4, 10);
    rig.bench.m.settle();
    expect(rig.runs).toHaveLength(3);
  });

  test('after the level fell setipnum_le raises nothing', () => {
    const rig = overMessages();
    listen(rig, 10, HIGH);
    raise(rig, 10);
    rig.hw.write(0x2000, 4, 10);
    rig.bench.m.settle();
    expect(rig.runs).toHaveLength(1);
  });

  test('an interrupt that nobody requested any more sends nothing, not even once', () => {
    const rig = overMessages();
    const virq = listen(rig, 10, RISING);
    freeIrq(rig.bench.m.genirq, virq);
    raise(rig, 10, RISING);
    expect(rig.runs).toEqual([]);
    expectNothingOpen(rig);
  });

  test('moved while its level is up: no arrival is lost', () => {
    const rig = overMessages();
    const { m } = rig.bench;
    const virq = listen(rig, 10, HIGH, 4);
    const flags = m.smp.cpus.localIrqSave();
    rig.hw.setInput(10, true);
    irqSetAffinity(m.genirq, virq, new CpuMask(4, [2]));
    m.smp.cpus.localIrqRestore(flags);
    rig.bench.imsic.advance(8e6);
    expect(rig.runs).toHaveLength(4);
    expect(rig.hw.read(0x1c00, 4)).toBe(0);
    expectNothingOpen(rig);
  });
});
