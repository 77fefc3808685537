import type { LineChange, LineLevels, RecordingHeader } from '../format.ts';
import { guestOf, lineNumber } from '../lines.ts';
import type { RecordedMachine } from './machine.ts';

/** A read or a line at which model and recording disagree. Values as hex, levels as 0 and 1. */
export interface Difference {
  /** Number of the step. */
  readonly step: number;
  /** The last note before it. */
  readonly note: string;
  /** The register that was read, or the line, such as `MTI of hart 2`. */
  readonly register: string;
  readonly model: string;
  readonly recorded: string;
}

/** How many comparisons were made, and how many were equal. */
export interface Tally { equal: number; total: number }

/** A line that the recorded device drives. */
interface Observed {
  readonly hart: number;
  readonly name: string;
  readonly irq: number;
  readonly guest: number;
  recorded: boolean;
  /** Whether it differed the last time: a line that stays wrong is listed once. */
  wrong: boolean;
}

/** Keeps what the recording says of the lines, and counts. */
export class Comparison {
  readonly reads: Tally = { equal: 0, total: 0 };
  readonly lines: Tally = { equal: 0, total: 0 };
  readonly differences: Difference[] = [];
  note = '';
  private readonly observed: readonly Observed[];

  constructor(header: RecordingHeader, private readonly machine: RecordedMachine) {
    this.observed = observedLines(header).map(([hart, name]) => {
      const irq = lineNumber(name);
      return { hart, name, irq, guest: guestOf(irq), recorded: header.resetLines[hart]?.[name] ?? false, wrong: false };
    });
  }

  read(step: number, register: string, model: bigint, recorded: bigint): void {
    this.reads.total++;
    if (model === recorded) this.reads.equal++;
    else this.differences.push({ step, note: this.note, register, model: `0x${model.toString(16)}`, recorded: `0x${recorded.toString(16)}` });
  }

  /** The recording says that these lines changed. */
  changed(net: readonly LineChange[]): void {
    for (const { hart, line, level } of net) {
      const seen = this.observed.find((each) => each.hart === hart && each.name === line);
      if (seen) seen.recorded = level;
    }
  }

  /** The recording says what all lines are. */
  listed(lines: readonly LineLevels[]): void {
    for (const each of this.observed) each.recorded = lines[each.hart]![each.name] ?? each.recorded;
  }

  compareLines(step: number): void {
    const { machine } = this;
    for (const each of this.observed) {
      const model = each.guest === 0 ? machine.harts.wire(each.hart, each.irq) : machine.csrs.guestLine(each.hart, each.guest);
      this.lines.total++;
      if (model === each.recorded) this.lines.equal++;
      else if (!each.wrong) this.differences.push({ step, note: this.note, register: `${each.name} of hart ${each.hart}`, model: String(Number(model)), recorded: String(Number(each.recorded)) });
      each.wrong = model !== each.recorded;
    }
  }
}

const CLINT_LINES: Readonly<Record<string, readonly string[]>> = { mswi: ['MSI'], mtimer: ['MTI'], sswi: ['SSI'], clint: ['MSI', 'MTI'] };

/** The lines that the recorded device drives, as hart and name. */
function observedLines(header: RecordingHeader): (readonly [number, string])[] {
  const ofEveryHart = (names: readonly string[]): (readonly [number, string])[] => header.resetLines.flatMap((_, hart) => names.map((name) => [hart, name] as const));
  if (header.device === 'clint') return ofEveryHart([...header.bases.keys()].flatMap((dev) => CLINT_LINES[dev] ?? []));
  if (header.device === 'plic') return header.contexts.flatMap((context) => context === null ? [] : [[context.hart, context.line] as const]);
  const guests = header.device === 'imsic' ? Array.from({ length: header.guests }, (_, guest) => `GEI${guest + 1}`) : [];
  return ofEveryHart(['MEI', 'SEI', ...guests]);
}
