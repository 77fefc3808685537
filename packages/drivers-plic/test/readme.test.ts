import { readFileSync } from 'node:fs';
import { claimed, events } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample does what it says', () => {
  expect(claimed).toEqual([10, 10, 0]);
  expect(events).toEqual(['hart 1 irq 9 up', 'hart 1 irq 9 down', 'hart 1 irq 9 up', 'hart 1 irq 9 down']);
});
