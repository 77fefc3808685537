import type { IrqDomain } from '@irqchip/irqdomain';

/**
 * Tells of each line of a domain that its controller's handler looks for, and that is not mapped: the core only returns an error
 * there, which drivers need not look at. Lookups of tasks, which may be about to map it, are not told.
 */
export function watchUnmapped(domain: IrqDomain, tell: (hwirq: number) => void): void {
  const { domains: { smp: { cpus } }, revmap, tree } = domain;
  const missed = (hwirq: number): void => { if (cpus.inHardirq()) tell(hwirq); };
  const get = tree.get.bind(tree);
  tree.get = (hwirq) => {
    const desc = get(hwirq);
    if (desc === undefined) missed(hwirq);
    return desc;
  };
  const value = new Proxy(revmap, {
    get: (_, key) => {
      const desc: unknown = Reflect.get(revmap, key);
      if (desc === null) missed(Number(key));
      return desc;
    },
  });
  Object.defineProperty(domain, 'revmap', { value });
}
