import { junit } from './junit.ts';
import type { RunResults } from './results.ts';
import { writeReport } from './write.ts';

/** A reporter for Jest: `reporters: [['@irqchip/testkit/junit-reporter', { outputFile: 'results' }]]`. */
export default class JunitReporter {
  private readonly rootDir: string;
  private readonly outputFile: string | undefined;

  /** @param options - `outputFile`, from the folder of the run. Default: `junit.xml`. */
  constructor({ rootDir }: { readonly rootDir: string }, options: { readonly outputFile?: string } = {}) {
    this.rootDir = rootDir;
    this.outputFile = options.outputFile ?? 'junit.xml';
  }

  onRunComplete(_contexts: unknown, results: RunResults): void {
    writeReport(junit(results, this.rootDir), this.rootDir, this.outputFile);
  }

  /** Nothing of what it says is known before the end. */
  getLastError(): undefined { return undefined; }
}
