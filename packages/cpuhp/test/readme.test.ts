import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the first sample of the README is readme-sample.ts, and prints what it says', async () => {
  const sample = read('./readme-sample.ts');
  expect(/```ts\n([\s\S]*?)```/.exec(read('../README.md'))![1]).toBe(sample);
  const { lines } = await import('./readme-sample.ts');
  expect(lines).toEqual(sample.split('\n').filter((line) => line.startsWith('// ')).map((line) => line.slice(3)));
});
