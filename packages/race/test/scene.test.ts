/** Scenes: what is refused, how far interrupts go, and where they can come. */
import { exploreScene, modelNamed, SC, type IoRegister, type Scene, type SceneOptions } from '../src/index.ts';
import type { Cpus, SharedWords } from '@irqchip/smp';

interface Parts { readonly words: SharedWords; readonly line: IoRegister; readonly cpus: Cpus; readonly log: string[] }

interface Plan {
  /** CPU 0, which is interrupted while `line` is not 0. */
  readonly task?: (parts: Parts) => void;
  readonly handler: (parts: Parts) => void;
  /** CPU 1; default: raises the line once. */
  readonly other?: (parts: Parts) => void;
}

function sceneOf({ task = () => undefined, handler, other = ({ line }) => { line.write(1); } }: Plan, log: (text: string) => void = () => undefined): Scene<Parts> {
  return {
    name: 'a line', cpus: 2,
    setup: (world) => {
      const parts: Parts = { words: world.smp.memory.words('words', 4), line: world.register('line'), cpus: world.smp.cpus, log: [] };
      world.interrupt(0, parts.line, () => { handler(parts); });
      return parts;
    },
    run: [task, other],
    observe: ({ log: seen }, cpu) => (cpu === 0 ? seen.join(' ') : null),
    check: ({ observed }) => { log(String(observed[0])); return null; },
  };
}

/** Everything that CPU 0 tells of itself, over all executions. */
function observed(plan: Plan, options: Partial<SceneOptions> = {}): string[] {
  const all = new Set<string>();
  exploreScene(sceneOf(plan, (text) => all.add(text)), { model: SC, first: false, ...options });
  return [...all].sort();
}

const quieten = ({ line }: Parts): void => { line.write(0); };

describe('interrupts come', () => {
  test('before any access, and after the last', () => {
    const steps = ({ words, log }: Parts): void => {
      for (let step = 0; step < 2; step++) {
        words.writeOnce(step, 1);
        log.push(`step${step}`);
      }
    };
    expect(observed({ task: steps, handler: (parts) => { quieten(parts); parts.log.push('irq'); } })).toEqual(['irq step0 step1', 'step0 irq step1', 'step0 step1 irq']);
  });

  test('not while they are off, and as soon as they are on again', () => {
    const critical = ({ words, cpus, log }: Parts): void => {
      words.writeOnce(0, 1);
      const flags = cpus.localIrqSave();
      log.push('off');
      words.writeOnce(1, 1);
      words.writeOnce(2, 1);
      log.push('on');
      cpus.localIrqRestore(flags);
      log.push('end');
    };
    expect(observed({ task: critical, handler: (parts) => { quieten(parts); parts.log.push('irq'); } })).toEqual(['irq off on end', 'off on end irq', 'off on irq end']);
  });

  test('not to a CPU that keeps them off for good, which is no loss', () => {
    expect(observed({ task: ({ cpus, words }) => { cpus.localIrqDisable(); words.writeOnce(0, 1); }, handler: ({ log }) => { log.push('irq'); } })).toEqual(['']);
  });

  test('in hard irq context with interrupts off', () => {
    expect(observed({ handler: (parts) => { quieten(parts); parts.log.push(`${parts.cpus.inHardirq()} ${parts.cpus.irqsDisabled()}`); } })).toEqual(['true true']);
  });

  test('not at all where nobody raises the line', () => {
    expect(observed({ handler: ({ log }) => { log.push('irq'); }, other: () => undefined })).toEqual(['']);
  });
});

