import { readFileSync } from 'node:fs';
import { four, harts, one } from './readme-sample.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the first sample of the README is the one that runs here', () => {
  expect(/^```ts\n([\s\S]*?)^```$/m.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('and does what it says', () => {
  expect([one.harts.length, one.sstc, four.harts.length, harts]).toEqual([1, true, 4, [6, 4, 5, 7]]);
});
