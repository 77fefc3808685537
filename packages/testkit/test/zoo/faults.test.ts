import { runConformance } from '@irqchip/testkit';
import { FAULTS, WITNESSES, type ZooFault } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

/** A case, whatever the trigger of its lines. */
const sameCase = (name: string, killer: string): boolean => name === killer || name.replace(/ \((edge|level)\)$/, '') === killer;

/** The case fails, and not because the planted text is no program. */
async function kills(name: string, fault: ZooFault): Promise<void> {
  const results = runConformance(optionsOf(fault.driver, await plant(fault)), (each) => sameCase(each, name));
  expect(results.map(({ result }) => result)).toContain('failed');
  expect(results.filter(({ reason }) => /ReferenceError|SyntaxError/.test(reason))).toEqual([]);
}

test.each(FAULTS.map((fault) => [fault.driver, fault.what, fault] as const))('%s, %s', (_driver, _what, fault) => kills(fault.killedBy, fault));

test.each(WITNESSES)('%s: finds %s, %s', (name, driver, what) => kills(name, FAULTS.find((fault) => fault.driver === driver && fault.what === what)!));
