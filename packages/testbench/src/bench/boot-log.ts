import { LOG_LEVELS, type Smp } from '@irqchip/smp';
import { showFinding } from '../jest/findings.ts';

/** So many lines are shown. */
const SHOWN = 5;
const WARN = LOG_LEVELS.indexOf('warn');
/** What the kernel prints because a probe failed, and not why. */
const ECHO = /^OF: of_irq_init: /;

/** What a machine says that boots: where that fails, nobody else has it. */
export class BootLog {
  private smp: Smp | null = null;

  /** @param onStart - who wants to see the machine as well */
  constructor(private readonly onStart: (smp: Smp) => void = () => undefined) {}

  readonly watch = (smp: Smp): void => {
    this.smp = smp;
    this.onStart(smp);
  };

  /** Boots; an error that is thrown meanwhile is told with what the machine found and the last warnings of its log. */
  of<T>(boot: () => T): T {
    try {
      return boot();
    } catch (error) {
      if (error instanceof Error && this.smp !== null) addTo(error, this.smp);
      throw error;
    }
  }
}

function addTo(error: Error, { log, diagnostics }: Smp): void {
  const { message, stack } = error;
  const isNews = (text: string): boolean => !text.includes(message) && !message.includes(text);
  const warnings = log.records.filter(({ level, text }) => LOG_LEVELS.indexOf(level) <= WARN && !ECHO.test(text) && isNews(text));
  const said = [...warnings.map(({ text }) => `  ${text}`), ...diagnostics.open.filter((found) => isNews(found.message)).map(showFinding)];
  if (said.length === 0) return;
  error.message = [message, 'last warnings of the log:', ...said.slice(-SHOWN)].join('\n');
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}
