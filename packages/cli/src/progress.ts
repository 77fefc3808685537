import type { Terminal } from './run.ts';

const WIDTH = 30;
const QUIET_MS = 1000;

/** A bar on one line of a terminal, once something takes longer than a second; nothing elsewhere. */
export class Progress {
  private readonly begun: number;
  private drawn = false;

  constructor(private readonly terminal: Terminal, private readonly what: string) {
    this.begun = terminal.nowMs();
  }

  show(done: number, of: number): void {
    if (!this.terminal.isTty || this.terminal.nowMs() - this.begun < QUIET_MS) return;
    const filled = Math.round((done / of) * WIDTH);
    this.terminal.out(`\r${this.what} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${of}`);
    this.drawn = true;
  }

  /** Removes the bar; the next {@link show} draws it again. */
  end(): void {
    if (this.drawn) this.terminal.out('\r\x1b[K');
    this.drawn = false;
  }
}
