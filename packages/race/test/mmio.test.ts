/** Register files of scenes: pairs of registers that set and clear bits of one word. */
import { Spinlock, type Memory, type MmioRegion, type SharedWords } from '@irqchip/smp';
import {
  barrierReport, explainFailure, exploreScene, LKMM, missingOrders, printBarriers, RVWMO, rvwmoIo, SC, shortestFailure, TSO, type Model, type Scene,
} from '../src/index.ts';

const SET = 0x0;
const CLR = 0x4;
const RVIO = rvwmoIo();

interface Parts { readonly memory: Memory; readonly regs: MmioRegion; readonly box: SharedWords; readonly seen: number[] }
type Code = (parts: Parts) => unknown;

/** A word `bell` behind a pair, which setup() leaves as `initial`. */
function scene(run: readonly Code[], check: Scene<Parts>['check'], { initial = 0, handler }: { initial?: number; handler?: Code } = {}): Scene<Parts> {
  return {
    name: 'pair', cpus: run.length,
    setup(world) {
      const regs = world.mmio(0, 8, (offset) => (offset === SET ? { name: 'bell', write: 'set' } : offset === CLR ? { name: 'bell', write: 'clear' } : null));
      regs.writel(SET, 0xff);
      regs.writelRelaxed(CLR, ~initial);
      const parts: Parts = { memory: world.smp.memory, regs, box: world.smp.memory.words('box', 2), seen: [] };
      if (handler) world.interrupt(0, world.register('bell'), () => { handler(parts); });
      return parts;
    },
    run, check,
    ...(handler ? { observe: ({ seen }: Parts): string => seen.join() } : {}),
  };
}

/** How a scene can end. */
function ends(run: readonly Code[], model: Model, initial = 0): string[] {
  const all = new Set<string>();
  exploreScene(scene(run, ({ observed, register }) => { all.add(`${observed.join('; ')}; bell ${register('bell')}`); return null; }, { initial }), { model, first: false });
  return [...all].sort();
}

describe('a pair of registers that set and clear bits', () => {
  test('1s of a write set or clear, 0s do nothing, and both read the word', () => {
    const steps: Code = ({ regs }) => [[SET, 0b0110], [CLR, 0b0010], [SET, 0], [CLR, 0], [SET, 0b1000]].map(([offset, value]) => {
      regs.writel(offset!, value!);
      return `${regs.readl(SET)} ${regs.readlRelaxed(CLR)}`;
    }).join();
    expect(ends([steps], SC, 0b0001)).toEqual(['7 7,5 5,5 5,5 5,13 13; bell 13']);
  });

  test.each([SC, TSO, LKMM, RVIO])('$name: no CPU\'s bit is lost to another\'s, whatever the order', (model) => {
    const run: Code[] = [({ regs }) => { regs.writelRelaxed(SET, 1); regs.writelRelaxed(SET, 2); }, ({ regs }) => { regs.writelRelaxed(SET, 4); regs.writelRelaxed(CLR, 8); }];
    expect(ends(run, model, 8)).toEqual(['; ; bell 7']);
  });

  test('where one CPU sets what another clears, it is the order at the device', () => {
    expect(ends([({ regs }) => { regs.writel(SET, 1); }, ({ regs }) => { regs.writel(CLR, 1); }], RVIO)).toEqual(['; ; bell 0', '; ; bell 1']);
  });

  test.each([TSO, LKMM, RVIO, RVWMO])('$name: such a write is no atomic of its CPU: reads of memory overtake it', (model) => {
    const code = (own: number): Code => ({ regs, box }) => {
      box.writeOnce(own, 1);
      regs.writelRelaxed(SET, 1 << own);
      return box.readOnce(1 - own);
    };
    expect(ends([code(0), code(1)], model)).toContain('0; 0; bell 3');
  });

  test.each([TSO, LKMM, RVIO])('$name: who reads the bits of two CPUs sees what both had written before', (model) => {
    const run: Code[] = [
      ({ memory, regs, box }) => {
        const bits = regs.readl(SET);
        memory.mb();
        return `${bits}: ${box.readOnce(0)}`;
      },
      ({ regs, box }) => { box.writeOnce(0, 1); regs.writel(SET, 1); },
      ({ regs }) => { regs.writel(SET, 2); },
    ];
    const seen = new Set(ends(run, model).map((end) => end.split(';')[0]));
    expect([...seen]).toEqual(['0: 0', '0: 1', '1: 1', '2: 0', '2: 1', '3: 1']);
  });

  test('offsets that are left out are EFAULT', () => {
    expect(() => exploreScene(scene([({ regs }) => regs.readl(8)], () => null), { model: SC })).toThrow(expect.objectContaining({ code: 'EFAULT', message: 'The scene has no register at offset 0x8.' }));
  });
});

/** CPU 1 leaves a message and sets a bit; the handler clears what is set and looks. */
function mailbox(ring: (parts: Parts) => void): Scene<Parts> {
  return scene(
    [() => undefined, (parts) => { parts.box.writeOnce(0, 1); ring(parts); }],
    ({ observed }) => (observed[0] === '1' ? null : 'the message is not seen'),
    { handler: ({ memory, regs, box, seen }) => { regs.writelRelaxed(CLR, regs.readl(SET)); memory.mb(); seen.push(box.readOnce(0)); } },
  );
}

