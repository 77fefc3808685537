import { CpuHotplug, type HotplugPort } from '@irqchip/cpuhp';
import {
  disablePercpuIrq, enablePercpuIrq, Genirq, IRQ_HANDLED, IRQ_TYPE, rawIpiSendMask, requestPercpuIrq, type GenirqOptions,
} from '@irqchip/genirq-core';
import { IpiMuxes, type IpiMux, type IpiMuxContract, type IpiMuxesOptions, type IpiMuxPatchContract } from '@irqchip/ipi-mux';
import { IrqDomains } from '@irqchip/irqdomain';
import { CpuMask, IrqError, PerCpu, Smp, type Memory } from '@irqchip/smp';

export type ContractName = 'merged' | 'patch';
export const CONTRACTS: readonly ContractName[] = ['merged', 'patch'];

export interface BenchOptions {
  readonly nrCpus?: number;
  readonly memory?: Memory;
  readonly port?: HotplugPort;
  readonly genirq?: GenirqOptions;
  readonly muxes?: IpiMuxesOptions;
}

/** A machine without devices, all CPUs online, and a doorbell a CPU whose level the test's driver turns into process(). */
export class Bench {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly muxes: IpiMuxes;
  /** Doorbells, in the order they rang. */
  readonly rung: number[] = [];
  /** The CPUs of each call of the posted contract's ops.send. */
  readonly masks: string[] = [];
  /** Handler runs as `vIPI@CPU`. */
  readonly ran: string[] = [];
  /** Which CPUs have their doorbell pending. */
  readonly level: Uint8Array;
  private acknowledges = true;
  private current: IpiMux | null = null;

  constructor({ nrCpus = 4, memory, port, genirq, muxes }: BenchOptions = {}) {
    this.smp = new Smp({ nrCpus, ...(memory ? { memory } : {}) });
    for (let cpu = 1; cpu < nrCpus; cpu++) this.smp.cpus.online.set(cpu);
    this.genirq = new Genirq(this.smp, genirq);
    this.domains = new IrqDomains(this.genirq);
    this.cpuhp = new CpuHotplug(this.smp, port ? { port } : {});
    this.muxes = new IpiMuxes(this.domains, this.cpuhp, muxes);
    this.level = new Uint8Array(nrCpus);
  }

  /** A contract whose doorbell is this bench's; the driver calls process(). */
  contract(name: ContractName, nrIpi = 8): IpiMuxContract | IpiMuxPatchContract {
    if (name === 'merged') return { nrIpi, send: (cpu) => this.ring(cpu) };
    return {
      nrIpi, parentVirq: 0,
      ops: {
        clear: () => { this.level[this.smp.cpus.current] = 0; },
        send: (_parent, mask) => {
          this.masks.push(mask.toList());
          for (const cpu of mask) this.ring(cpu);
        },
      },
    };
  }

  create(name: ContractName, nrIpi = 8): IpiMux {
    this.acknowledges = name === 'merged';
    return (this.current = this.muxes.create(this.contract(name, nrIpi)));
  }

  get mux(): IpiMux { return this.current!; }

  ring(cpu: number): void {
    this.rung.push(cpu);
    this.level[cpu] = 1;
  }

  /** Requests a vIPI; its handler notes its run and then does what `also` says. */
  request(hwirq: number, also: () => void = () => undefined): void {
    const cookies = new PerCpu((cpu) => `CPU${cpu}`);
    requestPercpuIrq(this.genirq, this.mux.virq + hwirq, (irq, cookie: string) => {
      this.ran.push(`${irq - this.mux.virq}@${cookie}`);
      also();
      return IRQ_HANDLED;
    }, `test${hwirq}`, cookies);
  }

  enable(cpu: number, ...hwirqs: number[]): void {
    for (const hwirq of hwirqs) this.smp.cpus.runOn(cpu, () => enablePercpuIrq(this.genirq, this.mux.virq + hwirq, IRQ_TYPE.NONE));
  }

  disable(cpu: number, ...hwirqs: number[]): void {
    for (const hwirq of hwirqs) this.smp.cpus.runOn(cpu, () => disablePercpuIrq(this.genirq, this.mux.virq + hwirq));
  }

  /** Sends a vIPI from CPU `from`. */
  send(hwirq: number, cpus: readonly number[], from = 0): void {
    const desc = this.genirq.irqToDesc(this.mux.virq + hwirq)!;
    this.smp.cpus.runOn(from, () => rawIpiSendMask(desc, new CpuMask(this.smp.cpus.nrCpuIds, cpus)));
  }

  /** The parent interrupt fires on `cpu` if its doorbell is pending; returns whether it was. */
  take(cpu: number): boolean {
    if (this.level[cpu] === 0) return false;
    trap(this.smp, cpu, () => {
      if (this.acknowledges) this.level[cpu] = 0;
      this.mux.process();
    });
    return true;
  }

  /** Takes parent interrupts until none is pending; returns how many there were. */
  settle(): number {
    let taken = 0;
    for (let cpu = this.level.indexOf(1); cpu >= 0; cpu = this.level.indexOf(1)) {
      this.take(cpu);
      if (++taken > 10_000) throw new Error('the parent interrupt never ends');
    }
    return taken;
  }

  pending(cpu: number): number[] { return hwirqsWhere(this.mux, (hwirq) => this.mux.isPending(cpu, hwirq)); }
  enabled(cpu: number): number[] { return hwirqsWhere(this.mux, (hwirq) => this.mux.isEnabled(cpu, hwirq)); }

  /** What was noted since the last time. */
  taken(): { rung: number[]; ran: string[] } { return { rung: this.rung.splice(0), ran: this.ran.splice(0) }; }

  logged(part: string): string[] { return this.smp.log.records.map(({ text }) => text).filter((text) => text.includes(part)); }

  /** Everything that creation could leave behind. */
  leftovers(): unknown {
    return {
      irqs: [...this.genirq.descs].map(({ irq }) => irq),
      domains: this.domains.list.map(({ name }) => name),
      fwnodes: this.domains.liveFwnodes.size,
      states: this.cpuhp.statesText(),
      muxes: this.muxes.all.length,
    };
  }
}

function hwirqsWhere(mux: IpiMux, test: (hwirq: number) => boolean): number[] {
  return Array.from({ length: mux.nrIpi }, (_, hwirq) => hwirq).filter(test);
}

/** Runs `fn` as a hard interrupt of `cpu`. */
export function trap<T>({ cpus }: Smp, cpu: number, fn: () => T): T {
  return cpus.runOn(cpu, () => {
    const flags = cpus.localIrqSave();
    cpus.irqEnter();
    try {
      return fn();
    } finally {
      cpus.irqExit();
      cpus.localIrqRestore(flags);
    }
  });
}

/** Code of the IrqError that `fn` throws; 'none' if it throws nothing. */
export function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return 'none';
}
