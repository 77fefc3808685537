import { plicEarly } from '@irqchip/drivers-plic';
import { flowSymbol } from '@irqchip/genirq-core';
import { irqFindMatchingFwnode, makeProbeContext, type ProbeContext } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { Bench, codeOf, Site } from './bench.ts';
import { CLAIM, ENABLE, PRIORITY, THRESHOLD } from './wires.ts';

const MAPPED = 'riscv-plic: plic@c000000: mapped 96 interrupts with 4 handlers for 8 contexts.';
const read = (b: Bench, offset: number): number => b.hw.read(offset, 4) >>> 0;
/** Whether a CPU listens to the external interrupt. */
const listens = (b: Bench, cpu: number): boolean => (b.m.enabledOn(cpu) & (1 << b.m.harts.irq.ext)) !== 0;
const withContext = (b: Bench, change: Partial<ProbeContext>): ProbeContext => makeProbeContext({ ...b.site.ctx, regions: b.site.ctx.regions, parents: b.site.ctx.parents, ...change });

describe('probe', () => {
  test('says what Linux says, in the order of its log', () => {
    const b = new Bench({ linux: '7.2' }).boot();
    const log = b.m.log().slice(-4);
    expect(log[0]).toBe('irq: Added domain :soc:plic@c000000');
    expect(log[1]).toMatch(/^irq: irq_create_mapping\(.*, 0x9\)$/);
    expect(log[2]).toMatch(/^irq: irq 9 on domain interrupt-controller mapped to virtual irq/);
    expect(log[3]).toBe(MAPPED);
    expect(b.open()).toEqual([]);
  });

  test('Linux 6.12 counts sources, later ones count number 0 too', () => {
    const b = new Bench({ linux: '6.12' }).boot();
    expect(b.log()).toEqual(['riscv-plic: plic@c000000: mapped 95 interrupts with 4 handlers for 8 contexts.']);
    expect(b.site.domain!.revmapSize).toBe(96);
  });

  test('every source starts with priority 1, enabled nowhere; every CPU listens, with threshold 0', () => {
    const b = new Bench();
    for (const context of [1, 3]) {
      b.hw.write(ENABLE(context), 4, -1);
      b.hw.write(THRESHOLD(context), 4, 7);
    }
    b.boot();
    expect([1, 95].map((source) => read(b, PRIORITY(source)))).toEqual([1, 1]);
    expect([1, 3, 5, 7].map((context) => [read(b, ENABLE(context)), read(b, THRESHOLD(context))])).toEqual(Array.from({ length: 4 }, () => [0, 0]));
    expect([0, 1, 2, 3].map((cpu) => listens(b, cpu))).toEqual([true, true, true, true]);
    expect(flowSymbol(b.desc(b.plics.parentIrq).handleIrq)).toBe('plic_handle_irq');
  });

  test('context i is entry i, whatever the hartids and the CPU numbers are', () => {
    const b = new Bench({ nrCpus: 3, hartids: [2, 0, 1], contexts: [1, 2, 0].map((cpu) => ({ cpu, irq: 9 })) }).boot();
    expect([0, 1, 2].map((cpu) => b.plics.handlers[cpu]!.claim)).toEqual([CLAIM(2), CLAIM(0), CLAIM(1)]);
    const { runs } = b.request(10);
    b.raise(10);
    expect([runs, read(b, ENABLE(2))]).toEqual([[0], 1 << 10]);
  });

  test('a kernel in M-mode takes the machine\'s contexts and clears the enables of the supervisor\'s', () => {
    const contexts = [0, 1].flatMap((cpu) => [{ cpu, irq: 11 }, { cpu, irq: 9 }]);
    const b = new Bench({ mode: 'M', nrCpus: 2, contexts, linux: '7.2' });
    for (const context of [0, 1, 2, 3]) b.hw.write(ENABLE(context, 2), 4, -1);
    b.boot();
    expect([0, 1, 2, 3].map((context) => read(b, ENABLE(context, 2)))).toEqual([0, 0, 0, 0]);
    expect(b.plics.handlers.map((handler) => handler!.claim)).toEqual([CLAIM(0), CLAIM(2)]);
    expect(b.log()).toEqual(['riscv-plic: plic@c000000: mapped 96 interrupts with 2 handlers for 4 contexts.']);
  });

  test('a supervisor kernel leaves the machine\'s contexts alone', () => {
    const b = new Bench({ nrCpus: 1, contexts: [{ cpu: 0, irq: 11 }, { cpu: 0, irq: 9 }] });
    b.hw.write(ENABLE(0), 4, 0xfe);
    b.boot();
    expect(read(b, ENABLE(0))).toBe(0xfe);
  });

  test('the D1\'s is taken early, and its device is not probed again', () => {
    const b = new Bench({ compatible: 'allwinner,sun20i-d1-plic thead,c900-plic', nrCpus: 1 });
    const domain = b.site.probe(plicEarly);
    expect([plicEarly.stage, plicEarly.compatible, b.plics.all[0]!.edges]).toEqual(['irqchip', ['allwinner,sun20i-d1-plic'], true]);
    expect(b.site.probe()).toBe(domain);
    expect([b.plics.all.length, b.log().length, b.open()]).toEqual([1, 1, []]);
  });
});

