import { isaHas, ofParentHartid, ofProcessorHartid, SBI_ERR, sbiErrMapLinuxErrno, SBI_EXT, sbiSetTimer } from '@irqchip/riscv';
import { ERRNO } from '@irqchip/smp';
import { FakeSbi } from './fake-machine.ts';
import { fakeNode } from '@irqchip/test-support';

describe('SBI', () => {
  const EXPECTED: Record<keyof typeof SBI_ERR, number> = {
    SUCCESS: 0, FAILED: -ERRNO.ENOTSUPP, NOT_SUPPORTED: -ERRNO.ENOTSUPP, INVALID_PARAM: -ERRNO.EINVAL, DENIED: -ERRNO.EPERM,
    INVALID_ADDRESS: -ERRNO.EFAULT, ALREADY_AVAILABLE: -ERRNO.ENOTSUPP, ALREADY_STARTED: -ERRNO.ENOTSUPP,
    ALREADY_STOPPED: -ERRNO.ENOTSUPP, NO_SHMEM: -ERRNO.ENOMEM, INVALID_STATE: -ERRNO.EINVAL, BAD_RANGE: -ERRNO.ERANGE,
    TIMEOUT: -ERRNO.ETIMEDOUT, IO: -ERRNO.EIO, DENIED_LOCKED: -ERRNO.EPERM,
  };
  test.each(Object.entries(EXPECTED))('%s has its errno', (name, errno) => {
    expect(sbiErrMapLinuxErrno(SBI_ERR[name as keyof typeof SBI_ERR])).toBe(errno);
  });

  test('an error code of the future is ENOTSUPP', () => {
    expect(sbiErrMapLinuxErrno(-99)).toBe(-ERRNO.ENOTSUPP);
  });

  test('set_timer takes one register on RV64, two on RV32, and all ones as -1', () => {
    const sbi = new FakeSbi();
    sbiSetTimer(sbi, 64, -2, 1);
    sbiSetTimer(sbi, 64, -1, -1);
    sbiSetTimer(sbi, 32, -2, 1);
    expect(sbi.calls).toEqual([[SBI_EXT.TIME, 0, 0x1_ffff_fffe], [SBI_EXT.TIME, 0, -1], [SBI_EXT.TIME, 0, -2, 1]]);
  });
});

describe('the ISA of a cpu node', () => {
  test('multi-letter extensions of riscv,isa, with or without a version', () => {
    const cpu = fakeNode('/cpus/cpu@0', { 'riscv,isa': ['rv64imafdch_ssaia_sstc1p0'] });
    expect([isaHas(cpu, 'ssaia'), isaHas(cpu, 'sstc'), isaHas(cpu, 'smaia'), isaHas(cpu, 'rv64imafdch')]).toEqual([true, true, false, false]);
  });

  test('riscv,isa-extensions decides when it is there', () => {
    const cpu = fakeNode('/cpus/cpu@0', { 'riscv,isa': ['rv64imafdc_sstc'], 'riscv,isa-extensions': ['i', 'm', 'smaia'] });
    expect([isaHas(cpu, 'smaia'), isaHas(cpu, 'sstc')]).toEqual([true, false]);
  });

  test('without either there is nothing', () => {
    expect(isaHas(fakeNode('/cpus/cpu@0'), 'sstc')).toBe(false);
  });
});

describe('hartids of nodes', () => {
  const cpus = fakeNode('/cpus', { '#address-cells': [1] });
  const cpu = fakeNode('/cpus/cpu@3', { compatible: ['riscv'], reg: [3] }, cpus);

  test('a cpu node\'s reg, also from a node below it', () => {
    expect(ofProcessorHartid(cpu)).toBe(3);
    expect(ofParentHartid(fakeNode('/cpus/cpu@3/interrupt-controller', {}, cpu))).toBe(3);
  });

  test('two cells make one number', () => {
    const wide = fakeNode('/cpus', { '#address-cells': [2] });
    expect(ofProcessorHartid(fakeNode('/cpus/cpu@1', { compatible: ['riscv'], reg: [1, 5] }, wide))).toBe(0x1_0000_0005);
  });

  test('nodes that are no RISC-V CPU, or have no reg, have none', () => {
    expect(ofProcessorHartid(fakeNode('/cpus/cpu@3', { compatible: ['acme'], reg: [3] }, cpus))).toBeNull();
    expect(ofProcessorHartid(fakeNode('/cpus/cpu@3', { compatible: ['riscv'] }, cpus))).toBeNull();
    expect(ofParentHartid(fakeNode('/soc/intc', {}, fakeNode('/soc')))).toBeNull();
  });
});
