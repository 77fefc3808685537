import { HWIRQ_NO_LIMIT, irqCreateFwspecMapping, type FwNode, type IrqDomain } from '@irqchip/irqdomain';
import type { Machine } from '@irqchip/machine';
import type { HardwareModel } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { isModel } from './check-options.ts';
import { show } from './option-rules.ts';
import type { BenchOptions } from './options.ts';

/** The model of a bench's option. @throws IrqError `EINVAL` when the function makes none. */
export function madeModel<H extends HardwareModel>(source: BenchOptions<H>['hardware']): H | undefined {
  if (typeof source !== 'function') return source;
  // Of functions only classes have a prototype that stays.
  const isClass = Object.getOwnPropertyDescriptor(source, 'prototype')?.writable === false;
  const model = isClass ? new (source as new () => H)() : (source as () => H)();
  if (!isModel(model)) throw new IrqError('EINVAL', `bench: hardware is a function that returns ${show(model)}, and not a model, { compatible, create }.`);
  return model;
}

/** The domain of a node. @throws IrqError `ENODEV` without one, saying what its driver or the lack of one did. */
export function domainOf(machine: Machine, node: string, undriven: boolean): IrqDomain & { readonly fwnode: FwNode } {
  const domain = machine.domains.list.find(({ fwnode }) => fwnode?.path === node);
  if (domain?.fwnode) return domain as IrqDomain & { readonly fwnode: FwNode };
  throw new IrqError('ENODEV', whyNoDomain(machine, node, undriven));
}

function whyNoDomain({ failures, tree, smp: { log } }: Machine, path: string, undriven: boolean): string {
  const failure = failures.find(({ node }) => node === path);
  if (failure) return `${path} has no interrupt domain: ${failure.driver} refused it: ${failure.error.message}`;
  if (!undriven) return `${path} has no interrupt domain; did its driver create one with the node's fwnode?`;
  const idle = log.records.flatMap(({ text }) => /driver (\S+) is idle/.exec(text)?.[1] ?? []);
  return `no driver for ${tree.byPath(path)?.compatible.join(', ')} (node ${path}); ${idle.length > 0 ? `drivers given: ${idle.join(', ')}` : 'none was given'}; add modules: [irqchipModule(driver)]`;
}

/** Maps a specifier. @throws IrqError `EINVAL` when that is refused, in the words of who refused it. */
export function mapSpecifier({ domains, smp: { log, diagnostics } }: Machine, { fwnode, hwirqMax: lines }: IrqDomain & { readonly fwnode: FwNode }, param: readonly number[]): number {
  const [printed, found] = [log.records.length, diagnostics.open.length];
  const virq = irqCreateFwspecMapping(domains, { fwnode, param });
  if (virq !== 0) return virq;
  const [line = 0] = param;
  if (line >= lines && lines !== HWIRQ_NO_LIMIT) throw new IrqError('EINVAL', `line ${line} of ${fwnode.path}: its domain has ${lines} lines, 0 to ${lines - 1}`);
  const { mappingError: cause } = domains;
  const why = cause?.message ?? diagnostics.open[found]?.message ?? log.records.slice(printed).findLast(({ level }) => level !== 'debug')?.text;
  throw new IrqError('EINVAL', `<${param.join(' ')}> of ${fwnode.path} cannot be mapped: ${why ?? 'its domain refuses it, and the log does not say why'}`, { cause });
}
