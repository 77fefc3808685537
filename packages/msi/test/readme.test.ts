import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README\'s sample is the one that is run here', () => {
  expect(/```ts\n([^]*?)```/.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('the sample does what it says', async () => {
  const { entry } = await import('./readme-sample.ts');
  expect(entry).toEqual([0x1000, 0, 2, 0]);
});
