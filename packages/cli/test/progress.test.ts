import { Progress } from '../src/progress.ts';
import { irqchip } from './terminal.ts';

/** A clock that moves by `stepMs` each time it is read. */
function ticking(stepMs: number): () => number {
  let now = 0;
  return () => (now += stepMs);
}

test('on a terminal, after a second, there is a bar, and it is gone at the end', () => {
  const { out } = irqchip(['boot'], {}, { isTty: true, nowMs: ticking(200) });
  expect(out).toContain('\rIPI traffic [');
  expect(out.lastIndexOf('\r\x1b[K')).toBeGreaterThan(out.lastIndexOf('IPI traffic ['));
  expect(out.replace(/\rIPI traffic \[[#.]{30}\] \d+\/\d+/g, '').replaceAll('\r\x1b[K', '')).toBe(irqchip(['boot']).out);
});

test.each([
  ['within a second', ['boot'], { isTty: true, nowMs: ticking(1) }],
  ['where nobody watches', ['boot'], { isTty: false, nowMs: ticking(1000) }],
  ['with --json', ['boot', '--json'], { isTty: true, nowMs: ticking(1000) }],
  ['with --quiet', ['boot', '--quiet'], { isTty: true, nowMs: ticking(1000) }],
])('%s there is none', (_when, argv, terminal) => {
  expect(irqchip(argv, {}, terminal).out).not.toMatch(/\r|\x1b/);
});

test('it fills up as the work is done', () => {
  let out = '';
  const progress = new Progress({ out: (text) => { out += text; }, err: () => undefined, isTty: true, nowMs: ticking(1000) }, 'work');
  for (const done of [0, 1, 2]) progress.show(done, 2);
  expect(out).toBe(`\rwork [${'.'.repeat(30)}] 0/2\rwork [${'#'.repeat(15)}${'.'.repeat(15)}] 1/2\rwork [${'#'.repeat(30)}] 2/2`);
});
