// Side effect: `expect` learns the matchers, and every test fails on findings that it did not expect.
import { failOnFindings } from './jest/findings.ts';
import { afterEachTest, jestExpect } from './jest/globals.ts';
import { matchers } from './matchers/matchers.ts';

const INSTALLED = 'irqchipTestkit';
const expect = jestExpect();

if (expect !== null && expect.getState()[INSTALLED] === undefined) {
  expect.extend(matchers);
  expect.setState({ [INSTALLED]: afterEachTest(failOnFindings) });
}

export { matchers } from './matchers/matchers.ts';
export type { IrqMatchers } from './matchers/types.ts';
