import { readdirSync, readFileSync } from 'node:fs';
import { IRQ_HANDLED, requestIrq } from '@irqchip/genirq-core';
import { mux8Bench } from './fixtures/mux8/bench.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

test('the driver of the main README is the one that runs here', () => {
  const driver = readFileSync(new URL('./fixtures/mux8/mux8.ts', import.meta.url), 'utf8');
  expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]).toBe(driver);
});

test('it drives its board: an edge comes out at the device\'s handler, once', () => {
  const { machine, hardware, button } = mux8Bench();
  const presses: string[] = [];
  requestIrq(machine.genirq, button, (irq) => {
    presses.push(`irq ${irq} on CPU${machine.smp.cpus.current}`);
    return IRQ_HANDLED;
  }, 0, 'button', hardware);
  hardware.pulse(3);
  hardware.pulse(5); // nobody asked for line 5
  machine.settle();
  expect(presses).toEqual([`irq ${button} on CPU0`]);
  expect(machine.procInterrupts()).toMatch(/^ *\d+: +1 +mux8 +3 Edge +button$/m);
  expect(machine.smp.diagnostics.open).toEqual([]);
});

test('the packages table of the main README names every package and no other', () => {
  const listed = [...readme.matchAll(/^\| `@irqchip\/([a-z-]+)` /gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(packages());
});

function packages(): string[] {
  return readdirSync(new URL('../..', import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
}
