/** The three flag words of a descriptor, the request flags and the chip flags, with the kernel's bit values. */

/** Trigger types, as in IRQF_TRIGGER_* and device-tree cells. @kernel IRQ_TYPE_* */
export const IRQ_TYPE = {
  NONE: 0,
  EDGE_RISING: 1,
  EDGE_FALLING: 2,
  EDGE_BOTH: 3,
  LEVEL_HIGH: 4,
  LEVEL_LOW: 8,
  LEVEL_MASK: 0xc,
  SENSE_MASK: 0xf,
  PROBE: 0x10,
} as const;

/** `status_use_accessors` of a descriptor ("settings"). @kernel IRQ_* */
export const IRQ = {
  LEVEL: 0x100,
  PER_CPU: 0x200,
  NOPROBE: 0x400,
  NOREQUEST: 0x800,
  NOAUTOEN: 0x1000,
  NO_BALANCING: 0x2000,
  NESTED_THREAD: 0x8000,
  NOTHREAD: 0x10000,
  PER_CPU_DEVID: 0x20000,
  IS_POLLED: 0x40000,
  DISABLE_UNLAZY: 0x80000,
  HIDDEN: 0x100000,
  NO_DEBUG: 0x200000,
  /** Linux 7.2: the row of /proc/interrupts is shown (there is an action, it is not chained, not hidden). */
  PROC_VALID: 0x400000,
} as const;

/** `core_internal_state__do_not_mess_with_it` ("istate"). @kernel IRQS_* */
export const IRQS = {
  AUTODETECT: 0x1,
  SPURIOUS_DISABLED: 0x2,
  POLL_INPROGRESS: 0x8,
  ONESHOT: 0x20,
  REPLAY: 0x40,
  WAITING: 0x80,
  PENDING: 0x200,
  SUSPENDED: 0x800,
  TIMINGS: 0x1000,
  NMI: 0x2000,
  SYSFS: 0x4000,
} as const;

/** `irq_common_data.state_use_accessors` ("dstate"). @kernel IRQD_* */
export const IRQD = {
  TRIGGER_MASK: 0xf,
  SETAFFINITY_PENDING: 0x100,
  ACTIVATED: 0x200,
  NO_BALANCING: 0x400,
  PER_CPU: 0x800,
  AFFINITY_SET: 0x1000,
  LEVEL: 0x2000,
  WAKEUP_STATE: 0x4000,
  IRQ_DISABLED: 0x10000,
  IRQ_MASKED: 0x20000,
  IRQ_INPROGRESS: 0x40000,
  WAKEUP_ARMED: 0x80000,
  FORWARDED_TO_VCPU: 0x100000,
  AFFINITY_MANAGED: 0x200000,
  IRQ_STARTED: 0x400000,
  MANAGED_SHUTDOWN: 0x800000,
  SINGLE_TARGET: 0x1000000,
  DEFAULT_TRIGGER_SET: 0x2000000,
  CAN_RESERVE: 0x4000000,
  HANDLE_ENFORCE_IRQCTX: 0x8000000,
  AFFINITY_ON_ACTIVATE: 0x10000000,
  IRQ_ENABLED_ON_SUSPEND: 0x20000000,
  RESEND_WHEN_IN_PROGRESS: 0x40000000,
} as const;

/** Flags of a request. @kernel IRQF_* */
export const IRQF = {
  TRIGGER_RISING: 1,
  TRIGGER_FALLING: 2,
  TRIGGER_HIGH: 4,
  TRIGGER_LOW: 8,
  TRIGGER_MASK: 0xf,
  SHARED: 0x80,
  PROBE_SHARED: 0x100,
  TIMER: 0x200,
  PERCPU: 0x400,
  NOBALANCING: 0x800,
  IRQPOLL: 0x1000,
  ONESHOT: 0x2000,
  NO_SUSPEND: 0x4000,
  FORCE_RESUME: 0x8000,
  NO_THREAD: 0x10000,
  EARLY_RESUME: 0x20000,
  COND_SUSPEND: 0x40000,
  NO_AUTOEN: 0x80000,
  NO_DEBUG: 0x100000,
  COND_ONESHOT: 0x200000,
} as const;

/** Flags of a chip. @kernel IRQCHIP_* */
export const IRQCHIP = {
  SET_TYPE_MASKED: 0x1,
  EOI_IF_HANDLED: 0x2,
  MASK_ON_SUSPEND: 0x4,
  ONOFFLINE_ENABLED: 0x8,
  SKIP_SET_WAKE: 0x10,
  ONESHOT_SAFE: 0x20,
  EOI_THREADED: 0x40,
  SUPPORTS_LEVEL_MSI: 0x80,
  SUPPORTS_NMI: 0x100,
  ENABLE_WAKEUP_ON_SUSPEND: 0x200,
  AFFINITY_PRE_STARTUP: 0x400,
  IMMUTABLE: 0x800,
  MOVE_DEFERRED: 0x1000,
} as const;

/** What an interrupt handler returns: not mine. @kernel IRQ_NONE, irqreturn_t */
export const IRQ_NONE = 0;
/** It was my device. @kernel IRQ_HANDLED */
export const IRQ_HANDLED = 1;
/** It was, and my thread is to go on. @kernel IRQ_WAKE_THREAD */
export const IRQ_WAKE_THREAD = 2;

/** Result of `irqSetType` and `irqSetAffinity`. @kernel IRQ_SET_MASK_* */
export const IRQ_SET_MASK = { OK: 0, OK_NOCOPY: 1, OK_DONE: 2 } as const;

/** `request_irq(IRQ_NOTCONNECTED)` is refused with `ENOTCONN`. @kernel IRQ_NOTCONNECTED */
export const IRQ_NOTCONNECTED = 0x80000000;
