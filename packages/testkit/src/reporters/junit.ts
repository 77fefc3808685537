import { outcomeOf, plain, relative, type FileResults, type RunResults, type TestResult } from './results.ts';

/** The results as JUnit XML: a testsuite for each file, a testcase for each test. */
export function junit(results: RunResults, rootDir = ''): string {
  const files = [...results.testResults].sort((a, b) => (a.testFilePath < b.testFilePath ? -1 : 1));
  return `${['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites tests="${results.numTotalTests}" failures="${results.numFailedTests}">`,
    ...files.flatMap((file) => suite(file, relative(file.testFilePath, rootDir))), '</testsuites>'].join('\n')}\n`;
}

function suite(file: FileResults, name: string): string[] {
  const tests = file.testResults;
  const count = (outcome: string): number => tests.filter((test) => outcomeOf(test) === outcome).length;
  const broken = tests.length === 0 && file.failureMessage ? 1 : 0;
  const head = attributes({ name, tests: tests.length + broken, failures: count('failed'), errors: broken, skipped: count('skipped'), time: seconds(file.perfStats?.runtime) });
  const error = broken === 0 ? [] : [`    <testcase ${attributes({ classname: name, name: 'the file runs' })}>`, `      <error>${escape(file.failureMessage!)}</error>`, '    </testcase>'];
  return [`  <testsuite ${head}>`, ...tests.flatMap((test) => testcase(test, name)), ...error, '  </testsuite>'];
}

function testcase(test: TestResult, file: string): string[] {
  const head = attributes({ classname: [file, ...test.ancestorTitles].join(' › '), name: test.title, time: seconds(test.duration) });
  const outcome = outcomeOf(test);
  if (outcome === 'passed') return [`    <testcase ${head}/>`];
  const body = outcome === 'skipped'
    ? ['      <skipped/>']
    : test.failureMessages.map((text) => `      <failure ${attributes({ message: plain(text).split('\n', 1)[0]! })}>${escape(text)}</failure>`);
  return [`    <testcase ${head}>`, ...body, '    </testcase>'];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => `${name}="${escape(String(value)).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`).join(' ');
}

/** XML 1.0 has no way to say most control characters. */
function escape(text: string): string {
  return plain(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function seconds(ms: number | null | undefined): string { return ((ms ?? 0) / 1000).toFixed(3); }
