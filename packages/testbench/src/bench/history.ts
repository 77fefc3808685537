/** So many events are kept; older ones are forgotten. */
const KEPT = 4096;

/** So many are shown, and as many of the line in question: what was repeated counts as one. */
const SHOWN = 12;
const GAP = '  …';

/** The longest sequence whose repetition is seen. */
const PERIOD = 12;

interface Told {
  readonly text: string;
  /** Name of the controller's node, empty for what is nobody's. */
  readonly node: string;
}

interface Event extends Told {
  /** What a chip callback did to registers; null for what is none. */
  readonly accesses: Told[] | null;
}

/** What came last, calls and register accesses in one order: for messages. */
export class History {
  private readonly events: Event[] = [];
  private callback: Event | null = null;
  /** Whether anybody tells of register accesses. */
  private watched = false;
  /** Of all controllers that anything was told of. */
  private readonly nodes = new Set<string>();

  /** @param node - name of the controller's node that it is of, where more than one could be meant */
  note(text: string, node = ''): void { this.keep({ ...this.told(text, node), accesses: null }); }

  /** Nothing came yet. */
  get empty(): boolean { return this.events.length === 0; }

  /** Runs a chip callback: register accesses are its own. */
  during<T>(call: string, run: () => T): T {
    const outer = this.callback;
    this.callback = { text: call, node: '', accesses: [] };
    this.keep(this.callback);
    try {
      return run();
    } finally {
      this.callback = outer;
    }
  }

  access(text: string, node = ''): void {
    this.watched = true;
    if (this.callback === null) this.note(text, node);
    else this.callback.accesses!.push(this.told(text, node));
  }

  /** @param hwirq - of the line in question: its callbacks are shown, however long ago they were. */
  show(hwirq?: number): string {
    const shown: string[] = [];
    const say = ({ text, node }: Told): string => (this.nodes.size > 1 && node !== '' ? `${node}: ${text}` : text);
    const folded = fold(this.events.map((event) => {
      const { accesses } = event;
      if (accesses?.length === 0 && this.watched) return `${say(event)}: no register access`;
      return [say(event), ...fold(accesses?.map(say) ?? []).map(indent)].join('\n');
    }));
    folded.forEach((text, at) => {
      if (at >= folded.length - SHOWN || text.includes(`(${hwirq})`)) shown.push(indent(text));
      else if (shown.at(-1) !== GAP) shown.push(GAP);
    });
    return shown.length === 0 ? 'no calls' : `last calls:\n${shown.slice(-2 * SHOWN).join('\n')}`;
  }

  private told(text: string, node: string): Told {
    if (node !== '') this.nodes.add(node);
    return { text, node };
  }

  private keep(event: Event): void {
    if (this.events.length === KEPT) this.events.shift();
    this.events.push(event);
  }
}

/** What is repeated stands once, with how often. */
function fold(texts: readonly string[]): string[] {
  const folded: string[] = [];
  for (let at = 0; at < texts.length;) {
    let [period, times] = [1, 1];
    for (let length = 1; length <= PERIOD; length++) {
      let end = at + length;
      while (end < texts.length && texts[end] === texts[end - length]) end++;
      const runs = Math.floor((end - at) / length);
      if ((runs - 1) * length > (times - 1) * period) [period, times] = [length, runs];
    }
    const once = texts.slice(at, at + period).join('\n');
    folded.push(times === 1 ? once : period === 1 ? once.replace(/$/m, ` x${times}`) : `x${times}:\n${indent(once)}`);
    at += period * times;
  }
  return folded;
}

function indent(text: string): string { return text.replace(/^/gm, '  '); }
