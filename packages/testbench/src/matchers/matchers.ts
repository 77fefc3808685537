import { getIrqchipState, IRQS } from '@irqchip/genirq-core';
import type { Machine } from '@irqchip/machine';
import { IrqError, type CpuMask } from '@irqchip/smp';
import { show } from '../bench/option-rules.ts';
import type { BenchLine } from '../bench/line.ts';
import { showFinding } from '../jest/findings.ts';
import { benchOf, lineOf, requestOf, showHistory, showLine, showLog } from './show.ts';

/** What a matcher answers. */
export interface MatcherResult { readonly pass: boolean; readonly message: () => string }

type Matcher = (subject: unknown, ...expected: never[]) => MatcherResult;

/** For `expect.extend`. */
export const matchers: Readonly<Record<string, Matcher>> = {
  toHaveFired(subject, times: number) {
    const line = lineOf(subject, 'toHaveFired');
    checkNumber(times, 'toHaveFired', 'how often');
    const request = requestOf(subject);
    const fired = request?.fired ?? line.fired;
    return judge(fired === times, line, `fired ${count(fired)}`, `, and not ${count(times)}`, request ? `The handler ${request.name}` : undefined);
  },

  toHaveRunOn(subject, cpu: number) {
    const line = lineOf(subject, 'toHaveRunOn');
    checkNumber(cpu, 'toHaveRunOn', 'a CPU');
    const cpus = requestOf(subject)?.ranOn ?? line.firedOn.flatMap((runs, on) => (runs > 0 ? [on] : []));
    const where = cpus.length === 0 ? 'nowhere' : `on CPU ${[...new Set(cpus)].join(', ')}`;
    return judge(cpus.length > 0 && cpus.every((on) => on === cpu), line, `ran ${where}`, `, and not only on CPU ${cpu}`);
  },

  toBePending(subject) {
    const line = lineOf(subject, 'toBePending');
    return judgeState(line, isPending(line), 'pending', 'not pending');
  },

  toBeMasked(subject) {
    const line = lineOf(subject, 'toBeMasked');
    return judgeState(line, line.masked, 'masked', 'not masked');
  },

  toStayMasked(subject) {
    const line = lineOf(subject, 'toStayMasked');
    const before = line.flows();
    const lazy = line.masked ? '' : '; it was not masked before: disable_irq() leaves that to the first interrupt';
    try {
      line.raise();
    } catch (error) {
      // It comes without end.
      if (!(error instanceof IrqError) || error.code !== 'EDEADLK') throw error;
    }
    line.lower();
    const came = line.flows() - before;
    return judge(came === 0, line, `was raised, and ${came === 0 ? 'held back' : `its flow handler ran ${count(came)}`}`, lazy);
  },

  toBeEnabled(subject) {
    const line = lineOf(subject, 'toBeEnabled');
    return judgeState(line, line.enabled, 'enabled', 'disabled');
  },

  toHaveAffinity(subject, cpus: number | string) {
    const line = lineOf(subject, 'toHaveAffinity');
    return judgeMask(line, line.desc.common.affinity, cpus, 'affinity');
  },

  toHaveEffectiveAffinity(subject, cpus: number | string) {
    const line = lineOf(subject, 'toHaveEffectiveAffinity');
    return judgeMask(line, line.desc.common.effectiveAffinity, cpus, 'effective affinity');
  },

  toHaveNoDiagnostics(subject) {
    const { machine: { smp: { diagnostics: { open } } } } = benchOf(subject, 'toHaveNoDiagnostics');
    return { pass: open.length === 0, message: () => (open.length === 0 ? 'The machine found nothing.' : `The machine found:\n${open.map(showFinding).join('\n')}`) };
  },

  toHaveReported(subject, what: string | RegExp) {
    const { allowed, machine: { smp: { diagnostics } } } = benchOf(subject, 'toHaveReported');
    const open = diagnostics.take();
    const all = [...allowed, ...open];
    const fits = all.filter(({ kind, message }) => kind === what || matches(message, what));
    // What this does not expect goes on failing the test.
    for (const other of open) if (!fits.includes(other)) diagnostics.report(other.kind, other.message);
    const found = all.length === 0 ? 'It found nothing.' : `It found:\n${all.map(showFinding).join('\n')}`;
    return { pass: fits.length > 0, message: () => `The machine reported ${fits.length === 0 ? 'no' : 'a'} ${String(what)}. ${found}` };
  },

  toPrintInterrupts(subject, row: string | RegExp) {
    const text = benchOf(subject, 'toPrintInterrupts').procInterrupts();
    const pass = text.split('\n').some((line) => (typeof row === 'string' ? squeeze(line).includes(squeeze(row)) : row.test(line)));
    return { pass, message: () => `/proc/interrupts ${pass ? 'has a' : 'has no'} row ${String(row)}:\n${text}` };
  },

  toBeQuiet(subject) {
    const bench = benchOf(subject, 'toBeQuiet');
    const raised = bench.raised();
    return { pass: raised.length === 0, message: () => (raised.length === 0 ? `${bench.node} interrupts nobody.` : `${bench.node} raises ${raised.map(named).join(', ')}.\n${withLog(bench.machine, showHistory(bench))}`) };
  },
};

/** @param wanted - what is said besides when it fails */
function judge(pass: boolean, line: BenchLine, is: string, wanted: string, who: string = `Line ${line.line}`): MatcherResult {
  return { pass, message: () => `${who} ${is}${pass ? '' : wanted}.\n${showLine(line)}\n${withLog(line.machine, line.recent())}` };
}

/** Findings that are open fail the test by themselves. */
function withLog(machine: Machine, history: string): string { return [...showLog([machine], machine.smp.diagnostics.open), history].join('\n'); }

function judgeState(line: BenchLine, pass: boolean, yes: string, no: string): MatcherResult {
  return judge(pass, line, `is ${pass ? yes : no}`, '');
}

function judgeMask(line: BenchLine, mask: CpuMask, cpus: number | string, what: string): MatcherResult {
  const list = mask.toList();
  return judge(list === String(cpus), line, list || 'empty', `, and not ${cpus}`, `The ${what} of line ${line.line} is`);
}

function isPending({ machine: { genirq }, irq, desc }: BenchLine): boolean {
  if ((desc.istate & IRQS.PENDING) !== 0) return true;
  try {
    return getIrqchipState(genirq, irq, 'PENDING');
  } catch (error) {
    if (error instanceof IrqError) return false;
    throw error;
  }
}

function matches(text: string, what: string | RegExp): boolean {
  return typeof what === 'string' ? text.includes(what) : what.test(text);
}

/** The local interrupts that controllers raise: 9 in supervisor mode, 11 in machine mode. */
function named(raised: string): string { return raised.replace(/ irq (9|11)$/, "'s external interrupt ($1)"); }

function squeeze(text: string): string { return text.trim().replace(/\s+/g, ' '); }

function checkNumber(value: unknown, matcher: string, what: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError(`${matcher} wants ${what}, a whole number, and not ${show(value)}.`);
}

function count(times: number): string { return times === 1 ? 'once' : `${times} times`; }
