import type { MachineOptions } from '@irqchip/machine';
import { IrqError } from '@irqchip/smp';
import { parseBoot, USAGE, UsageError } from './args.ts';
import { bootCommand } from './boot-command.ts';
import { parseReplay, REPLAY_USAGE } from './replay-args.ts';
import { replayCommand } from './replay-command.ts';

/** What the command needs of the process it runs in. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether somebody watches: progress is drawn only then. */
  readonly isTty: boolean;
  nowMs(): number;
}

/** Drivers and device models besides those that come with the framework. */
export type Plugins = Pick<MachineOptions, 'modules' | 'hardware'>;

/** Runs one command line and returns the exit status. */
export function run(argv: readonly string[], terminal: Terminal, plugins: Plugins = {}): number {
  const [command, ...rest] = argv;
  if (command === undefined || argv.includes('--help') || argv.includes('-h') || command === 'help') {
    terminal.out(command === 'boot' ? USAGE : command === 'replay' ? REPLAY_USAGE : `${USAGE}\n${REPLAY_USAGE}`);
    return command === undefined ? 2 : 0;
  }
  try {
    if (command === 'replay') return replayCommand(parseReplay(rest), terminal, plugins);
    if (command !== 'boot') throw new UsageError(`there is no command '${command}'; the commands are boot and replay`);
    return bootCommand(parseBoot(rest), terminal, plugins);
  } catch (error) {
    return fatal(error, terminal, rest.includes('--json'));
  }
}

/** Says in a sentence why nothing came of it, and with `--json` as an object too. */
function fatal(error: unknown, terminal: Terminal, json: boolean): number {
  const usage = error instanceof UsageError;
  if (!usage && !(error instanceof IrqError)) throw error;
  const { message } = error;
  const code = usage ? 'USAGE' : error.code;
  if (json) terminal.out(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`);
  terminal.err(usage ? `irqchip: ${message}\nTry 'irqchip --help'.\n` : `irqchip: ${code}: ${message}\n`);
  return usage ? 2 : 1;
}
