import { Random } from '@irqchip/machine';
import type { Bench, BenchOptions } from '@irqchip/testbench';
import { ConformanceError, OtherError, type CaseKit, type ConformanceCase } from '../case.ts';
import { everyLineWorks } from '../locals.ts';

type SetInput = (line: number, level: boolean) => void;

/** So often, with something else in the registers each time. */
const SEEDS = 5;

/**
 * Has `judge` look at machines that boot from registers that hold anything. What fails from clean ones as well is not firmware's.
 * @param drive - what lines did under the boot loader, where their model is known
 */
export function fromAnything(kit: CaseKit, drive: (setInput: SetInput) => void, judge: (b: Bench, state: string) => void): void {
  const { scrambleRegisters, hardware, tree } = kit.options;
  // The machine knows the controllers of given boards.
  const known = hardware === undefined || (tree !== undefined && scrambleRegisters === undefined);
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = new Random(seed);
    const ones = !known && seed < 2;
    const next = (): number => (ones ? 0xffffffff : random.next());
    const anything: NonNullable<typeof scrambleRegisters> = (write) => {
      // Set and clear registers come in either order.
      for (let at = 0; at < 64; at += 4) write(seed % 2 === 0 ? at : 60 - at, next());
    };
    const from = `from registers that firmware left ${ones ? 'with every bit set' : `scrambled with seed ${seed}`}`;
    try {
      judge(boot(kit, from, {
        ...(known ? { scramble: seed + 1 } : {}),
        firmware: (write, setInput, read) => {
          if (!known) (scrambleRegisters ?? anything)(write, next, read);
          drive(setInput);
        },
      }), `booted ${from}`);
    } catch (error) {
      const { history } = kit;
      kit.history = null;
      try {
        judge(kit.bench({ firmware: (_write, setInput) => drive(setInput) }), 'booted from clean registers');
      } catch (clean) {
        throw clean instanceof ConformanceError ? new OtherError(clean.message) : clean;
      }
      kit.benches.pop()!.takeDiagnostics();
      kit.history = history;
      throw error;
    }
  }
}

function boot(kit: CaseKit, from: string, options: Partial<BenchOptions>): Bench {
  try {
    return kit.bench(options);
  } catch (error) {
    throw new ConformanceError(`it does not boot ${from}: ${error instanceof Error ? error.message : String(error)}`);
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
  if (kit.options.kind === 'percpu') everyLineWorks(kit, b, what);
  else for (const line of kit.sample) asksOnce(kit, b, line, what);
}

/** Requests a line; what was latched earlier may come once, then one event is one run. */
function asksOnce(kit: CaseKit, b: Bench, line: number, what: string): void {
  const request = kit.request(b, line);
  kit.atMost(request, 1, `${what}, requested, for what had come earlier`);
  kit.once(b, request, `${what}, requested and active once more`);
}

/** What firmware left must not matter. */
export const firmwareCases: readonly ConformanceCase[] = [
  {
    name: 'it boots from scrambled registers',
    rule: 'firmware leaves controllers in any state: a driver switches every source off at probe, before its parent interrupt is let in',
    kinds: ['wired', 'msi', 'ipi', 'percpu'],
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
    rule: 'an enable that firmware left is nobody\'s request: a driver switches every source off at probe, before its parent interrupt is let in',
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
    rule: 'an enable that firmware left is nobody\'s request: a driver switches every source off at probe; a message that its device alone can mask is over once it was handled',
    kinds: ['msi'],
    run(kit) {
      const clean = kit.bench();
      const messages = kit.sample.map((vector) => {
        kit.request(clean, vector);
        return kit.message(clean, vector);
      });
      fromAnything(kit, () => undefined, (b, state) => {
        for (const { address, data } of messages) {
          const what = `${state}, after message 0x${data.toString(16)}, which nobody requested`;
          if (kit.controllerMasks(b)) kit.staysQuiet(b, () => b.send(address, data), what);
          else b.send(address, data);
          kit.calm(b);
          kit.quiet(b, what);
        }
        works(kit, b, `${state}, after messages`);
      });
    },
  },
];
