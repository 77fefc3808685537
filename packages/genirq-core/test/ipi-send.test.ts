import { allocDescs, Genirq, type IrqChip, type IrqData } from '@irqchip/irqdesc';
import { CpuMask, Smp } from '@irqchip/smp';
import { INVALID_HWIRQ, ipiGetHwirq } from '../src/ipi/hwirq.ts';
import { ipiSendMask, ipiSendSingle, rawIpiSendMask, rawIpiSendSingle } from '../src/ipi/send.ts';
import { codeOf } from './affinity-fixture.ts';

const PER_CPU = 1 << 2;

interface Bench { genirq: Genirq; smp: Smp; irq: number; sent: string[]; mask(...cpus: number[]): CpuMask }

/** One IPI interrupt; `perCpu` makes four in a row, the first for CPU `offset`. */
function bench(kinds: { single?: boolean; mask?: boolean }, perCpu = false, offset = 0): Bench {
  const smp = new Smp({ nrCpus: 6 });
  const genirq = new Genirq(smp);
  const sent: string[] = [];
  const chip: IrqChip = {
    name: 'ipi',
    ...(kinds.single ? { ipiSendSingle: ({ irq, hwirq }: IrqData, cpu: number) => { sent.push(`single ${irq}/${hwirq} cpu${cpu}`); } } : {}),
    ...(kinds.mask ? { ipiSendMask: ({ irq }: IrqData, dest: CpuMask) => { sent.push(`mask ${irq} ${dest.toList()}`); } } : {}),
  };
  const irq = allocDescs(genirq, -1, 1, 4, -1);
  for (let i = 0; i < 4; i++) {
    const desc = genirq.irqToDesc(irq + i)!;
    desc.irqData.chip = chip;
    desc.irqData.hwirq = 40 + i;
    desc.irqData.domain = { name: 'ipi', flags: perCpu ? PER_CPU : 0, ops: {} };
    desc.common.ipiOffset = offset;
  }
  return { genirq, smp, irq, sent, mask: (...cpus) => new CpuMask(6, cpus) };
}

describe('sending', () => {
  test('to one CPU prefers ipiSendSingle, to several ipiSendMask', () => {
    const { genirq, irq, sent, mask } = bench({ single: true, mask: true });
    expect(ipiSendSingle(genirq, irq, 2)).toBe(0);
    expect(ipiSendMask(genirq, irq, mask(1, 3))).toBe(0);
    expect(sent).toEqual(['single 1/40 cpu2', 'mask 1 1,3']);
  });

  test('each callback stands in for the other', () => {
    const single = bench({ single: true });
    ipiSendMask(single.genirq, single.irq, single.mask(3, 1));
    expect(single.sent).toEqual(['single 1/40 cpu1', 'single 1/40 cpu3']);
    const mask = bench({ mask: true });
    ipiSendSingle(mask.genirq, mask.irq, 3);
    expect(mask.sent).toEqual(['mask 1 3']);
  });

  test('a domain with an interrupt for each CPU: the one of the target is used', () => {
    const { genirq, irq, sent, mask } = bench({ single: true }, true, 2);
    ipiSendSingle(genirq, irq, 4);
    ipiSendMask(genirq, irq, mask(2, 3, 5));
    expect(sent).toEqual(['single 3/42 cpu4', 'single 1/40 cpu2', 'single 2/41 cpu3', 'single 4/43 cpu5']);
  });

  test('the one-CPU mask is made once and shared', () => {
    const { genirq, irq, smp } = bench({ mask: true });
    const seen: CpuMask[] = [];
    const desc = genirq.irqToDesc(irq)!;
    desc.irqData.chip = { name: 'ipi', ipiSendMask: (_data, dest) => { seen.push(dest); } };
    for (let i = 0; i < 3; i++) rawIpiSendSingle(desc, 1);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]!.size).toBe(smp.cpus.nrCpuIds);
  });
});

describe('verification', () => {
  const REFUSED: [string, (b: Bench) => unknown][] = [
    ['no such interrupt', ({ genirq }) => ipiSendSingle(genirq, 99, 0)],
    ['a CPU above all numbers', ({ genirq, irq }) => ipiSendSingle(genirq, irq, 6)],
    ['a CPU outside the affinity mask', (b) => { b.genirq.irqToDesc(b.irq)!.common.affinity.clear(2); return ipiSendSingle(b.genirq, b.irq, 2); }],
    ['a mask partly outside the affinity mask', (b) => { b.genirq.irqToDesc(b.irq)!.common.affinity.clear(2); return ipiSendMask(b.genirq, b.irq, b.mask(1, 2)); }],
    ['a chip that sends none', (b) => { b.genirq.irqToDesc(b.irq)!.irqData.chip = { name: 'x' }; return ipiSendMask(b.genirq, b.irq, b.mask(1)); }],
  ];

  test.each(REFUSED)('%s is EINVAL, nobody gets it, and one warning is left', (_name, send) => {
    const b = bench({ single: true, mask: true });
    expect(codeOf(() => send(b))).toBe('EINVAL');
    expect(codeOf(() => send(b))).toBe('EINVAL');
    expect(b.sent).toEqual([]);
    expect(b.smp.diagnostics.take()).toMatchObject([{ kind: 'warn' }]);
  });

  test('irqaffinity= narrows whom an unreserved IPI may reach', () => {
    const smp = new Smp({ nrCpus: 4 });
    const genirq = new Genirq(smp, { defaultAffinity: new CpuMask(4, [1]) });
    const irq = allocDescs(genirq, -1, 1, 1, -1);
    const sent: number[] = [];
    genirq.irqToDesc(irq)!.irqData.chip = { name: 'ipi', ipiSendSingle: (_data, cpu) => { sent.push(cpu); } };
    ipiSendSingle(genirq, irq, 1);
    expect(codeOf(() => ipiSendSingle(genirq, irq, 2))).toBe('EINVAL');
    expect(sent).toEqual([1]);
    smp.diagnostics.take();
  });

  test('the raw calls do not check', () => {
    const { genirq, irq, sent, mask, smp } = bench({ single: true, mask: true });
    const desc = genirq.irqToDesc(irq)!;
    desc.common.affinity.clearAll();
    expect(rawIpiSendSingle(desc, 2)).toBe(0);
    expect(rawIpiSendMask(desc, mask(3))).toBe(0);
    expect(sent).toEqual(['single 1/40 cpu2', 'mask 1 3']);
    expect(smp.diagnostics.open).toEqual([]);
  });
});

test('the hwirq of a CPU: its own in a per-CPU domain, the common one else, INVALID_HWIRQ outside the mask', () => {
  const perCpu = bench({ single: true }, true, 2);
  perCpu.genirq.irqToDesc(perCpu.irq)!.common.affinity.copy(perCpu.mask(2, 3, 4, 5));
  expect([2, 5, 1, 6].map((cpu) => ipiGetHwirq(perCpu.genirq, perCpu.irq, cpu))).toEqual([40, 43, INVALID_HWIRQ, INVALID_HWIRQ]);
  perCpu.genirq.irqToDesc(perCpu.irq)!.common.affinity.clear(3);
  expect(ipiGetHwirq(perCpu.genirq, perCpu.irq, 3)).toBe(INVALID_HWIRQ);
  const one = bench({ mask: true });
  expect([0, 5].map((cpu) => ipiGetHwirq(one.genirq, one.irq, cpu))).toEqual([40, 40]);
  expect(ipiGetHwirq(one.genirq, 99, 0)).toBe(0xffffffff);
});
