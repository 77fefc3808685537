import { readFileSync } from 'node:fs';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the sample in README.md is the program that is run here, to the byte', () => {
  const sample = readFileSync(new URL('readme-sample.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(sample);
});

test('the sample prints what README.md says', async () => {
  const { log } = console;
  let printed = '';
  console.log = (line: string) => { printed += `${line}\n`; };
  try {
    await import('./readme-sample.ts');
  } finally {
    console.log = log;
  }
  expect(printed).not.toBe('');
  expect(/```text\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(printed);
});

test('README.md fits on a screen and a half', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(75);
});
