import { jestSuite } from '@irqchip/testbench/internals';
import type { ConformanceOptions } from './options.ts';
import { tryGates, type PlannedCase } from './run.ts';
import { ownFrames } from './verdict.ts';

/**
 * Declares a test for every rule that a driver of this kind keeps. Call it at the top of a test file; what does not apply to
 * the driver is skipped, with the reason in its title, and so is all else where one of the first cases fails: they are tried at once.
 * @throws as `planConformance`
 */
export function irqchipConformance(options: ConformanceOptions): void {
  const { describe, test } = jestSuite();
  const call: { stack?: string } = {};
  Error.captureStackTrace(call, irqchipConformance);
  describe(`every irqchip: ${options.compatible ?? options.node ?? options.kind ?? 'wired'}`, () => {
    for (const each of tryGates(options)) {
      if (each.skipped === null) test(each.name, () => runFor(each, call.stack));
      else test.skip(`${each.name}: ${each.skipped}`, () => undefined);
    }
  });
}

/** A failure points at the driver, else at who asked for the suite. */
function runFor({ run }: PlannedCase, caller: string | undefined): void {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) error.stack = [error.stack, ...ownFrames(caller).filter((frame) => error.stack?.includes(frame) !== true)].join('\n');
    throw error;
  }
}
