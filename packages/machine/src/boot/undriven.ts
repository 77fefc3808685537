import type { Assembly } from './assemble.ts';
import { matchDriver } from './probe.ts';

/** Controllers that Linux has drivers for and this framework does not: their lines lead nowhere here, and IPIs do not need them. */
const NOT_MODELLED = [
  'sifive,plic-1.0.0', 'riscv,plic0', 'andestech,nceplic100', 'thead,c900-plic', 'riscv,aplic', 'thead,c900-aclint-sswi',
  'mips,p8700-aclint-sswi', 'nuclei,ux900-aclint-sswi', 'riscv,aclint-sswi', 'riscv,aclint-mswi', 'riscv,aclint-mtimer',
];

/**
 * Says which interrupt controllers no driver took: a note for those that are known to be missing here, an error for the
 * rest. Returns the errors as a sentence.
 */
export function reportUndriven({ tree, services, smp }: Assembly): string {
  let text = '';
  for (const node of tree.nodes()) {
    if (!node.has('interrupt-controller') || !node.isAvailable || matchDriver(services.drivers, node)) continue;
    const names = node.compatible.join(', ') || 'nothing';
    if (node.isCompatible(...NOT_MODELLED)) {
      smp.log.debug(`irqchip: ${node.path} (${names}) has no driver here; its lines are not connected`);
      continue;
    }
    const line = `${node.path} is compatible with ${names}, for which there is no driver`;
    smp.diagnostics.report('undriven', `${line}; add a module that contributes one.`);
    text += ` ${line}.`;
  }
  return text;
}
