import { parseInterrupt, type DtNode } from '@irqchip/devicetree';
import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { IrqError, type MmioDevice } from '@irqchip/smp';
import { PROBE_COMPATIBLE } from './board.ts';
import type { History } from './history.ts';
import { show } from './option-rules.ts';
import type { BenchOptions } from './options.ts';

/** One access of the driver to its hardware. */
export interface RegisterAccess {
  readonly op: 'read' | 'write';
  /** Which of the node's register regions. */
  readonly region: number;
  /** Bytes. */
  readonly offset: number;
  /** Bytes: 4 of readl(), 2 of readw(), 1 of readb(). */
  readonly width: number;
  /** What was read or written, unsigned. */
  readonly value: number;
  readonly cpu: number;
}

/** So many accesses are kept; older ones are forgotten. */
const KEPT = 4096;

/** Looks on between the driver and its hardware, and at the harts from the hardware's side. */
export class Spy {
  /** Accesses of registers, oldest first. */
  readonly accesses: RegisterAccess[] = [];
  /** The CPU that runs; set once the machine is there. */
  cpu: () => number = () => 0;
  /** What the models of the controller were built from. */
  readonly contexts: HardwareContext[] = [];
  /** What each of them drives its outputs to. */
  private readonly levels: boolean[][] = [];
  /** Inputs that firmware left high: the wires to them are still to be told. */
  readonly high: { readonly node: string; readonly line: number }[] = [];
  private outside: HardwareContext | null = null;
  private once: (() => void) | null = null;
  /** Whether a message is on its way: the next write that arrives is none of the driver's. */
  private sending = false;

  /** @param firmware - writes to the registers of a fresh model. */
  constructor(private readonly history: History, private readonly firmware: NonNullable<BenchOptions['firmware']> = () => undefined) {}

  /** What the bench's own device was built from: the bus, and the harts. */
  get bus(): HardwareContext { return this.outside!; }

  /** A model that does what `inner` does, and tells. */
  watch(inner: HardwareModel): HardwareModel {
    return {
      compatible: inner.compatible,
      create: (ctx) => {
        this.contexts.push(ctx);
        const levels: boolean[] = [];
        this.levels.push(levels);
        const output = (level: boolean, index = 0): void => {
          levels[index] = level;
          ctx.output(level, index);
        };
        const instance = checked(inner, inner.create({ ...this.overheard(ctx), output }));
        const setInput = this.runFirmware(ctx.node.path, instance);
        const devices = instance.devices.map((device, region) => this.watchDevice(device, region, ctx.node.name));
        const own = { devices, ...(setInput && { setInput }) };
        // Not the instance itself: it may be frozen.
        return new Proxy<HardwareInstance>({ devices }, { get: (_, key) => (Object.hasOwn(own, key) ? own[key as 'devices'] : bound(instance, key)) });
      },
    };
  }

  /** Lets firmware drive a fresh model. Returns its inputs, as wires drive them, which do not know yet that some are high. */
  private runFirmware(node: string, instance: HardwareInstance): HardwareInstance['setInput'] {
    const high = new Set<number>();
    const setInput = (line: number, level: boolean): void => {
      if (instance.setInput === undefined) return;
      instance.setInput(line, level);
      if (level) high.add(line);
      else high.delete(line);
    };
    this.firmware(
      (offset, value, width = 4) => instance.devices[0]?.write(offset, width, value), setInput,
      (offset, width = 4) => instance.devices[0]?.read(offset, width) ?? 0,
    );
    if (high.size === 0) return undefined;
    for (const line of high) this.high.push({ node, line });
    return (line, level) => {
      // The wire learns what it was driven to; the model knows.
      if (!level || !high.delete(line)) instance.setInput!(line, level);
    };
  }

  /** The bench's own device. */
  probe(): HardwareModel {
    return {
      compatible: [PROBE_COMPATIBLE],
      create: (ctx) => {
        this.outside = this.overheard(ctx);
        return { devices: [] };
      },
    };
  }

  /** Another model that does what `inner` does; the messages that it sends are told. */
  overhear(inner: HardwareModel): HardwareModel {
    return { compatible: inner.compatible, create: (ctx) => inner.create(this.overheard(ctx)) };
  }

  /** What the controller raises now: `hart 0 irq 9`, `/soc/plic@c000000 input 5`. */
  raised(): string[] {
    return this.contexts.flatMap(({ node, targets, lines }, at) => targets.flatMap(({ hartid, irq }, index) => {
      if (hartid !== null) return lines.isPending(hartid, irq) ? [`hart ${hartid} irq ${irq}`] : [];
      return this.levels[at]![index] === true ? [`${parseInterrupt(node as DtNode, index).controller.path} input ${irq}`] : [];
    }));
  }

  /** Raises the first hart's interrupt although nothing asks for it, until the driver looks. */
  glitch(): void {
    const [context] = this.contexts;
    this.once = () => context!.output(false);
    context!.output(true);
  }

  private overheard(ctx: HardwareContext): HardwareContext {
    const write32 = (address: number, value: number): boolean => {
      const where = `0x${address.toString(16)}`;
      this.history.note(`message ${where} = 0x${(value >>> 0).toString(16)}`);
      this.sending = true;
      try {
        const arrived = ctx.dma.write32(address, value);
        if (!arrived) this.history.note(`nobody answers at ${where}: the message is lost`);
        return arrived;
      } finally {
        this.sending = false;
      }
    };
    return { ...ctx, dma: { write32 } };
  }

  private watchDevice(device: MmioDevice, region: number, node: string): MmioDevice {
    return {
      read: (offset, width) => {
        const value = device.read(offset, width);
        this.note(node, { op: 'read', region, offset, width, value: value >>> 0, cpu: this.cpu() });
        return value;
      },
      write: (offset, width, value) => {
        if (this.sending) this.sending = false;
        else this.note(node, { op: 'write', region, offset, width, value: value >>> 0, cpu: this.cpu() });
        device.write(offset, width, value);
      },
    };
  }

  private note(node: string, access: RegisterAccess): void {
    this.once?.();
    this.once = null;
    if (this.accesses.length === KEPT) this.accesses.shift();
    this.accesses.push(access);
    this.history.access(showAccess(access), node);
  }
}

function checked({ compatible }: HardwareModel, instance: HardwareInstance | undefined): HardwareInstance {
  if (Array.isArray(instance?.devices)) return instance;
  throw new IrqError('EINVAL', `create() of the model of ${String(compatible)} returned ${show(instance)}, and not an instance, { devices: [{ read, write }], setInput }.`);
}

function bound(target: HardwareInstance, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? value.bind(target) as unknown : value;
}

/** What the kernel calls an access of so many bytes. */
const SUFFIX: Readonly<Record<number, string>> = { 1: 'b', 2: 'w', 4: 'l' };

/** As a driver would write it: `writel 0x4 = 0x8`. */
export function showAccess({ op, region, offset, width, value, cpu }: RegisterAccess): string {
  return `${op}${SUFFIX[width] ?? ''} ${region > 0 ? `region ${region} ` : ''}0x${offset.toString(16)} = 0x${value.toString(16)} (CPU${cpu})`;
}
