import { dummyIrqChip, noIrqChip, type IrqChip, type IrqData, type IrqDesc, type IrqFlowHandler } from '@irqchip/genirq-core';

/** So many calls are kept; later ones are not. */
const KEPT = 4096;

/** Which chip callbacks and flow handlers the core called, in order: `handleEdgeIrq(3)`, `mux8.irqAck(3)`, `line3()`. */
export class CallTrace {
  readonly calls: string[] = [];
  private readonly wrapped = new Map<IrqChip, IrqChip>();

  note(call: string): void {
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
      this.note(`${flow.name}(${each.irqData.hwirq})`);
      inside++;
      try {
        flow(each);
      } finally {
        inside--;
      }
    };
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
          this.note(`${chip.name}.${key}(${data.hwirq})`);
          return Reflect.apply(callback, chip, [data, ...rest]);
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