describe('a context that cannot be used is skipped with a word', () => {
  test('a hart that the kernel does not run on, an entry that leads to no hart, an entry that cannot be parsed', () => {
    const b = new Bench({ nrCpus: 2 }).bringUp();
    const [none, good] = b.site.ctx.parents;
    const foreign = new Bench({ nrCpus: 1, hartids: [9] }).site.ctx.parents[1]!;
    const stray = { ...good!, node: b.site.ctx.node };
    b.site.probe(undefined, withContext(b, { parents: [none!, good!, foreign, stray, ...b.site.ctx.parents.slice(2)], parentErrors: [new IrqError('EINVAL', 'broken')] }));
    expect(b.log()).toEqual([
      'riscv-plic: plic@c000000: Invalid cpuid for context 2',
      'riscv-plic: plic@c000000: hwirq for context3 not found',
      'riscv-plic: plic@c000000: hwirq for context6 not found',
      'riscv-plic: plic@c000000: mapped 95 interrupts with 2 handlers for 6 contexts.',
    ]);
  });

  test('a second context of a CPU: the first one is silenced until that CPU starts', () => {
    const b = new Bench({ nrCpus: 2, contexts: [{ cpu: 0, irq: 9 }, { cpu: 1, irq: 9 }, { cpu: 0, irq: 9 }] }).bringUp();
    b.site.writes = [];
    b.site.probe();
    expect(b.log()).toEqual(['riscv-plic: plic@c000000: handler already present for context 2.', 'riscv-plic: plic@c000000: mapped 95 interrupts with 3 handlers for 3 contexts.']);
    expect(b.site.writes.filter((write) => write.includes(' 200000='))).toEqual(['cpu0 200000=7', 'cpu0 200000=0']);
  });
});

describe('a node that is wrong is refused, and leaves nothing behind', () => {
  const leftovers = (b: Bench): unknown => [b.plics.handlers.filter(Boolean).length, b.plics.all.length, b.plics.parentIrq, irqFindMatchingFwnode(b.m.domains, b.site.ctx.fwnode, 0)];
  const CLEAN = [0, 0, 0, null];

  test('no register region is ENOMEM', () => {
    const b = new Bench().bringUp();
    expect(codeOf(() => b.site.probe(undefined, withContext(b, { regions: [] })))).toBe('ENOMEM');
    expect([leftovers(b), b.log()]).toEqual([CLEAN, []]);
  });

  test('no riscv,ndev is EINVAL', () => {
    const b = new Bench({ properties: { 'riscv,ndev': undefined } }).bringUp();
    expect(codeOf(() => b.site.probe())).toBe('EINVAL');
    expect([leftovers(b), b.log()]).toEqual([CLEAN, ['riscv-plic: plic@c000000: riscv,ndev property not available']]);
  });

  test('more sources or contexts than there are registers is EINVAL', () => {
    for (const ndev of [1024, 0xffffffff]) expect(codeOf(() => new Bench({ properties: { 'riscv,ndev': ndev } }).site.probe())).toBe('EINVAL');
    const b = new Bench();
    expect(codeOf(() => b.site.probe(undefined, withContext(b, { parents: Array.from({ length: 15_873 }, () => b.site.ctx.parents[1]!) })))).toBe('EINVAL');
  });

  test('no context is EINVAL', () => {
    const b = new Bench().bringUp();
    expect(codeOf(() => b.site.probe(undefined, withContext(b, { parents: [] })))).toBe('EINVAL');
    expect([leftovers(b), b.log(), b.m.smp.diagnostics.take().length]).toEqual([CLEAN, ['riscv-plic: plic@c000000: no PLIC context available'], 1]);
  });

  test.each(['ioremap', 'plic_priv', 'irq_domain'])('no memory for %s is ENOMEM', (site) => {
    const b = new Bench().bringUp();
    b.m.smp.faults.fail(site);
    expect(codeOf(() => b.site.probe())).toBe('ENOMEM');
    expect(leftovers(b)).toEqual(CLEAN);
    b.site.probe();
    expect(b.plics.all.length).toBe(1);
  });

  test.each([0, 1, 3])('no memory for a context, after %i that were made, is ENOMEM', (after) => {
    const b = new Bench().bringUp();
    b.m.smp.faults.fail('plic_handler', { after });
    expect(codeOf(() => b.site.probe())).toBe('ENOMEM');
    expect(leftovers(b)).toEqual(CLEAN);
  });

  test('no INTC domain: the CPUs say that they cannot listen', () => {
    const b = new Bench({ nrCpus: 2 }).bringUp();
    b.m.harts.intcFwnode = null;
    b.site.probe();
    expect(b.log().slice(0, 2)).toEqual(['riscv-plic: plic@c000000: cpu0: parent irq not available', 'riscv-plic: plic@c000000: cpu1: parent irq not available']);
  });

  test('the hotplug state is taken: reported, the chained handler stays', () => {
    const b = new Bench({ nrCpus: 1 });
    b.m.cpuhp.setupState('CPUHP_AP_IRQ_SIFIVE_PLIC_STARTING', 'somebody else', null, null);
    b.site.probe();
    expect(b.m.smp.diagnostics.take('warn').map(({ message }) => message)[0]).toMatch(/hotplug state not registered.*taken by 'somebody else'.*chained handler on irq \d+ stays/);
    expect(flowSymbol(b.desc(b.plics.parentIrq).handleIrq)).toBe('plic_handle_irq');
  });
});

