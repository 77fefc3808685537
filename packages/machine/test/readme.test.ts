import { readFileSync } from 'node:fs';
import { findings, interrupts, machine, ran, whileDown } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('it does what its comments say', () => {
  expect(ran).toEqual(['on CPU2']);
  expect(whileDown.split('\n', 1)[0]!.trim().split(/\s+/)).toEqual(['CPU0', 'CPU2', 'CPU3']);
  expect(interrupts).toMatch(/^IPI0: +0 +1 +0 +0 +Rescheduling interrupts$/m);
  expect(findings).toEqual([]);
  expect(machine.smp.clock.nowNs()).toBe(1e9);
});
