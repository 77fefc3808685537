import { modelNamed, Refused, type Model, type ProviderName } from '@irqchip/race';
import type { BarriersArgs } from './barriers-args.ts';
import { reportOf, type Barrier, type Place, type ProviderReport } from './barriers-report.ts';
import type { Terminal } from './run.ts';

interface RefusedReport { readonly provider: ProviderName; readonly refused: string }

/** Says of every barrier what it is for. Returns the exit status. */
export function barriersCommand({ model: name, providers, json }: BarriersArgs, terminal: Terminal): number {
  const begun = terminal.nowMs();
  const model = modelNamed(name);
  if (!json) terminal.out(`${model.name}: ${model.version}\n`);
  const reports = providers.map((provider) => {
    const report = tryReport(provider, model);
    if (!json) terminal.out('refused' in report ? `\n${provider}: refused: ${report.refused}\n` : text(report));
    return report;
  });
  if (json) terminal.out(`${JSON.stringify({ model: model.name, version: model.version, providers: reports, ms: Math.round(terminal.nowMs() - begun) }, null, 2)}\n`);
  return reports.every((report) => !('refused' in report) && report.failure === null) ? 0 : 1;
}

function tryReport(provider: ProviderName, model: Model): ProviderReport | RefusedReport {
  try {
    return reportOf(provider, model);
  } catch (error) {
    if (error instanceof Refused) return { provider, refused: error.message };
    throw error;
  }
}

function text({ provider, scenes, failure, barriers }: ProviderReport): string {
  const width = Math.max(0, ...barriers.map((barrier) => place(barrier).length));
  const lines = scenes.map(({ name, failing, bounded }) => (
    `  ${name}: ${failing === 0 ? 'nothing is lost' : `${failing} executions fail with every barrier in place`}${bounded ? '; more interrupts than were looked at could come' : ''}`));
  const table = failure === null ? [] : failure.split('\n').map((line) => `    ${line}`);
  return ['', provider, ...lines, ...table, ...barriers.map((barrier) => `  ${place(barrier).padEnd(width)}  ${purpose(barrier)}`), ''].join('\n');
}

function place({ what, where }: Place): string { return where === '' ? what : `${what} (${where})`; }

function purpose({ needed, pairs, oneOf }: Barrier): string {
  if (needed.length > 0) {
    const with_ = pairs.length > 0 ? `, pairs with ${pairs.map(place).join(' and ')}` : '';
    return `needed${with_}: without it ${needed.join('; and ')}`;
  }
  return oneOf.length > 0 ? `not needed as long as ${oneOf.map(place).join(' or ')} stays` : 'not needed';
}
