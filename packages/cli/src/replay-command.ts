import { IrqError } from '@irqchip/smp';
import { deviceModels, quirksOf, replay, type ReplayResult } from '@irqchip/trace';
import { readRecordingFile } from './recording-file.ts';
import type { ReplayArgs } from './replay-args.ts';
import type { Plugins, Terminal } from './run.ts';

/** Differences that are shown of one recording. */
const SHOWN = 5;

/** A recording that could not be replayed. */
interface Failure { readonly file: string; readonly error: { readonly code: string; readonly message: string } }

/** Replays every recording and says what differs. Returns the exit status. */
export function replayCommand({ files, quirks, json }: ReplayArgs, terminal: Terminal, plugins: Plugins = {}): number {
  const outcomes = files.map((file): ReplayResult | Failure => {
    const outcome = replayOne(file, quirks, plugins);
    if ('error' in outcome) terminal.err(`irqchip: ${outcome.error.code}: ${outcome.error.message}\n`);
    else if (!json) terminal.out(lines(outcome));
    return outcome;
  });
  const agreed = outcomes.filter((outcome) => !('error' in outcome) && agrees(outcome)).length;
  const disagreed = outcomes.length - agreed;
  if (json) terminal.out(`${JSON.stringify({ files: outcomes, agreed, disagreed }, null, 2)}\n`);
  else terminal.out(`${outcomes.length} recording${outcomes.length === 1 ? '' : 's'}: ${agreed} agreed, ${disagreed} disagreed\n`);
  return disagreed === 0 ? 0 : 1;
}

function replayOne(file: string, quirks: ReplayArgs['quirks'], plugins: Plugins): ReplayResult | Failure {
  try {
    const recording = readRecordingFile(file);
    const chosen = quirks === 'recorded' ? quirksOf(recording.header) : quirks;
    return replay(recording, { models: [...plugins.hardware ?? [], ...deviceModels], ...(chosen === undefined ? {} : { quirks: chosen }) });
  } catch (error) {
    if (error instanceof IrqError) return { file, error: { code: error.code, message: error.message } };
    throw error;
  }
}

function agrees({ reads, lines }: ReplayResult): boolean {
  return reads.equal === reads.total && lines.equal === lines.total;
}

function lines({ file, reads, lines, differences, skipped }: ReplayResult): string {
  const text = [`${file}: reads ${reads.equal}/${reads.total} lines ${lines.equal}/${lines.total}`];
  for (const { step, register, model, recorded, note } of differences.slice(0, SHOWN)) {
    text.push(`  step ${step}: ${register}: model ${model}, recorded ${recorded}${note === '' ? '' : ` (${note})`}`);
  }
  if (differences.length > SHOWN) text.push(`  and ${differences.length - SHOWN} more`);
  for (const reason of new Set(skipped.map((each) => each.reason))) {
    const steps = skipped.filter((each) => each.reason === reason);
    text.push(`  not compared: ${steps.length} step${steps.length === 1 ? '' : 's'} from ${steps[0]!.step} on, ${reason}`);
  }
  return `${text.join('\n')}\n`;
}
