import { type Errno, IrqError, Smp } from '@irqchip/smp';
import { CpuHotplug, type LinuxVersion } from '@irqchip/cpuhp';
import { codeOf } from './bench.ts';
import { HotplugModel, type Outcome, type Registered } from './state-machine-model.ts';

type Both = (cpu: number, node?: unknown) => void;

/** The package and the model side by side; every operation goes to both and is compared. */
export class Twin {
  readonly smp: Smp;
  readonly cpuhp: CpuHotplug;
  readonly model: HotplugModel;
  /** A callback failed that must not: nothing further is known. */
  lost = false;
  /** The CPU whose task does it. */
  caller = 0;
  private readonly calls: string[] = [];
  private readonly nodes = new Map<string, { id: string }>();
  private readonly once = new Set<string>();

  constructor(linux: LinuxVersion, nrCpus: number, { absent = [], impossible = [] }: { absent?: number[]; impossible?: number[] } = {}) {
    this.smp = new Smp({ nrCpus });
    const { cpus } = this.smp;
    for (const cpu of impossible) cpus.possible.clear(cpu);
    for (const cpu of [...absent, ...impossible]) cpus.present.clear(cpu);
    this.cpuhp = new CpuHotplug(this.smp, { linux });
    this.model = new HotplugModel(linux, nrCpus, new Set(cpus.possible), new Set(cpus.present));
    this.cpuhp.attach({
      bringup: (cpu) => cpus.runOn(cpu, () => {
        cpus.localIrqDisable();
        this.cpuhp.notifyCpuStarting(cpu);
        cpus.online.set(cpu);
        cpus.localIrqEnable();
      }),
      cpuDisable: (cpu) => {
        if (this.model.refuse) throw new IrqError(this.model.refuse, 'not today');
        cpus.online.clear(cpu);
      },
      cpuDead: () => undefined,
    });
  }

  set plan(plan: ReadonlyMap<string, Errno>) { this.model.plan = plan; }

  setup(asked: number, who: Registered, how: 'calls' | 'nocalls'): Outcome {
    const [startup, teardown] = [who.startup ? this.callback(who.name, 'startup') : null, who.teardown ? this.callback(who.name, 'teardown') : null];
    const dynamic = asked === this.model.layout.prepareDyn[0] || asked === this.model.layout.onlineDyn[0];
    return this.both(() => this.model.setup(asked, who, how === 'calls', this.caller), () => {
      const got = who.instances ? this.cpuhp.setupStateMulti(asked, who.name, startup, teardown)
        : how === 'calls' ? this.cpuhp.setupState(asked, who.name, startup, teardown) : this.cpuhp.setupStateNocalls(asked, who.name, startup, teardown);
      expect(got === 0).toBe(!dynamic);
      return `${got || asked}`;
    });
  }

  remove(slot: number, calls: boolean): Outcome {
    return this.both(() => this.model.remove(slot, calls, this.caller), () => (calls ? this.cpuhp.removeState(slot) : this.cpuhp.removeStateNocalls(slot)));
  }

  addInstance(slot: number, id: string, calls: boolean): Outcome {
    const node = { id };
    this.nodes.set(id, node);
    return this.both(() => this.model.addInstance(slot, id, calls, this.caller),
      () => (calls ? this.cpuhp.addInstance(slot, node) : this.cpuhp.addInstanceNocalls(slot, node)));
  }

  removeInstance(slot: number, id: string, calls: boolean): Outcome {
    const node = this.nodes.get(id) ?? { id };
    return this.both(() => this.model.removeInstance(slot, id, calls, this.caller),
      () => (calls ? this.cpuhp.removeInstance(slot, node) : this.cpuhp.removeInstanceNocalls(slot, node)));
  }

