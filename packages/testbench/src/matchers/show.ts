import { irqDebugShow, IRQS } from '@irqchip/genirq-core';
import type { Machine } from '@irqchip/machine';
import { LOG_LEVELS, type Diagnostic } from '@irqchip/smp';
import type { Bench } from '../bench/bench.ts';
import type { BenchLine, Requested } from '../bench/line.ts';

/** The state of a line as the kernel would show it. */
export function showLine({ machine, line, irq, desc, fired }: BenchLine): string {
  const [handler, , ...state] = irqDebugShow(desc).split('\n');
  const row = machine.procInterrupts().split('\n').find((text) => text.trimStart().startsWith(`${irq}:`));
  return [
    `line ${line} is irq ${irq} (${desc.irqData.chip.name}), ${handler!.replace(/ +/, ' ')}, counted ${fired} times`,
    ...state.filter((text) => /^(istate|ddepth|dstate|affinity|effectiv|pending) *:|^ {12}IRQ[DS]_/.test(text)).map((text) => `  ${text}`),
    ...((desc.istate & IRQS.REPLAY) !== 0 ? ['  queued for resend: settle() runs it'] : []),
    `  /proc/interrupts: ${row ?? 'no row'}`,
  ].join('\n');
}

/** So many lines of the kernel log are shown. */
const PRINTED = 5;

/**
 * The warnings, and worse, that machines printed last, each once; none where they printed none.
 * @param told - findings, which stand elsewhere: what the log says of them is left out
 */
export function showLog(machines: readonly Machine[], told: readonly Diagnostic[]): string[] {
  const lines = machines.flatMap(({ smp: { log } }) => log.records)
    .filter(({ level, text }) => LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf('warn') && !told.some(({ message }) => message.includes(text)))
    .map(({ level, text }) => `  ${level}: ${text.replaceAll('\n', '\n    ')}`);
  const last = [...new Set(lines.toReversed())].slice(0, PRINTED).toReversed();
  return last.length === 0 ? [] : ['kernel log:', ...last];
}

/** The last calls and register accesses of a bench. */
export function showHistory(bench: Bench): string { return bench.recent(); }

/** The request that `subject` is, null when it is none. */
export function requestOf(subject: unknown): Requested | null {
  return is(subject, 'irqchip request') ? subject as Requested : null;
}

/** The line that `subject` is about. @throws TypeError */
export function lineOf(subject: unknown, matcher: string): BenchLine {
  if (is(subject, 'irqchip line')) return subject as BenchLine;
  const request = requestOf(subject);
  if (request !== null) return request.on;
  throw new TypeError(`${matcher} wants a line, as bench's line(n) or request(n) gives it.`);
}

/** @throws TypeError when it is none. */
export function benchOf(subject: unknown, matcher: string): Bench {
  if (is(subject, 'irqchip bench')) return subject as Bench;
  throw new TypeError(`${matcher} wants a bench, as bench() gives it.`);
}

function is(subject: unknown, what: string): boolean {
  return (subject as { readonly what?: unknown } | null | undefined)?.what === what;
}
