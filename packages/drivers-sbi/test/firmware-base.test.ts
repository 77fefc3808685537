import { SBI_ERR } from '@irqchip/riscv';
import { SbiFirmware, type SbiEffects, type SbiExtension } from '../hardware/index.ts';
import { bench } from './bench.ts';

const BASE = 0x10;
const ALL_IDS = [0x54494d45, 0x735049, 0x52464e43, 0x48534d, 0x53525354, 0x4442434e, 4];

function values(options: { spec?: number; extensions?: SbiExtension[] } = {}): number[] {
  const sbi = bench({ hartids: [0], ...options }).firmware.forHart(0);
  return ALL_IDS.map((eid) => { sbi.ecall(BASE, 3, eid); return sbi.value; });
}

test('says what OpenSBI 1.5 says: version 2.0, implementation 1, 0x10005', () => {
  const sbi = bench({ hartids: [0] }).firmware.forHart(0);
  const answers = [0, 1, 2, 4, 5, 6].map((fid) => [sbi.ecall(BASE, fid), sbi.value]);
  expect(answers).toEqual([[0, 0x2000000], [0, 1], [0, 0x10005], [0, 0], [0, 0], [0, 0]]);
  expect(sbi.ecall(BASE, 7)).toBe(SBI_ERR.NOT_SUPPORTED);
});

test('probe finds what is there', () => {
  expect(values()).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(values({ extensions: ['TIME', 'HSM'] })).toEqual([1, 0, 0, 1, 0, 0, 0]);
});

test('an extension that is switched off answers NOT_SUPPORTED', () => {
  const { firmware, lines } = bench({ hartids: [0], extensions: ['TIME'] });
  const sbi = firmware.forHart(0);
  expect([sbi.ecall(0x735049, 0, 1, 0), sbi.ecall(0x48534d, 2, 0), sbi.ecall(4, 0, 0), sbi.ecall(-1, 0)]).toEqual([-2, -2, -2, -2]);
  expect(lines.isPending(0, 1)).toBe(false);
});

test('SBI v0.1 has no BASE extension, and none but the legacy calls', () => {
  const { firmware, lines } = bench({ hartids: [0], spec: 1 });
  const sbi = firmware.forHart(0);
  expect([sbi.ecall(BASE, 0), sbi.ecall(0x735049, 0, 1, 0)]).toEqual([-2, -2]);
  expect(sbi.ecall(4, 0, 0)).toBe(0);
  expect(lines.isPending(0, 1)).toBe(true);
});

test('system reset and debug console', () => {
  const b = bench({ hartids: [0] });
  const sbi = b.firmware.forHart(0);
  expect([sbi.ecall(0x53525354, 0, 1, 2), sbi.ecall(0x53525354, 0, 3, 0), sbi.ecall(0x53525354, 1)]).toEqual([0, -3, -2]);
  expect(b.events).toEqual(['reset 1 2']);
  expect([sbi.ecall(0x4442434e, 2, 0x41), sbi.ecall(0x4442434e, 0, 4), sbi.ecall(0x4442434e, 3)]).toEqual([0, -3, -2]);
  expect(b.output).toEqual(['A']);
});

test('the value belongs to the call, even if an effect let another hart call meanwhile', () => {
  const effects = { start: () => { running = 1; sbi.ecall(BASE, 0); running = 0; } } as unknown as SbiEffects;
  const firmware = new SbiFirmware(effects, { hartids: [0, 1] });
  let running = 0;
  const sbi = firmware.port(() => running);
  expect([sbi.ecall(0x48534d, 0, 1, 0x80200000, 7), sbi.value]).toEqual([0, 0]);
  expect([sbi.ecall(0x48534d, 2, 1), sbi.value]).toEqual([0, 0]);
});

test('firmware without harts is refused', () => {
  expect(() => bench({ hartids: [] })).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});
