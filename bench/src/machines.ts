import { readFileSync } from 'node:fs';
import { rawIpiSendMask, irqToDesc } from '@irqchip/genirq-core';
import { createMachine } from '@irqchip/machine';
import { IPI } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';
import type { Subject } from './rig.ts';

const BOARDS = new URL('../../testdata/linux/', import.meta.url);

/** One muxed IPI from CPU 0 to itself through a whole machine: driver, register model, hart and trap included. */
export function machineSubject(provider: string, board: string, mode: 'S' | 'M', bootHart: number): Subject {
  const tree = new Uint8Array(readFileSync(new URL(board, BOARDS)));
  const machine = createMachine({ tree, mode, bootHart, linux: mode === 'M' ? '7.2' : '6.12' });
  const desc = irqToDesc(machine.genirq, machine.muxes.all[0]!.virq + IPI.RESCHEDULE)!;
  const self = CpuMask.of(machine.smp.cpus.nrCpuIds, 0);
  return {
    name: `muxed IPI, ${provider} machine`,
    run(n) {
      const before = desc.countOn(0);
      machine.on(0, () => {
        for (let i = 0; i < n; i++) rawIpiSendMask(desc, self);
      });
      if (desc.countOn(0) - before !== n) throw new Error(`${desc.countOn(0) - before} handler runs for ${n} sends`);
    },
  };
}
