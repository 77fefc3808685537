import type { Diagnostic, Smp } from '@irqchip/smp';
import { jestExpect } from './globals.ts';

const KEY = 'irqchipBenches';

interface Watched { readonly smp: Smp; readonly test: string | undefined }

/** Has the running test, or every test when none runs yet, fail on what this machine finds. */
export function watchFindings(smp: Smp): void {
  const expect = jestExpect();
  if (expect === null) return;
  const { currentTestName: test, [KEY]: before = [] } = expect.getState();
  // Jest keeps this state for a test file, so that no module has to.
  expect.setState({ [KEY]: [...before as Watched[], { smp, test }] });
}

/** After each test: fails it for what its machines found and nobody expected, and for locks that are still held. Machines made by the test are forgotten. */
export function failOnFindings(): void {
  const expect = jestExpect();
  const watched = (expect?.getState()[KEY] ?? []) as readonly Watched[];
  expect?.setState({ [KEY]: watched.filter(({ test }) => test === undefined) });
  const found = watched.flatMap(({ smp: { diagnostics, lockOrder } }) => {
    lockOrder.reportHeld();
    return diagnostics.take();
  });
  if (found.length === 0) return;
  const error = new Error(`The machine found ${found.length === 1 ? 'a rule broken' : `${found.length} rules broken`}; take what you expect with toHaveReported() or takeDiagnostics():\n${found.map(showFinding).join('\n')}`);
  error.stack = `${error.message}\n${found[0]!.stack}`;
  throw error;
}

/** One finding, on a line of its own. */
export function showFinding({ kind, message, cpu }: Diagnostic): string {
  return `  [${kind}] ${message} (on CPU${cpu})`;
}
