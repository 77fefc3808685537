import type { HardwareModel } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import type { Recording, RecordingStep } from '../format.ts';
import { deviceModels } from '../models.ts';
import { Comparison, type Difference, type Tally } from './comparison.ts';
import { RecordedMachine } from './machine.ts';
import { QUIRKS, type Quirks } from './quirks.ts';

/** Steps that are applied and not compared. */
export interface Skip {
  /** First and last step. */
  readonly from: number;
  readonly to: number;
  /** Why. */
  readonly reason: string;
}

export interface ReplayOptions {
  /** Makes the models follow a version of QEMU where it departs from the specification. Default: follow the specification. */
  readonly quirks?: Quirks;
  /** Other models; the first that is compatible is used. Default: those of this framework. */
  readonly models?: readonly HardwareModel[];
  /** Further switches of the models, by compatible string; `*` is for all. */
  readonly switches?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly skip?: readonly Skip[];
  /** Stand a CLINT in for the recorded MSWI and MTIMER. */
  readonly oneClint?: boolean;
}

/** What came of a replay. */
export interface ReplayResult {
  /** The recording's name. */
  readonly file: string;
  readonly reads: Readonly<Tally>;
  /** One comparison for each line of each hart after each step. */
  readonly lines: Readonly<Tally>;
  /** Every read that differs; of lines, the steps at which they begin to. */
  readonly differences: readonly Difference[];
  /** Steps that were not compared, and why. */
  readonly skipped: readonly { readonly step: number; readonly reason: string }[];
}

/**
 * Applies a recording, step by step, to our models of the recorded machine, and compares every read and, after each step,
 * every line that the recorded device drives.
 *
 * Steps marked `quirk` are compared only with `quirks`, and so are the lines after a step marked `lag`, which the recorded
 * device shows right one step later.
 * @throws IrqError `ENODEV` when there is no model of a recorded device, `EINVAL` when a step cannot be applied or `quirks`
 * names no known version.
 */
export function replay(recording: Recording, options: ReplayOptions = {}): ReplayResult {
  return new Player(recording, options).play();
}

class Player {
  private readonly machine: RecordedMachine;
  private readonly comparison: Comparison;
  private readonly skipped: { step: number; reason: string }[] = [];
  /** Lines are peculiar to the recorded device until the next note. */
  private peculiar = false;

  constructor(private readonly recording: Recording, private readonly options: ReplayOptions) {
    const { quirks, switches = {} } = options;
    if (quirks !== undefined && !QUIRKS.includes(quirks)) throw new IrqError('EINVAL', `There are no quirks '${String(quirks)}'; there are those of ${QUIRKS.join(', ')}.`);
    this.machine = new RecordedMachine(recording.header, {
      models: options.models ?? deviceModels,
      switches: quirks === undefined ? switches : { ...switches, '*': { ...switches['*'], quirks } },
      oneClint: options.oneClint ?? false,
    });
    this.comparison = new Comparison(recording.header, this.machine);
  }

  play(): ReplayResult {
    const { comparison, recording } = this;
    for (const step of recording.steps) {
      if (step.op === 'note') {
        comparison.note = step.text;
        this.peculiar = false;
      } else this.take(step);
    }
    const { reads, lines, differences } = comparison;
    return { file: recording.name, reads, lines, differences, skipped: this.skipped };
  }

  private take(step: Exclude<RecordingStep, { op: 'note' }>): void {
    const { comparison, options } = this;
    const reason = this.reasonToSkip(step);
    if (reason !== null) this.skipped.push({ step: step.i, reason });
    this.apply(step, reason === null);
    comparison.changed(step.net);
    if (reason === null && (!step.lag || options.quirks !== undefined)) comparison.compareLines(step.i);
  }

  private reasonToSkip(step: RecordingStep): string | null {
    if (step.quirk) this.peculiar = true;
    if (this.peculiar && this.options.quirks === undefined) return 'marked as peculiar to the recorded device';
    if ((step.op === 'csr-read' || step.op === 'csr-write') && !this.machine.csrs.knows(step.csr)) return `${step.csr} belongs to the hart, not to a controller`;
    return this.options.skip?.find(({ from, to }) => step.i >= from && step.i <= to)?.reason ?? null;
  }

  /** @throws IrqError with the step's number in front. */
  private apply(step: RecordingStep, compare: boolean): void {
    try {
      this.repeat(step, compare);
    } catch (error) {
      if (error instanceof IrqError) throw new IrqError(error.code, `${this.recording.name}, step ${step.i}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  private repeat(step: RecordingStep, compare: boolean): void {
    const { comparison, machine } = this;
    const read = (register: string, model: bigint | null, recorded: bigint): void => {
      if (compare && model !== null) comparison.read(step.i, register, model, recorded);
    };
    switch (step.op) {
      case 'write': return machine.bus.write(step.address, step.width, step.value);
      case 'read': return read(step.reg, machine.bus.read(step.address, step.width), step.result);
      case 'line': return machine.setInput(step.source, step.level);
      case 'clock': return machine.clock.advanceTo(step.now);
      case 'csr-write': return machine.csrs.knows(step.csr) ? machine.csrs.write(step.hart, step.csr, step.value) : undefined;
      case 'csr-read': return machine.csrs.knows(step.csr) ? read(`${step.csr} of hart ${step.hart}`, machine.csrs.read(step.hart, step.csr), step.result) : undefined;
      case 'lines':
        comparison.listed(step.lines);
        step.mip?.forEach((mip, hart) => read(`mip of hart ${hart}`, BigInt(machine.harts.mip(hart)), mip));
        return;
      case 'note': return;
    }
  }
}
