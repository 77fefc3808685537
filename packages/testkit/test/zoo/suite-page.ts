import { conformanceCases } from '../../src/conformance/cases.ts';
import type { ConformanceCase } from '../../src/conformance/case.ts';
import { LINES } from '../../src/conformance/run.ts';
import { FAULTS, WITNESSES } from './faults.ts';

const KINDS = { wired: 'wires', msi: 'messages', ipi: 'IPIs', percpu: 'per-CPU lines' } as const;

/** What the suite asks of a driver, why, and which planted faults show that it does. */
export function suitePage(): string {
  return `# The conformance suite

What \`irqchipConformance\` of @irqchip/testkit asks of every driver: ${conformanceCases.length} cases. ${FAULTS.length} faults, each planted in a driver of a few
lines that keeps to all of them, show that each of the cases is able to fail. A fault stands with the case that must find it; most are found by
several, and a case that finds none that is its own has one after "also". Made by the tests of packages/testkit with \`IRQCHIP_WRITE_DOCS=1\`; do not edit.

| case | for | rule | faults that it finds |
|---|---|---|---|
${conformanceCases.map(row).join('\n')}
`;
}

function row({ name, kinds = LINES, trigger, rule }: ConformanceCase): string {
  const what = kinds.map((kind) => KINDS[kind]).join(', ');
  const faults = FAULTS.filter(({ killedBy }) => killedBy === name).map(({ driver, what: fault }) => `${driver}: ${fault}`);
  const also = WITNESSES.filter(([witness]) => witness === name).map(([, driver, fault]) => `also ${driver}: ${fault}`);
  return `| ${[name, trigger ? `${what}, ${trigger}` : what, rule, [...faults, ...also].join('; ')].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}
