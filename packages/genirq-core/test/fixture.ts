import { Smp, type CpuMask } from '@irqchip/smp';
import { dataUpdateEffectiveAffinity, Genirq, allocDesc, IRQ_HANDLED, type GenirqOptions, type IrqChip, type IrqData, type IrqDesc, type IrqFlowHandler, setChip, setHandler } from '../src/index.ts';

type Callback = Exclude<{ [K in keyof IrqChip]-?: NonNullable<IrqChip[K]> extends (...args: never[]) => unknown ? K : never }[keyof IrqChip], undefined>;

/** What an unlisted callback answers. */
const ANSWERS: { readonly [name: string]: unknown } = { irqSetType: 0, irqSetAffinity: 0, irqRetrigger: true, irqGetIrqchipState: false };

/** A chip with the callbacks named, each of which only notes its name, and with `more` put over it. */
export function notingChip(calls: string[], callbacks: readonly Callback[], more: Partial<IrqChip> = {}): IrqChip {
  const chip: Record<string, unknown> = { name: 'noting' };
  for (const name of callbacks) chip[name] = () => { calls.push(name); return ANSWERS[name]; };
  return { ...(chip as unknown as IrqChip), ...more };
}

/** The chip of the kernel's own tests: everything is there and does nothing; affinity is taken as given. */
export function fakeChip(): IrqChip {
  const noop = (): void => undefined;
  return {
    name: 'fake', flags: 1 << 4, irqStartup: noop, irqShutdown: noop, irqEnable: noop, irqDisable: noop, irqAck: noop, irqMask: noop, irqUnmask: noop,
    irqSetAffinity: (data: IrqData, dest: CpuMask) => { dataUpdateEffectiveAffinity(data, dest); return 0; },
  };
}

export interface Bench { smp: Smp; genirq: Genirq; calls: string[]; irq: number; desc: IrqDesc; data: IrqData }

export interface BenchOptions extends GenirqOptions { nrCpus?: number; callbacks?: readonly Callback[]; chip?: Partial<IrqChip>; flow?: IrqFlowHandler }

const made: Bench[] = [];

// Whatever a test did, it leaves no lock behind, and no finding that it did not expect.
afterEach(() => {
  for (const { smp, desc } of made.splice(0)) {
    expect(smp.diagnostics.open.map((found) => found.message)).toEqual([]);
    expect(desc.lock.locked).toBe(false);
  }
});

/** A machine with all CPUs online and one interrupt on a noting chip. */
export function makeBench({ nrCpus = 2, callbacks = [], chip = {}, flow, ...options }: BenchOptions = {}): Bench {
  const smp = new Smp({ nrCpus });
  for (let cpu = 1; cpu < nrCpus; cpu++) smp.cpus.online.set(cpu);
  const genirq = new Genirq(smp, options);
  const calls: string[] = [];
  const irq = allocDesc(genirq, 0);
  setChip(genirq, irq, notingChip(calls, callbacks, chip));
  if (flow) setHandler(genirq, irq, flow);
  const desc = genirq.irqToDesc(irq)!;
  const bench = { smp, genirq, calls, irq, desc, data: desc.irqData };
  made.push(bench);
  return bench;
}

/** Runs `fn` as a hard interrupt of `cpu`. */
export function trap<T>(smp: Smp, fn: () => T, cpu = 0): T {
  const { cpus } = smp;
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

/** The interrupt arrives at `cpu`. */
export function arrive({ smp, desc }: Pick<Bench, 'smp' | 'desc'>, cpu = 0): void {
  trap(smp, () => desc.handleIrq(desc), cpu);
}

export function handled(): number { return IRQ_HANDLED; }

/** Empties and returns the notes. */
export function taken(calls: string[]): string[] { return calls.splice(0); }

export { codeOf } from './affinity-fixture.ts';

/** Messages of the open findings; they are taken. */
export function findings(smp: Smp, kind?: string): string[] { return smp.diagnostics.take(kind).map((found) => found.message); }

export function logTexts(smp: Smp): string[] { return smp.log.records.map((record) => record.text); }
