// Side effect: `expect` learns the matchers, and every test fails on findings that it did not expect.
import { matchers } from '@irqchip/testbench';
import { afterEachTest, failOnFindings, jestExpect } from '@irqchip/testbench/internals';

const INSTALLED = 'irqchipTestkit';
const expect = jestExpect();

if (expect !== null && expect.getState()[INSTALLED] === undefined) {
  expect.extend(matchers);
  expect.setState({ [INSTALLED]: afterEachTest(failOnFindings) });
}

export { matchers, type IrqMatchers } from '@irqchip/testbench';
