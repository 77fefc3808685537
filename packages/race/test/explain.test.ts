/** How a failing execution is told. */
import { IpiMuxV5 } from '@irqchip/ipi-mux';
import { importWithFault } from '@irqchip/test-support';
import { executionSvg, explainFailure, exploreScene, LKMM, missingOrders, muxScene, rvwmoIo, SC, shortestFailure, type CodeUnderCheck } from '../src/index.ts';
import { FAULTS } from './faults.ts';

const model = rvwmoIo();
const relaxed = muxScene({ name: 'v5 with writel_relaxed', provider: 'v5', sends: [0], enabled: [0], relaxedDoorbell: true });
const result = exploreScene(relaxed, { model, first: false });
const failure = shortestFailure(result)!;
const table = explainFailure(failure, result.registry, model);

type V5 = Pick<CodeUnderCheck, 'IpiMuxV5'>;
const MUX = new URL('../../ipi-mux/', import.meta.url);
const damaged = (find: string, replace: string): Promise<V5> => importWithFault<V5>(MUX, 'src/index.ts', { file: 'src/v5.ts', find, replace });
/** Lines move with every edit above them. */
const withoutLines = (text: string): string => text.replace(/\.ts:\d+/g, '.ts:N').replace(/ {2,}/g, '  ');

test('v5 with writel_relaxed: who did what, where each value came from, the order of the doorbell, the lost order', () => {
  expect(withoutLines(table)).toMatchInlineSnapshot(`
"vIPI 0 is lost: its bit is set, no doorbell is on its way (under rvio)
Writes reach doorbell[0] in the order 1 (#5), 0 (#2).
  #  CPU  where  does  value from
  1  CPU0  is interrupted by doorbell[0] = 1  #5
  2  CPU0 irq  v5.ts:N  writes doorbell[0] = 0, relaxed
  CPU0 irq  v5.ts:N  mb()
  3  CPU0 irq  v5.ts:N  changes ipi-mux v5 bits[0]: 0 -> 0, fully ordered  initial
> 4  CPU1  v5.ts:N  changes ipi-mux v5 bits[0]: 0 -> 1, relaxed  #3
  CPU1  v5.ts:N  smp_mb__after_atomic()
> 5  CPU1  v5.ts:N  writes doorbell[0] = 1, relaxed
Rows are in each CPU's own order, not in time; > marks what is reordered.
Nothing keeps #5 (writes doorbell[0] = 1, relaxed) from overtaking #4 (changes ipi-mux v5 bits[0]: 0 -> 1, relaxed). The smp_mb__after_atomic() there (v5.ts:N) orders memory, and one of the two is a device.
Add wmb() between v5.ts:N and v5.ts:N, or make #5 a writel()."
`);
});

test('at most ten accesses are told, the one that went wrong among them', () => {
  const rows = table.split('\n').filter((line) => /^[> ] +\d+ {2}CPU\d/.test(line));
  expect(rows).toHaveLength(5);
  expect(rows.filter((row) => row.startsWith('>')).map((row) => /(?:writes|changes) .*?(?=,)/.exec(row)?.[0])).toEqual(['changes ipi-mux v5 bits[0]: 0 -> 1', 'writes doorbell[0] = 1']);
});

test('the barrier that it names restores the order', async () => {
  expect(missingOrders(failure.execution, model)).toMatchObject([{ cpu: 1, barrier: 'io_wmb' }]);
  const code = await damaged('memory.smpMbAfterAtomic();', 'memory.wmb();');
  const fixed = muxScene({ name: 'with wmb()', provider: 'v5', sends: [0, 0], enabled: [0], relaxedDoorbell: true, code });
  expect(exploreScene(fixed, { model, first: false }).failures).toEqual([]);
});

test('a weaker barrier than the one that is named would not', async () => {
  const code = await damaged('memory.smpMbAfterAtomic();', 'memory.smpMb();');
  const still = muxScene({ name: 'with smp_mb()', provider: 'v5', sends: [0], enabled: [0], relaxedDoorbell: true, code });
  expect(exploreScene(still, { model }).failures).toHaveLength(1);
});

test('the stronger access that it names instead restores the order too', () => {
  expect(missingOrders(failure.execution, model)).toMatchObject([{ instead: { at: 2, form: 'a writel()' } }]);
  const writel = muxScene({ name: 'with writel()', provider: 'v5', sends: [0], enabled: [0] });
  expect(exploreScene(writel, { model, first: false }).failures).toEqual([]);
});

