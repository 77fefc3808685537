import { interruptWires, regRegions, type DeviceTree, type DtNode, type InterruptSpec } from '@irqchip/devicetree';
import type { DeviceClock, HardwareInstance, HardwareModel, HartLines } from '@irqchip/riscv';
import { type Bus, Output, type Pins } from '@irqchip/board/internals';
import { IrqError } from '@irqchip/smp';

export interface HardwareOptions {
  readonly tree: DeviceTree;
  readonly models: readonly HardwareModel[];
  readonly bus: Bus;
  readonly lines: HartLines;
  readonly pins: Pins;
  /** Told of wires that end nowhere. */
  readonly report: (text: string) => void;
  readonly clock: DeviceClock;
  readonly hartids: readonly number[];
  readonly xlen: 32 | 64;
  /** Switches of the models, by compatible string. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Nodes that are there although the kernel's tree has them disabled. */
  readonly hidden: ReadonlySet<DtNode>;
}

/** In `interrupts-extended`: this context is not there. */
const NO_CONTEXT = 0xffffffff;

/** Builds the device model of every node that has one, and puts it on the bus. Returns them by node path. */
export function buildHardware(options: HardwareOptions): Map<string, HardwareInstance> {
  const built = new Map<string, HardwareInstance>();
  const early: Output[] = [];
  let complete = false;
  const track = (outputs: readonly Output[]): void => {
    if (complete) for (const output of outputs) output.connect();
    else early.push(...outputs);
  };
  for (const node of options.tree.nodes()) {
    const hidden = options.hidden.has(node);
    const model = hidden || node.isAvailable ? findModel(options.models, node) : null;
    if (!model) continue;
    try {
      build(options, model, node, built, track);
    } catch (error) {
      // The kernel never looks at these, so they are no reason not to boot.
      if (!hidden || !(error instanceof IrqError)) throw error;
    }
  }
  complete = true;
  track(early);
  return built;
}

function build(options: HardwareOptions, model: HardwareModel, node: DtNode, built: Map<string, HardwareInstance>, track: (outputs: readonly Output[]) => void): void {
  const { lines, hartids, clock, bus, xlen } = options;
  const regions = regRegions(node);
  const targets = wiresOf(node, hartids).map(({ spec, hartid }) => ({ hartid, irq: spec?.args[0] ?? 0 }));
  for (const { hartid, irq } of targets) {
    if (hartid !== null && irq > 31 && irq !== NO_CONTEXT) options.report(`${node.path}: its wire ends at local interrupt ${irq} of hart ${hartid}, which has no wire there: 0 to 31 have one.`);
  }
  // Made when the first is driven: models with thousands of wires drive the harts themselves.
  let outputs: readonly Output[] | null = null;
  const makeOutputs = (): readonly Output[] => {
    const made = wiresOf(node, hartids).map(({ spec, hartid }) => new Output(spec, hartid, lines, built, options.pins));
    track(made);
    return made;
  };
  const instance = model.create({
    node, regions, lines, hartids, clock, xlen,
    targets,
    output: (level, index = 0) => (outputs ??= makeOutputs())[index]?.drive(level),
    dma: bus,
    peer: (path) => built.get(path) ?? null,
    options: switchesOf(options.switches, node),
  });
  regions.forEach(({ base, size }, i) => {
    const device = instance.devices[i];
    if (device) bus.map(base, size, device, node.path);
  });
  built.set(node.path, instance);
}

function findModel(models: readonly HardwareModel[], node: DtNode): HardwareModel | null {
  for (const compatible of node.compatible) {
    const model = models.find((candidate) => candidate.compatible.includes(compatible));
    if (model) return model;
  }
  return null;
}

function switchesOf(switches: HardwareOptions['switches'], node: DtNode): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...node.compatible.map((compatible) => switches[compatible])) as Record<string, unknown>;
}

/** Where the wires of a device end, and the hart whose local controller each entry names. */
function wiresOf(node: DtNode, hartids: readonly number[]): { spec: InterruptSpec | null; hartid: number | null }[] {
  if (!node.has('interrupts-extended') && !node.has('interrupts')) return [];
  const known = new Set(hartids);
  return interruptWires(node).map((spec) => {
    const parent = spec?.controller.parent;
    const hartid = parent && isCpu(parent) ? parent.u32s('reg')?.at(-1) : undefined;
    return { spec, hartid: hartid !== undefined && known.has(hartid) ? hartid : null };
  });
}

/** @kernel for_each_of_cpu_node */
function isCpu(node: DtNode): boolean {
  return node.string('device_type') === 'cpu' || /^cpu@/.test(node.name);
}
