import v8 from 'node:v8';
import vm from 'node:vm';
import { parseDtb, type DeviceTree } from '@irqchip/devicetree';
import { HOSTILE } from './hostile.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

function used(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function visit(tree: DeviceTree): void {
  for (const node of tree.nodes()) void [node.phandle, node.isAvailable, node.has('interrupts')];
  tree.byPhandle(1);
}

test.each(Object.entries(HOSTILE))('%s: memory stays below sixteen times the size of the file, every node visited', (_, make) => {
  visit(parseDtb(make(100)));
  const bytes = make(20_000);
  const before = used();
  const tree = parseDtb(bytes);
  visit(tree);
  expect((used() - before) / bytes.length).toBeLessThan(12);
  expect(tree.root.path).toBe('/');
});

function timed(bytes: Uint8Array): number {
  const start = performance.now();
  visit(parseDtb(bytes));
  return performance.now() - start;
}

test.each(Object.entries(HOSTILE))('%s: ten times the size takes ten times as long, not a hundred', (_, make) => {
  const bytes = make(4000);
  const small = Math.min(...Array.from({ length: 5 }, () => timed(bytes)));
  expect(timed(make(40_000))).toBeLessThan(40 * small + 40);
});
