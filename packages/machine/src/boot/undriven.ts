import type { Assembly } from './assemble.ts';
import { matchDriver } from './probe.ts';

/** Devices that signal harts and that not every kernel has a driver for: those of machine level, or of the other mode. */
const LEFT_ALONE = [
  'thead,c900-aclint-sswi', 'mips,p8700-aclint-sswi', 'nuclei,ux900-aclint-sswi', 'riscv,aclint-sswi', 'riscv,aclint-mswi', 'riscv,aclint-mtimer',
];

/**
 * Says which interrupt controllers no driver took: a note for those that a kernel may leave alone, an error for the rest.
 * Returns the errors as a sentence.
 */
export function reportUndriven({ tree, services, smp }: Assembly): string {
  let text = '';
  for (const node of tree.nodes()) {
    if (!node.has('interrupt-controller') || !node.isAvailable || matchDriver(services.drivers, node)) continue;
    const names = node.compatible.join(', ') || 'nothing';
    if (node.isCompatible(...LEFT_ALONE)) {
      smp.log.debug(`irqchip: ${node.path} (${names}) is left alone: this kernel has no driver for it`);
      continue;
    }
    const line = `${node.path} is compatible with ${names}, for which there is no driver`;
    smp.diagnostics.report('undriven', `${line}; add a module that contributes one.`);
    text += ` ${line}.`;
  }
  return text;
}

/**
 * Says which of the machine's own drivers have nothing to drive: somebody added them for a node that this tree does not have
 * or has switched off. Returns the same as sentences.
 */
export function reportIdle({ tree, services, smp }: Assembly): string {
  let text = '';
  for (const { driver, own } of services.drivers) {
    if (!own || driver.compatible.length === 0) continue;
    const nodes = [...tree.nodes()].filter((node) => driver.compatible.some((name) => node.compatible.includes(name)));
    if (nodes.some((node) => node.isAvailable)) continue;
    const why = nodes[0] ? `${nodes[0].path}, the node it would drive, is disabled` : `no node of this tree is compatible with ${driver.compatible.join(' or ')}`;
    smp.log.warn(`irqchip: driver ${driver.name} is idle: ${why}`);
    text += ` Driver ${driver.name} is idle: ${why}.`;
  }
  return text;
}
