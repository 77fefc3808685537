import type { IrqDataDomain } from '@irqchip/genirq-core';
import { serviceToken } from '@irqchip/smp';
import { defineIrqchip, Irqchip, type IrqDomain, type ProbeContext, type ServicesOf } from '../src/index.ts';

class Mux { readonly mux = true; }
class Hotplug { readonly hotplug = true; }
const MUX = serviceToken<Mux>('test', 'Mux');
const HOTPLUG = serviceToken<Hotplug>('test', 'Hotplug');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// What is written here is checked by the type check of the workspace; the runtime part only shows that nothing throws.
test('services are the types of their tokens, in order', () => {
  const same: Same<ServicesOf<readonly [typeof MUX, typeof HOTPLUG]>, [Mux, Hotplug]> = true;
  expect(same).toBe(true);
});

test('a domain is what genirq knows of domains', () => {
  const asData = (domain: IrqDomain): IrqDataDomain => domain;
  expect(typeof asData).toBe('function');
});

test('a tuple of services that does not fit the probe is a compile error', () => {
  defineIrqchip({ compatible: 'a', services: [MUX, HOTPLUG] }, (_ctx, mux: Mux, hotplug: Hotplug) => [mux.mux, hotplug.hotplug]);
  defineIrqchip({ compatible: 'a', services: [MUX, HOTPLUG] }, (_ctx, mux) => mux.mux);
  defineIrqchip({ compatible: 'a' }, (ctx) => ctx.regs);
  // @ts-expect-error -- the services are in the wrong order
  defineIrqchip({ compatible: 'a', services: [HOTPLUG, MUX] }, (_ctx, mux: Mux, hotplug: Hotplug) => [mux, hotplug]);
  // @ts-expect-error -- one service more is asked for than named
  defineIrqchip({ compatible: 'a', services: [MUX] }, (_ctx, mux: Mux, hotplug: Hotplug) => [mux, hotplug]);
  // @ts-expect-error -- no service is named at all
  defineIrqchip({ compatible: 'a' }, (_ctx, mux: Mux) => mux);
  // @ts-expect-error -- a plain driver is given its context only
  defineIrqchip('a', (_ctx, mux: Mux) => mux);
  // @ts-expect-error -- the mux has no such member
  defineIrqchip({ compatible: 'a', services: [MUX] }, (_ctx, mux) => mux.hotplug);
  expect(true).toBe(true);
});

test('the same holds for classes, wrapped or decorated', () => {
  class NeedsMux {
    constructor(readonly mux: Mux) {}
    probe(_ctx: ProbeContext): void {}
  }
  class NoProbe { constructor(readonly mux: Mux) {} }
  expect(defineIrqchip({ compatible: 'a', services: [MUX] }, NeedsMux).services).toEqual([MUX]);
  // @ts-expect-error -- the constructor takes a Mux
  defineIrqchip({ compatible: 'a', services: [HOTPLUG] }, NeedsMux);
  // @ts-expect-error -- a driver has a probe
  defineIrqchip({ compatible: 'a', services: [MUX] }, NoProbe);
  Irqchip({ compatible: 'a', services: [MUX] })(NeedsMux);
  // @ts-expect-error -- the constructor takes a Mux
  Irqchip({ compatible: 'a' })(NeedsMux);
});
