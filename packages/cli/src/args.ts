import { parseArgs } from 'node:util';
import type { Scenario } from '@irqchip/machine';
import { NR_CPUS } from '@irqchip/smp';

/** The user asked for something that cannot be done; the message says what instead. */
export class UsageError extends Error {}

export interface BootOptions {
  readonly file: string | null;
  readonly mode: 'S' | 'M';
  readonly linux: '6.12' | '7.2';
  readonly bootHart: number | undefined;
  readonly cpus: number | undefined;
  readonly seed: number;
  readonly rounds: number;
  /** File that says which device requests which interrupt. */
  readonly consumers: string | undefined;
  readonly scenario: Scenario | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const USAGE: string = `Usage: irqchip boot [FILE.dtb|FILE.dts] [options]

Boots a RISC-V board from its device tree, lets every CPU call every other through
multiplexed IPIs, takes CPUs down and up under load, and prints /proc/interrupts.
Without a file it boots the bundled board (QEMU virt with AIA, 4 harts).

  --mode S|M         supervisor kernel on SBI firmware, or a machine-mode kernel (S)
  --linux 6.12|7.2   whose text formats and numbers to follow (6.12)
  --boot-hart N      hartid of the hart that boots as CPU 0
  --cpus N           number of CPUs, fewer or more than the tree has (1 to ${NR_CPUS})
  --rounds N         rounds of traffic (20)
  --seed N           seed of the traffic and of the schedule (1)
  --consumers FILE   which devices request which interrupts, in JSON
  --scenario NAME    instead of traffic: hotplug, affinity or inject, as the kernels of
                     the recordings were put through; prints the texts after each step
  --json             one JSON object instead of text
  --quiet            only /proc/interrupts and the line of totals
  --help             this text

Exit status: 0 when no IPI was lost and nothing was found wrong, 1 otherwise, 2 for wrong usage.
`;

/** @throws UsageError */
export function parseBoot(argv: readonly string[]): BootOptions {
  const { values, positionals } = read(argv);
  if (positionals.length > 1) throw new UsageError(`boot takes one device tree, not ${positionals.length}: ${positionals.join(' ')}`);
  return {
    file: positionals[0] ?? null,
    mode: oneOf('--mode', values.mode, ['S', 'M']),
    linux: oneOf('--linux', values.linux, ['6.12', '7.2']),
    bootHart: values['boot-hart'] === undefined ? undefined : whole('--boot-hart', values['boot-hart'], 0, Number.MAX_SAFE_INTEGER),
    cpus: values.cpus === undefined ? undefined : whole('--cpus', values.cpus, 1, NR_CPUS),
    seed: whole('--seed', values.seed, 0, 0xffffffff),
    rounds: whole('--rounds', values.rounds, 0, 1_000_000),
    consumers: values.consumers,
    scenario: values.scenario === undefined ? undefined : oneOf('--scenario', values.scenario, ['hotplug', 'affinity', 'inject']),
    json: values.json,
    quiet: values.quiet,
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        mode: { type: 'string', default: 'S' },
        linux: { type: 'string', default: '6.12' },
        'boot-hart': { type: 'string' },
        cpus: { type: 'string' },
        seed: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '20' },
        consumers: { type: 'string' },
        scenario: { type: 'string' },
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(inOurWords((error as Error).message));
  }
}

/** Node's messages without what Node would have its users do. */
export function inOurWords(message: string): string {
  const dashed = /^Option '(--[a-z-]+)' argument is ambiguous/.exec(message)?.[1];
  if (dashed) return `${dashed} is followed by a dash, which begins the next option; give such a value as ${dashed}=VALUE`;
  return message.split(/\n|\. To specify/, 1)[0]!;
}

function oneOf<const T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${option} is ${allowed.join(' or ')}, not '${value}'`);
  return found;
}

function whole(option: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) throw new UsageError(`${option} is a whole number from ${low} to ${high}, not '${text}'`);
  return value;
}
