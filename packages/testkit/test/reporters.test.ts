import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import JunitReporter from '@irqchip/testkit/junit-reporter';
import KtapReporter from '@irqchip/testkit/ktap-reporter';

const ROOT = '/repo';
const results = {
  numTotalTests: 4,
  numFailedTests: 1,
  testResults: [
    {
      testFilePath: '/repo/test/b.test.ts', perfStats: { runtime: 1234 }, failureMessage: 'x',
      testResults: [
        { ancestorTitles: ['lines'], title: 'ask', fullName: 'lines ask', status: 'passed', duration: 5, failureMessages: [] },
        { ancestorTitles: ['lines'], title: 'issue #3\nand more', fullName: 'lines issue #3\nand more', status: 'failed', duration: 7, failureMessages: ['\u001b[31mError: 1 < 2 & "so"\u001b[39m\n\n    at x\u0007'] },
        { ancestorTitles: [], title: 'later', fullName: 'later', status: 'todo', duration: null, failureMessages: [] },
      ],
    },
    { testFilePath: '/repo/test/a.test.ts', testResults: [{ ancestorTitles: [], title: 'off', fullName: 'off', status: 'pending', failureMessages: [] }] },
    { testFilePath: '/elsewhere/c.test.ts', failureMessage: 'SyntaxError: no', testResults: [] },
  ],
};

function report(Reporter: typeof KtapReporter | typeof JunitReporter): string {
  const rootDir = mkdtempSync(path.join(tmpdir(), 'irqchip-report-'));
  try {
    const moved = { ...results, testResults: results.testResults.map((file) => ({ ...file, testFilePath: file.testFilePath.replace(ROOT, rootDir) })) };
    new Reporter({ rootDir }, { outputFile: 'out/report' }).onRunComplete(undefined, moved);
    return readFileSync(path.join(rootDir, 'out/report'), 'utf8');
  } finally {
    rmSync(rootDir, { recursive: true });
  }
}

test('KTAP: a test for each file, in order of names, with subtests, failures and skips', () => {
  expect(report(KtapReporter)).toBe(`KTAP version 1
1..3
  KTAP version 1
  # Subtest: elsewhere/c.test.ts
  1..0
  # SyntaxError: no
not ok 1 elsewhere/c.test.ts
  KTAP version 1
  # Subtest: test/a.test.ts
  1..1
  ok 1 off # SKIP
ok 2 test/a.test.ts # SKIP
  KTAP version 1
  # Subtest: test/b.test.ts
  1..3
  ok 1 lines ask
  # Error: 1 < 2 & "so"
  #     at x\u0007
  not ok 2 lines issue \\#3 and more
  ok 3 later # SKIP
not ok 3 test/b.test.ts
`);
});

test('JUnit: a testsuite for each file, with what XML must not have taken out', () => {
  expect(report(JunitReporter)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1">
  <testsuite name="elsewhere/c.test.ts" tests="1" failures="0" errors="1" skipped="0" time="0.000">
    <testcase classname="elsewhere/c.test.ts" name="the file runs">
      <error>SyntaxError: no</error>
    </testcase>
  </testsuite>
  <testsuite name="test/a.test.ts" tests="1" failures="0" errors="0" skipped="1" time="0.000">
    <testcase classname="test/a.test.ts" name="off" time="0.000">
      <skipped/>
    </testcase>
  </testsuite>
  <testsuite name="test/b.test.ts" tests="3" failures="1" errors="0" skipped="1" time="1.234">
    <testcase classname="test/b.test.ts › lines" name="ask" time="0.005"/>
    <testcase classname="test/b.test.ts › lines" name="issue #3&#10;and more" time="0.007">
      <failure message="Error: 1 &lt; 2 &amp; &quot;so&quot;">Error: 1 &lt; 2 &amp; "so"

    at x\ufffd</failure>
    </testcase>
    <testcase classname="test/b.test.ts" name="later" time="0.000">
      <skipped/>
    </testcase>
  </testsuite>
</testsuites>
`);
});
