import { SBI_BASE, SBI_EXT, type Sbi } from '@irqchip/riscv';
import type { Log } from '@irqchip/smp';

const DETECTED = [['TIME', SBI_EXT.TIME], ['IPI', SBI_EXT.IPI], ['RFENCE', SBI_EXT.RFENCE], ['SRST', 0x53525354], ['DBCN', 0x4442434e]] as const;

/** What the kernel says of its firmware, from what the firmware answers. @kernel sbi_init */
export function printFirmware(log: Log, sbi: Sbi): void {
  const version = base(sbi, SBI_BASE.GET_SPEC_VERSION);
  if (version === null) return log.info('SBI specification v0.1 detected');
  log.info(`SBI specification v${version >>> 24}.${version & 0xffffff} detected`);
  log.info(`SBI implementation ID=${hex(base(sbi, SBI_BASE.GET_IMP_ID))} Version=${hex(base(sbi, SBI_BASE.GET_IMP_VERSION))}`);
  for (const [name, eid] of DETECTED) if (probe(sbi, eid)) log.info(`SBI ${name} extension detected`);
  if (probe(sbi, SBI_EXT.HSM)) log.info('SBI HSM extension detected');
}

function base(sbi: Sbi, fid: number): number | null {
  return sbi.ecall(SBI_EXT.BASE, fid) === 0 ? sbi.value : null;
}

function probe(sbi: Sbi, eid: number): boolean {
  return sbi.ecall(SBI_EXT.BASE, SBI_BASE.PROBE_EXT, eid) === 0 && sbi.value !== 0;
}

function hex(value: number | null): string {
  return `0x${(value ?? 0).toString(16)}`;
}
