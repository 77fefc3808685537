import { readFileSync } from 'node:fs';
import { result } from './readme-sample.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the first sample of the README is the one that runs here', () => {
  const block = /^```ts\n([\s\S]*?)^```$/m.exec(read('../README.md'));
  expect(block![1]).toBe(read('./readme-sample.ts'));
});

test('and does what it says', () => {
  expect(result).toMatchObject({ runs: 2, enabled: 1 << 3, pending: 0 });
  expect(result.table).toMatch(/ 0: +2 +mux8 .*button/);
});
