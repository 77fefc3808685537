import { SBI_BASE, SBI_ERR, SBI_EXT, SBI_IPI_SEND_IPI, sbiErrMapLinuxErrno, type Harts, type Sbi } from '@irqchip/riscv';
import type { Smp } from '@irqchip/smp';
import { SBI_SPEC_V0_2, type LegacySbi } from './registers.ts';

/** Rings one CPU through the firmware. Any context. */
export type SbiSendIpi = (cpu: number) => void;

/** Whether firmware has an extension. @kernel sbi_probe_extension */
export function sbiProbeExtension(sbi: Sbi, eid: number): boolean {
  return sbi.ecall(SBI_EXT.BASE, SBI_BASE.PROBE_EXT, eid) === SBI_ERR.SUCCESS && sbi.value !== 0;
}

/** The way that this firmware offers: the IPI extension of SBI 0.2 and later, else the legacy call. */
export function chooseSendIpi(smp: Smp, harts: Harts, sbi: Sbi): SbiSendIpi {
  const spec = sbi.ecall(SBI_EXT.BASE, SBI_BASE.GET_SPEC_VERSION) === SBI_ERR.SUCCESS ? sbi.value : 0;
  const modern = spec >= SBI_SPEC_V0_2 && sbiProbeExtension(sbi, SBI_EXT.IPI);
  return modern ? sendV02(smp, harts, sbi) : sendV01(smp, harts, sbi);
}

/** One call a hart, though a mask could name many: the mux rings CPU by CPU. @kernel __sbi_send_ipi_v02 */
function sendV02(smp: Smp, harts: Harts, sbi: Sbi): SbiSendIpi {
  return function sbiSendIpiV02(cpu) {
    const hartid = harts.cpuidToHartid(cpu);
    const error = sbi.ecall(SBI_EXT.IPI, SBI_IPI_SEND_IPI, 1, hartid);
    // Nobody is told but the log.
    if (error !== SBI_ERR.SUCCESS) smp.log.err(`__sbi_send_ipi_v02: hbase = [${hartid}] failed (error [${sbiErrMapLinuxErrno(error)}])`);
  };
}

/** @kernel __sbi_send_ipi_v01 */
function sendV01(smp: Smp, harts: Harts, sbi: Sbi): SbiSendIpi {
  const legacy = sbi as Partial<LegacySbi>;
  return function sbiSendIpiV01(cpu) {
    if (legacy.storeHartMask === undefined) {
      smp.diagnostics.report('sbi', 'The firmware has no IPI extension, and the Sbi port no storeHartMask() for the legacy call: IPIs cannot be sent.');
      return;
    }
    const hartid = harts.cpuidToHartid(cpu);
    const fits = hartid < harts.xlen;
    if (!fits) smp.log.warn('Unable to send any request to hartid > BITS_PER_LONG for SBI v0.1');
    // An empty mask is sent all the same, and reaches nobody.
    const bit = fits ? 1 << (hartid & 31) : 0;
    const address = legacy.storeHartMask(hartid < 32 ? bit : 0, hartid < 32 ? 0 : bit);
    sbi.ecall(SBI_EXT.LEGACY_SEND_IPI, 0, address);
  };
}
