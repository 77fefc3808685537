import { ERRNO } from '@irqchip/smp';
import type { IrqDomain } from '../domain/irq-domain.ts';

/** So many lines of one domain are told of. */
const TOLD = 100;
const NAMED = 8;

/** What a line that came and is not mapped is answered with; the debug log tells of it once, where the kernel is silent. Any context. */
export function notMapped(domain: IrqDomain, hwirq: number): number {
  const { unmapped, domains } = domain;
  domains.onUnmapped?.(domain, hwirq);
  if (!unmapped.has(hwirq) && unmapped.size < TOLD) {
    unmapped.add(hwirq);
    domains.smp.log.debug(`irq: hwirq-0x${hwirq.toString(16)} came to ${domain.name} and is not mapped there; mapped: ${mappedIn(domain)}`);
  }
  return -ERRNO.EINVAL;
}

function mappedIn({ revmap, tree }: IrqDomain): string {
  const all = [...revmap.keys()].filter((hwirq) => revmap[hwirq] !== null).concat([...tree.keys()].sort((a, b) => a - b));
  if (all.length === 0) return 'none';
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : '';
  return all.slice(0, NAMED).map((hwirq) => `0x${hwirq.toString(16)}`).join(', ') + more;
}
