/** mb(), rmb() and wmb(): each orders what it does on a machine, is told by its own name, and is advised where it is the weakest. */
import type { Memory, MmioRegion, SharedWords } from '@irqchip/smp';
import {
  barrierReport, explainFailure, exploreScene, missingOrders, modelNamed, printBarriers, shortestFailure, type Scene,
} from '../src/index.ts';

const RVIO = modelNamed('rvio');
const BELL = 0;
const BARRIERS = ['none', 'smpRmb', 'smpWmb', 'smpMb', 'rmb', 'wmb', 'mb'] as const;
type Barrier = (typeof BARRIERS)[number];

function fence(memory: Memory, barrier: Barrier): void { if (barrier !== 'none') memory[barrier](); }

interface Parts { readonly memory: Memory; readonly regs: MmioRegion; readonly box: SharedWords; readonly seen: number[] }

function setup(world: Parameters<Scene<Parts>['setup']>[0]): Parts {
  const { memory } = world.smp;
  return { memory, regs: world.mmio(0, 8, (offset) => (offset === BELL ? 'bell' : 'status')), box: memory.words('box', 1), seen: [] };
}

/** CPU 1 leaves a message and rings by writel_relaxed() behind a barrier; CPU 0's handler looks behind an mb(). */
function doorbell(barrier: Barrier): Scene<Parts> {
  return {
    name: 'doorbell', cpus: 2,
    setup(world) {
      const parts = setup(world);
      world.interrupt(0, world.register('bell'), () => {
        parts.regs.writelRelaxed(BELL, 0);
        parts.memory.mb();
        parts.seen.push(parts.box.readOnce(0));
      });
      return parts;
    },
    run: [null, ({ memory, regs, box }) => {
      box.writeOnce(0, 1);
      fence(memory, barrier);
      regs.writelRelaxed(BELL, 1);
    }],
    observe: ({ seen }) => seen.join(),
    check: ({ observed }) => (observed[0] === '1' ? null : 'the message is not seen'),
  };
}

/** CPU 1 reads whether the device is through, and then what it has put into memory: CPU 0 stands for the device. */
function polled(barrier: Barrier): Scene<Parts> {
  return {
    name: 'polled', cpus: 2, setup,
    run: [({ memory, regs, box }) => {
      box.writeOnce(0, 1);
      memory.mb();
      regs.writelRelaxed(BELL, 1);
    }, ({ memory, regs, box }) => {
      const status = regs.readlRelaxed(BELL);
      fence(memory, barrier);
      return [status, box.readOnce(0)].join();
    }],
    check: ({ observed }) => (observed[1] === '1,0' ? 'what the device wrote is not seen' : null),
  };
}

/** CPU 1 writes to the device and then takes what is in the box, by an atomic or a read; CPU 0 fills it and rings. */
function taken(barrier: Barrier, by: 'xchgRelaxed' | 'readOnce'): Scene<Parts> {
  return {
    name: 'taken', cpus: 2, setup,
    run: [({ memory, regs, box }) => {
      box.writeOnce(0, 1);
      memory.mb();
      regs.writelRelaxed(BELL, 1);
    }, ({ memory, regs, box }) => {
      regs.writelRelaxed(BELL, 0);
      fence(memory, barrier);
      return by === 'readOnce' ? box.readOnce(0) : box.xchgRelaxed(0, 2);
    }],
    check: ({ observed, register }) => (register('bell') === 0 && observed[1] === 0 ? 'the ring is erased and the message not seen' : null),
  };
}

const enough = (scene: (barrier: Barrier) => Scene<Parts>, model: string): string[] => BARRIERS.filter((barrier) => exploreScene(scene(barrier), { model: modelNamed(model) }).failures.length === 0);

function told(scene: Scene<Parts>, model = RVIO): { readonly said: string; readonly advised: readonly string[] } {
  const result = exploreScene(scene, { model, first: false });
  const failure = shortestFailure(result)!;
  return {
    said: explainFailure(failure, result.registry, model).replace(/\.ts:\d+/g, '.ts:N'),
    advised: missingOrders(failure.execution, model).map(({ barrier }) => barrier),
  };
}

