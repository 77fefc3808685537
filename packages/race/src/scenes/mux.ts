import { CpuHotplug } from '@irqchip/cpuhp';
import {
  disablePercpuIrq, enablePercpuIrq, Genirq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendMask, requestPercpuIrq,
} from '@irqchip/genirq-core';
import { IpiMuxes, IpiMuxV5 } from '@irqchip/ipi-mux';
import { IrqDomains } from '@irqchip/irqdomain';
import { CpuMask, PerCpu, type SharedWords, type Smp } from '@irqchip/smp';
import type { Scene } from '../scene/explore-scene.ts';
import type { IoRegister, World } from '../scene/world.ts';

/** Which mux, and how its parent is handled: by the driver before process(), by the mux, or as the patch was posted. */
export type MuxKind = 'merged' | 'patch' | 'v5';

/** What the target's task does meanwhile; vIPIs by number. */
export type TargetStep = readonly [what: 'mask' | 'unmask' | 'send', vipi: number];

export interface MuxSceneOptions {
  readonly name: string;
  readonly kind: MuxKind;
  /** What each sender sends; CPU 0 is the target, senders follow. Each stores a payload of its own before. */
  readonly sends: readonly number[];
  /** Enabled at the start. */
  readonly enabled: readonly number[];
  readonly target?: readonly TargetStep[];
  /** A vIPI that the first handler sends to its own CPU once. */
  readonly selfSend?: number;
  /** The driver rings with `writel_relaxed`. */
  readonly relaxedDoorbell?: boolean;
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

/** The real mux on one doorbell register a CPU. */
export function muxScene(options: MuxSceneOptions): Scene<Parts> {
  const { sends, target = [] } = options;
  return {
    name: options.name,
    cpus: sends.length + 1,
    setup: (world) => setup(world, options),
    run: [
      (parts) => { for (const [what, vipi] of target) step(parts, what, vipi); return parts.seen; },
      ...sends.map((vipi, sender) => (parts: Parts): void => {
        parts.payload.writeOnce(sender, 1);
        send(parts, vipi);
      }),
    ],
    observe: ({ seen }, cpu) => (cpu === 0 ? seen : null),
    check: ({ word, observed }) => checkAll(options, word, observed[0] as Seen),
  };
}

function setup(world: World, options: MuxSceneOptions): Parts {
  const { smp } = world;
  const genirq = new Genirq(smp);
  const domains = new IrqDomains(genirq);
  const payload = smp.memory.words('payload', options.sends.length);
  const doorbells = Array.from({ length: smp.cpus.nrCpuIds }, (_, cpu) => world.register(`doorbell[${cpu}]`));
  const { virq, handler } = makeMux(smp, domains, doorbells, options);
  const seen: Seen = { runs: [], sentToSelf: false };
  const parts: Parts = { smp, genirq, virq, payload, seen };
  const vipis = new Set([...options.enabled, ...options.sends, ...(options.target ?? []).map(([, vipi]) => vipi)]);
  for (const vipi of vipis) requestPercpuIrq(genirq, virq + vipi, () => handled(parts, vipi, options), 'vipi', new PerCpu(() => 0));
  smp.cpus.runOn(0, () => { for (const vipi of options.enabled) enablePercpuIrq(genirq, virq + vipi, IRQ_TYPE.NONE); });
  world.interrupt(0, doorbells[0]!, handler);
  return parts;
}

function handled(parts: Parts, vipi: number, { sends, selfSend }: MuxSceneOptions): number {
  // What the sender of this vIPI stored before must be seen.
  parts.seen.runs.push({ vipi, payload: sends.map((sent, sender) => (sent === vipi ? parts.payload.readOnce(sender) : 1)) });
  if (selfSend !== undefined && !parts.seen.sentToSelf) {
    parts.seen.sentToSelf = true;
    send(parts, selfSend);
  }
  return IRQ_HANDLED;
}

function makeMux(smp: Smp, domains: IrqDomains, doorbells: readonly IoRegister[], { kind, relaxedDoorbell }: MuxSceneOptions): { virq: number; handler: () => void } {
  const cpuhp = new CpuHotplug(smp);
  const ring = (cpu: number): void => doorbells[cpu]!.write(1, relaxedDoorbell);
  const clear = (): void => doorbells[smp.cpus.current]!.write(0, true);
  const ops = { clear, send: (_parent: number, mask: CpuMask) => { for (const cpu of mask) ring(cpu); } };
  if (kind === 'v5') {
    const v5 = new IpiMuxV5(domains, cpuhp);
    const virq = v5.create(0, ops);
    return { virq, handler: () => v5.process() };
  }
  const muxes = new IpiMuxes(domains, cpuhp);
  const mux = kind === 'merged' ? muxes.create({ nrIpi: 4, send: ring }) : muxes.create({ nrIpi: 4, parentVirq: 0, ops });
  return { virq: mux.virq, handler: () => { if (kind === 'merged') clear(); mux.process(); } };
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
  const { kind, sends, selfSend } = options;
  const bits = word(kind === 'v5' ? 'ipi-mux v5 bits' : 'ipi-mux bits', 0);
  const vipis = new Set([...sends, ...(selfSend === undefined || !seen.sentToSelf ? [] : [selfSend])]);
  for (const vipi of vipis) {
    const enabled = kind === 'v5' || ((word('ipi-mux enable', 0) >>> vipi) & 1) !== 0;
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
