/** A fault in one place of a model is noticed where no recording reaches: each case is a rule of the specification, or a switch. */
import * as sound from '@irqchip/drivers-clint/hardware';
import type { HardwareContext, HartLines } from '@irqchip/riscv';
import { fakeNode, importWithFault, type Fault } from '@irqchip/test-support';
import { TestClock } from './device-clock.ts';

type Models = typeof sound;

const PACKAGE = new URL('..', import.meta.url);

/** What a device did to the harts, in order. */
function rig(irq: number, harts: number, properties: Record<string, readonly number[]> = {}): { ctx: HardwareContext; seen: string[]; clock: TestClock } {
  const seen: string[] = [];
  const lines = { setLine: (hart, line, level) => void seen.push(`${hart}/${line} ${level ? 'up' : 'down'}`), pend: (hart, line) => void seen.push(`${hart}/${line} pulse`) } as Partial<HartLines> as HartLines;
  const clock = new TestClock();
  const ctx: HardwareContext = {
    node: fakeNode('/soc/aclint', properties), regions: [{ base: 0x2000000, size: 8 }, { base: 0x2010000, size: 0x8000 }], targets: Array.from({ length: harts }, (_, hartid) => ({ hartid, irq })),
    lines, hartids: [], clock, output: () => undefined, dma: { write32: () => false }, peer: () => null, xlen: 64, options: {},
  };
  return { ctx, seen, clock };
}

/** Each rule as a script; what comes out with the sound models is what must come out. */
const CASES: Readonly<Record<string, readonly [script: (models: Models) => unknown, outcome: unknown]>> = {
  'half of MTIME is written, the other stays': [({ Mtimer }) => {
    const [time] = new Mtimer(rig(7, 1).ctx).devices;
    time!.write(4, 4, 5);
    time!.write(0, 4, 9);
    return [time!.read(0, 4), time!.read(4, 4)];
  }, [9, 5]],
  'MTIME that wraps around takes the interrupt away': [({ Mtimer }) => {
    const { ctx, seen, clock } = rig(7, 1);
    const [time, compare] = new Mtimer(ctx).devices;
    compare!.write(0, 4, 3);
    time!.write(0, 8, -2);
    time!.write(4, 8, -1);
    seen.length = 0;
    clock.advance(600);
    return seen;
  }, ['0/7 down', '0/7 up']],
  'an 8-byte read is of one moment': [({ Mtimer }) => {
    const { ctx, clock } = rig(7, 1);
    const [time] = new Mtimer(ctx).devices;
    time!.write(0, 4, -1);
    const low = time!.read(0, 8);
    clock.advance(100);
    return [low, time!.read(4, 8)];
  }, [-1, 0]],
  'narrow accesses are refused': [({ Mswi, Mtimer }) => {
    const { ctx, seen } = rig(3, 1);
    const mswi = new Mswi(ctx);
    mswi.write(0, 2, 1);
    const [time] = new Mtimer(rig(7, 1).ctx).devices;
    time!.write(0, 2, 9);
    return [seen, time!.read(0, 4)];
  }, [[], 0]],
  'the register after the 4095th is reserved': [({ Mswi, Sswi }) => {
    const [machine, supervisor] = [rig(3, 4096), rig(1, 4096)];
    const mswi = new Mswi(machine.ctx);
    const [sswi] = new Sswi(supervisor.ctx).devices;
    for (const offset of [4 * 4094, 4 * 4095]) {
      mswi.write(offset, 4, 1);
      sswi!.write(offset, 4, 1);
    }
    return [machine.seen, supervisor.seen];
  }, [['4094/3 up'], ['4094/1 pulse']]],
  'riscv,hart-indexes': [({ Sswi }) => {
    const { ctx, seen } = rig(1, 2, { 'riscv,hart-indexes': [3, 0] });
    const [sswi] = new Sswi(ctx).devices;
    for (const index of [0, 1, 2, 3]) sswi!.write(4 * index, 4, 1);
    return seen;
  }, ['1/1 pulse', '0/1 pulse']],
  'a posted clear waits, and arrives': [({ Mswi }) => {
    const { ctx, seen } = rig(3, 1);
    const mswi = new Mswi(ctx, { posted: true });
    mswi.write(0, 4, 1);
    mswi.write(0, 4, 0);
    const before = [...seen];
    return [before, mswi.read(0, 4), seen];
  }, [['0/3 up'], 0, ['0/3 up', '0/3 down']]],
  'MTIMECMP of all ones at reset': [({ Mtimer }) => {
    const { ctx, seen } = rig(7, 1);
    return [new Mtimer(ctx, { mtimecmpReset: 'ones' }).devices[1]!.read(4, 4), seen];
  }, [-1, ['0/7 down']]],
  'levels of an SSWI read back': [({ Sswi }) => {
    const { ctx, seen } = rig(1, 1);
    const [sswi] = new Sswi(ctx, { ssip: 'level' }).devices;
    sswi!.write(0, 4, 1);
    return [sswi!.read(0, 4), seen];
  }, [1, ['0/1 up']]],
};