describe('interrupts nest', () => {
  /** Two raises, and a handler that lets others in. */
  const letsIn: Plan = {
    handler: (parts) => {
      quieten(parts);
      parts.log.push('(');
      parts.cpus.localIrqEnable();
      parts.words.writeOnce(0, 1);
      parts.words.writeOnce(1, 1);
      parts.cpus.localIrqDisable();
      parts.log.push(')');
    },
    other: ({ line }) => { line.write(1); line.write(1); line.write(1); },
  };

  test('where a handler switches them on, two deep and no deeper', () => {
    const all = observed(letsIn);
    expect(all).toContain('( ( ) )');
    expect(all).toContain('( ) ( )');
    expect(all.filter((text) => text.includes('( ( ('))).toEqual([]);
  });

  test('deeper when asked for', () => {
    expect(observed(letsIn, { bounds: { nested: 3 } })).toContain('( ( ( ) ) )');
    expect(observed(letsIn, { bounds: { nested: 1 } }).filter((text) => text.includes('( ('))).toEqual([]);
  });

  test('never where it does not', () => {
    expect(observed({ ...letsIn, handler: (parts) => { quieten(parts); parts.log.push('('); parts.words.writeOnce(0, 1); parts.log.push(')'); } }).filter((text) => text.includes('( ('))).toEqual([]);
  });
});

describe('bounds', () => {
  const storm: Plan = { handler: ({ line, log }) => { line.write(1); log.push('irq'); } };

  test('a line that never goes down: reported as bounded, not as fine', () => {
    expect(exploreScene(sceneOf(storm), { model: SC, first: false })).toMatchObject({ failures: [], bounded: true });
  });

  test('as many interrupts are taken as the bound says', () => {
    const { bounded } = exploreScene(sceneOf({ handler: quieten, other: ({ line }) => { line.write(1); line.write(1); } }), { model: SC, first: false, bounds: { taken: 1 } });
    const enough = exploreScene(sceneOf({ handler: quieten, other: ({ line }) => { line.write(1); line.write(1); } }), { model: SC, first: false, bounds: { taken: 2 } });
    expect([bounded, enough.bounded]).toEqual([true, false]);
  });

  test('too many accesses are refused, with the number', () => {
    expect(() => exploreScene(sceneOf({ handler: quieten, task: ({ words }) => { for (let i = 0; i < 32; i++) words.writeOnce(0, i); } }), { model: SC })).toThrow(/^a thread makes more than 31 accesses$/);
  });
});

describe('a scene that is not deterministic is EINVAL', () => {
  const notTheSame = (message: RegExp): Error => expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(message) }) as Error;

  test('other accesses in another run', () => {
    let runs = 0;
    const scene = sceneOf({ handler: quieten, task: ({ words }) => { words.writeOnce(runs++ % 4, 1); } });
    expect(() => exploreScene(scene, { model: SC })).toThrow(notTheSame(/^The scene is not deterministic: CPU0 made other accesses when it was run again\. Everything it uses must be made in setup\(\), without clocks, chance or state from outside\.$/));
  });

  test('another value in another run', () => {
    let runs = 0;
    const scene = sceneOf({ handler: quieten, other: ({ words }) => { words.writeOnce(0, runs++); } });
    expect(() => exploreScene(scene, { model: SC })).toThrow(notTheSame(/CPU1 made other accesses/));
  });

  test('another beginning in another run', () => {
    let runs = 0;
    const plain = sceneOf({ handler: quieten, task: ({ words }) => { words.readOnce(0); } });
    const scene = { ...plain, setup: (world: Parameters<typeof plain.setup>[0]): Parts => { const parts = plain.setup(world); parts.words.writeOnce(0, runs++); return parts; } };
    expect(() => exploreScene(scene, { model: SC })).toThrow(notTheSame(/words\[0\] begins as 0 in one run and as 1 in another/));
  });
});

test('the same scene gives the same runs, executions and failures every time', () => {
  const explore = (): object => {
    const { failures, runs, executions } = exploreScene({ ...sceneOf({ handler: quieten, task: ({ words }) => { words.readOnce(0); }, other: ({ words, line }) => { words.writeOnce(0, 1); line.write(1); } }), check: () => 'each' }, { model: modelNamed('rvio'), first: false });
    return { runs, executions, failures: failures.map(({ execution: { rf, co } }) => [[...rf], co]) };
  };
  expect(explore()).toEqual(explore());
});

test('an error of the code under check comes out as it is', () => {
  expect(() => exploreScene(sceneOf({ handler: () => { throw new RangeError('mine'); } }), { model: SC })).toThrow(new RangeError('mine'));
});
