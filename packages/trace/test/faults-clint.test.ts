/** A fault in one place of the CLINT's and ACLINT's models is noticed by a recording. */
import { deviceModels, quirksOf, replay, type ReplayResult } from '@irqchip/trace';
import type * as Hardware from '@irqchip/drivers-clint/hardware';
import { importWithFault, type Fault } from '@irqchip/test-support';
import { recording } from './testdata.ts';

const PACKAGE = new URL('../../drivers-clint/', import.meta.url);

async function replayed(name: string, fault: Fault, oneClint = false): Promise<ReplayResult> {
  const { clintModel, mswiModel, mtimerModel, sswiModel } = await importWithFault<typeof Hardware>(PACKAGE, 'hardware/index.ts', fault);
  const read = recording(name);
  const quirks = quirksOf(read.header)!;
  return replay(read, { models: [clintModel, mswiModel, mtimerModel, sswiModel, ...deviceModels], quirks, oneClint });
}

const FAULTS: readonly (readonly [what: string, where: Fault, by: string, register: RegExp])[] = [
  ['MSIP keeps all of what is written', { file: 'hardware/software-file.ts', find: 'else this.set(index, value & 1);', replace: 'else this.set(index, value);' }, 'clint-directed', /^msip/],
  ['MSIP reads the inverse', { file: 'hardware/software-file.ts', find: '(this.bits[offset >>> 2] ?? 0)', replace: '((this.bits[offset >>> 2] ?? 0) ^ 1)' }, 'clint-rand-101', /^msip/],
  ['a software interrupt is never taken away', { file: 'hardware/software-file.ts', find: 'value !== 0);', replace: 'true);' }, 'clint-rand-101', /^MSI of hart/],
  ['a register of 4 bytes is taken for one of 8', { file: 'hardware/software-file.ts', find: 'const index = offset >>> 2;', replace: 'const index = offset >>> 3;' }, 'clint-rand-101', /^(MSI of hart|msip)/],
  ['harts beyond the last have registers', { file: 'hardware/software-file.ts', find: 'this.bits = new Uint8Array(outputs.length);', replace: 'this.bits = new Uint8Array(outputs.length + 9).fill(1, outputs.length);' }, 'clint-directed', /^\?$/],
  ['MTIP needs MTIME > MTIMECMP', { file: 'hardware/timer-file.ts', find: 'ahead <= 0);', replace: 'ahead < 0);' }, 'clint-rand-101', /^MTI of hart/],
  ['the comparison is signed', { file: 'hardware/counter.ts', find: '((hi >>> 0) - (this.hi >>> 0)', replace: '((hi | 0) - (this.hi | 0)' }, 'clint-rand-101', /^MTI of hart/],
  ['the comparison forgets the borrow', { file: 'hardware/counter.ts', find: '- (low < 0 ? 1 : 0)) * WORD', replace: ') * WORD' }, 'clint-directed', /^MTI of hart/],
  ['a write to MTIMECMP is compared only when the timer rings', { file: 'hardware/timer-file.ts', find: '(high ? this.cmpHi : this.cmpLo)[index] = value;\n    this.update(index);', replace: '(high ? this.cmpHi : this.cmpLo)[index] = value;' }, 'clint-directed', /^MTI of hart/],
  ['a write to MTIME is not compared', { file: 'hardware/timer-file.ts', find: 'else this.time.setHalf(high, value, this.halvesFromRaw);\n    this.updateAll();', replace: 'else this.time.setHalf(high, value, this.halvesFromRaw);' }, 'clint-rand-101', /^MTI of hart/],
  ['the halves of MTIMECMP change places', { file: 'hardware/timer-file.ts', find: '(high ? this.cmpHi : this.cmpLo)[index]', replace: '(high ? this.cmpLo : this.cmpHi)[index]' }, 'clint-rand-102', /^(MTI of hart|mtimecmp)/],
  ['half of an 8-byte write is lost', { file: 'hardware/timer-file.ts', find: 'if (width === 8) this.cmpLo[index] = this.latch;', replace: '' }, 'clint-rand-102', /^(MTI of hart|mtimecmp)/],
  ['MTIME counts one tick too many', { file: 'hardware/counter.ts', find: 'const low = (this.offsetLo >>> 0) + (ticks % WORD);', replace: 'const low = (this.offsetLo >>> 0) + ((ticks + 1) % WORD);' }, 'clint-rand-103', /^(MTI of hart|mtime$)/],
  ['an alarm is set one tick late', { file: 'hardware/timer-file.ts', find: 'const ns = this.late ?', replace: 'ahead += 1;\n    const ns = this.late ?' }, 'clint-rand-103', /^MTI of hart/],
  ['the timer of QEMU counts from whole ticks', { file: 'hardware/options.ts', find: "'qemu-10.0': { lateAlarms: true }", replace: "'qemu-10.0': {}" }, 'clint-directed', /^MTI of hart 3$/],
  ['MTIMECMP is all ones at reset', { file: 'hardware/timer-file.ts', find: "options.mtimecmpReset === 'ones' ? -1 : 0", replace: '-1' }, 'clint-directed', /^MTI of hart/],
  ['writing 0 to SETSSIP sets SSIP', { file: 'hardware/sswi.ts', find: ' || (value & 1) === 0', replace: '' }, 'clint-directed', /^SSI of hart/],
  ['SETSSIP reads 1', { file: 'hardware/sswi.ts', find: 'read(): number { return 0; }', replace: 'read(): number { return 1; }' }, 'clint-directed', /^setssip/],
  ['SETSSIP raises a wire that software cannot clear', { file: 'hardware/sswi.ts', find: 'this.lines.pend(output.hartid, output.irq);', replace: 'this.lines.setLine(output.hartid, output.irq, true);' }, 'clint-rand-101', /^mip of hart/],
  ['registers of an SSWI are levels', { file: 'hardware/sswi.ts', find: "ssip === 'level'", replace: "ssip !== 'pulse'" }, 'clint-directed', /^(SSI of hart|setssip)/],
];

test.each(FAULTS)('%s', async (_what, fault, by, register) => {
  const { differences } = await replayed(by, fault);
  expect(differences.length).toBeGreaterThan(0);
  expect(differences[0]!.register).toMatch(register);
});

test('in a CLINT as well: MTIME one register too early', async () => {
  const { differences } = await replayed('clint-rand-101', { file: 'src/registers.ts', find: 'CLINT_MTIME = 0xbff8', replace: 'CLINT_MTIME = 0xbff0' }, true);
  expect(differences[0]!.register).toMatch(/^(MTI of hart|mtime$)/);
});

test('a copy in which only a comment was changed agrees', async () => {
  const { differences, reads } = await replayed('clint-rand-101', { file: 'hardware/mswi.ts', find: '/** Machine-level software interrupts', replace: '/** Machine level software interrupts' });
  expect([differences, reads.total]).toEqual([[], 695]);
});
