import { readFileSync } from 'node:fs';
import { boot, errno, external, refused, rows, seen } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample does what it says', () => {
  expect([boot, external, refused, errno]).toEqual([0, 9, 'ENXIO', -22]);
  expect(seen).toEqual(['flush on CPU0, interrupts off']);
  expect(rows.split('\n')[0]).toBe('IPI0:         0  Rescheduling interrupts');
});
