import { IrqError } from '@irqchip/smp';
import { createMachine, type Machine } from '../../src/index.ts';

/** What came of a tree: `machine`, the code of an IrqError with a sentence, or what should not have come. */
export function attempt(tree: Uint8Array, mode: 'S' | 'M', keep?: (machine: Machine) => void): string {
  try {
    const machine = createMachine({ tree, mode });
    machine.procInterrupts();
    keep?.(machine);
    return 'machine';
  } catch (error) {
    if (!(error instanceof IrqError)) return `bad: ${String((error as Error).stack)}`;
    return error.message.length >= 20 && error.message.includes(' ') ? error.code : `bad: ${error.code} says only '${error.message}'`;
  }
}
