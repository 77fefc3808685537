/** What these reporters read of Jest's results; `@jest/reporters` has the whole types. */
export interface RunResults {
  readonly numTotalTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly FileResults[];
}

export interface FileResults {
  readonly testFilePath: string;
  /** Why no test of the file ran, in red and white. */
  readonly failureMessage?: string | null | undefined;
  readonly testExecError?: unknown;
  readonly perfStats?: { readonly runtime?: number };
  readonly testResults: readonly TestResult[];
}

export interface TestResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly fullName: string;
  readonly status: string;
  /** ms */
  readonly duration?: number | null | undefined;
  readonly failureMessages: readonly string[];
}

/** A test's result as both formats know it. */
export type Outcome = 'passed' | 'failed' | 'skipped';

export function outcomeOf({ status }: TestResult): Outcome {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}

/** Text without a terminal's colours. */
export function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** From the folder of the run, with forward slashes. */
export function relative(file: string, rootDir: string): string {
  const under = rootDir !== '' && file.startsWith(rootDir) ? file.slice(rootDir.length) : file;
  return under.replace(/\\/g, '/').replace(/^\//, '');
}
