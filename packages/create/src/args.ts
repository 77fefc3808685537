import { parseArgs } from 'node:util';
import { IrqError } from '@irqchip/smp';
import type { Answers } from './options.ts';

export const USAGE = `Usage: npm create @irqchip [-- OPTIONS]

Writes the package of an interrupt controller's driver into a new folder: driver, registers, hardware model, tests.
Asks for what the options leave open, if a terminal is there to ask.

  --name NAME      mux8, or as in a device tree acme,mux8; the folder is called the same, without the vendor
  --kind KIND      what it provides: wired lines (default), ipi (a doorbell for each CPU) or msi (messages of devices)
  --lines N        how many lines or messages, 1 to 32; default 8
  --trigger T      how wired lines ask for attention: edge (default) or level
  --help           this text
`;

/** What a command line says; what it leaves out is not there. */
export type PartialAnswers = { -readonly [K in keyof Answers]?: Answers[K] };

/** @throws IrqError `EINVAL` for what is no option. */
export function parseAnswers(argv: readonly string[]): PartialAnswers & { readonly help: boolean } {
  const value = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options: { name: value, kind: value, lines: value, trigger: value, help: { type: 'boolean', short: 'h' } } });
    return { ...values, help: values.help ?? false };
  } catch (error) {
    throw new IrqError('EINVAL', `${error instanceof Error ? error.message.split('. ', 1)[0] : String(error)}. The options are --name, --kind, --lines, --trigger and --help.`);
  }
}
