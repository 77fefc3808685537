/** So many events are kept; older ones are forgotten. */
const KEPT = 4096;

/** So many are shown: what was repeated counts as one. */
const SHOWN = 12;

/** The longest sequence whose repetition is seen. */
const PERIOD = 12;

interface Event {
  readonly call: string;
  /** What a chip callback did to registers; null for what is none. */
  readonly accesses: string[] | null;
}

/** What came last, calls and register accesses in one order: for messages. */
export class History {
  private readonly events: Event[] = [];
  private callback: Event | null = null;
  /** Whether anybody tells of register accesses. */
  private watched = false;

  note(call: string, accesses: string[] | null = null): Event {
    if (this.events.length === KEPT) this.events.shift();
    const event = { call, accesses };
    this.events.push(event);
    return event;
  }

  /** Runs a chip callback: register accesses are its own. */
  during<T>(call: string, run: () => T): T {
    const outer = this.callback;
    this.callback = this.note(call, []);
    try {
      return run();
    } finally {
      this.callback = outer;
    }
  }

  access(text: string): void {
    this.watched = true;
    if (this.callback === null) this.note(text);
    else this.callback.accesses!.push(text);
  }

  /** @param hwirq - of the line in question: the last of each of its callbacks is shown, however long ago it was. */
  show(hwirq?: number): string {
    if (this.events.length === 0) return 'no calls';
    const folded = fold(this.events.map((event) => this.text(event)));
    const own = new Map<string, number>();
    folded.forEach((text, at) => {
      for (const [call] of text.matchAll(/[\w.]+\((\d+)\)/g)) if (call.endsWith(`(${hwirq})`)) own.set(call, at);
    });
    const kept = new Set(own.values());
    const shown: string[] = [];
    folded.forEach((text, at) => {
      if (kept.has(at) || at >= folded.length - SHOWN) shown.push(indent(text));
      else if (shown.at(-1) !== '  …') shown.push('  …');
    });
    return `last calls:\n${shown.join('\n')}`;
  }

  private text({ call, accesses }: Event): string {
    if (accesses === null || (accesses.length === 0 && !this.watched)) return call;
    return accesses.length === 0 ? `${call}: no register access` : `${call}\n${indent(fold(accesses).join('\n'))}`;
  }
}

/** What is repeated stands once, with how often. */
function fold(texts: readonly string[]): string[] {
  const folded: string[] = [];
  for (let at = 0; at < texts.length;) {
    let [period, times] = [1, 1];
    for (let length = 1; length <= PERIOD; length++) {
      const runs = runsOf(texts, at, length);
      if ((runs - 1) * length > (times - 1) * period) [period, times] = [length, runs];
    }
    const once = texts.slice(at, at + period);
    if (times === 1) folded.push(once[0]!);
    else folded.push(period === 1 ? once[0]!.replace(/$/m, ` x${times}`) : `x${times}:\n${indent(once.join('\n'))}`);
    at += period * times;
  }
  return folded;
}

/** How often the `length` texts from `at` on stand there, one sequence after the other. */
function runsOf(texts: readonly string[], at: number, length: number): number {
  let end = at + length;
  while (end < texts.length && texts[end] === texts[end - length]) end++;
  return Math.max(1, Math.floor((end - at) / length));
}

function indent(text: string): string { return text.replace(/^/gm, '  '); }
