import { parseInterrupt, parseInterrupts, type DeviceTree, type DtNode, type InterruptSpec } from '@irqchip/devicetree';
import type { HardwareInstance } from '@irqchip/riscv';
import { IrqError, type Cpus } from '@irqchip/smp';
import type { Pin, Pins } from './pin.ts';
import { Wire } from './wire.ts';

/** All wires of a machine, found through its device tree and made when first asked for. */
export class Wires {
  private readonly wires = new Map<string, Wire>();

  constructor(
    private readonly tree: DeviceTree,
    private readonly models: ReadonlyMap<string, HardwareInstance>,
    private readonly pins: Pins,
    private readonly cpus: Cpus,
  ) {}

  /** @throws IrqError as `Machine.wire`. */
  ofDevice(path: string, index: number): Wire {
    return this.named(`${path} ${index}`, () => parseInterrupt(nodeAt(this.tree, path), index), path);
  }

  /** @throws IrqError as `Machine.pin`. */
  ofPin(path: string, source: number): Wire {
    return this.named(`pin ${path} ${source}`, () => ({ controller: nodeAt(this.tree, path), args: [source] }), path);
  }

  /** The wire of an interrupt that is in no node: a pin of a PCI device. */
  ofSpec(name: string, spec: InterruptSpec): Wire {
    return this.named(name, () => spec, name);
  }

  private named(key: string, resolve: () => InterruptSpec, who: string): Wire {
    let wire = this.wires.get(key);
    if (wire === undefined) this.wires.set(key, wire = new Wire(this.pin(resolve(), who), this.cpus));
    return wire;
  }

  private pin({ controller, args }: InterruptSpec, who: string): Pin {
    const model = this.models.get(controller.path);
    if (model?.setInput === undefined) {
      throw new IrqError('ENODEV', `${who}: ${controller.path}, where the wire ends, ${model ? 'has no inputs' : 'has no hardware model'}; give the machine a model with setInput for ${controller.compatible.join(', ') || 'it'}.`);
    }
    const [source] = args;
    if (source === undefined || !Number.isInteger(source) || source < 0) throw new IrqError('EINVAL', `${who}: the wire names no source of ${controller.path}; sources are whole numbers.`);
    return this.pins.of(model, source);
  }
}

/** @throws IrqError `ENOENT`. */
export function nodeAt(tree: DeviceTree, path: string): DtNode {
  const node = tree.byPath(path);
  if (!node) throw new IrqError('ENOENT', `The device tree has no node ${path}.`);
  return node;
}

/** Paths of the nodes whose output leads to a hart's local interrupt. */
export function wiredTo(tree: DeviceTree, hartid: number, cause: number): string[] {
  const leads = ({ controller: { parent }, args }: InterruptSpec): boolean => args[0] === cause && parent?.u32s('reg')?.at(-1) === hartid;
  return [...tree.nodes()].filter((node) => {
    try {
      return node.isAvailable && node.has('interrupts-extended') && parseInterrupts(node).some(leads);
    } catch (error) {
      if (error instanceof IrqError) return false;
      throw error;
    }
  }).map(({ path }) => path);
}
