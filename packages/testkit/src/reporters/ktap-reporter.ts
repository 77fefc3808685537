import { ktap } from './ktap.ts';
import type { RunResults } from './results.ts';
import { writeReport } from './write.ts';

/** A reporter for Jest: `reporters: [['@irqchip/testkit/ktap-reporter', { outputFile: 'results' }]]`. */
export default class KtapReporter {
  private readonly rootDir: string;
  private readonly outputFile: string | undefined;

  /** @param options - `outputFile`, from the folder of the run. Default: standard output. */
  constructor({ rootDir }: { readonly rootDir: string }, options: { readonly outputFile?: string } = {}) {
    this.rootDir = rootDir;
    this.outputFile = options.outputFile;
  }

  onRunComplete(_contexts: unknown, results: RunResults): void {
    writeReport(ktap(results, this.rootDir), this.rootDir, this.outputFile);
  }

  /** Nothing of what it says is known before the end. */
  getLastError(): undefined { return undefined; }
}
