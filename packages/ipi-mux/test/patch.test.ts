import {
  allocDescFrom, disablePercpuIrq, enablePercpuIrq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, percpuIsEnabled, requestIrq, requestPercpuIrq, setChip, setHandler,
  dummyIrqChip, handleSimpleIrq,
} from '@irqchip/genirq-core';
import type { CpuhpStateName } from '@irqchip/cpuhp';
import type { IpiMux, IpiMuxPatchContract } from '@irqchip/ipi-mux';
import { IrqError, PerCpu } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';
import { Intc } from './intc.ts';

const LINE = 5;
const STATE = 'irqchip/ipi-mux:starting';

interface Rig {
  bench: Bench; intc: Intc; parent: number;
  /** What the two operations were called with, and what bits the mux had then. */
  ops: string[];
  contract: IpiMuxPatchContract;
  mux(contract?: IpiMuxPatchContract): IpiMux;
  user(mux: IpiMux, hwirq: number, also?: () => void): void;
  ran: string[];
}

/** A machine whose line 5 is a doorbell that the posted contract drives. */
function rig(line: number = LINE, on?: Rig): Rig {
  const bench = on?.bench ?? new Bench();
  const intc = on?.intc ?? new Intc(bench.domains);
  const parent = intc.map(line);
  const { cpus } = bench.smp;
  const ops: string[] = [];
  const ran: string[] = [];
  const made: { mux: IpiMux | null } = { mux: null };
  const contract: IpiMuxPatchContract = {
    parentVirq: parent, nrIpi: 8,
    ops: {
      clear: (virq) => {
        ops.push(`clear ${virq} on ${cpus.current}, pending ${[0, 1, 2, 3, 4, 5, 6, 7].filter((i) => made.mux!.isPending(cpus.current, i)).join()}`);
        intc.lower(cpus.current, line);
      },
      send: (virq, mask) => {
        ops.push(`send ${virq} to ${mask.toList()}`);
        for (const cpu of mask) intc.raise(cpu, line);
      },
    },
  };
  return {
    bench, intc, parent, ops, ran, contract,
    mux: (as = contract) => (made.mux = bench.muxes.create(as)),
    user: (mux, hwirq, also = () => undefined) => {
      requestPercpuIrq(bench.genirq, mux.virq + hwirq, (irq, cpu: number) => { ran.push(`${irq - mux.virq}@${cpu}`); also(); return IRQ_HANDLED; }, 'user', new PerCpu((cpu) => cpu));
      for (const cpu of cpus.online) cpus.runOn(cpu, () => enablePercpuIrq(bench.genirq, mux.virq + hwirq, IRQ_TYPE.NONE));
    },
  };
}

function send({ bench }: Rig, mux: IpiMux, hwirq: number, cpus: readonly number[], from = 0): void {
  const mask = bench.smp.cpus.online.clone().clearAll();
  for (const cpu of cpus) mask.set(cpu);
  const desc = irqToDesc(bench.genirq, mux.virq + hwirq)!;
  bench.smp.cpus.runOn(from, () => desc.irqData.chip.ipiSendMask!(desc.irqData, mask));
}

const stateLines = ({ bench }: Rig): string[] => bench.cpuhp.statesText().split('\n').filter((line) => line.includes(STATE));
const parentOn = (it: Rig): number[] => [0, 1, 2, 3].filter((cpu) => it.bench.smp.cpus.runOn(cpu, () => percpuIsEnabled(it.bench.genirq, it.parent)));

test('with a parent the mux chains it, enables it on every CPU, and registers one hotplug state', () => {
  const it = rig();
  it.mux();
  expect(irqToDesc(it.bench.genirq, it.parent)!.handleIrq.name).toBe('ipiMuxHandler');
  expect([it.intc.cpusWith(LINE), parentOn(it)]).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
  expect(stateLines(it)).toHaveLength(1);
  expect(it.bench.smp.diagnostics.open).toEqual([]);
});

