import { SBI_ERR, SBI_HSM_STATE } from '@irqchip/riscv';
import { bench, type Bench } from './bench.ts';

const HSM = 0x48534d;
const IPI = 0x735049;
const [START, STOP, STATUS, SUSPEND] = [0, 1, 2, 3];
const NON_RETENTIVE = 0x8000_0000;
const ADDR = 0x8020_0000;
const NAME = Object.fromEntries(Object.entries(SBI_HSM_STATE).map(([name, value]) => [value, name]));

const status = ({ firmware }: Bench, hartid: number): string => {
  const sbi = firmware.forHart(0);
  return sbi.ecall(HSM, STATUS, hartid) === 0 ? NAME[sbi.value]! : 'error';
};

describe('kvm-unit-tests riscv/sbi.c: HSM', () => {
  test('the boot hart is STARTED, the others are STOPPED', () => {
    const b = bench({ hartids: [0, 1] });
    expect([status(b, 0), status(b, 1)]).toEqual(['STARTED', 'STOPPED']);
  });

  test('start goes through START_PENDING to STARTED; a0 is the hartid, a1 the opaque value, satp 0, SIE 0', () => {
    const b = bench({ hartids: [0, 7], deferred: true });
    expect(b.firmware.forHart(0).ecall(HSM, START, 7, ADDR, 0xabc)).toBe(SBI_ERR.SUCCESS);
    expect([status(b, 7), b.events]).toEqual(['START_PENDING', []]);
    b.firmware.complete(7);
    expect([status(b, 7), b.events]).toEqual(['STARTED', ['start 7']]);
    expect(b.entries).toEqual([{ addr: ADDR, hartid: 7, opaque: 0xabc, satp: 0, sie: 0 }]);
  });

  test('stop goes through STOP_PENDING to STOPPED', () => {
    const b = bench({ hartids: [0, 1], started: [0, 1], deferred: true });
    b.firmware.forHart(1).ecall(HSM, STOP);
    expect([status(b, 1), b.events]).toEqual(['STOP_PENDING', ['stop 1']]);
    b.firmware.complete(1);
    expect(status(b, 1)).toBe('STOPPED');
  });

  test('an invalid hartid is INVALID_PARAM, for start and status', () => {
    const sbi = bench({ hartids: [0, 1] }).firmware.forHart(0);
    expect([sbi.ecall(HSM, START, 2, ADDR), sbi.ecall(HSM, STATUS, 2)]).toEqual([SBI_ERR.INVALID_PARAM, SBI_ERR.INVALID_PARAM]);
    expect(sbi.ecall(HSM, START, -1, ADDR)).toBe(SBI_ERR.INVALID_PARAM);
  });

  test('starting a started hart is ALREADY_AVAILABLE', () => {
    const sbi = bench({ hartids: [0, 1] }).firmware.forHart(0);
    sbi.ecall(HSM, START, 1, ADDR);
    expect([sbi.ecall(HSM, START, 1, ADDR), sbi.ecall(HSM, START, 0, ADDR)]).toEqual([SBI_ERR.ALREADY_AVAILABLE, SBI_ERR.ALREADY_AVAILABLE]);
  });

  test('a retentive suspend waits in SUSPENDED and goes on after an IPI', () => {
    const b = bench({ hartids: [0, 1], started: [0, 1] });
    expect(b.firmware.forHart(1).ecall(HSM, SUSPEND, 0)).toBe(SBI_ERR.SUCCESS);
    expect(status(b, 1)).toBe('SUSPENDED');
    b.firmware.forHart(0).ecall(IPI, 0, 1, 1);
    expect([status(b, 1), b.events, b.lines.isPending(1, 1)]).toEqual(['STARTED', ['suspend 1 retentive', 'resume 1'], true]);
    expect(b.entries).toEqual([]);
  });

  test('a non-retentive suspend comes back at its address with a0 and a1 as given', () => {
    const b = bench({ hartids: [0, 1], started: [0, 1] });
    expect(b.firmware.forHart(1).ecall(HSM, SUSPEND, NON_RETENTIVE, ADDR + 4, 99)).toBe(SBI_ERR.SUCCESS);
    b.firmware.forHart(0).ecall(IPI, 0, 0b10, 0);
    expect([status(b, 1), b.events]).toEqual(['STARTED', ['suspend 1 non-retentive', 'start 1']]);
    expect(b.entries).toEqual([{ addr: ADDR + 4, hartid: 1, opaque: 99, satp: 0, sie: 0 }]);
  });
});

