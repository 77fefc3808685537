import type { Plic } from '@irqchip/drivers-plic/hardware';
import { importFaultyHardware, type HardwareFault } from '@irqchip/test-support';
import { readRecording, replay } from './replay.ts';
import { runCase, specCases } from './spec-cases.ts';

const RAND = 'plic-rand-101';
const U540 = 'plic-sifive_u-rand-101';

const caseAbout = (start: string): string => specCases.find(({ name }) => name.includes(start))!.name;

const FAULTS: readonly HardwareFault[] = [
  { what: 'a claim honours the threshold', file: 'plic.ts', from: 'this.options.claimHonoursThreshold ? context.threshold : 0', to: 'context.threshold', killedBy: caseAbout('ignores the threshold') },
  { what: 'two harts claim one source', file: 'sources.ts', from: "put(this.pending, source, false);\n    put(this.claimed, source, true)", to: 'put(this.claimed, source, false)', killedBy: RAND },
  { what: 'a claimed source stays visible as pending', file: 'sources.ts', from: 'put(this.pending, source, false)', to: 'put(this.pending, source, true)', killedBy: U540 },
  { what: 'a level is lost at completion', file: 'sources.ts', from: 'has(this.wires, source) && !this.options.completeForgetsLevel', to: 'false', killedBy: caseAbout('still high at its completion') },
  { what: 'a tie goes to the highest number', file: 'context.ts', from: 'priority[source]! > highest)', to: '(priority[source]! > highest || (found !== 0 && priority[source]! === highest)))', killedBy: RAND },
  { what: 'the smallest priority wins', file: 'context.ts', from: 'priority[source]! > highest)', to: 'priority[source]! > floor && (found === 0 || priority[source]! < highest))', killedBy: RAND },
  { what: 'a completion is not checked against the enable bit', file: 'plic.ts', from: '!context.isEnabled(source) && ', to: 'false && ', killedBy: caseAbout('seL4 1482') },
  { what: 'a completion is taken from any context', file: 'plic.ts', from: 'if (!context.isEnabled(source) && !this.options.completeUnchecked) return;', to: 'if (!this.used.some((any) => any.isEnabled(source))) return;', killedBy: caseAbout('counts from another context') },
  { what: 'the threshold lets its own priority through', file: 'context.ts', from: 'this.best(this.threshold) !== 0', to: 'this.best(this.threshold - 1) !== 0', killedBy: RAND },
  { what: 'a request follows the wire', file: 'sources.ts', from: 'put(this.wires, source, high);', to: 'put(this.wires, source, high); if (!high) put(this.pending, source, false);', killedBy: RAND },
  { what: 'the gateway does not wait for the completion', file: 'sources.ts', from: '(has(this.claimed, source) && !this.options.raiseWhileClaimedPends)', to: 'false', killedBy: caseAbout('falls and rises while it is claimed') },
  { what: 'an enable write changes no line', file: 'plic.ts', from: 'if (!this.options.enableWriteIsLazy) context', to: 'if (false) context', killedBy: caseAbout('starts and ends the notification') },
  { what: 'enable words of two contexts fall together', file: 'plic.ts', from: '(offset - PLIC.ENABLE) >>> 7', to: '(offset - PLIC.ENABLE) >>> 8', killedBy: U540 },
  { what: 'a completion acts on a source that was not claimed', file: 'sources.ts', from: 'if (!has(this.claimed, source)) return;', to: '', killedBy: caseAbout('nobody claimed') },
  { what: 'the enable bit of source 0 can be set', file: 'plic.ts', from: 'upTo & ~1', to: 'upTo', killedBy: caseAbout('source 0') },
  { what: 'a priority keeps bits that do not exist', file: 'plic.ts', from: '(value & maxPriority) >>> 0', to: 'value', killedBy: RAND },
  { what: 'a claim updates the claimer alone', file: 'plic.ts', from: 'if (source !== 0) this.sources.claim(source);\n    this.update(source);', to: 'if (source !== 0) this.sources.claim(source);\n    context.update(false);', killedBy: RAND },
  { what: 'a priority write changes no line', file: 'plic.ts', from: 'this.sources.isPending(source))) this.update(source);', to: 'this.sources.isPending(source))) return;', killedBy: RAND },
  { what: 'a threshold write changes no line', file: 'plic.ts', from: 'else context.update(this.options.posted === true);\n    }', to: '    }', killedBy: RAND },
  { what: 'an edge counts twice', file: 'sources.ts', from: 'this.waiting[source]!++', to: 'this.waiting[source]! += 2', killedBy: caseAbout('that counts') },
  { what: 'priority 0 can be claimed', file: 'plic.ts', from: 'context.threshold : 0)', to: 'context.threshold : -1)', killedBy: caseAbout('priority 0 is never') },
];

async function damaged(fault: HardwareFault): Promise<typeof Plic> {
  return (await importFaultyHardware<{ Plic: typeof Plic }>(new URL('..', import.meta.url), fault)).Plic;
}

function kills(by: string, model: typeof Plic): boolean {
  const specCase = specCases.find(({ name }) => name === by);
  if (specCase === undefined) return replay(readRecording(by), {}, model, 1).differences.length > 0;
  try {
    runCase(specCase, model);
    return false;
  } catch {
    return true;
  }
}

test.each(FAULTS)('"$what" is found by: $killedBy', async (fault) => {
  expect(kills(fault.killedBy, await damaged(fault))).toBe(true);
});

test('an undamaged copy is found by nothing', async () => {
  const harmless: HardwareFault = { what: 'none', file: 'plic.ts', from: 'readonly devices', to: 'readonly  devices', killedBy: '' };
  const model = await damaged(harmless);
  const found = [RAND, U540, ...specCases.map(({ name }) => name)].filter((by) => kills(by, model));
  expect(found).toEqual([]);
});
