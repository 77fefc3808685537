import type { InterruptSpec } from '@irqchip/devicetree';
import type { HardwareInstance, HartLines } from '@irqchip/riscv';
import type { Pins } from './pin.ts';

/** One entry of a controller's own interrupts: where its output leads. */
export class Output {
  private up = false;
  private connected = false;

  /** @param hartid - of the hart whose local controller `spec` names, null for another one. A `spec` of null leads nowhere. */
  constructor(
    private readonly spec: InterruptSpec | null, private readonly hartid: number | null,
    private readonly lines: HartLines, private readonly models: ReadonlyMap<string, HardwareInstance>, private readonly pins: Pins,
  ) {}

  drive(level: boolean): void {
    if (level === this.up) return;
    this.up = level;
    if (this.connected) this.pass(level);
  }

  /** Every controller is built: what was driven meanwhile arrives. */
  connect(): void {
    this.connected = true;
    if (this.up) this.pass(true);
  }

  private pass(level: boolean): void {
    if (this.spec === null) return;
    const { controller, args: [source = 0] } = this.spec;
    if (this.hartid !== null) return this.lines.setLine(this.hartid, source, level);
    const model = this.models.get(controller.path);
    if (model?.setInput) this.pins.of(model, source).change(level);
  }
}