test('every pending state of suspend and resume can be seen', () => {
  const b = bench({ hartids: [0, 1], started: [0, 1], deferred: true });
  const seen = [status(b, 1)];
  const step = (act: () => void): void => { act(); seen.push(status(b, 1)); };
  step(() => b.firmware.forHart(1).ecall(HSM, SUSPEND, 0));
  step(() => b.firmware.complete(1));
  step(() => b.firmware.wake(1));
  step(() => b.firmware.complete(1));
  expect(seen).toEqual(['STARTED', 'SUSPEND_PENDING', 'SUSPENDED', 'RESUME_PENDING', 'STARTED']);
});

test('an IPI that comes before the suspend is complete is not lost', () => {
  const b = bench({ hartids: [0, 1], started: [0, 1], deferred: true });
  b.firmware.forHart(1).ecall(HSM, SUSPEND, 0);
  b.firmware.forHart(0).ecall(IPI, 0, 1, 1);
  b.firmware.complete(1);
  expect(status(b, 1)).toBe('RESUME_PENDING');
  b.firmware.complete(1);
  b.firmware.forHart(1).ecall(HSM, SUSPEND, 0);
  b.firmware.complete(1);
  expect(status(b, 1)).toBe('SUSPENDED');
});

test('on RV32 an address is 32 bits wide, whatever its sign', () => {
  const b = bench({ hartids: [0, 1], xlen: 32 });
  b.firmware.forHart(0).ecall(HSM, START, 1, ADDR | 0, -2);
  expect(b.entries).toEqual([{ addr: ADDR, hartid: 1, opaque: 0xffff_fffe, satp: 0, sie: 0 }]);
});

test('a hart on its way up or down can be neither started nor interrupted', () => {
  const b = bench({ hartids: [0, 1, 2], started: [0, 2], deferred: true });
  const sbi = b.firmware.forHart(0);
  sbi.ecall(HSM, START, 1, ADDR);
  b.firmware.forHart(2).ecall(HSM, STOP);
  expect([sbi.ecall(HSM, START, 1, ADDR), sbi.ecall(HSM, START, 2, ADDR)]).toEqual([SBI_ERR.INVALID_PARAM, SBI_ERR.INVALID_PARAM]);
  expect(sbi.ecall(IPI, 0, 0b110, 0)).toBe(SBI_ERR.SUCCESS);
  expect([b.lines.isPending(1, 1), b.lines.isPending(2, 1)]).toEqual([false, false]);
});

test('a stop that unwinds its caller has stopped the hart', () => {
  const b = bench({ hartids: [0, 1], started: [0, 1] });
  b.events.push = (event) => { if (event === 'stop 1') throw new Error('unwound'); return 0; };
  expect(() => b.firmware.forHart(1).ecall(HSM, STOP)).toThrow('unwound');
  expect(status(b, 1)).toBe('STOPPED');
  expect(b.firmware.forHart(0).ecall(HSM, START, 1, ADDR)).toBe(SBI_ERR.SUCCESS);
});

test('reserved suspend types, addresses that cannot be run, and unknown functions', () => {
  const b = bench({ hartids: [0, 1], validAddress: (addr) => addr >= 0x8000_0000 });
  const sbi = b.firmware.forHart(0);
  expect([1, 0x1000_0000, 0x8000_0001].map((type) => sbi.ecall(HSM, SUSPEND, type))).toEqual([-3, -3, -3]);
  expect([sbi.ecall(HSM, SUSPEND, NON_RETENTIVE, 0), sbi.ecall(HSM, START, 1, 0)]).toEqual([SBI_ERR.INVALID_ADDRESS, SBI_ERR.INVALID_ADDRESS]);
  expect([sbi.ecall(HSM, 4), sbi.ecall(HSM, 0xbad)]).toEqual([-2, -2]);
  expect([status(b, 0), status(b, 1)]).toEqual(['STARTED', 'STOPPED']);
});

test('a stop of a hart that does not run fails', () => {
  expect(bench({ hartids: [0, 1] }).firmware.forHart(1).ecall(HSM, STOP)).toBe(SBI_ERR.FAILED);
});
