import { jestSuite } from '@irqchip/testbench/internals';
import type { ConformanceOptions } from './options.ts';
import { planConformance } from './run.ts';

/**
 * Declares a test for every rule that a driver of this kind keeps. Call it at the top of a test file; what does not apply to
 * the driver is skipped, with the reason in its title.
 */
export function irqchipConformance(options: ConformanceOptions): void {
  const { describe, test } = jestSuite();
  describe(`every irqchip: ${options.compatible ?? options.node ?? options.kind ?? 'wired'}`, () => {
    for (const { name, skipped, run } of planConformance(options)) {
      if (skipped === null) test(name, run);
      else test.skip(`${name}: skipped, ${skipped}`, () => undefined);
    }
  });
}
