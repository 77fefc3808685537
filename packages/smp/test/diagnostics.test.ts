import { Diagnostics, Smp } from '@irqchip/smp';

test('a finding names its kind, its CPU and the call that did it', () => {
  const smp = new Smp({ nrCpus: 2 });
  smp.cpus.runOn(1, () => { smp.diagnostics.report('context', 'slept in a hard interrupt'); });
  expect(smp.diagnostics.open).toMatchObject([{ kind: 'context', message: 'slept in a hard interrupt', cpu: 1 }]);
  expect(smp.diagnostics.open[0]!.stack.split('\n')[0]).toContain('diagnostics.test.ts');
});

test('warnOn reports when the condition holds, and returns it', () => {
  const diagnostics = new Diagnostics(); // without a machine everything happens on CPU 0
  expect([diagnostics.warnOn(false, 'no'), diagnostics.warnOn(true, 'yes'), diagnostics.warnOn(true, 'yes')]).toEqual([false, true, true]);
  expect(diagnostics.open.map(({ kind, message, cpu }) => [kind, message, cpu])).toEqual([['warn', 'yes', 0], ['warn', 'yes', 0]]);
});

test('warnOnce reports a message once a machine, and returns the condition each time', () => {
  const diagnostics = new Diagnostics();
  expect([diagnostics.warnOnce(false, 'a'), diagnostics.warnOnce(true, 'a'), diagnostics.warnOnce(true, 'a'), diagnostics.warnOnce(true, 'b')]).toEqual([false, true, true, true]);
  expect(diagnostics.open.map(({ message }) => message)).toEqual(['a', 'b']);
  diagnostics.take();
  diagnostics.warnOnce(true, 'a');
  expect(diagnostics.open).toEqual([]);
  const other = new Diagnostics();
  other.warnOnce(true, 'a');
  expect(other.open).toHaveLength(1);
});

test('take hands out the findings of one kind and leaves the others open, in order', () => {
  const diagnostics = new Diagnostics();
  for (const [kind, message] of [['storm', '1'], ['warn', '2'], ['storm', '3'], ['storm', '4']] as const) diagnostics.report(kind, message);
  expect(diagnostics.take('storm').map(({ message }) => message)).toEqual(['1', '3', '4']);
  expect(diagnostics.open.map(({ message }) => message)).toEqual(['2']);
});

test('take without a kind hands out everything, once', () => {
  const diagnostics = new Diagnostics();
  diagnostics.report('a', '1');
  diagnostics.report('b', '2');
  expect(diagnostics.take()).toHaveLength(2);
  expect([diagnostics.open.length, diagnostics.take().length]).toEqual([0, 0]);
});
