import { ipiSendSingle, irqToDesc, rawIpiSendSingle, IRQ, IRQD } from '@irqchip/genirq-core';
import { DOMAIN_BUS, IRQ_DOMAIN_FLAG, irqFindMapping, irqReserveIpi } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import { Bench, codeOf, CONTRACTS, trap, type ContractName } from './bench.ts';

// The scenarios of the reference paper, under its numbers; 2 has more in create.test.ts, 13 is mutations.test.ts.

function ready(contract: ContractName, nrIpi = 8, nrCpus = 4): Bench {
  const bench = new Bench({ nrCpus });
  bench.create(contract, nrIpi);
  return bench;
}

describe.each(CONTRACTS)('%s contract', (contract) => {
  test('1. create(8): eight virqs in a row for hwirqs 0 to 7, per-CPU, of chip "IPI Mux", in domain IPI-Mux-6', () => {
    const bench = ready(contract);
    const { mux, genirq } = bench;
    expect(mux.virq).toBeGreaterThan(0);
    expect(mux.domain).toMatchObject({ name: 'IPI-Mux-6', busToken: DOMAIN_BUS.IPI, revmapSize: 8, mapcount: 8 });
    expect(mux.domain.flags & IRQ_DOMAIN_FLAG.IPI_SINGLE).not.toBe(0);
    for (let hwirq = 0; hwirq < 8; hwirq++) {
      const desc = irqToDesc(genirq, mux.virq + hwirq)!;
      expect(irqFindMapping(mux.domain, hwirq)).toBe(mux.virq + hwirq);
      expect(desc.irqData).toMatchObject({ hwirq, chipData: null });
      expect(desc.irqData.chip.name).toBe('IPI Mux');
      expect(desc.settings & IRQ.PER_CPU_DEVID).not.toBe(0);
      expect(desc.common.state & IRQD.PER_CPU).not.toBe(0);
      expect({ depth: desc.depth, name: desc.name, flow: desc.handleIrq.name }).toEqual({ depth: 1, name: null, flow: 'handlePercpuDevidIrq' });
    }
    expect(genirq.irqToDesc(mux.virq + 8)).toBeNull();
    expect(bench.muxes.all).toEqual([mux]);
    expect(bench.smp.diagnostics.open).toEqual([]);
  });

  test('2. a second create is EEXIST and changes nothing', () => {
    const bench = ready(contract);
    bench.request(3);
    bench.enable(1, 3);
    bench.send(5, [2]);
    const before = bench.leftovers();
    for (const again of CONTRACTS) expect(codeOf(() => bench.muxes.create(bench.contract(again)))).toBe('EEXIST');
    // EEXIST comes before everything else that is wrong.
    expect(codeOf(() => bench.muxes.create({ nrIpi: 99, send: null as never }))).toBe('EEXIST');
    expect(bench.leftovers()).toEqual(before);
    expect([bench.enabled(1), bench.pending(2)]).toEqual([[3], [5]]);
    bench.send(3, [1]);
    expect(bench.settle()).toBe(1);
    expect(bench.ran).toEqual(['3@CPU1']);
  });

  test('3. send to {1}: one doorbell, there; process on 1 runs the handler once, with the virq and CPU1\'s cookie', () => {
    const bench = ready(contract);
    bench.request(0);
    bench.enable(1, 0);
    bench.send(0, [1]);
    expect(bench.rung).toEqual([1]);
    expect(bench.take(1)).toBe(true);
    expect(bench.ran).toEqual(['0@CPU1']);
    expect([bench.pending(1), bench.take(1)]).toEqual([[], false]);
    expect(irqToDesc(bench.genirq, bench.mux.virq)!.countOn(1)).toBe(1);
    expect(bench.smp.diagnostics.open).toEqual([]);
  });

  test('4. two sends before process: the second rings nobody, one handler run', () => {
    const bench = ready(contract);
    bench.request(0);
    bench.enable(1, 0);
    bench.send(0, [1], 0);
    bench.send(0, [1], 2);
    expect(bench.rung).toEqual([1]);
    expect(bench.settle()).toBe(1);
    expect(bench.ran).toEqual(['0@CPU1']);
    // The bit is gone: the next send rings again.
    bench.send(0, [1]);
    expect(bench.settle()).toBe(1);
    expect(bench.taken()).toEqual({ rung: [1, 1], ran: ['0@CPU1', '0@CPU1'] });
  });

  test('5. masked: no doorbell, not dispatched, kept; unmasking rings the CPU itself, and the handler runs once', () => {
    const bench = ready(contract);
    bench.request(0);
    bench.request(1);
    bench.enable(1, 0, 1);
    bench.disable(1, 0);
    bench.send(0, [1]);
    expect([bench.rung, bench.pending(1)]).toEqual([[], [0]]);
    bench.send(1, [1]);
    expect(bench.settle()).toBe(1);
    expect([bench.taken(), bench.pending(1)]).toEqual([{ rung: [1], ran: ['1@CPU1'] }, [0]]);
    bench.enable(1, 0);
    // The unmask itself calls no handler: the parent interrupt does.
    expect(bench.taken()).toEqual({ rung: [1], ran: [] });
    expect(bench.settle()).toBe(1);
    expect([bench.taken(), bench.pending(1)]).toEqual([{ rung: [], ran: ['0@CPU1'] }, []]);
  });

  test('6. mask and unmask with nothing pending: no doorbell', () => {
    const bench = ready(contract);
    bench.request(0);
    bench.request(1);
    bench.enable(1, 0, 1);
    bench.disable(1, 0);
    // Something else is pending: that is not the unmasked one's business.
    bench.send(1, [1]);
    bench.taken();
    bench.enable(1, 0);
    bench.enable(1, 0);
    expect(bench.rung).toEqual([]);
  });

  test.each([32, 64])('7. bits 0 and 31 together on a mux of %i: 0 first', (nrIpi) => {
    const bench = ready(contract, nrIpi);
    for (const hwirq of [31, 0]) {
      bench.request(hwirq);
      bench.enable(1, hwirq);
    }
    bench.send(31, [1]);
    bench.send(0, [1]);
    expect(bench.pending(1)).toEqual([0, 31]);
    expect([bench.settle(), bench.ran]).toEqual([1, ['0@CPU1', '31@CPU1']]);
  });

  test('8. a handler that sends its own vIPI to itself: a doorbell, and a second run from the next parent interrupt', () => {
    const bench = ready(contract);
    bench.request(0, () => { if (bench.ran.length === 1) bench.send(0, [1], 1); });
    bench.enable(1, 0);
    bench.send(0, [1]);
    bench.take(1);
    expect(bench.taken()).toEqual({ rung: [1, 1], ran: ['0@CPU1'] });
    expect(bench.pending(1)).toEqual([0]);
    bench.ran.push('second pass');
    expect(bench.settle()).toBe(1);
    expect(bench.ran).toEqual(['second pass', '0@CPU1']);
  });

  test('8. a handler that sends a higher and a lower vIPI to itself: both wait for the next parent interrupt', () => {
    const bench = ready(contract);
    for (const hwirq of [2, 6]) bench.request(hwirq);
    bench.request(4, () => { bench.send(6, [1], 1); bench.send(2, [1], 1); });
    bench.enable(1, 2, 4, 6);
    bench.send(4, [1]);
    bench.take(1);
    expect(bench.ran).toEqual(['4@CPU1']);
    bench.settle();
    expect(bench.ran).toEqual(['4@CPU1', '2@CPU1', '6@CPU1']);
  });

  test('9. send to {0,1,2} with 1 masked: doorbells 0 and 2 in that order, the bit stays on 1', () => {
    const bench = ready(contract);
    bench.request(3);
    bench.enable(0, 3);
    bench.enable(2, 3);
    bench.send(3, [2, 1, 0], 3);
    expect(bench.rung).toEqual([0, 2]);
    if (contract === 'patch') expect(bench.masks).toEqual(['0,2']);
    expect([bench.pending(0), bench.pending(1), bench.pending(2), bench.pending(3)]).toEqual([[3], [3], [3], []]);
    bench.settle();
    expect([bench.ran, bench.pending(1)]).toEqual([['3@CPU0', '3@CPU2'], [3]]);
  });

  test('10. no request: process prints the spurious line once, masks, and returns', () => {
    const bench = ready(contract);
    bench.request(1);
    bench.enable(1, 0, 1);
    for (let i = 0; i < 3; i++) {
      bench.enable(1, 0);
      bench.send(0, [1]);
      bench.send(1, [1]);
      bench.settle();
      expect(bench.enabled(1)).toEqual([1]);
    }
    expect(bench.ran).toEqual(['1@CPU1', '1@CPU1', '1@CPU1']);
    expect(bench.smp.log.records.filter(({ level }) => level !== 'debug').map(({ text }) => text)).toEqual([
      `Spurious and unmasked percpu IRQ${bench.mux.virq} on CPU1`,
    ]);
    expect(bench.smp.diagnostics.open).toEqual([]);
  });

  test('11. ipiSendSingle outside the affinity mask is EINVAL with one warning a machine; rawIpiSendSingle delivers', () => {
    const bench = new Bench({ genirq: { defaultAffinity: new CpuMask(4, [0, 1]) } });
    bench.create(contract);
    bench.request(0);
    bench.enable(3, 0);
    const { genirq, mux } = bench;
    for (let i = 0; i < 2; i++) expect(codeOf(() => ipiSendSingle(genirq, mux.virq, 3))).toBe('EINVAL');
    expect(bench.smp.diagnostics.take()).toMatchObject([{ kind: 'warn' }]);
    expect([bench.rung, bench.pending(3)]).toEqual([[], []]);
    rawIpiSendSingle(irqToDesc(genirq, mux.virq)!, 3);
    bench.settle();
    expect(bench.ran).toEqual(['0@CPU3']);
  });

  test('12. an offline CPU collects bits without doorbells; coming back it unmasks, rings, and handles', () => {
    const arch: { bench: Bench | null } = { bench: null };
    const eachHere = (act: 'enable' | 'disable'): void => {
      const { smp } = arch.bench!;
      for (let i = 0; i < 8; i++) arch.bench![act](smp.cpus.current, i);
    };
    const bench = new Bench({
      port: {
        bringup: (cpu) => bench.smp.cpus.runOn(cpu, () => {
          const { cpus } = bench.smp;
          cpus.localIrqDisable();
          bench.cpuhp.notifyCpuStarting(cpu);
          eachHere('enable');
          cpus.online.set(cpu);
          cpus.localIrqEnable();
        }),
        cpuDisable: (cpu) => { bench.smp.cpus.online.clear(cpu); eachHere('disable'); },
        cpuDead: () => undefined,
      },
    });
    arch.bench = bench;
    bench.create(contract);
    for (let i = 0; i < 8; i++) bench.request(i);
    for (let cpu = 0; cpu < 4; cpu++) bench.enable(cpu, 0, 1, 2, 3, 4, 5, 6, 7);
    bench.cpuhp.cpuDown(2);
    bench.send(0, [1, 2, 3]);
    bench.send(5, [2]);
    bench.send(5, [2]);
    expect([bench.rung, bench.pending(2), bench.level[2]]).toEqual([[1, 3], [0, 5], 0]);
    bench.settle();
    bench.taken();
    bench.cpuhp.cpuUp(2);
    // One doorbell for each that was pending: unmask n cannot know of unmask m.
    expect(bench.taken()).toEqual({ rung: [2, 2], ran: [] });
    bench.settle();
    expect([bench.taken().ran, bench.pending(2)]).toEqual([['0@CPU2', '5@CPU2'], []]);
    bench.send(5, [2]);
    expect([bench.settle(), bench.ran]).toEqual([1, ['5@CPU2']]);
    expect(bench.smp.diagnostics.open).toEqual([]);
  });

  test('reserving a ninth vIPI is refused and leaves the first in place', () => {
    const bench = ready(contract);
    bench.request(0);
    bench.enable(1, 0);
    const before = bench.leftovers();
    expect(codeOf(() => irqReserveIpi(bench.mux.domain, CpuMask.of(4, 1)))).toBe('EBUSY');
    expect(bench.leftovers()).toEqual(before);
    bench.send(0, [1]);
    bench.settle();
    expect(bench.ran).toEqual(['0@CPU1']);
  });

  test.each([
    ['in a task', (bench: Bench) => bench.mux.process()],
    ['in a task with interrupts off', (bench: Bench) => { bench.smp.cpus.localIrqDisable(); bench.mux.process(); bench.smp.cpus.localIrqEnable(); }],
    ['in hard irq with interrupts on', (bench: Bench) => trap(bench.smp, 0, () => { bench.smp.cpus.localIrqEnable(); bench.mux.process(); })],
  ])('process() %s is a context finding', (_where, run) => {
    const bench = ready(contract);
    run(bench);
    expect(bench.smp.diagnostics.take()).toMatchObject([{ kind: 'context', cpu: 0, message: expect.stringContaining('IPI-Mux-6') as string }]);
  });

  test('process() in the parent\'s handler is no finding', () => {
    const bench = ready(contract);
    trap(bench.smp, 1, () => bench.mux.process());
    expect(bench.smp.diagnostics.open).toEqual([]);
  });
});
