import type { IrqData } from '@irqchip/genirq-core';
import { IRQ_DOMAIN_FLAG } from '../domain/flags.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [IRQ_DOMAIN_FLAG.HIERARCHY, 'IRQ_DOMAIN_FLAG_HIERARCHY'],
  [IRQ_DOMAIN_FLAG.NAME_ALLOCATED, 'IRQ_DOMAIN_NAME_ALLOCATED'],
  [IRQ_DOMAIN_FLAG.IPI_PER_CPU, 'IRQ_DOMAIN_FLAG_IPI_PER_CPU'],
  [IRQ_DOMAIN_FLAG.IPI_SINGLE, 'IRQ_DOMAIN_FLAG_IPI_SINGLE'],
  [IRQ_DOMAIN_FLAG.MSI, 'IRQ_DOMAIN_FLAG_MSI'],
  [IRQ_DOMAIN_FLAG.ISOLATED_MSI, 'IRQ_DOMAIN_FLAG_ISOLATED_MSI'],
  [IRQ_DOMAIN_FLAG.NO_MAP, 'IRQ_DOMAIN_FLAG_NO_MAP'],
  [IRQ_DOMAIN_FLAG.MSI_PARENT, 'IRQ_DOMAIN_FLAG_MSI_PARENT'],
  [IRQ_DOMAIN_FLAG.MSI_DEVICE, 'IRQ_DOMAIN_FLAG_MSI_DEVICE'],
  [IRQ_DOMAIN_FLAG.NONCORE, 'IRQ_DOMAIN_FLAG_NONCORE'],
];

/** Text of debugfs' `irq/domains/<name>`: the domain, and its parents further in. @kernel irq_domain_debug_show */
export function domainDebugShow(domain: IrqDomain): string {
  const lines: string[] = [];
  showOne(lines, domain, 0);
  return lines.map((line) => `${line}\n`).join('');
}

function showOne(lines: string[], domain: IrqDomain, indent: number): void {
  const pad = ' '.repeat(indent);
  lines.push(
    `${pad}name:   ${domain.name}`,
    `${pad} size:   ${domain.revmapSize}`,
    `${pad} mapped: ${domain.mapcount}`,
    `${pad} flags:  0x${(domain.flags >>> 0).toString(16).padStart(8, '0')}`,
  );
  for (const [flag, name] of FLAG_NAMES) if (domain.flags & flag) lines.push(`${pad}            ${name}`);
  if (domain.ops.debugShow) lines.push(...domain.ops.debugShow(domain, null, indent + 1));
  if (!domain.parent) return;
  lines.push(`${pad} parent: ${domain.parent.name}`);
  showOne(lines, domain.parent, indent + 4);
}

/** What a domain adds to debugfs' `irq/irqs/N` for its level, without indentation: the second argument of `irqDebugShow`. */
export function domainIrqDebugShow(data: IrqData): readonly string[] {
  const domain = data.domain as IrqDomain | null;
  return domain?.ops.debugShow?.(domain, data, 0) ?? [];
}

/** One file of debugfs. */
export interface DebugFile {
  readonly name: string;
  readonly text: string;
}

/** The files of debugfs' `irq/domains`, `default` among them, in the order of their names. */
export function domainDebugFiles(domains: IrqDomains): DebugFile[] {
  const { defaultDomain } = domains;
  const files: DebugFile[] = domains.list.map((domain) => ({ name: domain.name, text: domainDebugShow(domain) }));
  files.push({ name: 'default', text: defaultDomain ? domainDebugShow(defaultDomain) : '' });
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
