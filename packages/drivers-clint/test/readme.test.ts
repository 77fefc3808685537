import { readFileSync } from 'node:fs';
import { events } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample does what it says', () => {
  expect(events.filter((event) => event.includes('irq 3'))).toEqual(['0 ns: hart 0 irq 3 up', '0 ns: hart 0 irq 3 down']);
  expect(events.at(-1)).toBe('50000 ns: hart 0 irq 7 up');
  expect(events.filter((event) => event.includes('irq 7 up'))).toHaveLength(1);
});
