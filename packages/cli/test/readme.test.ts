import { readFileSync } from 'node:fs';
import { parseBoot } from '../src/args.ts';
import { irqchip } from './terminal.ts';

const own = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const main = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** `$ irqchip …` and what follows up to the next command. */
const shown = /```sh\n(\$ irqchip[\s\S]*?)```/.exec(own)![1]!.split(/^\$ irqchip /m).slice(1).map((text) => {
  const [command = '', ...output] = text.split('\n');
  return [command, output.join('\n')] as const;
});

test('there are commands to check', () => {
  expect(shown.length).toBeGreaterThan(2);
});

test.each(shown)('the README shows what `irqchip %s` prints', (command, output) => {
  expect(irqchip(command.split(' ')).all).toBe(output);
});

const FOLDER = new URL('../../../testdata/qemu/', import.meta.url).pathname;
const replays = /```sh\n(\$ irqchip replay[\s\S]*?)```/.exec(own)![1]!.split(/^\$ irqchip /m).slice(1).map((text) => {
  const [command = '', ...output] = text.split('\n');
  return [command, output.join('\n')] as const;
});

test.each(replays)('the README shows what `irqchip %s` prints', (command, output) => {
  const argv = command.split(' ').map((word) => word.endsWith('.gz') ? FOLDER + word : word);
  expect(irqchip(argv).all.replaceAll(FOLDER, '')).toBe(output);
});

test('the main README shows lines that `irqchip boot` prints, in their order', () => {
  const block = /pnpm@[\d.]+ start\n```\n\n```\n([\s\S]*?)```/.exec(main)![1]!;
  const real = irqchip(['boot']).out.split('\n');
  let at = 0;
  for (const line of block.split('\n').filter((text) => text !== '' && text !== '…')) {
    const found = real.indexOf(line, at);
    expect([line, found >= at]).toEqual([line, true]);
    at = found + 1;
  }
});

test('its totals are the whole of the difference between sent and handled', () => {
  const [, sent, handled, merged, lost] = /IPIs: (\d+) sent, (\d+) handled, (\d+) merged, (\d+) lost/.exec(main)!.map(Number);
  expect(sent).toBe(handled! + merged! + lost!);
});

test('every irqchip command of the main README is a valid one', () => {
  const commands = [...main.matchAll(/--silent irqchip boot ?(.*)/g)].map(([, args]) => args!.split(' ').filter((word) => word !== ''));
  expect(commands.length).toBeGreaterThan(1);
  for (const argv of commands) expect(() => parseBoot(argv)).not.toThrow();
});
