import type { BitWrite } from '@irqchip/litmus/internals';
import { IrqError, Smp, Spinlock, type MmioRegion } from '@irqchip/smp';
import { RaceMemory } from './race-memory.ts';
import type { Tracer } from './tracer.ts';

/** A device register of 32 bits, as several CPUs see it. */
export interface IoRegister {
  readonly name: string;
  /** `writel` unless `relaxed`. */
  write(value: number, relaxed?: boolean): void;
  read(): number;
  /** Writes and returns what was there, in one instruction. */
  swap(value: number): number;
}

/**
 * One of a pair of registers by which bits of a word are set and cleared, as mailboxes and doorbells have it: the 1s of a write to it
 * set, or clear, the bits of the word `name`, its 0s do nothing, and reading it reads the word.
 */
export interface IoBits {
  readonly name: string;
  readonly write: 'set' | 'clear';
}

/** What a scene is built in: one CPU's view of a machine whose memory and devices the checker answers for. */
export class World {
  readonly smp: Smp;
  private readonly registers = new Map<string, Register>();

  constructor(private readonly tracer: Tracer, nrCpus: number, readonly csrWritesSerialise: boolean) {
    this.smp = new Smp({ nrCpus, memory: new RaceMemory(tracer) });
    for (let cpu = 0; cpu < nrCpus; cpu++) this.smp.cpus.online.set(cpu);
    // An interrupt may come as soon as they are on.
    this.smp.cpus.attach({ deliver: () => { if (tracer.listening) tracer.before(); }, relax: () => false });
  }

  /** A device register by name; it begins as 0, or as what setup() writes. */
  register(name: string): IoRegister { return this.word(name); }

  private word(name: string): Register {
    let register = this.registers.get(name);
    if (!register) this.registers.set(name, (register = new Register(this.tracer, name)));
    return register;
  }

  /**
   * A region whose registers are named by `nameOf`: a name is a word that a write replaces, {@link IoBits} one that it sets or clears
   * bits of; null leaves an offset out. Writes that `takes` declines have no effect.
   */
  mmio(base: number, size: number, nameOf: (offset: number) => string | IoBits | null, takes: (value: number) => boolean = () => true): MmioRegion {
    const at = (offset: number): { readonly register: Register; readonly how: IoBits['write'] | null } => {
      const place = nameOf(offset);
      if (place === null) throw new IrqError('EFAULT', `The scene has no register at offset 0x${offset.toString(16)}.`);
      return typeof place === 'string' ? { register: this.word(place), how: null } : { register: this.word(place.name), how: place.write };
    };
    const read = (offset: number): number => at(offset).register.read();
    const write = (offset: number, value: number, relaxed: boolean): void => {
      if (!takes(value)) return;
      const { register, how } = at(offset);
      if (how === null) register.write(value, relaxed);
      else register.writeBits({ how, bits: value | 0 }, relaxed);
    };
    const lock = new Spinlock(this.smp, `registers at 0x${base.toString(16)}`);
    const update = (offset: number, set: number, clear: number): void => {
      const flags = lock.lockIrqsave();
      write(offset, (read(offset) & ~clear) | set, false);
      lock.unlockIrqrestore(flags);
    };
    return {
      base, size, readb: mixed, readw: mixed, writeb: mixed, writew: mixed,
      readl: read,
      readlRelaxed: read,
      writel: (offset, value) => { write(offset, value, false); },
      writelRelaxed: (offset, value) => { write(offset, value, true); },
      setl: (offset, bits) => { update(offset, bits, 0); },
      clearl: (offset, bits) => { update(offset, 0, bits); },
    };
  }

  /** While `line` is not 0, `cpu` can be interrupted. The handler runs in hard irq context with interrupts off. */
  interrupt(cpu: number, line: IoRegister, handler: () => void): void {
    if (cpu === this.smp.cpus.current) this.tracer.addLine({ loc: (line as Register).loc(), handler });
  }

  /** Does what a write of a CSR orders: everything, on harts that serialise it. */
  csrWrite(line: IoRegister, value: number): void {
    if (this.csrWritesSerialise) this.tracer.fence('io_mb', true);
    (line as Register).csrWrite(value);
    if (this.csrWritesSerialise) this.tracer.fence('io_mb', true);
  }

  /** The same, reading what was there. */
  csrSwap(line: IoRegister, value: number): number {
    if (this.csrWritesSerialise) this.tracer.fence('io_mb', true);
    const old = (line as Register).swap(value, true);
    if (this.csrWritesSerialise) this.tracer.fence('io_mb', true);
    return old;
  }
}

function mixed(): never {
  throw new IrqError('EOPNOTSUPP', 'A scene has registers of one word each: use readl() and writel().');
}

class Register implements IoRegister {
  private plain = 0;
  private at = -1;

  constructor(private readonly tracer: Tracer, readonly name: string) {}

  loc(): number {
    if (this.at < 0) this.at = this.tracer.registry.locate(this.name, 'io', this.plain);
    return this.at;
  }

  write(value: number, relaxed = false): void { this.put(value, !relaxed, false); }

  writeBits({ how, bits }: BitWrite, relaxed: boolean): void {
    const { tracer } = this;
    if (!tracer.listening) {
      this.plain = how === 'set' ? this.plain | bits : this.plain & ~bits;
      return;
    }
    tracer.before();
    tracer.recorder.ioBits(this.loc(), { how, bits }, !relaxed, tracer.tags());
  }

  csrWrite(value: number): void { this.put(value, false, true); }

  read(): number {
    const { tracer } = this;
    if (!tracer.listening) return this.plain;
    tracer.before();
    return tracer.recorder.ioRead(this.loc(), tracer.tags());
  }

  swap(value: number, csr = false): number {
    const { tracer } = this;
    if (!tracer.listening) {
      const old = this.plain;
      this.plain = value | 0;
      return old;
    }
    tracer.before();
    return tracer.recorder.ioRmw(this.loc(), () => value | 0, { ...tracer.tags(), csr });
  }

  private put(value: number, ordered: boolean, csr: boolean): void {
    const { tracer } = this;
    if (!tracer.listening) {
      this.plain = value | 0;
      return;
    }
    tracer.before();
    tracer.recorder.ioWrite(this.loc(), value | 0, ordered, { ...tracer.tags(), csr });
  }
}