test('the parent interrupt ends in the handlers, between eoi of the parent, in hard irq', () => {
  const it = rig();
  const mux = it.mux();
  it.user(mux, 2, () => { it.ran.push(it.bench.smp.cpus.inHardirq() ? 'hardirq' : 'task'); });
  it.intc.calls.length = 0;
  send(it, mux, 2, [1, 3]);
  expect(it.ran).toEqual([]);
  it.intc.settle();
  expect(it.ran).toEqual(['2@1', 'hardirq', '2@3', 'hardirq']);
  expect(it.intc.calls).toEqual(['eoi@1', 'eoi@3']);
  expect(irqToDesc(it.bench.genirq, it.parent)!.countOn(1)).toBe(0);
  expect(it.bench.smp.diagnostics.open).toEqual([]);
});

test('clear comes before the bits are taken, once an interrupt; send once a send, with those that need it', () => {
  const it = rig();
  const mux = it.mux();
  it.user(mux, 2);
  it.user(mux, 4);
  it.bench.smp.cpus.runOn(3, () => disablePercpuIrq(it.bench.genirq, mux.virq + 2));
  send(it, mux, 2, [3, 1, 0], 3);
  send(it, mux, 2, [0, 1, 2], 3);
  send(it, mux, 2, [0, 1, 2, 3], 3);
  send(it, mux, 4, [1], 3);
  expect(it.ops).toEqual([`send ${it.parent} to 0-1`, `send ${it.parent} to 2`, `send ${it.parent} to 1`]);
  it.ops.length = 0;
  it.intc.settle();
  expect(it.ops).toEqual([
    `clear ${it.parent} on 0, pending 2`, `clear ${it.parent} on 1, pending 2,4`, `clear ${it.parent} on 2, pending 2`,
  ]);
  expect(it.ran).toEqual(['2@0', '2@1', '4@1', '2@2']);
});

test('unmasking what is pending sends to this CPU alone', () => {
  const it = rig();
  const mux = it.mux();
  send(it, mux, 6, [1]);
  expect(it.ops).toEqual([]);
  it.bench.smp.cpus.runOn(1, () => enablePercpuIrq(it.bench.genirq, mux.virq + 6, IRQ_TYPE.NONE));
  expect(it.ops[0]).toBe(`send ${it.parent} to 1`);
});

test('parent 0: no chained handler, no hotplug state; the driver calls process, which clears', () => {
  const it = rig();
  const mux = it.bench.muxes.create({ ...it.contract, parentVirq: 0, ops: { clear: (virq) => { it.ops.push(`clear ${virq}`); }, send: () => undefined } });
  expect([stateLines(it), irqToDesc(it.bench.genirq, it.parent)!.action, it.intc.cpusWith(LINE)]).toEqual([[], null, []]);
  it.bench.smp.cpus.localIrqDisable();
  it.bench.smp.cpus.irqEnter();
  mux.process();
  expect(it.ops).toEqual(['clear 0']);
});

test('a CPU that comes up gets its parent enabled, and one that goes down keeps it', () => {
  const it = rig();
  it.bench.cpuhp.cpuDown(2);
  it.mux();
  expect(it.intc.cpusWith(LINE)).toEqual([0, 1, 3]);
  it.bench.cpuhp.cpuUp(2);
  expect([it.intc.cpusWith(LINE), parentOn(it)]).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
  it.bench.cpuhp.cpuDown(1);
  expect([it.intc.cpusWith(LINE), parentOn(it)]).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
});

test('hotplugState puts the enabling into a STARTING state: the CPU is not online yet', () => {
  const it = rig();
  it.bench.cpuhp.cpuDown(2);
  it.bench.muxes.create({ ...it.contract, hotplugState: 'CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING' });
  const { domain } = it.intc;
  const chip = irqToDesc(it.bench.genirq, it.parent)!.irqData.chip;
  const seen: boolean[] = [];
  setChip(it.bench.genirq, it.parent, { ...chip, irqUnmask: (data) => { seen.push(it.bench.smp.cpus.online.test(2)); chip.irqUnmask!(data); } });
  it.bench.cpuhp.cpuUp(2);
  expect([seen, it.intc.cpusWith(LINE), domain.name]).toEqual([[false], [0, 1, 2, 3], 'intc']);
});

