import { readFileSync } from 'node:fs';
import './readme-sample.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the sample of the README is the one that runs here', () => {
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8'));
});

test('every matcher is in the README', async () => {
  const { matchers } = await import('@irqchip/testkit/jest');
  expect(Object.keys(matchers).filter((name) => !readme.includes(name))).toEqual([]);
});
