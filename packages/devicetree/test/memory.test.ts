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
  for (const node of tree.nodes()) {
    void [node.phandle, node.isAvailable];
    for (const name of node.properties.keys()) void node.bytes(name);
  }
  tree.byPhandle(1);
}

test.each(Object.entries(HOSTILE))('%s: memory stays below sixteen times the size of the file, every node and property visited', (_, make) => {
  visit(parseDtb(make(100)));
  const bytes = make(10_000);
  const before = used();
  const tree = parseDtb(bytes);
  visit(tree);
  expect((used() - before) / bytes.length).toBeLessThan(12);
  expect(tree.root.path).toBe('/');
});

/** Of several runs the fastest, since the machine has other things to do. */
function timed(bytes: Uint8Array, runs: number): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    visit(parseDtb(bytes));
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

test.each(Object.entries(HOSTILE))('%s: ten times the size takes ten times as long, not a hundred', (_, make) => {
  const small = timed(make(2000), 8);
  expect(timed(make(20_000), 2)).toBeLessThan(50 * small + 50);
});
