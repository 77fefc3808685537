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
  const lossy = reports.flatMap((report) => (!('refused' in report) && report.failure !== null ? [report.provider] : []));
  if (!json && lossy.length > 0) terminal.out(finding(lossy, model));
  return reports.every((report) => !('refused' in report) && report.failure === null) ? 0 : 1;
}

/** The exit status is about the code that was looked at, not about this command. */
function finding(lossy: readonly ProviderName[], { name }: Model): string {
  return `\nA finding, hence exit status 1: under ${name}, ${lossy.join(', ')} can lose something with every barrier in place, as shown above.\nThe letter of the model allows it; that does not say that a machine does it.\n`;
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
  const lossy = scenes.find(({ failing }) => failing > 0);
  const lines = scenes.flatMap((scene) => [`  ${scene.name}: ${outcome(scene)}`, ...scene === lossy ? failure!.split('\n').map((line) => `    ${line}`) : []]);
  if (lossy) lines.push('  what follows is of the scenes in which nothing is lost:');
  return ['', provider, ...lines, ...barriers.map((barrier) => `  ${place(barrier).padEnd(width)}  ${purpose(barrier)}`), ''].join('\n');
}

function outcome({ failing, bounded }: ProviderReport['scenes'][number]): string {
  const said = failing === 0 ? 'nothing is lost' : `something is lost in ${failing} execution${failing === 1 ? '' : 's'}, with every barrier in place`;
  return `${said}${bounded ? '; more interrupts than were looked at could come' : ''}${failing > 0 ? '; the shortest:' : ''}`;
}

function place({ what, where }: Place): string { return where === '' ? what : `${what} (${where})`; }

function purpose({ needed, pairs, oneOf }: Barrier): string {
  if (needed.length > 0) {
    const with_ = pairs.length > 0 ? `, pairs with ${pairs.map(place).join(' and ')}` : '';
    return `needed${with_}: without it ${needed.join('; and ')}`;
  }
  return oneOf.length > 0 ? `not needed as long as ${oneOf.map(place).join(' or ')} stays` : 'not needed';
}
