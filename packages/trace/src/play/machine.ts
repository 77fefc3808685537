import { parseInterrupts, regRegions, type DtNode } from '@irqchip/devicetree';
import type { HardwareInstance, HardwareModel, HardwareTarget } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import type { RecordingHeader } from '../format.ts';
import { recordedBoard, type BoardOptions } from './board.ts';
import { RecordedBus } from './bus.ts';
import { RecordedClock } from './clock.ts';
import { RecordedCsrs } from './csrs.ts';
import { RecordedHarts } from './harts.ts';

export interface MachineOptions extends BoardOptions {
  readonly models: readonly HardwareModel[];
  /** Switches of the models, by compatible string; `*` is for all. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The recorded machine, made of our models. */
export class RecordedMachine {
  readonly bus: RecordedBus = new RecordedBus();
  readonly clock: RecordedClock;
  readonly harts: RecordedHarts;
  readonly csrs: RecordedCsrs;
  /** Where `line` steps enter. */
  private readonly wired: HardwareInstance | null;
  private readonly built = new Map<string, HardwareInstance>();

  /** @throws IrqError `ENODEV` when there is no model of a recorded device. */
  constructor(private readonly header: RecordingHeader, private readonly options: MachineOptions) {
    this.clock = new RecordedClock(header.timebaseHz);
    this.harts = new RecordedHarts(header.resetLines);
    const { nodes, wired } = recordedBoard(header, options);
    for (const node of new Set(nodes.values())) this.build(node);
    this.csrs = new RecordedCsrs(this.harts);
    this.wired = wired === null ? null : this.built.get(wired.path)!;
  }

  /** @throws IrqError `ENODEV` when no model takes the recorded wires. */
  setInput(source: number, level: boolean): void {
    if (this.wired?.setInput === undefined) throw new IrqError('ENODEV', 'The recording moves wires of a controller, and its model has none.');
    this.wired.setInput(source, level);
  }

  private build(node: DtNode): void {
    const model = this.modelOf(node);
    const regions = regRegions(node);
    const targets = this.targetsOf(node);
    const instance = model.create({
      node, regions, targets,
      output: (level, index = 0) => {
        const { hartid = null, irq = 0 } = targets[index] ?? {};
        if (hartid !== null) this.harts.setLine(hartid, irq, level);
      },
      lines: this.harts,
      hartids: Array.from({ length: this.header.harts }, (_, hart) => hart),
      clock: this.clock,
      dma: this.bus,
      peer: (path) => this.built.get(path) ?? null,
      xlen: 64,
      options: Object.assign({ iprioBits: this.header.iprioBits }, this.options.switches['*'], ...node.compatible.map((each) => this.options.switches[each])) as Record<string, unknown>,
    });
    const wide = model.compatible.some((each) => /clint0|mtimer/.test(each));
    regions.forEach(({ base, size }, i) => {
      const device = instance.devices[i];
      if (device) this.bus.map(base, size, device, wide);
    });
    this.built.set(node.path, instance);
  }

  private modelOf(node: DtNode): HardwareModel {
    for (const compatible of node.compatible) {
      const model = this.options.models.find((candidate) => candidate.compatible.includes(compatible));
      if (model) return model;
    }
    throw new IrqError('ENODEV', `There is no model of ${node.compatible.join(' or ')}; give the replay one.`);
  }

  private targetsOf(node: DtNode): HardwareTarget[] {
    if (!node.has('interrupts-extended')) return [];
    return parseInterrupts(node).map(({ controller, args }) => ({ hartid: controller.parent?.u32('reg') ?? null, irq: args[0] ?? 0 }));
  }
}
