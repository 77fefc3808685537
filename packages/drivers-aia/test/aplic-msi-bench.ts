import { irqToDesc, type IrqData } from '@irqchip/genirq-core';
import type { IrqDomain } from '@irqchip/irqdomain';
import { IMSIC_SERVICE, type ImsicVector } from '../src/index.ts';
import { AplicBench, type AplicBenchOptions, type AplicNode, type AplicOptions } from './aplic-bench.ts';
import { Bench, type BenchOptions } from './bench.ts';

export interface AplicMsiBenchOptions extends AplicBenchOptions {
  imsic?: BenchOptions;
  /** How far the IMSIC's drivers got. Default: all the way. */
  stage?: 'none' | 'early' | 'all';
}

/** A machine with an IMSIC, driven and modelled, and the APLIC driver in MSI mode. */
export class AplicMsiBench extends AplicBench {
  readonly imsic: Bench;

  constructor(options: AplicMsiBenchOptions = {}) {
    const imsic = new Bench({ ...options, ...options.imsic });
    super({ ...options, intc: false, up: false, irqsBefore: [] }, imsic.m);
    this.imsic = imsic;
    this.services.set(IMSIC_SERVICE, imsic.imsic);
    const { stage = 'all' } = options;
    if (stage !== 'none') imsic.early();
    this.mapLocal(options.irqsAfter);
    imsic.bringUp();
    if (stage === 'all') imsic.platform();
  }

  /** The IMSIC is made by its own bench. */
  protected override start(): void { /* nothing yet */ }

  override node(options: AplicOptions = {}): AplicNode {
    return super.node({ parents: [], ...options, properties: { 'msi-parent': 10, ...options.properties }, context: { msiParent: this.imsic.ctx.fwnode, ...options.context } });
  }

  /** The IMSIC's level of an interrupt. */
  level(virq: number): IrqData { return irqToDesc(this.m.genirq, virq)!.irqData.parentData!; }

  vector(virq: number): ImsicVector { return this.level(virq).chipData as ImsicVector; }

  /** Where the message of an interrupt goes, as the APLIC's target register says it. */
  targetOf(virq: number): number {
    const { cpu, localId } = this.vector(virq);
    return (cpu << 18) | localId;
  }
}

/** A probed node in MSI mode, on registers that do nothing by themselves. */
export function probedMsi(options: AplicMsiBenchOptions = {}, node: AplicOptions = {}): { bench: AplicMsiBench; aplic: AplicNode; domain: IrqDomain } {
  const bench = new AplicMsiBench(options);
  const aplic = bench.node(node);
  const domain = aplic.probe();
  aplic.fake.taken();
  return { bench, aplic, domain };
}
