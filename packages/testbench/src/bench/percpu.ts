import { parseInterrupts, type DtNode } from '@irqchip/devicetree';
import { disablePercpuIrq, enablePercpuIrq, freePercpuIrq, IRQ_TYPE } from '@irqchip/genirq-core';
import { HWIRQ_NO_LIMIT } from '@irqchip/irqdomain';
import { ofParentHartid, type HartLines } from '@irqchip/riscv';
import { IrqError, PerCpu, type Cpus } from '@irqchip/smp';
import { Requested, type BenchLine, type LineDrive } from './line.ts';

/** Local interrupts above it have no wire. */
const LAST_LOCAL = 31;

/** One requested per-CPU interrupt. It is off on every CPU until {@link RequestedPercpu.enable}. */
export class RequestedPercpu extends Requested {
  /** Whose device id each run of its handler was handed, in order: a CPU; -1: none. */
  readonly devIds: number[] = [];
  /** The device id of each CPU: its number. */
  readonly ids: PerCpu<number> = new PerCpu((cpu) => cpu);

  /** @param as - runs a task of a CPU, and lets all CPUs run */
  constructor(on: BenchLine, name: string, private readonly as: (cpu: number, task: () => void) => void) {
    super(on, name, () => freePercpuIrq(on.machine.genirq, on.irq, this.ids));
  }

  /**
   * Enables it on one CPU, in a task there, as drivers do in a callback of CPU hotplug; what waited there runs before this returns.
   * @param type - IRQ_TYPE_*; NONE for the one recorded.
   * @throws IrqError `EINVAL` for a CPU that is not online.
   */
  enable(cpu: number, type: number = IRQ_TYPE.NONE): void { this.as(cpu, () => enablePercpuIrq(this.on.machine.genirq, this.irq, type)); }

  /** Disables it on one CPU, in a task there, or in its handler. @throws IrqError `EINVAL` for a CPU that is not online. */
  disable(cpu: number): void { this.as(cpu, () => disablePercpuIrq(this.on.machine.genirq, this.irq)); }
}

/** Drives a local interrupt of a hart, for controllers that are no device. */
export function localWire(lines: HartLines, cpus: Cpus, hartid: number, line: number): LineDrive {
  if (line > LAST_LOCAL) throw new IrqError('EINVAL', `local interrupt ${line} has no wire: harts have those of 0 to ${LAST_LOCAL}.`);
  const drive = (...levels: boolean[]): void => {
    for (const level of levels) lines.setLine(hartid, line, level);
    cpus.boundary();
  };
  return { raise: () => drive(true), lower: () => drive(false), pulse: () => drive(true, false) };
}

/**
 * Where the model of a controller has the lines of each hart: one hart's after the other's, in the order of its node.
 * @param each - how many inputs a hart has
 */
export function inputOf(node: DtNode, each: number, hartid: number, line: number): number {
  const harts = [...new Set(parseInterrupts(node).map(({ controller }) => ofParentHartid(controller)))];
  const row = harts.indexOf(hartid);
  if (each !== HWIRQ_NO_LIMIT && row >= 0) return row * each + line;
  const why = row < 0 ? `no entry of its interrupts leads to hart ${hartid}` : 'its domain does not say how many lines a hart has';
  throw new IrqError('EINVAL', `which input of ${node.path} is line ${line} of hart ${hartid}? ${why}; say it with the option input: (hartid, line) => …`);
}
