import { readFileSync } from 'node:fs';
import { heard, rung } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('two sends before the target runs: one doorbell, one handler run', () => {
  expect(rung).toEqual([1]);
  expect(heard).toEqual(['irq 1 on CPU1']);
});
