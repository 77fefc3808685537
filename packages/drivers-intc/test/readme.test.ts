import { readFileSync } from 'node:fs';
import { line, result } from './readme-sample.ts';

test('the sample of the README is the one that runs here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sample = readFileSync(new URL('./readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample does what it says', () => {
  expect(result).toEqual([1, 0x20]);
  expect(line).toBe('riscv-intc: 64 local interrupts mapped');
});
