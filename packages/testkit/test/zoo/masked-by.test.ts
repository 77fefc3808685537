import { runConformance, type ConformanceOptions } from '@irqchip/testkit';
import { driver as msgs } from './drivers/msgs.ts';
import { driver as msirs } from './drivers/msirs.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

const failures = (options: ConformanceOptions): Map<string, string> => new Map(runConformance(options).flatMap(({ name, result, reason }) => (result === 'failed' ? [[name, reason]] : [])));

const HELD_BACK = [
  'messages that firmware left on are quiet until they are requested', 'a line that is freed is quiet', 'freeing all lines leaves the controller masked',
  'a disabled line can be moved, and runs where it was moved to',
];

test('a controller that is said to mask messages, and has no mask, fails, and is told what may be meant', () => {
  const { maskedBy: _, ...options } = optionsOf('msirs', msirs);
  const found = failures(options);
  expect([...found.keys()].toSorted()).toEqual([...HELD_BACK, 'a disabled line is masked at its first interrupt'].toSorted());
  for (const name of HELD_BACK) expect(found.get(name)).toMatch(/\nchip msirs of the controller has no irqMask; if devices alone mask messages, say maskedBy: 'device'/);
});

test('a controller whose mask does nothing does not get by as one without', async () => {
  const find = 'irqMask: (data) => disable(vectorOf(data))';
  const broken = await plant({ driver: 'msgs', what: '', find, replace: 'irqMask: () => undefined', killedBy: '', uses: '' });
  for (const driver of [broken, msgs]) {
    const found = failures({ ...optionsOf('msgs', driver), maskedBy: 'device' });
    expect([...found.keys()].toSorted()).toEqual([...HELD_BACK].toSorted());
    for (const reason of found.values()) expect(reason).toMatch(/maskedBy says that devices alone mask messages, and chip msgs of the controller has irqMask: leave maskedBy out/);
  }
});

test('a controller with a mask must have a flow that masks', async () => {
  const find = 'chip, vector, handleEdgeIrq, null';
  const simple = await plant({ driver: 'msgs', what: '', find, replace: 'chip, vector, handleSimpleIrq, null', killedBy: '', uses: 'handleSimpleIrq' });
  expect(failures(optionsOf('msgs', simple)).get('a disabled line is masked at its first interrupt')).toMatch(/reached handleSimpleIrq 5 times, and not 2 times at most/);
});

test.each([
  [undefined, /^message 0 is that of line 0: strayMessages says which messages name no interrupt\n/],
  [[124, 16], /^message 16 is that of line 4: /],
])('a message that is somebody\'s is not taken for nobody\'s: %j', (strayMessages, reason) => {
  const { strayMessages: _, ...options } = optionsOf('msirs', msirs);
  const found = failures({ ...options, ...(strayMessages ? { strayMessages } : {}) });
  expect([...found.keys()]).toEqual(['a message that is sent to nobody changes nothing']);
  expect([...found.values()][0]).toMatch(reason);
});

test('where every message names an interrupt, none is sent to nobody', () => {
  const [stray] = runConformance({ ...optionsOf('msirs', msirs), strayMessages: [] }, (name) => name.includes('sent to nobody'));
  expect(stray).toMatchObject({ result: 'skipped', reason: 'each of its messages names an interrupt' });
});
