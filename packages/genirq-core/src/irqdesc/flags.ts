/** The three flag words of a descriptor, the request flags and the chip flags, with the kernel's bit values. */

/** Trigger types, as in IRQF_TRIGGER_* and device-tree cells. @kernel IRQ_TYPE_NONE */
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

/** `status_use_accessors` of a descriptor ("settings"). @kernel IRQ_LEVEL */
export const IRQ = {
  LEVEL: 1 << 8,
  PER_CPU: 1 << 9,
  NOPROBE: 1 << 10,
  NOREQUEST: 1 << 11,
  NOAUTOEN: 1 << 12,
  NO_BALANCING: 1 << 13,
  NESTED_THREAD: 1 << 15,
  NOTHREAD: 1 << 16,
  PER_CPU_DEVID: 1 << 17,
  IS_POLLED: 1 << 18,
  DISABLE_UNLAZY: 1 << 19,
  HIDDEN: 1 << 20,
  NO_DEBUG: 1 << 21,
  /** Linux 7.2: the row of /proc/interrupts is shown (there is an action, it is not chained, not hidden). */
  PROC_VALID: 1 << 22,
} as const;

/** `core_internal_state__do_not_mess_with_it` ("istate"). @kernel IRQS_PENDING */
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

/** `irq_common_data.state_use_accessors` ("dstate"). @kernel IRQD_IRQ_DISABLED */
export const IRQD = {
  TRIGGER_MASK: 0xf,
  SETAFFINITY_PENDING: 1 << 8,
  ACTIVATED: 1 << 9,
  NO_BALANCING: 1 << 10,
  PER_CPU: 1 << 11,
  AFFINITY_SET: 1 << 12,
  LEVEL: 1 << 13,
  WAKEUP_STATE: 1 << 14,
  IRQ_DISABLED: 1 << 16,
  IRQ_MASKED: 1 << 17,
  IRQ_INPROGRESS: 1 << 18,
  WAKEUP_ARMED: 1 << 19,
  FORWARDED_TO_VCPU: 1 << 20,
  AFFINITY_MANAGED: 1 << 21,
  IRQ_STARTED: 1 << 22,
  MANAGED_SHUTDOWN: 1 << 23,
  SINGLE_TARGET: 1 << 24,
  DEFAULT_TRIGGER_SET: 1 << 25,
  CAN_RESERVE: 1 << 26,
  HANDLE_ENFORCE_IRQCTX: 1 << 27,
  AFFINITY_ON_ACTIVATE: 1 << 28,
  IRQ_ENABLED_ON_SUSPEND: 1 << 29,
  RESEND_WHEN_IN_PROGRESS: 1 << 30,
} as const;

/** Flags of a request. @kernel IRQF_SHARED */
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

/** Flags of a chip. @kernel IRQCHIP_SET_TYPE_MASKED */
export const IRQCHIP = {
  SET_TYPE_MASKED: 1 << 0,
  EOI_IF_HANDLED: 1 << 1,
  MASK_ON_SUSPEND: 1 << 2,
  ONOFFLINE_ENABLED: 1 << 3,
  SKIP_SET_WAKE: 1 << 4,
  ONESHOT_SAFE: 1 << 5,
  EOI_THREADED: 1 << 6,
  SUPPORTS_LEVEL_MSI: 1 << 7,
  SUPPORTS_NMI: 1 << 8,
  ENABLE_WAKEUP_ON_SUSPEND: 1 << 9,
  AFFINITY_PRE_STARTUP: 1 << 10,
  IMMUTABLE: 1 << 11,
  MOVE_DEFERRED: 1 << 12,
} as const;

/** What an interrupt handler returns. @kernel irqreturn */
export const IRQ_NONE = 0;
/** @kernel IRQ_HANDLED */
export const IRQ_HANDLED = 1;
/** @kernel IRQ_WAKE_THREAD */
export const IRQ_WAKE_THREAD = 2;

/** Result of `irqSetType` and `irqSetAffinity`. @kernel IRQ_SET_MASK_OK */
export const IRQ_SET_MASK = { OK: 0, OK_NOCOPY: 1, OK_DONE: 2 } as const;

/** `request_irq(IRQ_NOTCONNECTED)` is refused with `ENOTCONN`. @kernel IRQ_NOTCONNECTED */
export const IRQ_NOTCONNECTED = 0x80000000;
