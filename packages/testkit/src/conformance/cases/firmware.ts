import type { Bench } from '@irqchip/testbench';
import { ConformanceError, type CaseKit, type ConformanceCase } from '../case.ts';

/** Each case runs so often, with something else in the registers each time. */
const SEEDS = [0, 1, 2, 3, 4] as const;

type Write = (offset: number, value: number) => void;
type SetInput = (line: number, level: boolean) => void;

/** Seeds that set all bits, where the registers are not known: from the first register to the last, and back. */
const ALL_ONES = ['with every bit set', 'with every bit set, written from the last to the first'] as const;

/** The machine knows the controllers of given boards. */
function isKnown({ options: { scrambleRegisters, hardware, tree } }: CaseKit): boolean {
  return hardware === undefined || (tree !== undefined && scrambleRegisters === undefined);
}

/** Boots from registers that hold anything. `drive` is what lines did under the boot loader, where their model is known. */
function scrambled(kit: CaseKit, seed: number, drive: (setInput: SetInput) => void): Bench {
  const { scrambleRegisters } = kit.options;
  const known = isKnown(kit);
  const random = kit.random(seed);
  const next = (): number => (onesOf(kit, seed) === undefined ? random.next() : 0xffffffff);
  const anything = (write: Write): void => {
    // Set and clear registers come in either order.
    for (let at = 0; at < 64; at += 4) write(seed % 2 === 0 ? at : 60 - at, next());
  };
  try {
    return kit.bench({
      ...(known ? { scramble: seed + 1 } : {}),
      firmware: (write, setInput) => {
        if (!known) (scrambleRegisters ?? anything)(write, next);
        drive(setInput);
      },
    });
  } catch (error) {
    throw new ConformanceError(`it does not boot ${from(kit, seed)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Undefined where this seed stands for anything. */
function onesOf(kit: CaseKit, seed: number): string | undefined {
  if (isKnown(kit)) return undefined;
  // Whoever says what is written says in which order.
  return seed === 0 || kit.options.scrambleRegisters === undefined ? ALL_ONES[seed] : undefined;
}

function from(kit: CaseKit, seed: number): string {
  return `from registers that firmware left ${onesOf(kit, seed) ?? `scrambled with seed ${seed}`}`;
}

/** Has `judge` look at machines that boot from anything. What fails from clean registers as well is not firmware's. */
function fromAnything(kit: CaseKit, drive: (setInput: SetInput) => void, judge: (b: Bench, state: string) => void): void {
  for (const seed of SEEDS) {
    try {
      judge(scrambled(kit, seed, drive), `booted ${from(kit, seed)}`);
    } catch (error) {
      try {
        judge(kit.bench({ firmware: (_write, setInput) => drive(setInput) }), 'booted from clean registers');
      } catch (clean) {
        throw clean instanceof ConformanceError ? new ConformanceError(clean.message, false) : clean;
      }
      kit.benches.pop()!.takeDiagnostics();
      throw error;
    }
  }
}

/** Asks every line and every CPU that it has, once. */
export function works(kit: CaseKit, b: Bench, what: string): void {
  if (kit.options.kind === 'ipi') {
    for (const cpu of b.machine.smp.cpus.online) {
      let ran = -1;
      kit.step = `CPU 0 calls CPU ${cpu}`;
      b.on(0, () => b.machine.ipi.smpCallFunctionSingle(cpu, () => { ran = b.machine.smp.cpus.current; }));
      kit.same(ran, cpu, `${what}, a call of CPU ${cpu} runs on CPU`);
    }
    return;
  }
  for (const line of kit.sample) asksOnce(kit, b, line, what);
}

/** Requests a line; what was latched earlier may come once, then one event is one run. */
function asksOnce(kit: CaseKit, b: Bench, line: number, what: string): void {
  const request = kit.request(b, line);
  const before = kit.atMost(request, 1, `${what}, requested, for what had come earlier`);
  kit.ask(b, line);
  kit.fired(request, before + 1, `${what}, requested and active once more`);
}

/** What firmware left must not matter. */
export const firmwareCases: readonly ConformanceCase[] = [
  {
    name: 'it boots from scrambled registers',
    rule: 'firmware and boot loaders leave controllers in any state; a driver switches every source off in its probe, a platform driver before it lets the parent interrupt in',
    kinds: ['wired', 'msi', 'ipi'],
    run(kit) {
      const used = (setInput: SetInput): void => {
        // Devices were used by the boot loader, too.
        for (let line = kit.first; line < kit.first + kit.count; line++) {
          setInput(line, true);
          setInput(line, false);
        }
      };
      fromAnything(kit, used, (b, state) => {
        kit.calm(b);
        // A timer's interrupt, which some providers of IPIs have as well, may be up.
        if (kit.options.kind !== 'ipi') kit.quiet(b, state);
        works(kit, b, state);
      });
    },
  },
  {
    name: 'lines that firmware left on are quiet until they are requested',
    rule: 'an enable that firmware left is nobody\'s request: a driver switches every line off at probe, before its parent interrupt is let in',
    kinds: ['wired'],
    run(kit) {
      const [other, ...rest] = kit.sample;
      const active = rest.length > 0 ? rest : [other!];
      const left = (setInput: SetInput): void => { if (kit.trigger === 'level') for (const line of active) setInput(line, true); };
      fromAnything(kit, left, (b, booted) => {
        const state = `${booted}, with lines ${active.join(', ')} active that nobody requested`;
        kit.calm(b);
        kit.quiet(b, state);
        for (const line of active) kit.staysQuiet(b, () => kit.askQuietly(b, line), `${state}, line ${line} just now`);
        kit.calm(b);
        if (rest.length > 0) asksOnce(kit, b, other!, state);
        kit.quiet(b, state);
        for (const line of active) asksOnce(kit, b, line, `${state} until now`);
      });
    },
  },
  {
    name: 'messages that firmware left on are quiet until they are requested',
    rule: 'an enable that firmware left is nobody\'s request: a driver switches every message off at probe, before its parent interrupt is let in',
    kinds: ['msi'],
    run(kit) {
      const clean = kit.bench();
      const messages = kit.sample.map((vector) => {
        kit.request(clean, vector);
        return kit.message(clean, vector);
      });
      fromAnything(kit, () => undefined, (b, state) => {
        for (const { address, data } of messages) {
          kit.staysQuiet(b, () => b.send(address, data), `${state}, after message 0x${data.toString(16)} to 0x${address.toString(16)}, which nobody requested`);
        }
        kit.calm(b);
        works(kit, b, `${state}, with messages sent that nobody had requested`);
      });
    },
  },
];