test.each(Object.entries(CASES))('%s', (_rule, [script, outcome]) => {
  expect(script(sound)).toEqual(outcome);
});

const FAULTS: readonly (readonly [what: string, fault: Fault, rule: keyof typeof CASES])[] = [
  ['a write to half of MTIME clears the other', { file: 'hardware/counter.ts', find: 'this.set(high ? lo : value, high ? value : hi);', replace: 'this.set(high ? 0 : value, high ? value : 0);' }, 'half of MTIME is written, the other stays'],
  ['nobody waits for MTIME to wrap around', { file: 'hardware/timer-file.ts', find: 'ahead > 0 ? ahead : this.time.ticksToWrap()', replace: 'ahead > 0 ? ahead : Infinity' }, 'MTIME that wraps around takes the interrupt away'],
  ['the upper half of MTIME is read afresh', { file: 'hardware/timer-file.ts', find: '    if (width === 8 && high) return this.latch;\n    this.time.tick();', replace: '    this.time.tick();' }, 'an 8-byte read is of one moment'],
  ['MSIP takes 2-byte writes', { file: 'hardware/software-file.ts', find: 'if (width < 4 || index', replace: 'if (width < 2 || index' }, 'narrow accesses are refused'],
  ['MTIME takes 2-byte writes', { file: 'hardware/timer-file.ts', find: 'writeTime(offset: number, width: number, value: number): void {\n    if (width < 4) return;', replace: 'writeTime(offset: number, width: number, value: number): void {' }, 'narrow accesses are refused'],
  ['an MSWI has 4096 registers', { file: 'hardware/mswi.ts', find: 'slice(0, MAX_HARTS)', replace: 'slice(0, MAX_HARTS + 1)' }, 'the register after the 4095th is reserved'],
  ['an SSWI has 4096 registers', { file: 'hardware/sswi.ts', find: 'index >= MAX_HARTS', replace: 'index > MAX_HARTS' }, 'the register after the 4095th is reserved'],
  ['riscv,hart-indexes is not read', { file: 'hardware/sswi.ts', find: 'indexes === undefined ?', replace: 'indexes !== undefined ?' }, 'riscv,hart-indexes'],
  ['clears are never posted', { file: 'hardware/software-file.ts', find: 'this.posted = posted ?', replace: 'this.posted = !posted ?' }, 'a posted clear waits, and arrives'],
  ['a read does not push clears', { file: 'hardware/software-file.ts', find: '    this.flush();\n', replace: '' }, 'a posted clear waits, and arrives'],
  ['the reset value goes to one half only', { file: 'hardware/timer-file.ts', find: 'this.cmpHi = new Int32Array(outputs.length).fill(reset);', replace: 'this.cmpHi = new Int32Array(outputs.length);' }, 'MTIMECMP of all ones at reset'],
  ['levels of an SSWI are pulses', { file: 'hardware/sswi.ts', find: "ssip === 'level'", replace: "ssip === 'pulse'" }, 'levels of an SSWI read back'],
];

test.each(FAULTS)('is noticed: %s', async (_what, fault, rule) => {
  const [script, outcome] = CASES[rule]!;
  expect(script(await importWithFault<Models>(PACKAGE, 'hardware/index.ts', fault))).not.toEqual(outcome);
});
