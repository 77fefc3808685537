import { IrqError, Smp } from '@irqchip/smp';
import {
  allocDesc, disableHardirq, disableIrq, disableIrqNosync, enableIrq, freeDesc, freeIrq, Genirq, handleEdgeIrq, handleFasteoiIrq, handleLevelIrq, handleSimpleIrq, injectInterrupt, IRQ, IRQ_HANDLED, IRQD, IRQS,
  modifyStatus, requestThreadedIrq, runIrqThreads, runPendingResend, setChipAndHandler, setIrqType, type IrqChip, type IrqDesc, type IrqHandler,
} from '../src/index.ts';
import type { Act, Behaviour, ChipShape, Flow, Request } from './depth-line.ts';
import { LineModel } from './depth-model.ts';
import { codeOf, trap } from './fixture.ts';

export type Op = { readonly script: readonly Behaviour[]; readonly fails: readonly string[]; readonly retriggers: boolean } & (
  | { kind: 'request'; request: Request; fault: string | null }
  | { kind: 'free'; dev: string | null }
  | { kind: 'disable'; how: 'nosync' | 'sync' | 'hardirq' }
  | { kind: 'enable' | 'arrive' | 'threads' | 'resend' | 'inject' }
  | { kind: 'type'; type: number }
  | { kind: 'modify'; clear: number; set: number }
);

const FLOWS = { simple: handleSimpleIrq, level: handleLevelIrq, edge: handleEdgeIrq, fasteoi: handleFasteoiIrq } as const;

/** What the models do not speak of. */
const OWN_SETTINGS = IRQ.PROC_VALID;
const OWN_ISTATE = IRQS.SYSFS;

/** As `toEqual`, but quick when they are: it is asked some 200,000 times. */
function same(got: unknown, expected: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(expected)) expect(got).toEqual(expected);
}

/** One line of the package and its model, driven alike. */
export class Pair {
  readonly smp = new Smp({ nrCpus: 2 });
  readonly genirq: Genirq;
  readonly irq: number;
  readonly model: LineModel;
  private readonly desc: IrqDesc;
  private calls: string[] = [];
  private fails: ReadonlySet<string> = new Set();
  private retriggers = true;
  private script: Behaviour[] = [];
  private readonly once = new Set<string>();

  constructor(readonly shape: ChipShape, flow: Flow, linux: '6.12' | '7.2') {
    this.smp.cpus.online.set(1);
    this.genirq = new Genirq(this.smp, { linux });
    this.irq = allocDesc(this.genirq, 0);
    setChipAndHandler(this.genirq, this.irq, this.chip(), FLOWS[flow]);
    this.calls = [];
    this.desc = this.genirq.irqToDesc(this.irq)!;
    this.desc.irqData.domain = { name: 'd', ops: { activate: () => this.called('activate'), deactivate: () => this.called('deactivate') } };
    if (shape.resendWhenInProgress) this.desc.common.state |= IRQD.RESEND_WHEN_IN_PROGRESS;
    this.model = new LineModel(shape, flow, linux);
  }

  private chip(): IrqChip {
    const chip: Record<string, unknown> = { name: 'noting', flags: this.shape.flags };
    const answers: Record<string, () => unknown> = { irqSetType: () => 0, irqRetrigger: () => this.retriggers, irqGetIrqchipState: () => false };
    for (const name of this.shape.has) {
      chip[name] = () => {
        this.called(name);
        return answers[name]?.();
      };
    }
    return chip as unknown as IrqChip;
  }

  private called(name: string): void {
    this.calls.push(name);
    if (this.fails.has(name)) throw new IrqError(name === 'activate' ? 'ENOSPC' : name === 'irqSetType' ? 'EINVAL' : 'EBUSY', `${name} fails`);
  }

  private handler(who: string): IrqHandler {
    return () => {
      this.calls.push(who);
      const { returns, acts } = this.script.shift() ?? { returns: IRQ_HANDLED, acts: [] };
      for (const act of acts) this.act(act);
      return returns;
    };
  }

  private act(act: Act): void {
    if (act === 'disable') disableIrqNosync(this.genirq, this.irq);
    else if (act === 'enable') enableIrq(this.genirq, this.irq);
    // While the handlers run, it can only come to the other CPU.
    else trap(this.smp, () => this.desc.handleIrq(this.desc), 1 - this.smp.cpus.current);
  }

