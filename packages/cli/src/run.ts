import type { MachineOptions } from '@irqchip/machine';
import { IrqError } from '@irqchip/smp';
import { parseBoot, USAGE, UsageError } from './args.ts';
import { BARRIERS_USAGE, parseBarriers } from './barriers-args.ts';
import { barriersCommand } from './barriers-command.ts';
import { bootCommand } from './boot-command.ts';
import { LITMUS_USAGE, parseLitmus } from './litmus-args.ts';
import { litmusCommand } from './litmus-command.ts';
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

interface Command {
  readonly usage: string;
  run(argv: readonly string[], terminal: Terminal, plugins: Plugins): number;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['boot', { usage: USAGE, run: (argv, terminal, plugins) => bootCommand(parseBoot(argv), terminal, plugins) }],
  ['replay', { usage: REPLAY_USAGE, run: (argv, terminal, plugins) => replayCommand(parseReplay(argv), terminal, plugins) }],
  ['litmus', { usage: LITMUS_USAGE, run: (argv, terminal) => litmusCommand(parseLitmus(argv), terminal) }],
  ['barriers', { usage: BARRIERS_USAGE, run: (argv, terminal) => barriersCommand(parseBarriers(argv), terminal) }],
]);

/** Runs one command line and returns the exit status. */
export function run(argv: readonly string[], terminal: Terminal, plugins: Plugins = {}): number {
  const [name, ...rest] = argv;
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (name === undefined || argv.includes('--help') || argv.includes('-h') || name === 'help') {
    terminal.out(command?.usage ?? [...COMMANDS.values()].map(({ usage }) => usage).join('\n'));
    return name === undefined ? 2 : 0;
  }
  try {
    if (!command) throw new UsageError(`there is no command '${name}'; the commands are ${[...COMMANDS.keys()].join(', ')}`);
    return command.run(rest, terminal, plugins);
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