describe('what the parent has to be', () => {
  test.each<[string, string, (it: Rig) => number]>([
    ['EINVAL', 'an irq that does not exist', () => 999],
    ['EINVAL', 'a negative number', () => -1],
    ['EINVAL', 'an irq that is not per-CPU', (it) => {
      const irq = allocDescFrom(it.bench.genirq, 1, 0);
      setChip(it.bench.genirq, irq, dummyIrqChip);
      setHandler(it.bench.genirq, irq, handleSimpleIrq);
      return irq;
    }],
    ['EINVAL', 'an irq that is not per-CPU and in use', (it) => {
      const irq = allocDescFrom(it.bench.genirq, 1, 0);
      setChip(it.bench.genirq, irq, dummyIrqChip);
      setHandler(it.bench.genirq, irq, handleSimpleIrq);
      requestIrq(it.bench.genirq, irq, () => IRQ_HANDLED, 0, 'somebody', it);
      return irq;
    }],
    ['EBUSY', 'a per-CPU irq that is requested', (it) => {
      requestPercpuIrq(it.bench.genirq, it.parent, () => IRQ_HANDLED, 'somebody', new PerCpu(() => 0));
      return it.parent;
    }],
    ['EBUSY', 'a parent that is chained', (it) => {
      it.bench.muxes.create({ nrIpi: 8, send: () => undefined });
      it.mux();
      const other = rig(LINE, it);
      // Another machine-wide list of muxes knows nothing of the first.
      return other.parent;
    }],
  ])('%s for %s; nothing left behind', (code, what, parentOf) => {
    const it = rig();
    const parentVirq = parentOf(it);
    const muxes = what.includes('chained') ? new (it.bench.muxes.constructor as new (...args: unknown[]) => typeof it.bench.muxes)(it.bench.domains, it.bench.cpuhp) : it.bench.muxes;
    const before = it.bench.leftovers();
    expect(codeOf(() => muxes.create({ ...it.contract, parentVirq }))).toBe(code);
    expect(it.bench.leftovers()).toEqual(before);
  });

  test('EINVAL for a parent that no CPU can unmask; nothing left behind', () => {
    const it = rig();
    const chip = irqToDesc(it.bench.genirq, it.parent)!.irqData.chip;
    setChip(it.bench.genirq, it.parent, { name: 'no unmask', irqEoi: chip.irqEoi! });
    const before = it.bench.leftovers();
    expect(codeOf(() => it.mux())).toBe('EINVAL');
    expect(it.bench.leftovers()).toEqual(before);
    expect(irqToDesc(it.bench.genirq, it.parent)!.action).toBeNull();
  });

  test.each([0, 2])('CPU%i cannot enable the parent: undone on all of them', (broken) => {
    const it = rig();
    const chip = irqToDesc(it.bench.genirq, it.parent)!.irqData.chip;
    setChip(it.bench.genirq, it.parent, { ...chip, irqUnmask: (data) => {
      if (it.bench.smp.cpus.current === broken) throw new IrqError('EIO', `CPU${broken} has a broken controller`);
      chip.irqUnmask!(data);
    } });
    const before = it.bench.leftovers();
    expect(codeOf(() => it.mux())).toBe('EIO');
    expect(it.bench.leftovers()).toEqual(before);
    expect([it.intc.cpusWith(LINE), parentOn(it), irqToDesc(it.bench.genirq, it.parent)!.action]).toEqual([[], [], null]);
  });
});

