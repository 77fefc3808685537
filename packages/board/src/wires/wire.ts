import type { Cpus } from '@irqchip/smp';
import type { Pin } from './pin.ts';

/**
 * The interrupt output of a device. Levels are those at the controller's pin, whatever polarity the driver programs. Every
 * change is a point at which the running CPU may take an interrupt; other CPUs take theirs when the machine settles.
 */
export class Wire {
  private up = false;

  constructor(private readonly pin: Pin, private readonly cpus: Cpus) {}

  /** Whether this wire is up. Another one on the same pin may be up when it is not. */
  get level(): boolean { return this.up; }

  raise(): void { this.set(true); }
  lower(): void { this.set(false); }

  /** Up and down again, with nothing in between: an edge, or a level that was gone before anybody looked. */
  pulse(): void {
    if (!this.up) this.pin.change(true);
    this.up = false;
    this.pin.change(false);
    this.cpus.boundary();
  }

  private set(up: boolean): void {
    if (this.up !== up) {
      this.up = up;
      this.pin.change(up);
    }
    this.cpus.boundary();
  }
}