describe('several PLICs', () => {
  const sockets = (b: Bench): Site => new Site(b, { base: 0x10000000, contexts: [2, 3].map((cpu) => ({ cpu, irq: 9 })) });
  const first = { contexts: [0, 1].map((cpu) => ({ cpu, irq: 9 })) };

  test('the parent interrupt is taken when every online CPU has a context, once', () => {
    const b = new Bench(first).boot();
    expect([b.plics.parentIrq, b.plics.globalSetupDone, listens(b, 0)]).toEqual([0, false, false]);
    const second = sockets(b);
    second.probe();
    expect([b.plics.globalSetupDone, [0, 1, 2, 3].map((cpu) => listens(b, cpu))]).toEqual([true, [true, true, true, true]]);
    expect(b.m.cpuhp.states().filter(({ name }) => name === 'irqchip/sifive/plic:starting')).toHaveLength(1);
    expect(b.log()).toEqual(['c000000', '10000000'].map((at) => `riscv-plic: plic@${at}: mapped 95 interrupts with 2 handlers for 2 contexts.`));
  });

  test('each serves its own CPUs: an interrupt goes to none of the other\'s', () => {
    const b = new Bench(first).boot();
    const second = sockets(b);
    second.probe();
    const irq = second.map(10);
    expect(b.desc(irq).common.affinity.toList()).toBe('2-3');
    const own = b.request(10);
    second.hw.setInput(10, true);
    b.raise(10);
    expect(own.runs).toEqual([0]);
    expect(b.open()).toEqual([]);
  });

  test('with every CPU in the first one it sets up at once; a second one that repeats them changes the first', () => {
    const b = new Bench({ nrCpus: 2 }).boot();
    const { irq } = b.request(10);
    const again = new Site(b, { base: 0x10000000, contexts: [{ cpu: 0, irq: 9 }] });
    again.probe();
    expect(b.log().slice(1)).toEqual(['riscv-plic: plic@10000000: handler already present for context 0.', 'riscv-plic: plic@10000000: mapped 95 interrupts with 1 handlers for 1 contexts.']);
    expect([read(b, THRESHOLD(1)), read(b, ENABLE(1)), b.desc(irq).depth, b.open()]).toEqual([7, 0, 0, []]);
  });
});

describe('CPUs that come and go', () => {
  test('a CPU that goes stops listening; its threshold is 0 when it is back', () => {
    const b = new Bench().boot();
    b.m.cpuhp.cpuDown(1);
    expect(listens(b, 1)).toBe(false);
    b.hw.write(THRESHOLD(3), 4, 5);
    b.m.cpuhp.cpuUp(1);
    expect([listens(b, 1), read(b, THRESHOLD(3))]).toEqual([true, 0]);
  });

  test('a CPU without a context is reported when it comes up', () => {
    const b = new Bench({ nrCpus: 2, contexts: [{ cpu: 0, irq: 9 }] });
    b.site.probe();
    expect([b.plics.globalSetupDone, b.open()]).toEqual([true, []]);
    b.m.cpuhp.cpuUp(1);
    expect(b.open()[0]).toBe('CPU1 comes up and has no PLIC context: no external interrupt reaches it.');
  });
});
