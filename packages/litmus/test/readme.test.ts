import { readFileSync } from 'node:fs';
import { verdicts } from './readme-sample.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the first sample of the README is the one that runs here', () => {
  expect(/^```ts\n([\s\S]*?)^```$/m.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('and does what it says', () => {
  expect(verdicts).toEqual(['lkmm: Sometimes, Never', 'rvio: Sometimes, Never', 'rvwmo: Sometimes, Never', 'tso: Never, Never', 'sc: Never, Never']);
});
