import { driverSpec, scaffold, type Answers } from '../src/index.ts';
import { testGenerated, type Verdict } from './generated.ts';

const kinds: readonly [string, Answers][] = [
  ['eight edge lines', { name: 'acme,mux8' }],
  ['32 level lines', { name: 'fan-in', lines: '32', trigger: 'level' }],
  ['one edge line', { name: 'acme,solo-2.0', lines: '1' }],
  ['a doorbell for each CPU', { name: 'bells', kind: 'ipi' }],
  ['twelve messages', { name: 'mail', kind: 'msi', lines: '12' }],
];

const generate = (answers: Answers): Map<string, string> => scaffold(driverSpec(answers), '0.1.0');
const notPassed = (verdicts: readonly Verdict[]): string[] => verdicts.filter(({ status }) => status === 'failed').map(({ title, failure }) => `${title}\n${failure}`);

describe.each(kinds)('%s', (_, answers) => {
  test('the tests that come with the driver are green at once', () => {
    const verdicts = testGenerated(generate(answers));
    expect(notPassed(verdicts)).toEqual([]);
    expect(verdicts.filter(({ status }) => status === 'passed').length).toBeGreaterThan(10);
  }, 60_000);

  test('the package has at most 8 files and 120 lines', () => {
    const files = generate(answers);
    expect(files.size).toBeLessThanOrEqual(8);
    expect([...files.values()].reduce((sum, text) => sum + text.trimEnd().split('\n').length, 0)).toBeLessThanOrEqual(120);
  });
});

const MASKS_NOTHING = [/irqMask: .*$/m, 'irqMask: () => undefined,', /^rule: .*(irq_shutdown|mask|disable)/m] as const;
const LEAVES_ON = [/^ *regs\.writel\(ENABLE, 0\);.*$/m, '', /^rule: an enable that firmware left is nobody's request/m] as const;

test.each([
  ['edge lines, irqMask does nothing', { name: 'mux8' }, 'masked and pending never runs', ...MASKS_NOTHING],
  ['level lines, irqMask does nothing', { name: 'mux8', trigger: 'level' }, 'masked and pending never runs', ...MASKS_NOTHING],
  ['messages, irqMask does nothing', { name: 'mux8', kind: 'msi' }, 'a line that is freed is quiet', ...MASKS_NOTHING],
  ['level lines are left as firmware had them', { name: 'mux8', trigger: 'level' }, 'lines that firmware left on are quiet until they are requested', ...LEAVES_ON],
  ['messages are left as firmware had them', { name: 'mux8', kind: 'msi' }, 'messages that firmware left on are quiet until they are requested', ...LEAVES_ON],
  ['level lines, any type is taken', { name: 'mux8', trigger: 'level' }, 'trigger types that it refuses change nothing', /^ +if \(type !== .*\n/m, '', /^rule: irq_set_type: -EINVAL, and the line keeps its type/m],
] as [string, Answers, string, RegExp, string, RegExp][])('%s: the author is told which rule that breaks', (_, answers, title, find, replace, rule) => {
  const files = generate(answers);
  const driver = files.get('src/mux8.ts')!;
  const broken = driver.replace(find, replace);
  expect(broken).not.toBe(driver);
  const failed = testGenerated(files.set('src/mux8.ts', broken)).filter(({ status }) => status === 'failed');
  expect(failed.map((verdict) => verdict.title)).toContain(title);
  expect(failed.find((verdict) => verdict.title === title)?.failure).toMatch(rule);
}, 60_000);

test('doorbells: a controller that is not wired to every CPU is refused, and said to be', () => {
  const files = generate({ name: 'bells', kind: 'ipi' });
  const suite = files.get('test/bells.test.ts')!;
  const narrow = suite.replace("bench({ ...driver, cpus: 2 })", "bench({ ...driver, harts: 'boot', parents: '&intc0 1', cpus: 2 })");
  expect(narrow).not.toBe(suite);
  const [verdict] = testGenerated(files.set('test/bells.test.ts', narrow)).filter(({ title }) => title.startsWith('CPU 0 has'));
  expect(verdict?.failure).toMatch(/interrupts-extended has no entry for CPU1, so nobody could ring it\./);
}, 60_000);

test('messages: a device below a controller above 4 GiB is given the whole address', () => {
  const files = generate({ name: 'mail', kind: 'msi' });
  const suite = files.get('test/mail.test.ts')!;
  const board = `properties: 'status = "disabled";', node: '/soc/msi@280000000', nodes: \`soc {
    #address-cells = <2>; #size-cells = <1>; ranges;
    msi@280000000 { compatible = "acme,mail"; reg = <0x2 0x80000000 0x1000>; interrupt-controller; interrupts-extended = <&intc0 9>; };
  };\``;
  const moved = suite.replace('messages: 1 }', `messages: 1, ${board} }`).replace('0x10000000', '0x280000000');
  const [verdict] = testGenerated(files.set('test/mail.test.ts', moved)).filter(({ title }) => title.startsWith('a device writes'));
  expect(verdict).toMatchObject({ status: 'passed', failure: '' });
}, 60_000);
