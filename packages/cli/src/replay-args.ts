import { parseArgs } from 'node:util';
import { QUIRKS, type Quirks } from '@irqchip/trace';
import { inOurWords, UsageError } from './args.ts';

export interface ReplayArgs {
  readonly files: readonly string[];
  /** `recorded`: those of the version that each file was recorded from. */
  readonly quirks: Quirks | 'recorded' | undefined;
  readonly json: boolean;
}

const CHOICES = [...QUIRKS, 'recorded'] as const;

export const REPLAY_USAGE: string = `Usage: irqchip replay FILE.jsonl[.gz]... [options]

Applies recordings of real interrupt controllers to the device models, and compares
every value read and every interrupt line.

  --quirks NAME      follow a version of QEMU where it departs from the specification:
                     ${QUIRKS.join(', ')}, or recorded: the version that was recorded
  --json             one JSON object instead of text
  --help             this text

Exit status: 0 when everything agrees, 1 otherwise, 2 for wrong usage.
`;

/** @throws UsageError */
export function parseReplay(argv: readonly string[]): ReplayArgs {
  const { values, positionals } = read(argv);
  if (positionals.length === 0) throw new UsageError('replay takes at least one recording, FILE.jsonl or FILE.jsonl.gz');
  const quirks = CHOICES.find((choice) => choice === values.quirks);
  if (values.quirks !== undefined && quirks === undefined) throw new UsageError(`--quirks is ${CHOICES.join(' or ')}, not '${values.quirks}'`);
  return { files: positionals, quirks, json: values.json };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: { quirks: { type: 'string' }, json: { type: 'boolean', default: false } } });
  } catch (error) {
    throw new UsageError(inOurWords((error as Error).message));
  }
}
