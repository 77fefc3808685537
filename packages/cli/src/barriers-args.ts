import { parseArgs } from 'node:util';
import { MODELS, PROVIDERS, type ProviderName } from '@irqchip/race';
import { inOurWords, UsageError } from './args.ts';
import { modelOption } from './litmus-args.ts';

export interface BarriersArgs {
  readonly model: string;
  readonly providers: readonly ProviderName[];
  readonly json: boolean;
}

export const BARRIERS_USAGE: string = `Usage: irqchip barriers [options]

Takes every barrier and ordered access of the IPI multiplexer and of its providers away,
one at a time, and says what is lost then, and what each pairs with.

  --model NAME       ${MODELS.join(', ')} (default rvio: RISC-V with
                     devices apart from memory)
  --provider NAME    only this one: merged, patch or v5 (the multiplexer alone, under its
                     three contracts), or ${PROVIDERS.slice(3).join(', ')}
  --json             one JSON object instead of text
  --help             this text

Exit status: 0 when nothing is lost with every barrier in place; 1 when something can be (a
finding, with the execution that shows it; under rvio the CLINT is one) or a provider is
refused; 2 for wrong usage.
`;

/** @throws UsageError */
export function parseBarriers(argv: readonly string[]): BarriersArgs {
  const { values, positionals } = read(argv);
  if (positionals.length > 0) throw new UsageError(`barriers takes options only, not '${positionals[0]!}'`);
  const provider = PROVIDERS.find((name) => name === values.provider);
  if (values.provider !== undefined && provider === undefined) throw new UsageError(`--provider is ${PROVIDERS.join(' or ')}, not '${values.provider}'`);
  return { model: modelOption(values.model), providers: provider === undefined ? PROVIDERS : [provider], json: values.json };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: { model: { type: 'string', default: 'rvio' }, provider: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new UsageError(inOurWords((error as Error).message));
  }
}
