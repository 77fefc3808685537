import { irqDisposeMapping } from '@irqchip/irqdomain';
import type { ConformanceCase } from '../case.ts';
import { ownHardware } from '../needs.ts';

/** Numbers, and the interrupts that they are. */
export const mappingCases: readonly ConformanceCase[] = [
  {
    name: 'a line that does not exist is refused',
    rule: 'irq_domain_associate: -EINVAL',
    kinds: ['wired', 'percpu'],
    run(kit) {
      const b = kit.bench();
      const before = [...b.machine.genirq.descs].length;
      for (const line of [kit.first + kit.count, 0x10000]) kit.refuses(() => { b.map([line]); }, `mapping line ${line}, which does not exist,`);
      // The kernel warns, unless the driver's own callback refuses first.
      b.takeDiagnostics('warn');
      kit.same([...b.machine.genirq.descs].length, before, 'interrupts after refused mappings');
    },
  },
  {
    name: 'a line is one interrupt, however often it is mapped',
    rule: 'irq_create_mapping returns the mapping that there is; xlate touches nothing',
    kinds: ['wired'],
    run(kit) {
      const { b, request } = kit.one();
      kit.same(b.map([kit.first]), request.irq, 'a line that is mapped a second time is irq');
      kit.ask(b);
      kit.fired(request, 1, 'mapped a second time after it was requested');
    },
  },
  {
    name: 'a mapping that is disposed of leaves the line quiet, and can be made again',
    rule: 'irq_dispose_mapping: shut down, unmapped, freed',
    kinds: ['wired'],
    needs: ownHardware,
    run(kit) {
      const b = kit.bench();
      for (let round = 0; round < 3; round++) {
        const irq = b.map([kit.first]);
        irqDisposeMapping(b.machine.domains, irq);
        kit.same(b.machine.genirq.irqToDesc(irq), null, `irq ${irq}, whose mapping was disposed of, is`);
        kit.askQuietly(b);
        b.settle();
        kit.quiet(b, 'active and no longer mapped');
      }
      if (kit.trigger === 'level') b.raw(kit.first).lower();
      const request = kit.request(b);
      kit.calm(b);
      kit.once(b, request, 'mapped again');
    },
  },
  {
    name: 'a line that is active before it is requested is handled when it is',
    rule: 'a level is an interrupt for as long as it lasts',
    kinds: ['wired'],
    trigger: 'level',
    run(kit) {
      const b = kit.bench();
      b.hold(kit.first);
      const request = kit.request(b);
      kit.calm(b);
      kit.fired(request, 1, 'requested with its level up');
    },
  },
];
