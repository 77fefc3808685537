import { IrqError } from '@irqchip/smp';
import { parseAnswers, USAGE, type PartialAnswers } from './args.ts';
import { driverSpec } from './options.ts';
import { scaffold } from './scaffold.ts';

/** What the command needs of the process it runs in. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Asks a question; null where nobody is there to answer. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Makes a folder, which must not be there. @throws IrqError `EEXIST` */
  mkdir(name: string): void;
  /** Writes a file that is not there, and the folders on its way. */
  write(file: string, text: string): void;
  /** Of this package: what it writes is built on the same version of the others. */
  readonly version: string;
}

/** Runs one command line and returns the exit status. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { help, ...given } = parseAnswers(argv);
    if (help) {
      terminal.out(USAGE);
      return 0;
    }
    const spec = driverSpec(await complete(given, terminal.ask));
    const files = scaffold(spec, terminal.version);
    terminal.mkdir(spec.name);
    for (const [file, text] of files) terminal.write(`${spec.name}/${file}`, text);
    terminal.out(`${spec.name}: ${files.size} files. Now:\n\n  cd ${spec.name}\n  npm install\n  npm test\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    terminal.err(`create-irqchip: ${error.message}\n`);
    return error.code === 'EINVAL' ? 2 : 1;
  }
}

/** Asks for what the command line left open; an empty answer takes the default. */
async function complete(given: PartialAnswers, ask: Terminal['ask']): Promise<PartialAnswers & { name: string }> {
  const answers = { ...given };
  const wanted = async (key: keyof PartialAnswers, question: string): Promise<void> => {
    if (answers[key] !== undefined || ask === null) return;
    const answer = (await ask(question)).trim();
    if (answer !== '') answers[key] = answer;
  };
  // With a name on the command line, everything else has its default: nobody is asked.
  if (given.name === undefined) {
    await wanted('name', 'Name of the driver (mux8, or as in a device tree acme,mux8): ');
    await wanted('kind', 'What it provides: wired, ipi or msi (wired): ');
    const kind = answers.kind ?? 'wired';
    if (kind !== 'ipi') await wanted('lines', `How many ${kind === 'msi' ? 'messages' : 'lines'}, 1 to 32 (8): `);
    if (kind === 'wired') await wanted('trigger', 'How they ask for attention: edge or level (edge): ');
  }
  const { name } = answers;
  if (name === undefined) throw new IrqError('EINVAL', 'A driver needs a name: --name mux8.');
  return { ...answers, name };
}
