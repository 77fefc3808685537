import { readFileSync } from 'node:fs';
import { result } from './readme-sample.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('the first sample of the README is the one that runs here', () => {
  expect(/^```ts\n([\s\S]*?)^```$/m.exec(read('../README.md'))![1]).toBe(read('./readme-sample.ts'));
});

test('and does what it says', () => {
  expect(result).toMatchObject({ ranOn: [0, 1], trace: ['handleFasteoiIrq(3)', 'line3()', 'SiFive PLIC.irqEoi(3)'] });
  expect(result.table).toMatch(/1 +SiFive PLIC +3 .*line3/);
});
