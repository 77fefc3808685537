import type { DeviceClock } from '@irqchip/riscv';

/** Writes that have left the hart and not arrived. Others overtake them; a read of the device pushes them in. */
export class PostedWrites {
  private readonly queue: { readonly offset: number; readonly value: number; readonly cancel: () => void }[] = [];

  constructor(
    private readonly clock: DeviceClock,
    private readonly delayNs: number,
    private readonly arrive: (offset: number, value: number) => void,
  ) {}

  get count(): number { return this.queue.length; }

  post(offset: number, value: number): void {
    const cancel = this.clock.at(this.clock.nowNs() + this.delayNs, () => this.next());
    this.queue.push({ offset, value, cancel });
  }

  /** In the order they left. */
  flush(): void {
    while (this.queue.length > 0) {
      this.queue[0]!.cancel();
      this.next();
    }
  }

  private next(): void {
    const first = this.queue.shift();
    if (first) this.arrive(first.offset, first.value);
  }
}