  up(cpu: number, target = 236): Outcome { return this.both(() => this.model.up(cpu, target, this.caller), () => this.cpuhp.cpuUp(cpu, target)); }
  down(cpu: number, target = 0): Outcome { return this.both(() => this.model.down(cpu, target), () => this.cpuhp.cpuDown(cpu, target)); }
  setTarget(cpu: number, target: number): Outcome { return this.both(() => this.model.setTarget(cpu, target, this.caller), () => this.cpuhp.setTarget(cpu, target)); }
  setFail(cpu: number, slot: number): Outcome { return this.both(() => this.model.setFail(cpu, slot), () => this.cpuhp.setFail(cpu, slot)); }

  disable(): Outcome { return this.both(() => { this.model.disabled++; return 'none'; }, () => this.cpuhp.cpuHotplugDisable()); }
  enable(): Outcome { return this.both(() => { this.model.disabled--; return 'none'; }, () => this.cpuhp.cpuHotplugEnable()); }

  private callback(name: string, way: 'startup' | 'teardown'): Both {
    return (cpu, node) => {
      const { cpus } = this.smp;
      const who = node === undefined ? name : `${name}.${(node as { id: string }).id}`;
      this.calls.push(`${who} ${way} ${cpu} on ${cpus.current}${cpus.irqsDisabled() ? ' irqs off' : ''}`);
      const code = this.model.plan.get(`${who}/${way}/${cpu}`);
      if (code) throw new IrqError(code, `${who} has no ${way} today`);
    };
  }

  private both(act: () => string, real: () => unknown): Outcome {
    const predicted = this.model.predict(act);
    const printed = this.smp.log.records.length;
    let answer: unknown;
    const code = this.smp.cpus.runOn(this.caller, () => codeOf(() => { answer = real(); }));
    const calls = this.calls.splice(0);
    this.lost = predicted.lost;
    if (predicted.lost) {
      // Who failed where nobody may is told so; what then becomes of the CPU is not written anywhere.
      expect(calls.slice(0, predicted.calls.length)).toEqual(predicted.calls);
      expect(this.smp.diagnostics.take().length).toBeGreaterThan(0);
      return predicted;
    }
    const log = this.smp.log.records.slice(printed).map(({ level, text }) => `${level} ${text}`);
    expect({ calls, code: code === 'none' && typeof answer === 'string' ? answer : code, log }).toEqual({ calls: predicted.calls, code: predicted.code, log: predicted.log });
    this.compareFindings(predicted.findings);
    this.compareStates();
    return predicted;
  }

  private compareFindings(expected: (string | RegExp)[]): void {
    const open = this.smp.diagnostics.take().map(({ message }) => message);
    for (const finding of expected) {
      const at = open.findIndex((message) => (typeof finding === 'string' ? message === finding : finding.test(message)));
      // A pattern stands for a warning that is given once a machine.
      if (at < 0 && typeof finding !== 'string' && this.once.has(finding.source)) continue;
      expect({ finding, found: at >= 0 }).toEqual({ finding, found: true });
      open.splice(at, 1);
      if (typeof finding !== 'string') this.once.add(finding.source);
    }
    expect(open).toEqual([]);
  }

  private compareStates(): void {
    const { cpuhp, model, smp } = this;
    const cpus = [...model.possible];
    const of = (numbers: number[]): number[] => cpus.map((cpu) => numbers[cpu]!);
    expect({
      state: cpus.map((cpu) => cpuhp.stateOf(cpu)), target: cpus.map((cpu) => cpuhp.targetOf(cpu)), fail: cpus.map((cpu) => cpuhp.failOf(cpu)),
      online: [...smp.cpus.online], irqsOff: cpus.filter((cpu) => smp.cpus.online.test(cpu) && smp.cpus.irqsDisabledOn(cpu)),
    }).toEqual({ state: of(model.state), target: of(model.target), fail: of(model.fail), online: [...model.online].sort((a, b) => a - b), irqsOff: [] });
    expect(cpuhp.statesText()).toBe(model.statesText());
  }
}
