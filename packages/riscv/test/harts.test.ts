import { CSR_MIE, CSR_MTOPI, CSR_SIE, CSR_STOPI, Harts } from '@irqchip/riscv';
import { codeOf } from './fake-machine.ts';

const harts = (hartids: number[], mode: 'S' | 'M' = 'S'): Harts => new Harts({ mode, xlen: 64, hartids, aia: false });

test('CPU numbers follow the given order: the boot hart is CPU 0', () => {
  const h = harts([2, 0, 3]);
  expect([h.nr, h.cpuidToHartid(0), h.cpuidToHartid(1), h.hartidToCpuid(2), h.hartidToCpuid(3)]).toEqual([3, 2, 0, 0, 2]);
});

test('an unknown hart is ENOENT, a CPU without a hart EINVAL', () => {
  expect(codeOf(() => harts([0, 1]).hartidToCpuid(5))).toBe('ENOENT');
  expect(codeOf(() => harts([0, 1]).cpuidToHartid(2))).toBe('EINVAL');
});

test('no harts, or one twice, is refused', () => {
  expect(codeOf(() => harts([]))).toBe('EINVAL');
  expect(codeOf(() => harts([1, 1]))).toBe('EINVAL');
});

test('the mode picks interrupt and CSR numbers', () => {
  expect(harts([0], 'S').irq).toEqual({ soft: 1, timer: 5, ext: 9, ovf: 13 });
  expect(harts([0], 'M').irq).toEqual({ soft: 3, timer: 7, ext: 11, ovf: 13 });
  expect([harts([0], 'S').csr.ie, harts([0], 'M').csr.ie]).toEqual([CSR_SIE, CSR_MIE]);
  expect([harts([0], 'S').csr.topi, harts([0], 'M').csr.topi]).toEqual([CSR_STOPI, CSR_MTOPI]);
});

test('the list of harts is the object\'s own', () => {
  const list = [0, 1];
  const h = harts(list);
  list.push(2);
  expect(h.nr).toBe(2);
  expect(h.hartids).toHaveLength(2);
});
