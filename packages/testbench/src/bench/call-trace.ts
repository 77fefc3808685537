import { dummyIrqChip, noIrqChip, type IrqChip, type IrqData, type IrqDesc, type IrqFlowHandler } from '@irqchip/genirq-core';
import type { History } from './history.ts';

/** So many calls are kept; later ones are not. */
const KEPT = 4096;

/** Which chip callbacks and flow handlers the core called, in order: `handleEdgeIrq(3)`, `mux8.irqAck(3)`, `line3()`. */
export class CallTrace {
  readonly calls: string[] = [];
  private readonly wrapped = new Map<IrqChip, IrqChip>();
  private readonly flows = new Map<IrqDesc, number>();

  constructor(private readonly history: History) {}

  note(call: string): void {
    this.keep(call);
    this.history.note(call);
  }

  /** How often the flow handler of an interrupt ran. */
  flowsOf(desc: IrqDesc): number { return this.flows.get(desc) ?? 0; }

  private keep(call: string): void {
    if (this.calls.length < KEPT) this.calls.push(call);
  }

  /** From now on tells what is called for this interrupt. */
  follow(desc: IrqDesc): void {
    this.followFlow(desc);
    for (let data: IrqData | null = desc.irqData; data !== null; data = data.parentData) this.followChip(data);
  }

  /** Whoever delivers gets a handler that tells; whoever looks which handler it is gets the handler. */
  private followFlow(desc: IrqDesc): void {
    const { cpus } = desc;
    let flow = desc.handleIrq;
    let inside = 0;
    const telling: IrqFlowHandler = (each) => {
      this.note(`${cpus.inHardirq() ? '' : 'resend: '}${flow.name}(${each.irqData.hwirq})`);
      this.flows.set(desc, this.flowsOf(desc) + 1);
      inside++;
      try {
        flow(each);
      } finally {
        inside--;
      }
    };
    // For those who look while interrupts are off.
    Object.defineProperty(telling, 'name', { get: () => flow.name });
    Object.defineProperty(desc, 'handleIrq', {
      get: () => (inside === 0 && cpus.irqsDisabled() && !desc.lock.locked ? telling : flow),
      set: (next: IrqFlowHandler) => { flow = next; },
    });
  }

  private followChip(data: IrqData): void {
    let chip = this.telling(data.chip);
    Object.defineProperty(data, 'chip', { get: () => chip, set: (next: IrqChip) => { chip = this.telling(next); } });
  }

  /** The chip itself may be shared by all machines, so that it is not touched. */
  private telling(chip: IrqChip): IrqChip {
    if (chip === noIrqChip || chip === dummyIrqChip || [...this.wrapped.values()].includes(chip)) return chip;
    const known = this.wrapped.get(chip);
    if (known !== undefined) return known;
    const telling = Object.create(chip) as IrqChip;
    for (const key of callbacksOf(chip)) {
      const callback = chip[key] as (data: IrqData, ...rest: unknown[]) => unknown;
      Object.defineProperty(telling, key, {
        value: (data: IrqData, ...rest: unknown[]): unknown => {
          const call = `${chip.name}.${key}(${data.hwirq})`;
          this.keep(call);
          return this.history.during<unknown>(call, () => Reflect.apply(callback, chip, [data, ...rest]));
        },
      });
    }
    this.wrapped.set(chip, telling);
    return telling;
  }
}

function callbacksOf(chip: IrqChip): Set<keyof IrqChip> {
  const found = new Set<keyof IrqChip>();
  for (let at: object = chip; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const key of Object.getOwnPropertyNames(at) as (keyof IrqChip)[]) {
      if (/^(irq|ipi)[A-Z]/.test(key) && typeof chip[key] === 'function') found.add(key);
    }
  }
  return found;
}
