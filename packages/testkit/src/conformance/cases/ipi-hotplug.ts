import type { ConformanceCase } from '../case.ts';
import { pluggable } from '../needs.ts';
import { rescheduled } from './ipi.ts';

/** IPIs and CPUs that come and go. */
export const ipiHotplugCases: readonly ConformanceCase[] = [
  {
    name: 'a message to a CPU that is down waits until it is up',
    rule: 'riscv_ipi_disable masks the messages of a dying CPU; unmask raises what was sent meanwhile',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const b = kit.bench();
      const seen = rescheduled(b.machine);
      b.cpuDown(1);
      seen.length = 0;
      b.on(0, () => b.machine.ipi.sendReschedule(1));
      kit.calm(b);
      kit.same(seen, [], 'while CPU 1 is down, messages were handled on CPUs');
      b.cpuUp(1);
      kit.calm(b);
      kit.same(seen.filter((cpu) => cpu === 1).length, 1, 'after CPU 1 came up, times that it handled the message sent while it was down');
    },
  },
  {
    name: 'CPUs that went and came back send and get messages',
    rule: 'the parent is enabled again where it was disabled (CPUHP_AP_*_STARTING)',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const b = kit.bench();
      const { ipi, smp: { cpus } } = b.machine;
      for (let round = 0; round < 2; round++) for (const cpu of kit.cpus(b).slice(1)) {
        b.cpuDown(cpu);
        b.cpuUp(cpu);
        let ran: number[] = [];
        b.on(0, () => ipi.smpCallFunctionSingle(cpu, () => ran.push(cpus.current)));
        b.on(cpu, () => ipi.smpCallFunctionSingle(0, () => ran.push(cpus.current)));
        kit.same(ran, [cpu, 0], `after CPU ${cpu} came back, calls to it and from it ran on CPUs`);
        ran = [];
      }
    },
  },
  {
    name: 'a CPU that goes does what was asked of it before',
    rule: 'smpcfd_dying_cpu: calls that are queued run, or are flushed',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const b = kit.bench();
      const { ipi, smp: { cpus } } = b.machine;
      const ran: number[] = [];
      b.machine.on(0, () => ipi.smpCallFunctionSingle(1, () => ran.push(cpus.current), null, false));
      b.cpuDown(1);
      kit.same(ran, [1], 'a call that did not wait ran on CPUs');
      for (const cpu of kit.cpus(b)) if (cpu !== 1) b.on(0, () => ipi.smpCallFunctionSingle(cpu, () => ran.push(cpus.current)));
      kit.same(ran.slice(1), kit.cpus(b).filter((cpu) => cpu !== 1), 'after CPU 1 went, calls of the CPUs that stayed ran on CPUs');
    },
  },
  {
    name: 'the boot CPU goes, and the others reach each other',
    rule: 'nothing of a provider depends on CPU 0',
    kinds: ['ipi'],
    needs: (options) => pluggable(options) ?? ((options.cpus ?? 3) < 3 ? 'its machines have fewer than three CPUs' : null),
    run(kit) {
      const b = kit.bench();
      const { ipi, smp: { cpus } } = b.machine;
      b.cpuDown(0);
      const ran: number[] = [];
      b.on(1, () => ipi.smpCallFunctionSingle(2, () => ran.push(cpus.current)));
      b.on(2, () => ipi.smpCallFunctionSingle(1, () => ran.push(cpus.current)));
      kit.same(ran, [2, 1], 'with CPU 0 down, calls of CPUs 1 and 2 to each other ran on CPUs');
      b.cpuUp(0);
      b.on(1, () => ipi.smpCallFunctionSingle(0, () => ran.push(cpus.current)));
      kit.same(ran.at(-1), 0, 'a call of CPU 0, once it came back, ran on CPU');
    },
  },
];
