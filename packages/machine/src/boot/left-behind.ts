import { flowSymbol, type IrqAction, type IrqDesc, type IrqFlowHandler } from '@irqchip/genirq-core';
import type { IrqDomain } from '@irqchip/irqdomain';
import type { Services } from '../di.ts';

/** Who takes an interrupt: the flow that demultiplexes it, or an action. */
interface Taker { readonly desc: IrqDesc; readonly by: IrqFlowHandler | IrqAction }

/** Looks what a probe that fails has left behind, as a driver of the kernel would: what it set up beyond its context it takes back itself. */
export class ProbeLeft {
  private readonly domains: ReadonlySet<IrqDomain>;
  private readonly takers: readonly Taker[];
  private readonly states: ReadonlySet<number>;

  /** Before the probe. */
  constructor(private readonly services: Services) {
    this.domains = new Set(services.domains.list);
    this.takers = takersIn(services);
    this.states = new Set(services.cpuhp.states().map(({ state }) => state));
  }

  /** After it has failed, and its context was released. Reports a 'leak'. @param what - the driver and its node. */
  report(what: string): void {
    const { genirq: { smp }, domains, cpuhp } = this.services;
    const left = [
      ...domains.list.filter((domain) => !this.domains.has(domain)).map(({ name }) => `domain ${name} (irqDomainRemove)`),
      ...takersIn(this.services).filter((taker) => !this.knows(taker)).map(nameOf),
      ...cpuhp.states().filter(({ state }) => !this.states.has(state)).map(({ name }) => `hotplug state ${name} (removeState)`),
    ];
    if (left.length === 0) return;
    smp.diagnostics.report('leak', `${what}: its probe failed and left behind ${left.join(', ')}. Make them after the last thing that can fail, or take them back in a catch; another attempt makes them again.`);
  }

  private knows({ desc, by }: Taker): boolean { return this.takers.some((taker) => taker.desc === desc && taker.by === by); }
}

function takersIn({ genirq }: Services): Taker[] {
  const takers: Taker[] = [];
  for (const desc of genirq.descs) {
    if (desc.action === genirq.chainedAction) takers.push({ desc, by: desc.handleIrq });
    else for (let { action } = desc; action !== null; action = action.next) takers.push({ desc, by: action });
  }
  return takers;
}

function nameOf({ desc: { irq }, by }: Taker): string {
  if (typeof by === 'function') return `chained handler ${flowSymbol(by)} of irq ${irq} (setChainedHandler with null)`;
  return `handler ${by.name} of irq ${irq} (${by.percpuDevId === null ? 'freeIrq' : 'freePercpuIrq'})`;
}
