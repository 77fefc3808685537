import type { DeviceClock, DeviceDma } from '@irqchip/riscv';
import { APLIC } from '../../src/registers.ts';
import type { Sources } from './sources.ts';

/** Turns hart and guest index into an address. */
export type AddressOf = (hart: number, guest: number) => number;

/** How often each source may send within one access. */
const ROUNDS = 4;

/** Sends the messages of a domain in MSI delivery mode, and keeps `genmsi`. */
export class Messages {
  private extempore = 0;
  private busy = false;
  private forwarding = false;

  constructor(
    private readonly dma: DeviceDma,
    private readonly clock: DeviceClock,
    private readonly delayNs: number,
    private readonly addressOf: AddressOf,
  ) {}

  /**
   * Forwards all that is pending and enabled, smallest source first; pending clears with that (AIA 4.9). A message may lead
   * back here, to `setipnum_le`: the running loop takes it up, and leaves what feeds itself pending after some rounds.
   */
  forward(sources: Sources): void {
    if (this.forwarding) return;
    this.forwarding = true;
    let left = ROUNDS * sources.count;
    for (let sent = this.round(sources); sent > 0 && left > 0; sent = this.round(sources)) left -= sent;
    this.forwarding = false;
  }

  /** Each source at most once; returns how many messages went. */
  private round(sources: Sources): number {
    let messages = 0;
    for (let k = 0; k < sources.words; k++) {
      for (let ready = sources.pendingWord(k) & sources.enabled[k]!; ready !== 0; ready &= ready - 1) {
        const source = (k << 5) + 31 - Math.clz32(ready & -ready);
        messages++;
        sources.sent(source);
        const target = sources.target[source]!;
        this.send(target >>> APLIC.TARGET_HART_IDX_SHIFT, (target >>> APLIC.TARGET_GUEST_IDX_SHIFT) & APLIC.TARGET_GUEST_IDX_MASK, target & APLIC.TARGET_EIID_MASK);
      }
    }
    return messages;
  }

  /** `genmsi` (AIA 4.5.15). */
  read(): number { return this.extempore | (this.busy ? APLIC.GENMSI_BUSY : 0); }

  /** An extempore message; ignored while one is under way. `kept`: the bits that read back. */
  generate(value: number, kept: number): void {
    if (this.busy) return;
    this.extempore = value & kept;
    this.send(value >>> APLIC.TARGET_HART_IDX_SHIFT, 0, value & APLIC.TARGET_EIID_MASK);
    if (this.delayNs === 0) return;
    this.busy = true;
    // Registered after the message itself: whoever finds Busy 0 also finds it arrived, and all that went before.
    this.clock.at(this.clock.nowNs() + this.delayNs, () => { this.busy = false; });
  }

  private send(hart: number, guest: number, eiid: number): void {
    const address = this.addressOf(hart, guest);
    if (this.delayNs === 0) this.dma.write32(address, eiid);
    else this.clock.at(this.clock.nowNs() + this.delayNs, () => void this.dma.write32(address, eiid));
  }
}
