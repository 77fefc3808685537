import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README\'s sample is the one that is run here', () => {
  expect(/```ts\n([^]*?)```/.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('the sample does what it says', async () => {
  const { error, events } = await import('./readme-sample.ts');
  expect(error).toBe(-3);
  expect(events).toEqual(['hart 4 starts at 0x80200000, a1 42', 'SSIP of hart 0', 'SSIP of hart 4', 'timer of hart 0 at 5000']);
});
