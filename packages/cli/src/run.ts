import { IrqError } from '@irqchip/smp';
import { parseBoot, USAGE, UsageError } from './args.ts';
import { bootCommand } from './boot-command.ts';

/** What the command needs of the process it runs in. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether somebody watches: progress is drawn only then. */
  readonly isTty: boolean;
  nowMs(): number;
}

/** Runs one command line and returns the exit status. */
export function run(argv: readonly string[], terminal: Terminal): number {
  const [command, ...rest] = argv;
  if (command === undefined || argv.includes('--help') || argv.includes('-h') || command === 'help') {
    terminal.out(USAGE);
    return command === undefined ? 2 : 0;
  }
  try {
    if (command !== 'boot') throw new UsageError(`there is no command '${command}'; the command is boot`);
    return bootCommand(parseBoot(rest), terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`irqchip: ${error.message}\nTry 'irqchip --help'.\n`);
      return 2;
    }
    if (error instanceof IrqError) {
      terminal.err(`irqchip: ${error.code}: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
