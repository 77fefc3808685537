import { readFileSync } from 'node:fs';

/** The smallest recorded trees: no IMSIC, an IMSIC, machine mode. */
export interface BadInputBoard {
  readonly name: string;
  readonly mode: 'S' | 'M';
  /** Nodes whose cells are worth going through one by one. */
  readonly controllers: readonly string[];
  readonly dtb: Uint8Array;
}

function board(name: string, mode: 'S' | 'M', controllers: readonly string[]): BadInputBoard {
  return { name, mode, controllers, dtb: new Uint8Array(readFileSync(new URL(`../../../../testdata/linux/${name}`, import.meta.url))) };
}

export const boards: readonly BadInputBoard[] = [
  board('linux-6.12-debugfs/plic-smp1/qemu.dtb', 'S', ['riscv', 'riscv,plic0']),
  board('linux-6.12-debugfs/imsic-smp2/linux-sees.dtb', 'S', ['riscv', 'riscv,imsics']),
  board('linux-7.2-mmode/mmode-smp4/qemu.dtb', 'M', ['riscv', 'riscv,clint0']),
];