describe('a setup that throws', () => {
  test.each<[string, CpuhpStateName | undefined]>([['dynamic', undefined], ['STARTING', 'CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING']])(
    'undoes everything, with a %s hotplug state, and the parent can be used again', (_kind, hotplugState) => {
      const it = rig();
      const contract = { ...it.contract, ...(hotplugState ? { hotplugState } : {}) };
      const before = it.bench.leftovers();
      const settings = irqToDesc(it.bench.genirq, it.parent)!.settings;
      const seen: string[] = [];
      expect(codeOf(() => it.bench.muxes.create(contract, (mux) => {
        seen.push(mux.domain.name, String(stateLines(it).length));
        throw new IrqError('ENODEV', 'the rest of the hardware is not there');
      }))).toBe('ENODEV');
      expect(seen).toEqual(['IPI-Mux-6', '1']);
      expect(it.bench.leftovers()).toEqual(before);
      const desc = irqToDesc(it.bench.genirq, it.parent)!;
      expect({ action: desc.action, flow: desc.handleIrq.name, settings: desc.settings }).toEqual({ action: null, flow: 'handleBadIrq', settings });
      expect([it.intc.cpusWith(LINE), parentOn(it)]).toEqual([[], []]);
      // A CPU that comes up meanwhile must not find the old callback.
      it.bench.cpuhp.cpuDown(3);
      it.bench.cpuhp.cpuUp(3);
      expect(it.intc.cpusWith(LINE)).toEqual([]);
      const mux = it.mux(contract);
      it.user(mux, 1);
      send(it, mux, 1, [0, 1, 2, 3]);
      it.intc.settle();
      expect(it.ran).toEqual(['1@0', '1@1', '1@2', '1@3']);
      expect(it.bench.smp.diagnostics.open).toEqual([]);
    });

  test('undoes in reverse: no parent interrupt can come when the vIPIs go, and the firmware node goes last', () => {
    const it = rig();
    const { domains, smp, genirq } = it.bench;
    const seen: unknown[] = [];
    smp.log.watch(({ text }) => {
      if (text === 'irq: Removed domain IPI-Mux-6') seen.push([irqToDesc(genirq, it.parent)!.action, it.intc.cpusWith(LINE), stateLines(it), domains.liveFwnodes.size]);
    });
    codeOf(() => it.bench.muxes.create(it.contract, () => { throw new IrqError('ENODEV', 'no'); }));
    expect([seen, domains.liveFwnodes.size]).toEqual([[[null, [], [], 2]], 1]);
  });

  test('with the merged contract too', () => {
    const bench = new Bench();
    const before = bench.leftovers();
    expect(() => bench.muxes.create(bench.contract('merged'), () => { throw new TypeError('a slip in the driver'); })).toThrow(TypeError);
    expect(bench.leftovers()).toEqual(before);
    bench.create('merged');
    expect(bench.mux.domain.name).toBe('IPI-Mux-6');
  });

  test('that has requested a vIPI and keeps it is a leak, and says which', () => {
    const bench = new Bench();
    const before = bench.leftovers();
    codeOf(() => bench.muxes.create(bench.contract('merged'), (mux) => {
      requestPercpuIrq(bench.genirq, mux.virq + 3, () => IRQ_HANDLED, 'keeper', new PerCpu(() => 0));
      throw new IrqError('ENODEV', 'no');
    }));
    expect(bench.leftovers()).toEqual(before);
    expect(bench.smp.diagnostics.take()).toMatchObject([{ kind: 'leak', message: expect.stringMatching(/vIPI 3 .*keeper/) as string }]);
  });
});

describe('several muxes', () => {
  test('one a parent: other names, other virqs, other bits', () => {
    const first = rig();
    const a = first.mux();
    const second = rig(7, first);
    const b = second.mux();
    expect([a.domain.name, b.domain.name]).toEqual(['IPI-Mux-6', 'IPI-Mux-1-6']);
    expect(b.virq).toBeGreaterThanOrEqual(a.virq + 8);
    first.user(a, 1);
    second.user(b, 1);
    send(first, a, 1, [2]);
    expect([a.isPending(2, 1), b.isPending(2, 1)]).toEqual([true, false]);
    first.intc.settle();
    expect([first.ran, second.ran]).toEqual([['1@2'], []]);
    send(second, b, 1, [2]);
    first.intc.settle();
    expect([first.ran, second.ran]).toEqual([['1@2'], ['1@2']]);
    expect(first.bench.muxes.all).toEqual([a, b]);
    expect(first.bench.smp.diagnostics.open).toEqual([]);
  });

  test('a second one on the same parent is EEXIST, under either contract', () => {
    const it = rig();
    it.mux();
    const before = it.bench.leftovers();
    expect(codeOf(() => it.bench.muxes.create(it.contract))).toBe('EEXIST');
    expect(codeOf(() => it.bench.muxes.create({ nrIpi: 8, send: () => undefined, parent: it.parent }))).toBe('EEXIST');
    expect(it.bench.leftovers()).toEqual(before);
  });

  test('muxes without a named parent are one a machine, beside those with one', () => {
    const it = rig();
    it.mux();
    it.bench.create('merged');
    expect(codeOf(() => it.bench.create('patch'))).toBe('EEXIST');
    expect(it.bench.muxes.all).toHaveLength(2);
  });
});
