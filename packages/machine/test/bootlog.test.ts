import { BOOTS, bootRecorded, has, text } from './recordings.ts';

/** Lines on the subjects of this framework's drivers, pointers and board-specific neighbours aside. */
const SUBJECTS = /^(SBI (specification|implementation|TIME|IPI|RFENCE|HSM)|NR_IRQS|riscv-intc:|riscv-imsic:|riscv: providing|clint:|riscv-timer:|smp:|Booting Linux|Machine model|irq: Added domain (:cpus|IPI-Mux|:soc:interrupt-controller@28000000)|irq: irq_create_mapping\(0x[^,]+, 0x[15]\)|irq: irq [15] on)/;
/** The external interrupt of a board is ours only where an IMSIC is the IPI provider. */
const IMSIC_SUBJECTS = /^irq: (irq_create_mapping\(0x[^,]+, 0x9\)|irq 9 on)/;

function lines(all: readonly string[], imsic: boolean): string[] {
  return all
    .filter((line) => SUBJECTS.test(line) || (imsic && IMSIC_SUBJECTS.test(line)))
    .map((line) => line.replace(/\(0x(\(____ptrval____\)|[0-9a-f]{16}), /, '(<pointer>, '));
}

function recordedLines(board: string): string[] {
  const file = has(board, 'DMESG_FILTERED.txt') ? 'DMESG_FILTERED.txt' : 'DMESG.txt';
  return text(board, file).split('\n').map((line) => line.replace(/^(<\d>)?\[ *\d+\.\d+\] /, ''));
}

test.each(BOOTS)('%s from %s: the log says what the kernel said, in its order', (board, tree, recording) => {
  const imsic = board.includes('imsic');
  const machine = bootRecorded(recording, tree);
  const ours = lines(machine.smp.log.records.map((record) => record.text), imsic);
  expect(ours).toEqual(lines(recordedLines(board), imsic));
});
