import { readFileSync } from 'node:fs';
import { differences, lines, reads } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample does what it says', () => {
  expect([reads, lines]).toEqual([{ equal: 0, total: 1 }, { equal: 4, total: 4 }]);
  expect(differences).toEqual([{ step: 4, note: '', register: 'claim[0]', model: '0x3', recorded: '0x2' }]);
});
