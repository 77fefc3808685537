// Jest reporter: closes every whole test run with the line "N passed, N failed" on standard output.
// A test file that could not run at all counts as one failure. With IRQCHIP_TEST_TOTAL set, the two numbers are also written to that file.
import { writeFileSync } from 'node:fs';

export default class JestTotal {
  passed = 0;
  failed = 0;

  constructor() {
    // Jest prints its own summary after every other reporter; only the end of the process comes later.
    process.once('exit', () => this.close());
  }

  onRunComplete(_contexts, results) {
    this.passed = results.numPassedTests;
    this.failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  }

  close() {
    const file = process.env.IRQCHIP_TEST_TOTAL;
    if (file) writeFileSync(file, `${this.passed} ${this.failed}\n`);
    process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`);
  }
}
