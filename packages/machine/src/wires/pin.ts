import type { HardwareInstance } from '@irqchip/riscv';

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
