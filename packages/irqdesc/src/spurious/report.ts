import { flowSymbol } from '../flow/symbol.ts';
import type { IrqAction, IrqDesc } from '../desc/irq-desc.ts';

/** Pointers are printed as a kernel without entropy prints them: hidden. */
const POINTER = '[<(____ptrval____)>]';

/** An interrupt that nobody handles. @kernel __report_bad_irq */
export function reportBadIrq(desc: IrqDesc): void {
  report(desc, `irq ${desc.irq}: nobody cared (try booting with the "irqpoll" option)`);
}

/** A handler that returned something else than IRQ_NONE, IRQ_HANDLED, IRQ_WAKE_THREAD; at most 100 a machine. @kernel report_bad_irq */
export function reportBogusReturn(desc: IrqDesc, ret: number): void {
  const { spurious } = desc.genirq;
  if (spurious.bogusReportsLeft <= 0) return;
  spurious.bogusReportsLeft--;
  report(desc, `irq event ${desc.irq}: bogus return value ${(ret >>> 0).toString(16)}`, `, of ${namesOf(desc)}: handlers return IRQ_NONE, IRQ_HANDLED or IRQ_WAKE_THREAD; an arrow function may need { } around what it does.`);
}

function namesOf(desc: IrqDesc): string {
  const names: string[] = [];
  for (let action = desc.action; action !== null; action = action.next) names.push(action.name);
  return names.join(', ');
}

/** The diagnostic stands for the kernel's stack dump, and says `more`. */
function report(desc: IrqDesc, message: string, more = ''): void {
  const { log, diagnostics } = desc.genirq.smp;
  log.err(message);
  diagnostics.report('spurious', message + more);
  log.err('handlers:');
  const flags = desc.lock.lockIrqsave();
  for (let action = desc.action; action !== null; action = action.next) log.err(describe(action));
  desc.lock.unlockIrqrestore(flags);
}

function describe(action: IrqAction): string {
  const primary = `${POINTER} ${flowSymbol(action.handler)}`;
  return action.threadFn === null ? primary : `${primary} threaded ${POINTER} ${flowSymbol(action.threadFn)}`;
}
