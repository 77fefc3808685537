import { CpuMask, PerCpu, type Smp } from '@irqchip/smp';
import type { IpiMuxContract, IpiMuxPatchContract } from './contract.ts';
import type { Doorbell, IpiMux } from './mux.ts';

/** Merged contract: one call a CPU; the driver acknowledges its parent before it calls process(). */
export function mergedDoorbell({ send }: IpiMuxContract): Doorbell {
  return {
    acknowledge: () => undefined,
    ring: send,
    send(mux: IpiMux, hwirq: number, mask: CpuMask): void {
      for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
        if (mux.mark(cpu, hwirq)) send(cpu);
      }
    },
  };
}

/** Posted contract: one call a send, with the CPUs that need the doorbell; the mux itself clears the parent. */
export function patchDoorbell(smp: Smp, { parentVirq, ops }: IpiMuxPatchContract): Doorbell {
  const { cpus, memory } = smp;
  const scratch = new PerCpu(() => new CpuMask(cpus.nrCpuIds));
  return {
    acknowledge(): void {
      ops.clear(parentVirq);
      // Orders the clear, a device access, before the taking of the bits. Pairs with the sender's order of bit before
      // doorbell: a doorbell that the clear erased has its bit set where take() looks.
      memory.mb();
    },
    ring(cpu: number): void {
      ops.send(parentVirq, scratch.get(cpus.current).clearAll().set(cpu));
    },
    send(mux: IpiMux, hwirq: number, mask: CpuMask): void {
      // A handler on this CPU may send as well: it must not find the scratch mask half filled.
      const flags = cpus.localIrqSave();
      const ringing = scratch.get(cpus.current).clearAll();
      for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
        if (mux.mark(cpu, hwirq)) ringing.set(cpu);
      }
      if (!ringing.isEmpty()) ops.send(parentVirq, ringing);
      cpus.localIrqRestore(flags);
    },
  };
}
