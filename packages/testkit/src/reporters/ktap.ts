import { outcomeOf, plain, relative, type FileResults, type RunResults, type TestResult } from './results.ts';

/**
 * The results as KTAP, version 1, as the kernel's own tests print them (Documentation/dev-tools/ktap.rst): a test for each
 * file, with its tests as subtests.
 */
export function ktap(results: RunResults, rootDir = ''): string {
  const files = [...results.testResults].sort((a, b) => (a.testFilePath < b.testFilePath ? -1 : 1));
  const body = files.flatMap((file, i) => fileLines(file, i + 1, relative(file.testFilePath, rootDir)));
  return `${['KTAP version 1', `1..${files.length}`, ...body].join('\n')}\n`;
}

function fileLines(file: FileResults, number: number, name: string): string[] {
  const { testResults: tests } = file;
  const broken = tests.length === 0 && Boolean(file.failureMessage);
  const failed = broken || tests.some((test) => outcomeOf(test) === 'failed');
  const skipped = !failed && tests.every((test) => outcomeOf(test) === 'skipped');
  const inner = [
    'KTAP version 1', `# Subtest: ${clean(name)}`, `1..${tests.length}`,
    ...tests.flatMap((test, i) => testLines(test, i + 1)), ...(broken ? diagnostic(file.failureMessage!) : []),
  ];
  return [...inner.map((line) => `  ${line}`), `${failed ? 'not ok' : 'ok'} ${number} ${clean(name)}${skipped ? ' # SKIP' : ''}`];
}

function testLines(test: TestResult, number: number): string[] {
  const outcome = outcomeOf(test);
  const result = `${outcome === 'failed' ? 'not ok' : 'ok'} ${number} ${clean(test.fullName)}${outcome === 'skipped' ? ' # SKIP' : ''}`;
  return [...test.failureMessages.flatMap(diagnostic), result];
}

function diagnostic(text: string): string[] {
  return plain(text).split('\n').filter((line) => line.trim() !== '').map((line) => `# ${line}`);
}

/** A description is one line, in which # would begin a directive. */
function clean(text: string): string {
  return plain(text).replace(/\s+/g, ' ').replaceAll('#', '\\#').trim();
}
