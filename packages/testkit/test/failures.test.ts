import { requestIrq } from '@irqchip/genirq-core';
import { defineIrqchip, irqCreateMapping } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { CPUHP } from '@irqchip/cpuhp';
import { bench, everyFailure, everyHotplugFailure, type Bench } from '@irqchip/testkit';
import { mux8Bench, Mux8Hardware } from './fixtures/mux8/index.ts';

describe('every allocation of a scenario', () => {
  test('fails once, and the scenario succeeds afterwards', () => {
    const codes = (times: number): string[] => everyFailure(() => mux8Bench(), (b) => b.map([3]), { times }).map(({ site, error }) => `${site} ${error?.code}`);
    // A descriptor is looked for twice, from a hint and from the beginning.
    expect([codes(1), codes(2)]).toEqual([['irq_desc undefined'], ['irq_desc EINVAL']]);
  });

  test('of a request: the mapping that was there before stays', () => {
    const checked: string[] = [];
    const runs = everyFailure(() => mux8Bench(), (b) => {
      const three = b.request(3);
      return () => {
        b.pulse(3);
        checked.push(`${three.fired}`);
      };
    }, { before: (b) => { b.line(3); } });
    expect(runs.map(({ site, nth, error }) => [site, nth, error?.code])).toEqual([['irqaction', 0, 'ENOMEM']]);
    // Once to learn the sites, once for each.
    expect(checked).toEqual(['1', '1']);
  });

  test('what is left behind is named', () => {
    const leaky = (b: Bench): void => {
      const domain = b.machine.domains.list.find(({ fwnode }) => fwnode?.path === b.node)!;
      const irq = irqCreateMapping(domain, 3);
      requestIrq(b.machine.genirq, irq, () => 1, 0, 'leaky', b);
    };
    expect(() => everyFailure(() => mux8Bench(), leaky)).toThrow(/^Allocation 1 of irqaction failed and left behind: interrupts were .*; domains were /);
  });

  test('an error that is none of the kernel\'s is not swallowed', () => {
    expect(() => everyFailure(() => mux8Bench(), (b) => {
      try {
        b.map([3]);
      } catch {
        throw new TypeError('lost');
      }
    }, { times: 2 })).toThrow(TypeError);
  });
});

describe('every hotplug step', () => {
  test('that can fail fails once: the CPU stays where it was, and moves the next time', () => {
    let looked = 0;
    const tried = everyHotplugFailure(() => mux8Bench({ cpus: 2 }), 1, (b) => {
      looked++;
      b.machine.smp.cpus.boundary();
    });
    expect(tried.length).toBeGreaterThan(3);
    expect(new Set(tried.map(({ direction }) => direction))).toEqual(new Set(['up', 'down']));
    expect(looked).toBe(2 * tried.length);
  });

  test('a driver\'s own step is among them', () => {
    const driver = defineIrqchip({ compatible: 'acme,mux8', services: [CPUHP] }, (_ctx, cpuhp) => void cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/mux8:online', () => undefined, () => undefined));
    const make = (): Bench => bench({ modules: [irqchipModule(driver)], compatible: 'acme,mux8', hardware: new Mux8Hardware(), cpus: 2 });
    expect(everyHotplugFailure(make, 1).filter(({ state }) => state === 'acme/mux8:online').map(({ direction }) => direction)).toEqual(['down', 'up']);
  });
});
