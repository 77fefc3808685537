import type { ScenarioStep } from '../src/index.ts';
import { blindFor, isLeftOver } from './judge/exceptions.ts';
import { run } from './judge/run.ts';
import { BOOTS, debugFiles, fileLines, has, text } from './recordings.ts';

/** Every count column replaced: only counts may differ. */
function withoutCounts(interrupts: string): string[] {
  const [header = '', ...rows] = interrupts.split('\n');
  const cpus = header.trim().split(/\s+/).length;
  return [header, ...rows.map((row) => {
    const start = row.indexOf(':') + 1;
    return start === 0 ? row : `${row.slice(0, start)}<${cpus} counts>${row.slice(start + 11 * cpus)}`;
  })];
}

function debugNow({ irqs, domains }: ScenarioStep): Map<string, string> {
  return new Map([
    ...[...domains].map(([name, body]) => [`domains/${name}`, body] as const),
    ...[...irqs].map(([name, body]) => [`irqs/${name}`, body] as const),
  ]);
}

/** What became of each write: `irq 12 ok`, `write …/irqs/12 <- trigger rc 7`. */
function irqLines(log: string, leftOver: ReadonlySet<string>): string[] {
  return log.split('\n').flatMap((line) => {
    const [, short, rc] = /irqs\/(\d+) <- trigger rc (-?\d+)/.exec(line) ?? [];
    const text = short === undefined ? line : `irq ${short} ${Number(rc) > 0 ? 'ok' : 'failed'}`;
    const irq = /^irq (\d+) (?:ok|failed|refused|skipped)/.exec(text)?.[1];
    return irq === undefined || leftOver.has(irq) ? [] : [text];
  });
}

/** Without counts, and without what the history of a real serial port left in `spurious`. */
function countless(files: ReadonlyMap<string, string>, leftOver: ReadonlySet<string>): Record<string, string> {
  const kept = [...files].filter(([name, body]) => body !== '' && !/\/(per_cpu_count|spurious)$/.test(name) && !leftOver.has(name.split('/')[0]!));
  return Object.fromEntries(kept);
}

describe.each(BOOTS)('%s from %s', (board, tree, recording) => {
  const { machine, steps } = run(recording, tree);
  // The recorder of the machine-mode board left some files out.
  const sameFiles = (ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    (recording.mode === 'S' ? ours : new Map([...ours].filter(([name]) => theirs.has(name))));
  const suffixes = [...steps.keys()];
  const recorded = (kind: string, suffix: string): boolean => has(board, `${kind}${suffix}.txt`) && text(board, `${kind}${suffix}.txt`).includes(kind === 'DEBUG_IRQ' ? '==>' : '');
  const leftOver = new Set(
    recorded('DEBUG_IRQ', '') ? [...debugFiles(board)].filter(([, body]) => isLeftOver(body)).map(([name]) => name.slice('irqs/'.length)) : [],
  );

  test('nothing is wrong', () => {
    expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
  });

  for (const suffix of suffixes.filter((each) => recorded('INTERRUPTS', each))) test(`INTERRUPTS${suffix}.txt: every row`, () => {
    const blind = blindFor(board, suffix, 'interrupts');
    const rows = (interrupts: string): string[] => withoutCounts(interrupts).map(blind);
    expect(rows(steps.get(suffix)!.interrupts)).toEqual(rows(text(board, `INTERRUPTS${suffix}.txt`)));
  });

  for (const suffix of suffixes.filter((each) => recorded('DEBUG_IRQ', each))) describe(`DEBUG_IRQ${suffix}.txt`, () => {
    const theirs = new Map([...debugFiles(board, `DEBUG_IRQ${suffix}.txt`)].filter(([, body]) => !isLeftOver(body)));
    const ours = debugNow(steps.get(suffix)!);

    test('has the files that there are', () => {
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    });

    test.each([...theirs.keys()])('%s', (name) => {
      const blind = blindFor(board, suffix, name);
      expect(blind(ours.get(name) ?? '(no such file)')).toBe(blind(theirs.get(name)!));
    });
  });

  for (const suffix of suffixes.filter((each) => recorded('PROC_IRQ', each))) test(`PROC_IRQ${suffix}.txt`, () => {
    const theirs = fileLines(board, `PROC_IRQ${suffix}.txt`);
    expect(countless(sameFiles(steps.get(suffix)!.procIrq, theirs), leftOver)).toEqual(countless(theirs, leftOver));
  });

  for (const suffix of suffixes.filter((each) => recorded('SYS_KERNEL_IRQ', each))) test(`SYS_KERNEL_IRQ${suffix}.txt`, () => {
    const theirs = fileLines(board, `SYS_KERNEL_IRQ${suffix}.txt`);
    const blind = blindFor(board, suffix, 'sysfs');
    const files = (all: ReadonlyMap<string, string>): object => countless(new Map([...all].map(([name, body]) => [name, blind(body)])), leftOver);
    expect(files(sameFiles(steps.get(suffix)!.sysKernelIrq, theirs))).toEqual(files(theirs));
  });

  if (steps.has('.aff1')) test('SETAFF1.txt: who lets itself be moved', () => {
    expect(steps.get('.aff1')!.writes).toEqual(irqLines(text(board, 'SETAFF1.txt'), leftOver));
  });

  if (steps.has('.inject')) test('INJECT.txt: who lets itself be triggered', () => {
    // The recorder of the machine-mode board left none out.
    const skips = (line: string): boolean => recording.mode === 'M' && line.includes('skipped');
    const ours = steps.get('.inject')!.writes.filter((line) => !skips(line));
    const theirs = irqLines(text(board, 'INJECT.txt'), leftOver).filter((line) => ours.length > 0 && (recording.mode === 'S' || /irq 1[23] /.test(line)));
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(0);
  });

  test('HOTPLUG_STATES.txt: the states that there are here, in the same order', () => {
    const theirs = text(board, 'HOTPLUG_STATES.txt').split('\n').flatMap((line) => /^ *\d+: (.*)$/.exec(line)?.[1] ?? []);
    const ours = machine.cpuhp.states().map(({ name }) => name);
    expect(ours).toEqual(theirs.filter((name) => ours.includes(name)));
    const subjects = (name: string): boolean => /^(irqchip|clockevents\/(riscv|clint))\/|^irq\/affinity/.test(name);
    expect(ours.filter(subjects)).toEqual(theirs.filter(subjects));
  });
});
