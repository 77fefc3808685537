import { irqDebugShow } from '@irqchip/genirq-core';
import { domainDebugShow } from '@irqchip/irqdomain';
import { BOOTS, bootRecorded, debugFiles } from './recordings.ts';

/** The lines of a debugfs text that state what an irq or domain is. */
function fields(body: string, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const line = new RegExp(`^ *${name}: +(.*)$`, 'm').exec(body);
    found[name] = line?.[1]?.trim() ?? '(absent)';
  }
  return found;
}

/** Debian's kernel has no debugfs. */
const SHOWN = BOOTS.filter(([board]) => debugFiles(board).size > 0);

describe.each(SHOWN)('%s from %s', (board, tree, recording) => {
  const recorded = debugFiles(board);
  const machine = bootRecorded(recording, tree);
  const irqs = [...recorded.keys()].filter((name) => /^irqs\//.test(name) && /IPI Mux|RISC-V INTC/.test(recorded.get(name)!));
  // The external interrupt of boards without IMSIC belongs to their PLIC or APLIC.
  const driven = irqs.filter((name) => !/plic_handle_irq|aplic_direct_handle_irq/.test(recorded.get(name)!));

  test('there are recorded interrupts to compare with', () => {
    expect(driven.length).toBeGreaterThanOrEqual(10);
  });

  test.each(driven)('%s', (name) => {
    const desc = machine.genirq.irqToDesc(Number(name.slice('irqs/'.length)))!;
    const names = ['handler', 'device', 'status', 'istate', 'ddepth', 'wdepth', 'dstate', 'affinity', 'effectiv', 'domain', 'hwirq', 'chip', 'flags'];
    expect(fields(irqDebugShow(desc), names)).toEqual(fields(recorded.get(name)!, names));
  });

  const domains = [...recorded.keys()].filter((name) => /^domains\/(:cpus|IPI-Mux|:soc:interrupt-controller@28000000)/.test(name));

  test.each(domains)('%s', (name) => {
    const domain = machine.domains.list.find((candidate) => `domains/${candidate.name}` === name);
    const names = ['name', 'size', 'flags'];
    expect(fields(domain ? domainDebugShow(domain) : '', names)).toEqual(fields(recorded.get(name)!, names));
  });
});
