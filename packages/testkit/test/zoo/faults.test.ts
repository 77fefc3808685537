import { runConformance } from '@irqchip/testkit';
import { FAULTS, WITNESSES } from './faults.ts';
import { plant } from './plant.ts';
import { optionsOf } from './subjects.ts';

/** A case, whatever the trigger of its lines. */
const sameCase = (name: string, killer: string): boolean => name === killer || name.replace(/ \((edge|level)\)$/, '') === killer;

test.each(FAULTS.map((fault) => [fault.driver, fault.what, fault] as const))('%s, %s', async (driver, _what, { find, replace, killedBy }) => {
  const results = runConformance(optionsOf(driver, await plant(driver, find, replace)), (name) => sameCase(name, killedBy));
  expect(results.map(({ result }) => result)).toContain('failed');
});

test.each(WITNESSES)('%s: finds %s, %s', async (name, driver, what) => {
  const { find, replace } = FAULTS.find((fault) => fault.driver === driver && fault.what === what)!;
  const results = runConformance(optionsOf(driver, await plant(driver, find, replace)), (each) => sameCase(each, name));
  expect(results.map(({ result }) => result)).toContain('failed');
});
