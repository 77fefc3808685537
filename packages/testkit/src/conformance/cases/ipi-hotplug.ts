import type { ConformanceCase } from '../case.ts';
import { pluggable } from '../needs.ts';
import { Talk } from './ipi.ts';

/** IPIs and CPUs that come and go. */
export const ipiHotplugCases: readonly ConformanceCase[] = [
  {
    name: 'a message to a CPU that is down waits until it is up',
    rule: 'riscv_ipi_disable masks, riscv_ipi_enable raises what was sent meanwhile',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const talk = new Talk(kit);
      const { b, ran } = talk;
      b.cpuDown(1);
      ran.length = 0;
      talk.send(0, 1);
      kit.calm(b);
      talk.ranOn([], 'while CPU 1 is down, messages');
      b.cpuUp(1);
      kit.calm(b);
      kit.same(ran.filter((cpu) => cpu === 1).length, 1, 'messages that CPU 1 handled once it was up again');
    },
  },
  {
    name: 'CPUs that went and came back send and get messages',
    rule: 'a hotplug state of the driver enables the parent on each CPU that comes (CPUHP_AP_*_STARTING)',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const talk = new Talk(kit);
      for (let round = 0; round < 2; round++) for (const cpu of talk.cpus.slice(1)) {
        talk.b.cpuDown(cpu);
        talk.b.cpuUp(cpu);
        talk.ran.length = 0;
        talk.call(0, cpu);
        talk.call(cpu, 0);
        talk.ranOn([cpu, 0], `after CPU ${cpu} came back, calls to it and from it`);
      }
    },
  },
  {
    name: 'a CPU that goes does what was asked of it before',
    rule: 'smpcfd_dying_cpu: queued calls run',
    kinds: ['ipi'],
    needs: pluggable,
    run(kit) {
      const talk = new Talk(kit);
      const { b, ipi, ran } = talk;
      b.machine.on(0, () => ipi.smpCallFunctionSingle(1, () => ran.push(talk.current), null, false));
      b.cpuDown(1);
      talk.ranOn([1], 'a call that did not wait');
      ran.length = 0;
      const rest = talk.cpus.filter((cpu) => cpu !== 1);
      for (const cpu of rest) talk.call(0, cpu);
      talk.ranOn(rest, 'after CPU 1 went, calls of the CPUs that stayed');
    },
  },
  {
    name: 'the boot CPU goes, and the others reach each other',
    rule: 'nothing of a provider depends on CPU 0',
    kinds: ['ipi'],
    needs: (options) => pluggable(options) ?? ((options.cpus ?? 3) < 3 ? 'its machines have fewer than three CPUs' : null),
    run(kit) {
      const talk = new Talk(kit);
      talk.b.cpuDown(0);
      talk.ran.length = 0;
      talk.call(1, 2);
      talk.call(2, 1);
      talk.ranOn([2, 1], 'with CPU 0 down, calls of CPUs 1 and 2 to each other');
      talk.b.cpuUp(0);
      talk.ran.length = 0;
      talk.call(1, 0);
      talk.ranOn([0], 'a call of CPU 0, once it came back,');
    },
  },
];
