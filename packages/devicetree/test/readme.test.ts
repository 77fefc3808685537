import { readFileSync } from 'node:fs';
import { parseDtb } from '@irqchip/devicetree';
import * as sample from './readme-sample.ts';
import { dump, show } from './support.ts';

test('the sample in the README is the file that is run here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(shown).toBe(readFileSync(new URL('readme-sample.ts', import.meta.url), 'utf8'));
});

test('the sample gives what its comments say', () => {
  expect(show(sample.irq!)).toBe('/soc/plic@0: 10');
  expect(sample.regs).toEqual({ base: 0x10000000, size: 0x100 });
  expect(sample.order.map(({ node }) => node.path)).toEqual(['/cpu-intc/interrupt-controller', '/soc/plic@0']);
  expect(dump(parseDtb(sample.file))).toEqual(dump(sample.tree));
});
