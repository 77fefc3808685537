import { IrqError } from '@irqchip/smp';
import type { Recording, RecordingStep } from '../format.ts';
import { Fields } from './fields.ts';
import { readHeader } from './header.ts';
import { readStep } from './step.ts';
import { toText } from './text.ts';

/**
 * Reads a recording in the format "qtest-trace-1": JSON lines, the first a description of the machine, every other a step.
 * Bytes are UTF-8, not compressed.
 * @param name - what to call it in messages and results: the file's name.
 * @throws IrqError `EINVAL` for anything that is no such recording, with the line it fails at.
 */
export function readRecording(input: string | Uint8Array, name: string = 'recording'): Recording {
  const lines = toText(input, name).split('\n');
  // The last line ends with a line feed, too.
  if (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length === 0) throw new IrqError('EINVAL', `${name}: the recording is empty.`);
  const header = readHeader(parseLine(lines[0]!, name, 1));
  const steps: RecordingStep[] = [];
  let nowNs = 0;
  for (let line = 1; line < lines.length; line++) {
    const step = readStep(parseLine(lines[line]!, name, line + 1), header, nowNs);
    if (steps.length > 0 && step.i <= steps.at(-1)!.i) throw new IrqError('EINVAL', `${name}, line ${line + 1}: step ${step.i} comes after step ${steps.at(-1)!.i}; the numbers of steps rise.`);
    if (step.op === 'clock') nowNs = step.now;
    steps.push(step);
  }
  if (steps.length === 0) throw new IrqError('EINVAL', `${name}: the recording has a header and no step.`);
  return { name, header, steps };
}

function parseLine(text: string, name: string, line: number): Fields {
  const where = `${name}, line ${line}`;
  try {
    return new Fields(where, JSON.parse(text));
  } catch (error) {
    if (error instanceof IrqError) throw error;
    throw new IrqError('EINVAL', `${where}: this is not JSON, or it is cut off; a recording has one JSON object on each line.`, { cause: error });
  }
}