describe('a doorbell that is set and cleared', () => {
  const relaxed = mailbox(({ regs }) => { regs.writelRelaxed(SET, 4); });
  const rmb = mailbox(({ memory, regs }) => { memory.rmb(); regs.writelRelaxed(SET, 4); });
  const wmb = mailbox(({ memory, regs }) => { memory.wmb(); regs.writelRelaxed(SET, 4); });
  const writel = mailbox(({ regs }) => { regs.writel(SET, 4); });
  const told = (failing: Scene<Parts>): string => {
    const result = exploreScene(failing, { model: RVIO, first: false });
    return explainFailure(shortestFailure(result)!, result.registry, RVIO).replace(/\.ts:\d+/g, '.ts:N').replace(/ {2,}/g, '  ');
  };

  test('is told as what it does, at its line of the code', () => {
    expect(told(relaxed)).toBe(`the message is not seen (under rvio)
Writes reach bell in the order 4 (#6), 0 (#3).
  #  CPU  where  does  value from
  1  CPU0  is interrupted by bell = 4  #6
  2  CPU0 irq  mmio.test.ts:N  reads bell = 4  #6
  3  CPU0 irq  mmio.test.ts:N  clears 4 in bell: 4 -> 0, relaxed  #6
  CPU0 irq  mmio.test.ts:N  mb()
  4  CPU0 irq  mmio.test.ts:N  reads box[0] = 0  initial
> 5  CPU1  mmio.test.ts:N  writes box[0] = 1
> 6  CPU1  mmio.test.ts:N  sets 4 in bell: 0 -> 4, relaxed  initial
Rows are in each CPU's own order, not in time; > marks what is reordered.
Nothing keeps #6 (sets 4 in bell: 0 -> 4, relaxed) from overtaking #5 (writes box[0] = 1).
Add wmb() between mmio.test.ts:N and mmio.test.ts:N, or make #6 a writel().`);
  });

  test('by wmb() or writel() it is safe, by rmb() it is not: no CPU reads there', () => {
    expect([relaxed, rmb, wmb, writel].map((each) => exploreScene(each, { model: RVIO }).failures.length)).toEqual([1, 1, 0, 0]);
    expect(told(rmb)).toContain(' The rmb() there (mmio.test.ts:N) orders reads alone, and #5 writes.\nAdd wmb() ');
    expect(missingOrders(exploreScene(relaxed, { model: RVIO }).failures[0]!.execution, RVIO)).toMatchObject([{ barrier: 'io_wmb', instead: { form: 'a writel()' } }]);
  });

  test('a wmb() between it and a read is told not to order that read', () => {
    const late: Code = ({ memory, regs, box }) => {
      regs.writelRelaxed(SET, 1);
      memory.wmb();
      return box.readOnce(0);
    };
    const other: Code = ({ memory, regs, box }) => {
      box.writeOnce(0, 1);
      memory.mb();
      return regs.readl(SET);
    };
    const neither = scene([late, other], ({ observed }) => (observed.join() === '0,0' ? 'neither sees the other' : null));
    expect(told(neither)).toContain('The wmb() there (mmio.test.ts:N) orders writes alone, and #2 reads.');
  });

  test('its writel() is a line of the report of barriers', () => {
    expect(printBarriers(barrierReport(writel, { model: RVIO }))).toMatch(/^ {2}CPU1: writel \(mmio\.test\.ts:\d+\) +needed: /m);
  });
});

describe('setl and clearl', () => {
  const plain = (run: readonly Code[], model: Model): string[] => {
    const all = new Set<string>();
    exploreScene<Parts>({
      name: 'plain', cpus: run.length, run,
      setup: (world) => ({ memory: world.smp.memory, regs: world.mmio(0, 8, () => 'enable'), box: world.smp.memory.words('box', 2), seen: [] }),
      check: ({ register }) => { all.add(String(register('enable'))); return null; },
    }, { model, first: false });
    return [...all].sort();
  };

  test.each([SC, TSO, LKMM, RVIO, RVWMO])('$name: lines that two CPUs switch on at once are both on', (model) => {
    expect(plain([({ regs }) => regs.setl(0, 1), ({ regs }) => regs.setl(0, 2)], model)).toEqual(['3']);
    expect(plain([({ regs }) => regs.setl(0, 3), ({ regs }) => regs.clearl(0, 1)], model)).toEqual(['2', '3']);
  });

  test.each([['writel', false], ['writelRelaxed', true]] as const)('a lock of the driver\'s own with %s: the unlock waits for the device only after writel', (_, relaxed) => {
    const all = new Set<string>();
    const set = (bit: number) => ({ regs, lock }: { regs: MmioRegion; lock: Spinlock }): void => {
      const flags = lock.lockIrqsave();
      const value = regs.readl(0) | bit;
      if (relaxed) regs.writelRelaxed(0, value);
      else regs.writel(0, value);
      lock.unlockIrqrestore(flags);
    };
    exploreScene({
      name: 'own lock', cpus: 2, run: [set(1), set(2)],
      setup: (world) => ({ regs: world.mmio(0, 8, () => 'enable'), lock: new Spinlock(world.smp, 'mux') }),
      check: ({ register }) => { all.add(String(register('enable'))); return null; },
    }, { model: RVIO, first: false });
    expect([...all].sort()).toEqual(relaxed ? ['1', '2', '3'] : ['3']);
  });

  test('a read and a write without the lock lose one', () => {
    const set = (bit: number): Code => ({ regs }) => { regs.writel(0, regs.readl(0) | bit); };
    expect(plain([set(1), set(2)], SC)).toEqual(['1', '2', '3']);
  });
});
