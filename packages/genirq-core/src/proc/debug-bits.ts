import { IRQ, IRQ_TYPE, IRQCHIP, IRQD, IRQS } from '@irqchip/irqdesc';

/** Bits that debugfs spells out, in the order in which it does. */
export type BitNames = readonly (readonly [mask: number, name: string])[];

function named<T extends Readonly<Record<string, number>>>(prefix: string, bits: T, names: readonly (keyof T & string)[]): BitNames {
  return names.map((name) => [bits[name]!, prefix + name] as const);
}

/** @kernel irqdesc_states */
export const SETTINGS_BITS: BitNames = named('_IRQ_', IRQ, [
  'NOPROBE', 'NOREQUEST', 'NOTHREAD', 'NOAUTOEN', 'NESTED_THREAD', 'PER_CPU_DEVID', 'IS_POLLED', 'DISABLE_UNLAZY', 'HIDDEN',
]);

/** @kernel irqdesc_istates */
export const ISTATE_BITS: BitNames = named('IRQS_', IRQS, [
  'AUTODETECT', 'SPURIOUS_DISABLED', 'POLL_INPROGRESS', 'ONESHOT', 'REPLAY', 'WAITING', 'PENDING', 'SUSPENDED', 'NMI',
]);

/** @kernel irqdata_states */
export const DSTATE_BITS: BitNames = [
  ...named('IRQ_TYPE_', IRQ_TYPE, ['EDGE_RISING', 'EDGE_FALLING', 'LEVEL_HIGH', 'LEVEL_LOW']),
  ...named('IRQD_', IRQD, [
    'LEVEL', 'ACTIVATED', 'IRQ_STARTED', 'IRQ_DISABLED', 'IRQ_MASKED', 'IRQ_INPROGRESS', 'PER_CPU', 'NO_BALANCING',
    'SINGLE_TARGET', 'AFFINITY_SET', 'SETAFFINITY_PENDING', 'AFFINITY_MANAGED', 'AFFINITY_ON_ACTIVATE', 'MANAGED_SHUTDOWN',
    'CAN_RESERVE', 'FORWARDED_TO_VCPU', 'WAKEUP_STATE', 'WAKEUP_ARMED', 'DEFAULT_TRIGGER_SET', 'HANDLE_ENFORCE_IRQCTX',
    'IRQ_ENABLED_ON_SUSPEND', 'RESEND_WHEN_IN_PROGRESS',
  ]),
];

/** AFFINITY_PRE_STARTUP has no name there. @kernel irqchip_flags */
export const CHIP_BITS: BitNames = named('IRQCHIP_', IRQCHIP, [
  'SET_TYPE_MASKED', 'EOI_IF_HANDLED', 'MASK_ON_SUSPEND', 'ONOFFLINE_ENABLED', 'SKIP_SET_WAKE', 'ONESHOT_SAFE', 'EOI_THREADED',
  'SUPPORTS_LEVEL_MSI', 'SUPPORTS_NMI', 'ENABLE_WAKEUP_ON_SUSPEND', 'IMMUTABLE', 'MOVE_DEFERRED',
]);
