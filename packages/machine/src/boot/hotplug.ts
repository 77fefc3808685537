import type { CpuHotplug, HotplugPort } from '@irqchip/cpuhp';
import { migrateAllOffThisCpu, type Genirq } from '@irqchip/genirq-core';
import { SBI_EXT, SBI_HSM, sbiErrMapLinuxErrno, type Harts, type RiscvIpi, type Sbi } from '@irqchip/riscv';
import type { Hart } from '@irqchip/board/internals';
import { IrqError, type Smp } from '@irqchip/smp';

/** Where a secondary hart starts to run; its value means nothing here but is passed through the firmware as on real systems. */
const SECONDARY_ENTRY = 0x80200000;

/** What starting and stopping a CPU does to harts, arch/riscv/kernel/{smpboot,cpu-hotplug}.c. */
export class RiscvHotplug implements HotplugPort {
  constructor(
    private readonly smp: Smp,
    private readonly genirq: Genirq,
    private readonly cpuhp: CpuHotplug,
    private readonly harts: Harts,
    private readonly hardware: readonly Hart[],
    private readonly ipi: RiscvIpi,
    private readonly sbi: Sbi,
  ) {}

  /** Starts the hart of `cpu` and returns when it is online and idle. @kernel __cpu_up */
  bringup(cpu: number): void {
    if (this.harts.mode === 'M') return this.secondaryStart(cpu);
    const hartid = this.harts.cpuidToHartid(cpu);
    const error = this.sbi.ecall(SBI_EXT.HSM, SBI_HSM.HART_START, hartid, SECONDARY_ENTRY, cpu);
    if (error !== 0) {
      this.smp.log.err(`CPU${cpu}: failed to start`);
      throw new IrqError('EIO', `CPU${cpu}: the firmware did not start hart ${hartid}: SBI error ${error} (errno ${sbiErrMapLinuxErrno(error)}).`);
    }
  }

  /** A hart's first code as a Linux CPU. @kernel smp_callin */
  secondaryStart(cpu: number): void {
    const { cpus } = this.smp;
    cpus.runOn(cpu, () => {
      this.hardware[cpu]!.halted = false;
      cpus.localIrqDisable();
      this.cpuhp.notifyCpuStarting(cpu);
      this.ipi.enable();
      cpus.online.set(cpu);
      cpus.localIrqEnable();
    });
  }

  /** On the dying CPU, interrupts off. @kernel __cpu_disable */
  cpuDisable(cpu: number): void {
    this.smp.cpus.online.clear(cpu);
    this.ipi.disable();
    migrateAllOffThisCpu(this.genirq);
  }

  /** The dying CPU leaves; called on a CPU that stays. @kernel arch_cpuhp_cleanup_dead_cpu */
  cpuDead(cpu: number): void {
    this.smp.cpus.runOn(cpu, () => {
      if (this.harts.mode === 'S') this.sbi.ecall(SBI_EXT.HSM, SBI_HSM.HART_STOP);
      this.hardware[cpu]!.halted = true;
    });
  }
}
