import { IRQD } from '@irqchip/irqdesc';
import { CpuMask } from '@irqchip/smp';
import fc from 'fast-check';
import { irqDebugWrite } from '../src/proc/debugfs.ts';
import { parseCpuHex, parseCpuList } from '../src/proc/parse-mask.ts';
import { writeDefaultSmpAffinity, writeSmpAffinity, writeSmpAffinityList } from '../src/proc/write-affinity.ts';
import { bench, codeOf } from './affinity-fixture.ts';

describe('masks as text', () => {
  test.each([['f', '0-3'], ['1', '0'], ['0', ''], ['00000002,00000001', '0,33'], ['A\n', '1,3'], ['1,00000000', '32']])('hexadecimal %j is CPUs %j', (text, list) => {
    expect(parseCpuHex(text, 40).toList()).toBe(list);
  });

  test.each([['', 'EINVAL'], ['g', 'EINVAL'], ['0x1', 'EINVAL'], ['1,,2', 'EINVAL'], ['123456789', 'EOVERFLOW'], ['10', 'EOVERFLOW'], ['1,00000000', 'EOVERFLOW']])(
    'hexadecimal %j is refused with %s on four CPUs', (text, code) => {
      expect(codeOf(() => parseCpuHex(text, 4))).toBe(code);
    });

  test.each([['0-3,8', '0-3,8'], ['all', '0-9'], ['N', '9'], ['2-N', '2-9'], ['0-9:1/3', '0,3,6,9'], ['0-7:2/4', '0-1,4-5'], ['1 3\n', '1,3'], ['', '']])('list %j is CPUs %j', (text, list) => {
    expect(parseCpuList(text, 10).toList()).toBe(list);
  });

  test.each([['3-1', 'EINVAL'], ['x', 'EINVAL'], ['1-', 'EINVAL'], ['0-3:5/4', 'EINVAL'], ['0-3:1/0', 'EINVAL'], ['10', 'ERANGE'], ['8-10', 'ERANGE']])('list %j is refused with %s on ten CPUs', (text, code) => {
    expect(codeOf(() => parseCpuList(text, 10))).toBe(code);
  });

  test('what is printed can be read back', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(99)), (size, cpus) => {
      const mask = new CpuMask(size, cpus.filter((cpu) => cpu < size));
      expect(parseCpuHex(mask.toHex(), size).equals(mask)).toBe(true);
      expect(parseCpuList(mask.toList(), size).equals(mask)).toBe(true);
    }), { seed: 7 });
  });
});

describe('writing smp_affinity', () => {
  test('moves the interrupt', () => {
    const { genirq, chip, desc, irq } = bench();
    writeSmpAffinity(genirq, irq, '6\n');
    writeSmpAffinityList(genirq, irq, '3');
    expect(chip.calls).toEqual(['affinity 1-2', 'affinity 3']);
    expect(desc.common.affinity.toList()).toBe('3');
  });

  test.each([['per-CPU', IRQD.PER_CPU], ['unbalanced', IRQD.NO_BALANCING], ['managed', IRQD.AFFINITY_MANAGED]])('is EPERM for an interrupt that is %s, whatever the text', (_name, bit) => {
    const { genirq, chip, desc, irq } = bench();
    desc.common.state |= bit;
    expect(codeOf(() => writeSmpAffinity(genirq, irq, '1'))).toBe('EPERM');
    expect(codeOf(() => writeSmpAffinity(genirq, irq, 'nonsense'))).toBe('EPERM');
    expect(chip.calls).toEqual([]);
  });

  test('is EPERM for a chip that cannot, EINVAL for nonsense or no online CPU, and hands on what the chip says', () => {
    const { smp, genirq, chip, desc, irq } = bench();
    smp.cpus.online.clear(3);
    expect(codeOf(() => writeSmpAffinity(genirq, irq, '8'))).toBe('EINVAL');
    expect(codeOf(() => writeSmpAffinity(genirq, irq, '0'))).toBe('EINVAL');
    expect(codeOf(() => writeSmpAffinityList(genirq, irq, 'z'))).toBe('EINVAL');
    expect((desc.common.state & IRQD.AFFINITY_SET) !== 0).toBe(false);
    chip.failures.push('ENOSPC');
    expect(codeOf(() => writeSmpAffinity(genirq, irq, '1'))).toBe('ENOSPC');
    desc.irqData.chip = { name: 'stubborn' };
    expect(codeOf(() => writeSmpAffinity(genirq, irq, '1'))).toBe('EPERM');
  });

  test('the default affinity takes any mask with an online CPU', () => {
    const { smp, genirq } = bench();
    smp.cpus.online.clear(3);
    writeDefaultSmpAffinity(genirq, 'a');
    expect(genirq.defaultAffinity.toList()).toBe('1,3');
    expect(codeOf(() => writeDefaultSmpAffinity(genirq, '8'))).toBe('EINVAL');
    expect(genirq.defaultAffinity.toList()).toBe('1,3');
  });
});

describe('writing to debugfs irqs/N', () => {
  test.each(['trigger\n', 'trigger', 'trig', 'triggerhappy'])('%j injects', (text) => {
    const { desc } = bench();
    const raised: string[] = [];
    desc.irqData.chip = { name: 'sim', irqSetIrqchipState: (_data, which, state) => { raised.push(`${which} ${state}`); } };
    irqDebugWrite(desc, text);
    expect(raised).toEqual(['PENDING true']);
  });

  test('other text is taken and ignored', () => {
    const { desc } = bench();
    desc.irqData.chip = { name: 'sim', irqSetIrqchipState: () => { throw new Error('must not be called'); } };
    expect(() => irqDebugWrite(desc, 'trigonometry')).not.toThrow();
  });

  test('a level interrupt that cannot be set pending is EINVAL', () => {
    const { desc } = bench();
    desc.common.state |= IRQD.LEVEL;
    desc.settings |= 1 << 8;
    expect(codeOf(() => irqDebugWrite(desc, 'trigger\n'))).toBe('EINVAL');
  });
});
