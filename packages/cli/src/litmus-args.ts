import { parseArgs } from 'node:util';
import { MODELS } from '@irqchip/race';
import { inOurWords, UsageError } from './args.ts';

export interface LitmusArgs {
  readonly file: string;
  /** One of {@link MODELS}. */
  readonly model: string;
  /** Whether final states are told too. */
  readonly outcomes: boolean;
  readonly json: boolean;
}

export const LITMUS_USAGE: string = `Usage: irqchip litmus FILE.json[.gz] [options]

Runs litmus tests: can a final state come about under a memory model? Where the file says
so itself, the two are compared. Never: it cannot; Sometimes: it can; refused: the test has
something that is not modelled.

  --model NAME       ${MODELS.join(', ')} (default lkmm)
  --outcomes         all final states too
  --json             one JSON object instead of text
  --help             this text

Exit status: 0 when nothing disagrees with the file, 1 otherwise, 2 for wrong usage.
`;

/** @throws UsageError */
export function parseLitmus(argv: readonly string[]): LitmusArgs {
  const { values, positionals } = read(argv);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`litmus takes one file of tests, FILE.json or FILE.json.gz, not ${positionals.length}`);
  return { file, model: modelOption(values.model), outcomes: values.outcomes, json: values.json };
}

/** @throws UsageError for a model that is not there. */
export function modelOption(name: string): string {
  if (!MODELS.includes(name)) throw new UsageError(`--model is ${MODELS.join(' or ')}, not '${name}'`);
  return name;
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: { model: { type: 'string', default: 'lkmm' }, outcomes: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new UsageError(inOurWords((error as Error).message));
  }
}
