import type { HardwareInstance } from '@irqchip/riscv';

/** All inputs of controllers that something is wired to, made when first asked for. */
export class Pins {
  private readonly known = new Map<HardwareInstance, Map<number, Pin>>();

  /** Input `source` of a controller that has inputs. */
  of(controller: HardwareInstance, source: number): Pin {
    let pins = this.known.get(controller);
    if (pins === undefined) this.known.set(controller, pins = new Map());
    let pin = pins.get(source);
    if (pin === undefined) pins.set(source, pin = new Pin(controller, source));
    return pin;
  }
}

/** One input of a controller, where any number of wires may meet: it is high while one of them is. */
export class Pin {
  private high = 0;

  constructor(private readonly controller: HardwareInstance, private readonly source: number) {}

  /** A wire that ends here went up or down. */
  change(up: boolean): void {
    if (up && this.high++ === 0) this.controller.setInput!(this.source, true);
    else if (!up && --this.high === 0) this.controller.setInput!(this.source, false);
  }
}
