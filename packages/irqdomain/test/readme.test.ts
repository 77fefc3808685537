import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README\'s sample is the one that is run here', () => {
  expect(/```ts\n([^]*?)```/.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('the sample does what it says', async () => {
  const { events, debugfs } = await import('./readme-sample.ts');
  expect(events).toEqual(['ack line 3', 'handler of irq 3']);
  expect(debugfs).toMatch(/^name: {3}:soc:pic@10000000\n size: {3}8\n mapped: 1\n/);
});