test('the barrier that it names is enough in Linux\' model too: between a write and a later read, no smp_rmb()', async () => {
  const code = await importWithFault<Partial<CodeUnderCheck>>(MUX, 'src/index.ts', FAULTS.find(({ what }) => what === 'send: smp_mb__after_atomic dropped')!);
  const scene = muxScene({ name: 'no barrier in the send', provider: 'merged', sends: [0], enabled: [], target: [['unmask', 0]], code });
  for (const under of [model, LKMM]) {
    const found = shortestFailure(exploreScene(scene, { model: under, first: false }))!;
    // An acquire would do on RISC-V, and not in Linux' model.
    expect(missingOrders(found.execution, under)).toMatchObject([{ cpu: 1, barrier: 'mb', instead: { form: 'fully ordered' }, partners: [{ what: 'smp_mb__after_atomic', by: ['CPU0'] }] }]);
  }
});

test('under a model that forbids the execution nothing is missing of its order', () => {
  expect(exploreScene(relaxed, { model: SC, first: false }).failures).toEqual([]);
});

test('what no barrier would forbid is the algorithm\'s fault, and it says so', () => {
  const late = muxScene({ name: 'clears once more when it is through', provider: 'v5', sends: [0, 0], enabled: [0], code: { IpiMuxV5: ClearsLate } });
  const found = exploreScene(late, { model: SC, first: false });
  const said = explainFailure(shortestFailure(found)!, found.registry, SC);
  expect(said).toMatch(/^Writes reach doorbell\[0\] in the order .*: #\d+ erases #\d+ before it interrupts\.$/m);
  expect(said).toMatch(/^Rows are in each CPU's own order, not in time\.\nNo barrier would forbid this: it is the steps themselves that are wrong, or their order\.$/m);
  expect(said.split('\n').filter((line) => line.startsWith('>'))).toEqual([]);
});

class ClearsLate extends IpiMuxV5 {
  private quieten: () => void = () => undefined;

  override create(...[parent, ops]: Parameters<IpiMuxV5['create']>): number {
    this.quieten = () => { ops!.clear(parent); };
    return super.create(parent, ops);
  }

  override process(): void {
    super.process();
    this.quieten();
  }
}

test('where devices are memory, as in the kernel\'s model, nothing is lost', () => {
  const lkmm = exploreScene(muxScene({ name: 'one sender', provider: 'v5', sends: [0], enabled: [0], relaxedDoorbell: true }), { model: LKMM, first: false });
  expect(lkmm.failures).toEqual([]); // smp_mb__after_atomic() orders the doorbell, where devices are memory
});

describe('the picture', () => {
  const svg = executionSvg(failure.execution, result.registry, 'lost & "found" <v5>');

  test('is well-formed and stands alone', () => {
    expect(problemsOf(svg)).toEqual([]);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|<script|<image|@import|url\((?!#)/);
  });

  test('has a box for every access, an arrow for every read from a write and for every next write', () => {
    const { accesses } = failure.execution.combination;
    expect(svg.match(/<rect /g)).toHaveLength(accesses.length);
    expect(svg.match(/<path class="rf"/g)).toHaveLength(accesses.filter((access, id) => access.read !== undefined && failure.execution.rf[id]! >= 0).length);
    expect(svg.match(/<path class="co"/g)).toHaveLength(failure.execution.co.reduce((sum, order) => sum + Math.max(0, order.length - 1), 0));
  });

  test('escapes what it is given', () => {
    expect(svg).toContain('lost &amp; "found" &lt;v5&gt;');
  });

  test('the check of well-formedness finds what is wrong', () => {
    expect(['<a><b></a>', '<a x=1/>', '<a>&</a>', '<a/><b/>', '<a', '<a x="1" x="2"/>'].map((text) => problemsOf(text).length > 0)).toEqual([true, true, true, true, true, true]);
  });
});

/** What is wrong with a piece of XML that has elements, attributes and text. */
function problemsOf(xml: string): string[] {
  const problems: string[] = [];
  const open: string[] = [];
  let roots = 0;
  for (const [token] of xml.matchAll(/<[^>]*>?|[^<]+/g)) {
    if (!token.startsWith('<')) {
      if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(token) || (open.length === 0 && token.trim() !== '')) problems.push(`text: ${token}`);
      continue;
    }
    const tag = /^<(\/?)([a-zA-Z][\w-]*)((?:\s+[a-zA-Z][\w:-]*="[^"<&]*")*)\s*(\/?)>$/.exec(token);
    const names = [...(tag?.[3] ?? '').matchAll(/([\w:-]+)="/g)].map(([, name]) => name);
    if (!tag || new Set(names).size !== names.length) problems.push(`tag: ${token}`);
    else if (tag[1] === '/') { if (open.pop() !== tag[2]) problems.push(`closes: ${token}`); }
    else {
      if (open.length === 0) roots++;
      if (tag[4] === '') open.push(tag[2]!);
    }
  }
  return [...problems, ...open.map((name) => `open: ${name}`), ...(roots === 1 ? [] : [`${roots} roots`])];
}
