import {
  disablePercpuIrq, enablePercpuIrq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendMask, requestPercpuIrq, type Genirq,
} from '@irqchip/genirq-core';
import { CpuMask, PerCpu, type SharedWords, type Smp } from '@irqchip/smp';
import type { Scene } from '../scene/explore-scene.ts';
import type { World } from '../scene/world.ts';
import { makeProvider, type ProviderOptions } from './providers.ts';

/** What the target's task does meanwhile; vIPIs by number. */
export type TargetStep = readonly [what: 'mask' | 'unmask' | 'send', vipi: number];

export interface MuxSceneOptions extends ProviderOptions {
  readonly name: string;
  /** What each sender sends; CPU 0 is the target, senders follow. */
  readonly sends: readonly number[];
  /** Whether each sender stores something of its own before, which the handler must see; default true. */
  readonly payloads?: boolean;
  /** Enabled at the start. */
  readonly enabled: readonly number[];
  readonly target?: readonly TargetStep[];
  /** A vIPI that the first handler sends to its own CPU once. */
  readonly selfSend?: number;
}

interface Parts {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly virq: number;
  readonly payload: SharedWords;
  readonly seen: Seen;
}

/** What the target's handlers saw. */
interface Seen { readonly runs: { readonly vipi: number; readonly payload: readonly number[] }[]; sentToSelf: boolean }

/** The real mux, under the provider's own code. */
export function muxScene(options: MuxSceneOptions): Scene<Parts> {
  const { sends, target = [] } = options;
  return {
    name: options.name,
    cpus: sends.length + 1,
    setup: (world) => setup(world, options),
    run: [
      (parts) => { for (const [what, vipi] of target) step(parts, what, vipi); return parts.seen; },
      ...sends.map((vipi, sender) => (parts: Parts): void => {
        if (options.payloads !== false) parts.payload.writeOnce(sender, 1);
        send(parts, vipi);
      }),
    ],
    observe: ({ seen }, cpu) => (cpu === 0 ? seen : null),
    check: ({ word, observed }) => checkAll(options, word, observed[0] as Seen),
  };
}

function setup(world: World, options: MuxSceneOptions): Parts {
  const { smp } = world;
  const payload = smp.memory.words('payload', options.sends.length);
  const { host: { genirq }, virq, line, handler } = makeProvider(world, options);
  const seen: Seen = { runs: [], sentToSelf: false };
  const parts: Parts = { smp, genirq, virq, payload, seen };
  const vipis = new Set([...options.enabled, ...options.sends, ...(options.target ?? []).map(([, vipi]) => vipi)]);
  for (const vipi of vipis) requestPercpuIrq(genirq, virq + vipi, () => handled(parts, vipi, options), 'vipi', new PerCpu(() => 0));
  smp.cpus.runOn(0, () => { for (const vipi of options.enabled) enablePercpuIrq(genirq, virq + vipi, IRQ_TYPE.NONE); });
  world.interrupt(0, line, handler);
  return parts;
}

function handled(parts: Parts, vipi: number, { sends, selfSend, payloads }: MuxSceneOptions): number {
  // What the sender of this vIPI stored before must be seen.
  parts.seen.runs.push({ vipi, payload: sends.map((sent, sender) => (sent === vipi && payloads !== false ? parts.payload.readOnce(sender) : 1)) });
  if (selfSend !== undefined && !parts.seen.sentToSelf) {
    parts.seen.sentToSelf = true;
    send(parts, selfSend);
  }
  return IRQ_HANDLED;
}

function send({ genirq, smp, virq }: Parts, vipi: number): void {
  rawIpiSendMask(irqToDesc(genirq, virq + vipi)!, CpuMask.of(smp.cpus.nrCpuIds, 0));
}

function step(parts: Parts, what: TargetStep[0], vipi: number): void {
  if (what === 'send') send(parts, vipi);
  else if (what === 'mask') disablePercpuIrq(parts.genirq, parts.virq + vipi);
  else enablePercpuIrq(parts.genirq, parts.virq + vipi, IRQ_TYPE.NONE);
}

/** Nothing is left to happen: every IPI that may be handled was, its handler saw the payload, and none ran without one. */
function checkAll(options: MuxSceneOptions, word: (name: string, index: number) => number, seen: Seen): string | null {
  const { provider, sends, selfSend } = options;
  const bits = word(provider === 'v5' ? 'ipi-mux v5 bits' : 'ipi-mux bits', 0);
  const vipis = new Set([...sends, ...(selfSend === undefined || !seen.sentToSelf ? [] : [selfSend])]);
  for (const vipi of vipis) {
    const enabled = provider === 'v5' || ((word('ipi-mux enable', 0) >>> vipi) & 1) !== 0;
    const pending = ((bits >>> vipi) & 1) !== 0;
    const runs = seen.runs.filter((run) => run.vipi === vipi);
    const count = sends.filter((sent) => sent === vipi).length + (selfSend === vipi && seen.sentToSelf ? 1 : 0);
    if (enabled && pending) return `vIPI ${vipi} is lost: its bit is set, no doorbell is on its way`;
    if (!pending && runs.length === 0) return `vIPI ${vipi} is lost: its bit was taken and no handler ran`;
    if (runs.length > count) return `vIPI ${vipi} was sent ${count} times and handled ${runs.length} times`;
    if (!pending && runs.some((run, at) => at === runs.length - 1 && run.payload.includes(0))) return `the handler of vIPI ${vipi} does not see what was stored before it was sent`;
  }
  if (seen.runs.some((run) => !vipis.has(run.vipi))) return 'a handler ran without anybody having sent';
  return null;
}
