import { readFileSync } from 'node:fs';
import { explained, fixed } from './readme-sample.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');

test('the sample of the README is the one that runs here', () => {
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('it fails as its comment shows, and the fix holds', () => {
  const shown = sample.slice(sample.indexOf('// the message is lost')).replace(/\n\/\/ (?=it pairs)/, ' ').replace(/^\/\/ /gm, '').trimEnd();
  expect(explained).toBe(shown);
  expect(fixed).toBe(0);
});
