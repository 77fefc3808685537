/**
 * Recordings in the format "qtest-trace-1", taken apart and checked: what was asked of a controller's real device model, what
 * it answered, and how the harts' interrupt lines moved. Registers are 64 bits wide here and nowhere else in the framework.
 */

/** The kinds of controller that recordings exist of. */
export type RecordedDevice = 'clint' | 'plic' | 'aplic' | 'imsic';

/** The levels of a hart's interrupt lines, by name. */
export type LineLevels = Readonly<Record<string, boolean>>;

/** Where an interrupt line of a PLIC context ends; null for a context that leads nowhere. */
export interface RecordedContext { readonly hart: number; readonly line: string }

/** The machine that was recorded. */
export interface RecordingHeader {
  /** Version of the recorded device model, as it calls itself. */
  readonly qemu: string;
  readonly device: RecordedDevice;
  /** How an APLIC delivers; `direct` for everything else. */
  readonly mode: 'direct' | 'msi';
  readonly harts: number;
  /** Base addresses of the devices, by the name that steps use. */
  readonly bases: ReadonlyMap<string, number>;
  /** Level of every line when the recording begins, by hart. */
  readonly resetLines: readonly LineLevels[];
  /** Inputs of a PLIC or an APLIC: 1 to this number. 0: none. */
  readonly sources: number;
  /** Identities of an IMSIC's files: 1 to this number. */
  readonly identities: number;
  /** Guest interrupt files of each hart. */
  readonly guests: number;
  /** Highest priority of a PLIC. */
  readonly priorityMax: number;
  /** Bits of an APLIC's priorities. */
  readonly iprioBits: number;
  /** Contexts of a PLIC, in order. */
  readonly contexts: readonly (RecordedContext | null)[];
  /** Ticks of mtime per second. */
  readonly timebaseHz: number;
}

/** A line of a hart that changed during a step. */
export interface LineChange { readonly hart: number; readonly line: string; readonly level: boolean }

interface StepBase {
  /** Number of the step; numbers rise, with gaps. */
  readonly i: number;
  /** Lines whose level differs after the step. */
  readonly net: readonly LineChange[];
  /** The recorded device shows its lines right only after the next step. */
  readonly lag: boolean;
  /** From here to the next note the lines are peculiar to the recorded device. */
  readonly quirk: boolean;
}

interface Access extends StepBase {
  readonly width: 1 | 2 | 4 | 8;
  readonly dev: string;
  /** Symbolic name of the register. */
  readonly reg: string;
  readonly address: number;
}

export interface WriteStep extends Access { readonly op: 'write'; readonly value: bigint }
export interface ReadStep extends Access { readonly op: 'read'; readonly result: bigint }
/** A device moves its wire to the controller. */
export interface InputStep extends StepBase { readonly op: 'line'; readonly source: number; readonly level: boolean }
/** Time passes, to `now` nanoseconds. */
export interface ClockStep extends StepBase { readonly op: 'clock'; readonly now: number }
export interface CsrWriteStep extends StepBase { readonly op: 'csr-write'; readonly hart: number; readonly csr: string; readonly value: bigint }
export interface CsrReadStep extends StepBase { readonly op: 'csr-read'; readonly hart: number; readonly csr: string; readonly result: bigint }
/** All lines, and `mip` where it was looked at. */
export interface LinesStep extends StepBase { readonly op: 'lines'; readonly lines: readonly LineLevels[]; readonly mip: readonly bigint[] | null }
export interface NoteStep extends StepBase { readonly op: 'note'; readonly text: string }

export type RecordingStep = WriteStep | ReadStep | InputStep | ClockStep | CsrWriteStep | CsrReadStep | LinesStep | NoteStep;

export interface Recording {
  /** What to call it: the file's name. */
  readonly name: string;
  readonly header: RecordingHeader;
  readonly steps: readonly RecordingStep[];
}
