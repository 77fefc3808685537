import { IrqError } from '@irqchip/smp';

/** Whose state numbers to use: the enumeration differs from release to release, only its order is stable. */
export type LinuxVersion = '6.12' | '7.2';

/** Enumerator, its number in Linux 6.12, its number in Linux 7.2 (-1: that release does not have it). */
const TABLE = [
  // PREPARE: on the control CPU.
  ['CPUHP_OFFLINE', 0, 0],
  ['CPUHP_CREATE_THREADS', 1, 1],
  ['CPUHP_RANDOM_PREPARE', 37, 35],
  ['CPUHP_WORKQUEUE_PREP', 38, 36],
  ['CPUHP_HRTIMERS_PREPARE', 40, 38],
  ['CPUHP_SMPCFD_PREPARE', 42, 40],
  ['CPUHP_RELAY_PREPARE', 43, 41],
  ['CPUHP_RCUTREE_PREP', 45, 43],
  ['CPUHP_TOPOLOGY_PREPARE', 53, 51],
  ['CPUHP_TIMERS_PREPARE', 61, 58],
  ['CPUHP_TMIGR_PREPARE', 62, 59],
  ['CPUHP_BP_PREPARE_DYN', 64, 61],
  ['CPUHP_BP_PREPARE_DYN_END', 84, 81],
  ['CPUHP_BP_KICK_AP', 85, 82],
  ['CPUHP_BRINGUP_CPU', 86, 83],
  // STARTING and DYING: on the plugged CPU, interrupts off.
  ['CPUHP_AP_IDLE_DEAD', 87, 84],
  ['CPUHP_AP_OFFLINE', 88, 85],
  ['CPUHP_AP_CACHECTRL_STARTING', 89, 86],
  ['CPUHP_AP_SCHED_STARTING', 90, 87],
  ['CPUHP_AP_RCUTREE_DYING', 91, 88],
  ['CPUHP_AP_CPU_PM_STARTING', 92, 89],
  ['CPUHP_AP_IRQ_GIC_STARTING', 93, 90],
  ['CPUHP_AP_IRQ_HIP04_STARTING', 94, 91],
  ['CPUHP_AP_IRQ_APPLE_AIC_STARTING', 95, 92],
  ['CPUHP_AP_IRQ_ARMADA_XP_STARTING', 96, 93],
  ['CPUHP_AP_IRQ_BCM2836_STARTING', 97, 94],
  ['CPUHP_AP_IRQ_MIPS_GIC_STARTING', 98, 95],
  ['CPUHP_AP_IRQ_EIOINTC_STARTING', 99, 96],
  ['CPUHP_AP_IRQ_AVECINTC_STARTING', 100, 97],
  ['CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING', 101, 98],
  ['CPUHP_AP_IRQ_ACLINT_SSWI_STARTING', -1, 99],
  ['CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 102, 100],
  ['CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING', 103, 101],
  ['CPUHP_AP_PERF_RISCV_STARTING', 114, 112],
  ['CPUHP_AP_ARM_ARCH_TIMER_STARTING', 117, 115],
  ['CPUHP_AP_ARM_GLOBAL_TIMER_STARTING', 119, 117],
  ['CPUHP_AP_JCORE_TIMER_STARTING', 120, 118],
  ['CPUHP_AP_QCOM_TIMER_STARTING', 122, 120],
  ['CPUHP_AP_TEGRA_TIMER_STARTING', 123, 121],
  ['CPUHP_AP_ARMADA_TIMER_STARTING', 124, 122],
  ['CPUHP_AP_MIPS_GIC_TIMER_STARTING', 125, 124],
  ['CPUHP_AP_ARC_TIMER_STARTING', 126, 125],
  ['CPUHP_AP_REALTEK_TIMER_STARTING', 127, 126],
  ['CPUHP_AP_RISCV_TIMER_STARTING', 128, 127],
  ['CPUHP_AP_CLINT_TIMER_STARTING', 129, 128],
  ['CPUHP_AP_CSKY_TIMER_STARTING', 130, 129],
  ['CPUHP_AP_TI_GP_TIMER_STARTING', 131, 130],
  ['CPUHP_AP_DUMMY_TIMER_STARTING', 133, 132],
  ['CPUHP_AP_SMPCFD_DYING', 139, 137],
  ['CPUHP_AP_HRTIMERS_DYING', 140, 138],
  ['CPUHP_AP_TICK_DYING', 141, 139],
  ['CPUHP_AP_ONLINE', 144, 142],
  ['CPUHP_TEARDOWN_CPU', 145, 143],
  // ONLINE: on the plugged CPU's hotplug thread, interrupts on.
  ['CPUHP_AP_ONLINE_IDLE', 146, 144],
  ['CPUHP_AP_SCHED_WAIT_EMPTY', 149, 147],
  ['CPUHP_AP_SMPBOOT_THREADS', 150, 148],
  ['CPUHP_AP_IRQ_AFFINITY_ONLINE', 151, 149],
  ['CPUHP_AP_PERF_ONLINE', 155, 154],
  ['CPUHP_AP_TMIGR_ONLINE', 186, 185],
  ['CPUHP_AP_WATCHDOG_ONLINE', 187, 186],
  ['CPUHP_AP_WORKQUEUE_ONLINE', 188, 187],
  ['CPUHP_AP_RANDOM_ONLINE', 189, 188],
  ['CPUHP_AP_RCUTREE_ONLINE', 190, 189],
  ['CPUHP_AP_KTHREADS_ONLINE', -1, 190],
  ['CPUHP_AP_BASE_CACHEINFO_ONLINE', 191, 191],
  ['CPUHP_AP_ONLINE_DYN', 192, 192],
  ['CPUHP_AP_ONLINE_DYN_END', 232, 232],
  ['CPUHP_AP_ACTIVE', 235, 235],
  ['CPUHP_ONLINE', 236, 236],
] as const;

/** Enumerators of the hotplug states that this table knows. @kernel cpuhp_state */
export type CpuhpStateName = (typeof TABLE)[number][0];

/** "No state": what `failOf` answers and `setFail` accepts when nothing shall fail. @kernel CPUHP_INVALID */
export const CPUHP_INVALID = -1;

/** The state numbers of one kernel release, and which section a number is in. */
export class StateNumbers {
  readonly bringup: number;
  readonly idleDead: number;
  readonly apOffline: number;
  readonly apOnline: number;
  readonly teardown: number;
  readonly onlineIdle: number;
  readonly online: number;
  private readonly byName = new Map<string, number>();

  constructor(readonly linux: LinuxVersion) {
    for (const [name, v612, v72] of TABLE) {
      const number = linux === '6.12' ? v612 : v72;
      if (number >= 0) this.byName.set(name, number);
    }
    this.bringup = this.of('CPUHP_BRINGUP_CPU');
    this.idleDead = this.of('CPUHP_AP_IDLE_DEAD');
    this.apOffline = this.of('CPUHP_AP_OFFLINE');
    this.apOnline = this.of('CPUHP_AP_ONLINE');
    this.teardown = this.of('CPUHP_TEARDOWN_CPU');
    this.onlineIdle = this.of('CPUHP_AP_ONLINE_IDLE');
    this.online = this.of('CPUHP_ONLINE');
  }

  /**
   * The number of a state; a number is passed through.
   * @throws IrqError `EINVAL` for an enumerator that this release does not have.
   */
  of(state: CpuhpStateName | number): number {
    const number = typeof state === 'number' ? state : this.byName.get(state);
    if (number === undefined || !Number.isInteger(number)) {
      throw new IrqError('EINVAL', `Linux ${this.linux} has no hotplug state ${state}; for a driver of your own use CPUHP_AP_ONLINE_DYN or CPUHP_BP_PREPARE_DYN.`);
    }
    return number;
  }

  /** Last slot of the dynamic range that starts at `state`, or -1 if `state` does not start one. */
  dynamicEnd(state: number): number {
    if (state === this.of('CPUHP_AP_ONLINE_DYN')) return this.of('CPUHP_AP_ONLINE_DYN_END');
    if (state === this.of('CPUHP_BP_PREPARE_DYN')) return this.of('CPUHP_BP_PREPARE_DYN_END');
    return -1;
  }

  /** STARTING/DYING section: interrupts off, must not fail. @kernel cpuhp_is_atomic_state */
  isAtomic(state: number): boolean { return state >= this.idleDead && state < this.apOnline; }

  /** Runs on the plugged CPU, not on the control CPU. @kernel cpuhp_is_ap_state */
  isAp(state: number): boolean { return state > this.bringup && state !== this.teardown; }
}
