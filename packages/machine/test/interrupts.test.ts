import type { Machine } from '../src/index.ts';
import { BOOTS, bootRecorded, has, text } from './recordings.ts';

/** The header, and the rows of the local controller and of the IPIs, with every count column replaced: only counts may differ. */
function withoutCounts(interrupts: string): string[] {
  const [header = '', ...lines] = interrupts.split('\n');
  const cpus = header.trim().split(/\s+/).length;
  return [header, ...lines.filter((line) => /RISC-V INTC|^ *IPI\d:/.test(line)).map((line) => {
    const start = line.indexOf(':') + 1;
    return `${line.slice(0, start)}<${cpus} counts>${line.slice(start + 11 * cpus)}`;
  })];
}

/** Takes CPUs down and up until those of the recorded header are online. */
function matchOnline(machine: Machine, interrupts: string): void {
  const wanted = new Set((interrupts.split('\n', 1)[0] ?? '').trim().split(/\s+/).map((name) => Number(name.slice(3))));
  for (const cpu of machine.smp.cpus.present) {
    if (machine.smp.cpus.online.test(cpu) === wanted.has(cpu)) continue;
    if (wanted.has(cpu)) machine.cpuUp(cpu);
    else machine.cpuDown(cpu);
  }
}

describe.each(BOOTS)('%s from %s', (board, tree, recording) => {
  const machine = bootRecorded(recording, tree);
  const files = ['INTERRUPTS.txt', 'INTERRUPTS.offline1.txt', 'INTERRUPTS.online1.txt', 'INTERRUPTS.inject.txt'].filter((file) => has(board, file));

  test.each(files)('%s: rows of INTC and IPIs are as the kernel printed them', (file) => {
    const recorded = text(board, file);
    matchOnline(machine, recorded);
    const longChip = recording.linux === '7.2' && /APLIC/.test(recorded);
    const ours = withoutCounts(machine.procInterrupts());
    const theirs = withoutCounts(recorded);
    // Linux 7.2 pads the chip column to the longest name on the machine, and we have no APLIC here.
    const squeeze = (lines: string[]): string[] => (longChip ? lines.map((line) => line.replace(/(RISC-V INTC) +/, '$1 ')) : lines);
    expect(squeeze(ours)).toEqual(squeeze(theirs));
    expect(machine.smp.diagnostics.open).toEqual([]);
  });
});
