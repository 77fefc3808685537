import type { IrqDomain } from '@irqchip/irqdomain';
import type { Machine, TrafficResult } from '@irqchip/machine';
import type { Diagnostic, LogRecord } from '@irqchip/smp';

/** Whether a line belongs on the console: debug messages only of the domain core, as in a kernel booted with them switched on. */
export function isShown({ level, text }: LogRecord): boolean {
  return level !== 'debug' || /^(irq|irqchip): /.test(text);
}

/** A log line with its time, as dmesg prints it. */
export function logLine({ timeNs, text }: LogRecord): string {
  const seconds = (Math.floor(timeNs / 1000) / 1e6).toFixed(6);
  return `[${seconds.padStart(12)}] ${text}`;
}

/** The domains of a machine, children below their parents. */
export function domainTree(machine: Machine): string {
  const all = machine.domains.list;
  const lines = ['irq domains'];
  const walk = (domain: IrqDomain, depth: number): void => {
    const kind = domain.revmapSize > 0 ? `${domain.revmapSize} lines` : 'tree';
    lines.push(`${'  '.repeat(depth)}${domain.name} (${kind}, ${domain.mapcount} mapped)`);
    for (const child of all) if (child.parent === domain) walk(child, depth + 1);
  };
  for (const domain of all) if (!domain.parent) walk(domain, 1);
  return lines.join('\n');
}

/** The line of totals that ends a run. */
export function totalsLine(traffic: TrafficResult | null): string {
  if (!traffic) return 'IPIs: one CPU, nobody to call';
  const { sent, handled, merged, lost } = traffic.ipis;
  return `IPIs: ${sent} sent, ${handled} handled, ${merged} merged, ${lost} lost`;
}

/** What is wrong, a line each. */
export function diagnosticLines(open: readonly Diagnostic[]): string {
  return open.map(({ kind, message, cpu }) => `irqchip: ${kind} (CPU${cpu}): ${message}\n`).join('');
}