describe('a store before a doorbell', () => {
  test.each([
    ['rvio', ['wmb', 'mb']], ['rvwmo', ['wmb', 'mb']], ['lkmm', ['smpWmb', 'smpMb', 'wmb', 'mb']], ['tso', BARRIERS], ['sc', BARRIERS],
  ])('%s: is seen by the handler behind %j', (model, expected) => {
    expect(enough(doorbell, model)).toEqual(expected);
  });

  test('wmb() is advised, which is enough, and not mb()', () => {
    const { said, advised } = told(doorbell('none'));
    expect(advised).toEqual(['io_wmb']);
    expect(said).toMatch(/\nAdd wmb\(\) between device-barriers\.test\.ts:N and device-barriers\.test\.ts:N, or make #\d a writel\(\)/);
  });

  test('an rmb() there is a row of its name, and why it does not help is said', () => {
    const { said, advised } = told(doorbell('rmb'));
    expect(said).toMatch(/^ +CPU1 +device-barriers\.test\.ts:N +rmb\(\)$/m);
    expect(said).toMatch(/ The rmb\(\) there \(device-barriers\.test\.ts:N\) orders reads alone, and #\d writes\.\nAdd wmb\(\) between /);
    expect(advised).toEqual(['io_wmb']);
  });

  test('where a model takes the device for memory, the barrier of the same kind that reaches it is named', () => {
    expect(told(doorbell('none'), modelNamed('lkmm')).said).toMatch(/\nAdd smp_wmb\(\) between .* lkmm takes bell for memory: smp_wmb\(\) does not reach devices, wmb\(\) does\.$/);
  });

  test('the report of barriers calls each by its name', () => {
    const lines = (barrier: Barrier): string[] => [...printBarriers(barrierReport(doorbell(barrier), { model: RVIO })).matchAll(/CPU1: (\w+ ).*?  (needed|not needed)/g)].map(([, what, needed]) => `${what}${needed}`);
    expect([lines('wmb'), lines('mb'), lines('smpMb')]).toEqual([['wmb needed'], ['mb needed'], ['smp_mb not needed']]);
  });
});

describe('a device read before a read of memory', () => {
  test.each([
    ['rvio', ['rmb', 'mb']], ['lkmm', ['smpRmb', 'smpMb', 'rmb', 'mb']], ['tso', BARRIERS],
  ])('%s: finds what was written before behind %j', (model, expected) => {
    expect(enough(polled, model)).toEqual(expected);
  });

  test('rmb() is advised; a wmb() there orders writes alone', () => {
    expect(told(polled('none')).advised).toEqual(['io_rmb']);
    expect(told(polled('wmb')).said).toMatch(/ The wmb\(\) there \(device-barriers\.test\.ts:N\) orders writes alone, and #\d reads\.\nAdd rmb\(\) between /);
  });
});

describe('a device write before a read of memory', () => {
  test.each([['rvio', ['mb']], ['lkmm', ['smpMb', 'mb']], ['tso', ['smpMb', 'mb']]])('%s: takes %j', (model, expected) => {
    expect(enough((barrier) => taken(barrier, 'readOnce'), model)).toEqual(expected);
  });

  test('mb() is advised', () => {
    expect(told(taken('wmb', 'readOnce')).advised).toEqual(['io_mb']);
  });

  test('in an atomic: wmb() is enough on RISC-V, mb() is advised, as elsewhere the atomic\'s read would go ahead', () => {
    expect(enough((barrier) => taken(barrier, 'xchgRelaxed'), 'rvio')).toEqual(['wmb', 'mb']);
    expect(enough((barrier) => taken(barrier, 'xchgRelaxed'), 'lkmm')).toEqual(['smpMb', 'mb']);
    expect(told(taken('none', 'xchgRelaxed')).advised).toEqual(['io_mb']);
  });
});
