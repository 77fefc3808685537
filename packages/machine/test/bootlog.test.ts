import { BOOTS, bootRecorded, has, text } from './recordings.ts';

/** Lines on the subjects of this framework, pointers and neighbours aside. */
const SUBJECTS = /^(SBI (specification|implementation|TIME|IPI|RFENCE|HSM)|NR_IRQS|riscv-intc:|riscv-imsic:|riscv-plic:|riscv-aplic |riscv: providing|clint:|riscv-timer:|smp:|Booting Linux|Machine model|irq: )/;

function lines(all: readonly string[], debug: boolean): string[] {
  return all
    .filter((line) => SUBJECTS.test(line) && (debug || !line.startsWith('irq: ')))
    .map((line) => line.replace(/\(0x(\(____ptrval____\)|[0-9a-f]{16}), /, '(<pointer>, '));
}

function recordedLines(board: string): string[] {
  const file = has(board, 'DMESG_FILTERED.txt') ? 'DMESG_FILTERED.txt' : 'DMESG.txt';
  return text(board, file).split('\n').map((line) => line.replace(/^(<\d>)?\[ *\d+\.\d+\] /, ''));
}

test.each(BOOTS)('%s from %s: the log says what the kernel said, in its order', (board, tree, recording) => {
  // Debian's kernel has its debug messages switched off.
  const debug = !board.includes('debian');
  const machine = bootRecorded(recording, tree);
  const ours = lines(machine.smp.log.records.map((record) => record.text), debug);
  expect(ours).toEqual(lines(recordedLines(board), debug));
});