  /** Both sides do it; then everything that can be seen is the same. */
  run(op: Op): void {
    const { model } = this;
    const printed = this.smp.log.records.length;
    Object.assign(model, { calls: [], log: [], findings: [], fails: new Set(op.fails), retriggers: op.retriggers, script: [...op.script] });
    Object.assign(this, { calls: [], fails: new Set(op.fails), retriggers: op.retriggers, script: [...op.script] });
    const expected = this.predict(op);
    const got = this.real(op);
    same({ got, calls: this.calls }, { got: expected, calls: model.calls });
    this.compareLog(this.smp.log.records.slice(printed).map(({ text }) => text), model.log);
    this.compareFindings(this.smp.diagnostics.take().map(({ message }) => message), model.findings);
    this.compareWords();
    this.smp.faults.clear();
  }

  private predict(op: Op): string {
    const { model } = this;
    switch (op.kind) {
      case 'request': return model.request(op.request, op.fault);
      case 'free': return model.free(op.dev);
      case 'disable': return model.disable(op.how);
      case 'enable': return model.enable();
      case 'arrive': model.arrive(); return 'none';
      case 'threads': return model.runThreads();
      case 'resend': return model.runResend();
      case 'inject': return model.inject();
      case 'type': return model.setType(op.type);
      case 'modify': return model.modify(op.clear, op.set);
    }
  }

  private real(op: Op): string {
    const { genirq, irq } = this;
    let answer = 'none';
    const code = codeOf(() => {
      switch (op.kind) {
        case 'request': return this.request(op.request, op.fault);
        case 'free': return void (answer = `${freeIrq(genirq, irq, op.dev)}`);
        case 'disable': return void (op.how === 'hardirq' ? answer = `${disableHardirq(genirq, irq)}` : op.how === 'sync' ? disableIrq(genirq, irq) : disableIrqNosync(genirq, irq));
        case 'enable': return enableIrq(genirq, irq);
        case 'arrive': return trap(this.smp, () => this.desc.handleIrq(this.desc));
        case 'threads': return void (answer = `${runIrqThreads(genirq)}`);
        case 'resend': return void (answer = `${runPendingResend(genirq)}`);
        case 'inject': return injectInterrupt(genirq, irq);
        case 'type': return setIrqType(genirq, irq, op.type);
        case 'modify': return modifyStatus(genirq, irq, op.clear, op.set);
      }
    });
    return code ?? answer;
  }

  private request({ dev, handler, thread, flags }: Request, fault: string | null): void {
    if (fault) this.smp.faults.fail(fault);
    const name = dev ?? 'alone';
    requestThreadedIrq(this.genirq, this.irq, handler ? this.handler(`handler ${name}`) : null, thread ? this.handler(`thread ${name}`) : null, flags, name, dev);
  }

  private compareLog(got: string[], expected: (string | RegExp)[]): void {
    if (got.length === 0 && expected.length === 0) return;
    expect(got).toEqual(expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
  }

  /** A pattern stands for a warning that is given once a machine. */
  private compareFindings(got: string[], expected: (string | RegExp)[]): void {
    const due = expected.filter((finding) => {
      if (typeof finding === 'string') return true;
      const first = !this.once.has(finding.source);
      this.once.add(finding.source);
      return first;
    });
    this.compareLog(got, due);
  }

  private compareWords(): void {
    const { desc, model, genirq } = this;
    const actions: unknown[] = [];
    for (let action = desc.action; action; action = action.next) actions.push([action.devId, action.flags, action.threadMask >>> 0]);
    same({
      depth: desc.depth, dstate: desc.common.state, istate: desc.istate & ~OWN_ISTATE, settings: desc.settings & ~OWN_SETTINGS, count: desc.totCount, actions,
      oneshot: desc.threadsOneshot, active: desc.threadsActive, resend: genirq.resends.pending, threads: genirq.threads.pending, locked: desc.lock.locked,
    }, {
      depth: model.depth, dstate: model.dstate, istate: model.istate, settings: model.settings, count: model.count,
      actions: model.actions.map(({ dev, flags, mask }) => [dev, flags, mask]),
      oneshot: model.threadsOneshot, active: model.threadsActive, resend: model.resendQueued, threads: model.woken.length > 0, locked: false,
    });
  }

  /** Everything is given back: no action, no thread, no replay, no descriptor is left. */
  end(): void {
    const plain = { script: [], fails: [], retriggers: true };
    for (const { dev } of [...this.model.actions]) this.run({ kind: 'free', dev, ...plain });
    const busy = this.desc.common.state & (IRQD.IRQ_INPROGRESS | IRQD.ACTIVATED);
    same([this.desc.action, this.desc.threadsActive, this.genirq.threads.pending, busy], [null, 0, false, 0]);
    freeDesc(this.genirq, this.irq);
    same([[...this.genirq.descs].length, runPendingResend(this.genirq), runIrqThreads(this.genirq), this.smp.diagnostics.open], [0, 0, 0, []]);
  }
}
