import { errnoOf } from '@irqchip/smp';
import {
  disableIrqNosync, enableIrq, freeIrq, IRQ, IRQ_HANDLED, IRQCHIP, irqForceCompleteMove, irqSetAffinity, irqToDesc, requestIrq,
} from '@irqchip/genirq-core';
import { DOMAIN_BUS, irqDomainAllocIrqs, irqDomainFreeIrqs, irqFindMatchingFwnode, type IrqDomain } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import { Bench, MsiDevice, type BenchOptions } from './bench.ts';

/** CONFIG_HZ=250. */
const JIFFY = 4e6;

interface Rig { bench: Bench; base: IrqDomain; device: MsiDevice; runs: number[] }

/** A booted machine with one requested device interrupt; `runs` are the CPUs that its handler ran on. */
function rig(options: BenchOptions & { flags?: number } = {}): Rig {
  const bench = new Bench({ linux: '7.2', ...options });
  const base = bench.boot();
  const device = new MsiDevice(bench, base, 'msidev', options.flags);
  const runs: number[] = [];
  requestIrq(bench.m.genirq, device.virq, () => { runs.push(bench.m.smp.cpus.current); return IRQ_HANDLED; }, 0, 'msidev', device);
  return { bench, base, device, runs };
}

const errnoOfCall = (fn: () => void): number => {
  try { fn(); } catch (error) { return errnoOf(error); }
  return 0;
};
const to = (...cpus: number[]): CpuMask => new CpuMask(4, cpus);
const at = ({ vector }: MsiDevice): string => `CPU${vector.cpu} id ${vector.localId}`;

describe('the base domain', () => {
  test('takes the CPU with most identities left and its lowest identity', () => {
    const bench = new Bench();
    const base = bench.boot();
    const vectors = Array.from({ length: 6 }, () => bench.imsic.state!.vectorOf(0, 0) && irqDomainAllocIrqs(base, 1, -1, null))
      .map((virq) => irqToDesc(bench.m.genirq, virq!)!.irqData.chipData as { cpu: number; localId: number })
      .map(({ cpu, localId }) => [cpu, localId]);
    expect(vectors).toEqual([[0, 2], [1, 2], [2, 2], [3, 2], [0, 3], [1, 3]]);
  });

  test.each(['6.12', '7.2'] as const)('linux %s: hwirq is the virq, affinity all online CPUs, effective the vector CPU', (linux) => {
    const bench = new Bench({ linux });
    const base = bench.boot();
    irqDomainAllocIrqs(base, 1, -1, null);
    const virq = irqDomainAllocIrqs(base, 1, -1, null);
    const desc = irqToDesc(bench.m.genirq, virq)!;
    expect([desc.irqData.hwirq, desc.common.affinity.toList(), desc.common.effectiveAffinity.toList()]).toEqual([virq, '0-3', '1']);
    expect(desc.settings & IRQ.NOPROBE).not.toBe(0);
    expect(desc.handleIrq.name).toBe(linux === '6.12' ? 'handleSimpleIrq' : 'handleEdgeIrq');
  });

  test('more than one at once: EOPNOTSUPP', () => {
    const base = new Bench().boot();
    expect(() => irqDomainAllocIrqs(base, 2, -1, null)).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
  });

  test('nothing left: ENOSPC; what is freed can be had again', () => {
    const bench = new Bench({ nrCpus: 1, properties: { 'riscv,num-ids': 63 } });
    const base = bench.boot();
    const virqs = Array.from({ length: 62 }, () => irqDomainAllocIrqs(base, 1, -1, null));
    expect(() => irqDomainAllocIrqs(base, 1, -1, null)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    irqDomainFreeIrqs(bench.m.domains, virqs[7]!, 1);
    const again = irqDomainAllocIrqs(base, 1, -1, null);
    expect(irqToDesc(bench.m.genirq, again)!.irqData.chipData).toMatchObject({ localId: 9, irq: again });
  });

  test('is found as NEXUS and for the MSI of devices, under its node alone', () => {
    const bench = new Bench();
    const base = bench.boot();
    const find = (token: number): IrqDomain | null => irqFindMatchingFwnode(bench.m.domains, bench.ctx.fwnode, token);
    expect([DOMAIN_BUS.NEXUS, DOMAIN_BUS.PLATFORM_MSI, DOMAIN_BUS.PCI_MSI].map((token) => find(token) === base)).toEqual([true, true, true]);
    expect([find(DOMAIN_BUS.WIRED), find(DOMAIN_BUS.IPI)]).toEqual([null, null]);
    expect(irqFindMatchingFwnode(bench.m.domains, bench.m.intcFwnodes[1]!, DOMAIN_BUS.NEXUS)).toBeNull();
  });

  test('only online CPUs are given interrupts', () => {
    const bench = new Bench();
    const base = bench.boot();
    bench.m.cpuhp.cpuDown(0 + 1);
    const cpus = [0, 1, 2].map(() => irqDomainAllocIrqs(base, 1, -1, null)).map((virq) => (irqToDesc(bench.m.genirq, virq)!.irqData.chipData as { cpu: number }).cpu);
    expect(cpus).toEqual([0, 2, 3]);
  });
});

describe('delivery', () => {
  test('the message is the page of the CPU and the identity, and runs the handler there', () => {
    const { bench, device, runs } = rig();
    expect(device.msg).toEqual({ addressLo: 0x28000000, addressHi: 0, data: 2 });
    device.raise();
    bench.m.settle();
    expect(runs).toEqual([0]);
  });

  test('one trap takes everything that is pending, lowest identity first, IPIs before all', () => {
    const { bench, base, runs } = rig();
    const order: string[] = [];
    const devices = ['a', 'b', 'c', 'd', 'e'].map((name) => new MsiDevice(bench, base, name));
    for (const device of devices) requestIrq(bench.m.genirq, device.virq, () => { order.push(device.domain.fwnode!.name); return IRQ_HANDLED; }, 0, 'x', device);
    bench.m.ipi.attach({ reschedule: () => { order.push('ipi'); } });
    const onCpu0 = devices.filter(({ vector }) => vector.cpu === 0);
    bench.m.smp.cpus.localIrqDisable();
    for (const device of [...onCpu0].reverse()) device.raise();
    bench.m.ipi.sendReschedule(0);
    expect([order, onCpu0.length]).toEqual([[], 1]);
    bench.m.csrLog = [];
    bench.m.smp.cpus.localIrqEnable();
    // Two identities and the 0 that ends the loop: one trap.
    expect(bench.m.csrLog.filter((entry) => entry === 'CPU0 0x15c')).toHaveLength(3);
    expect(order).toEqual(['ipi', ...onCpu0.map(({ domain }) => domain.fwnode!.name)]);
    expect(runs).toEqual([]);
  });

  test('a masked interrupt waits in its file until it is unmasked', () => {
    const { bench, device, runs } = rig({ nrCpus: 1 });
    const { genirq } = bench.m;
    device.level.chip.irqMask!(device.level);
    device.raise();
    bench.m.settle();
    expect([runs, bench.hw.file(0).isPending(2)]).toEqual([[], true]);
    bench.m.smp.cpus.localIrqDisable();
    device.level.chip.irqUnmask!(device.level);
    bench.m.smp.cpus.localIrqEnable();
    expect(runs).toEqual([0]);
    expect(genirq.irqToDesc(device.virq)!.countOn(0)).toBe(1);
  });

  test('an identity beyond num-ids is claimed with a rate-limited warning', () => {
    const bench = new Bench({ properties: { 'riscv,num-ids': 63 }, real: { 'riscv,num-ids': 255 } });
    bench.boot();
    const file = bench.hw.file(0);
    file.select = 0xc2;
    file.writeIreg(1 << 6, 0);
    for (let i = 0; i < 12; i++) { bench.hw.devices[0]!.write(0, 4, 70); bench.m.settle(); }
    expect(bench.m.log().filter((line) => line.includes('vector not found'))).toEqual(new Array(10).fill('riscv-imsic: vector not found for local ID 0x46'));
    expect(file.isPending(70)).toBe(false);
  });

  test('an identity that nobody owns is claimed in silence', () => {
    const bench = new Bench();
    bench.boot();
    const file = bench.hw.file(0);
    file.select = 0xc0;
    file.writeIreg(0b1010, 0);
    bench.hw.devices[0]!.write(0, 4, 3);
    bench.m.settle();
    expect(file.isPending(3)).toBe(false);
    expect(bench.m.log().some((line) => line.includes('vector not found'))).toBe(false);
  });

  test('before the platform driver has run, messages are claimed and dropped', () => {
    const bench = new Bench().early();
    const file = bench.hw.file(0);
    file.select = 0xc0;
    file.writeIreg(0b1010, 0);
    bench.hw.devices[0]!.write(0, 4, 3);
    bench.m.settle();
    expect(file.isPending(3)).toBe(false);
  });

  test('even those beyond num-ids, without a word', () => {
    const bench = new Bench({ properties: { 'riscv,num-ids': 63 }, real: { 'riscv,num-ids': 255 } }).early();
    const file = bench.hw.file(0);
    file.select = 0xc2;
    file.writeIreg(1 << 6, 0);
    bench.hw.devices[0]!.write(0, 4, 70);
    bench.m.settle();
    expect(file.isPending(70)).toBe(false);
    expect(bench.m.log().some((line) => line.includes('vector not found'))).toBe(false);
  });

  test('retrigger stores the identity to the page and says "not raised"', () => {
    const { bench, device, runs } = rig();
    bench.m.smp.cpus.localIrqDisable();
    expect(device.level.chip.irqRetrigger!(device.level)).toBe(false);
    expect(bench.hw.file(0).isPending(2)).toBe(true);
    bench.m.smp.cpus.localIrqEnable();
    expect(runs).toEqual([0]);
  });
});

describe('masking on another CPU', () => {
  test('takes effect at that CPU\'s next tick', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(2));
    bench.advance(JIFFY);
    const file = bench.hw.file(2);
    expect([at(device), file.isEnabled(2)]).toEqual(['CPU2 id 2', true]);
    disableIrqNosync(bench.m.genirq, device.virq);
    device.raise();
    bench.m.settle();
    disableIrqNosync(bench.m.genirq, device.virq);
    expect([file.isEnabled(2), bench.timers.nextNs]).toEqual([false, Infinity]);
    enableIrq(bench.m.genirq, device.virq);
    enableIrq(bench.m.genirq, device.virq);
    expect([file.isEnabled(2), bench.timers.nextNs]).toEqual([false, 2 * JIFFY]);
    bench.advance(JIFFY - 1);
    expect(file.isEnabled(2)).toBe(false);
    bench.advance(1);
    expect(file.isEnabled(2)).toBe(true);
  });

  test('or when that CPU takes an interrupt, if that is sooner', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(2));
    expect(bench.hw.file(2).isEnabled(2)).toBe(false);
    bench.m.ipi.sendReschedule(2);
    bench.m.settle();
    expect(bench.hw.file(2).isEnabled(2)).toBe(true);
  });

  test('an offline CPU has no timer, and synchronises when it starts', () => {
    const { bench } = rig();
    const state = bench.imsic.state!;
    const { cpus } = bench.m.smp;
    const vector = state.alloc(5000, to(1))!;
    const set = (enable: boolean): void => {
      const flags = cpus.localIrqSave();
      state.setEnabled(vector, enable);
      cpus.localIrqRestore(flags);
    };
    set(true);
    expect(bench.timers.nextNs).toBe(JIFFY);
    bench.m.cpuhp.cpuDown(1);
    expect(bench.timers.nextNs).toBe(Infinity);
    set(false);
    set(true);
    expect([bench.timers.nextNs, bench.hw.file(1).isEnabled(vector.localId)]).toEqual([Infinity, false]);
    bench.m.cpuhp.cpuUp(1);
    expect(bench.hw.file(1).isEnabled(vector.localId)).toBe(true);
  });
});

describe('affinity', () => {
  test('a CPU of the mask stays as it is', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(0, 3));
    expect([at(device), device.messages.length]).toEqual(['CPU0 id 2', 1]);
  });

  test('a move gives the device a new message and the old identity back, once the old CPU has synchronised', () => {
    const { bench, device, runs } = rig();
    const { matrix } = bench.imsic.state!;
    irqSetAffinity(bench.m.genirq, device.virq, to(3));
    expect([at(device), device.msg]).toEqual(['CPU3 id 2', { addressLo: 0x28003000, addressHi: 0, data: 2 }]);
    expect(bench.m.genirq.irqToDesc(device.virq)!.common.effectiveAffinity.toList()).toBe('3');
    expect([matrix.allocated(0), matrix.allocated(3)]).toEqual([0, 1]);
    expect(bench.hw.file(0).isEnabled(2)).toBe(false);
    bench.advance(JIFFY);
    device.raise();
    bench.m.settle();
    expect(runs).toEqual([3]);
    expect(bench.m.smp.diagnostics.open).toEqual([]);
  });

  test('a message that the old CPU got during the move is raised again on the new one', () => {
    const { bench, device, runs } = rig();
    const { genirq } = bench.m;
    irqSetAffinity(genirq, device.virq, to(2));
    bench.advance(JIFFY);
    const old = device.msg;
    bench.m.smp.cpus.runOn(2, () => bench.m.smp.cpus.localIrqDisable());
    irqSetAffinity(genirq, device.virq, to(1));
    device.raise(old);
    expect(bench.hw.file(2).isPending(old.data)).toBe(true);
    bench.m.smp.cpus.runOn(2, () => { bench.m.smp.cpus.localIrqEnable(); });
    bench.advance(JIFFY);
    expect(runs).toEqual([1]);
    expect([bench.hw.file(2).isPending(old.data), bench.imsic.state!.matrix.allocated(2)]).toEqual([false, 0]);
  });

  test('while a move is on its way the next one is refused with EBUSY, and becomes pending', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(2));
    bench.advance(JIFFY);
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    expect(errnoOfCall(() => device.level.chip.irqSetAffinity!(device.level, to(3), false))).toBe(-16);
    expect(at(device)).toBe('CPU1 id 2');
    bench.advance(JIFFY);
    bench.advance(JIFFY);
    expect(errnoOfCall(() => device.level.chip.irqSetAffinity!(device.level, to(3), false))).toBe(0);
    expect(at(device)).toBe('CPU3 id 2');
  });

  test('the new CPU does not call a move complete before the old one has let go', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(2));
    bench.advance(JIFFY);
    bench.advance(JIFFY);
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    bench.m.ipi.sendReschedule(1); // CPU 1 synchronises, CPU 2 does not
    bench.m.settle();
    expect(errnoOfCall(() => device.level.chip.irqSetAffinity!(device.level, to(3), false))).toBe(-16);
    bench.m.ipi.sendReschedule(2);
    bench.m.settle();
    bench.m.ipi.sendReschedule(1);
    bench.m.settle();
    expect(errnoOfCall(() => device.level.chip.irqSetAffinity!(device.level, to(3), false))).toBe(0);
  });

  test('no identity left on the target: ENOSPC, nothing moved', () => {
    const { bench, base, device } = rig({ nrCpus: 2, properties: { 'riscv,num-ids': 63 } });
    const state = bench.imsic.state!;
    while (state.matrix.cpu(1).available > 0) state.alloc(1000, new CpuMask(2, [1]));
    expect(errnoOfCall(() => irqSetAffinity(bench.m.genirq, device.virq, new CpuMask(2, [1])))).toBe(-28);
    expect([at(device), device.messages.length, base.mapcount]).toEqual(['CPU0 id 2', 1, 1]);
  });

  test('a chip that cannot change its message at once moves at its next arrival, over the old page with the new identity', () => {
    const { bench, base, device, runs } = rig({ flags: IRQCHIP.MOVE_DEFERRED });
    const others = ['x', 'y', 'z'].map((name) => new MsiDevice(bench, base, name)).find(({ vector }) => vector.cpu === 1)!;
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    expect([at(device), others.vector.localId]).toEqual(['CPU0 id 2', 2]);
    device.raise();
    bench.m.settle();
    expect(at(device)).toBe('CPU1 id 3');
    expect(device.messages.slice(1)).toEqual([{ addressLo: 0x28000000, addressHi: 0, data: 3 }, { addressLo: 0x28001000, addressHi: 0, data: 3 }]);
    expect(runs).toEqual([0]);
    bench.advance(JIFFY);
    device.raise();
    bench.m.settle();
    expect(runs).toEqual([0, 1]);
  });

  test('and what it sends by the half-changed message is found there', () => {
    const { bench, base, device, runs } = rig({ flags: IRQCHIP.MOVE_DEFERRED });
    new MsiDevice(bench, base, 'x');
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    const write = device.messages.push.bind(device.messages);
    device.messages.push = (msg): number => {
      const length = write(msg);
      // While the old page is still in use the device raises once more.
      if (msg.addressLo === 0x28000000 && msg.data === 3) device.raise(msg);
      return length;
    };
    device.raise();
    bench.m.settle();
    bench.advance(JIFFY);
    expect(runs).toEqual([0, 1]);
    expect(bench.hw.file(0).isPending(3)).toBe(false);
  });

  test('the identity that the half-changed message used may be somebody else\'s: whose message is not lost either', () => {
    const { bench, base, device, runs } = rig({ flags: IRQCHIP.MOVE_DEFERRED });
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => new MsiDevice(bench, base, name));
    const other = all.find(({ vector }) => vector.cpu === 0 && vector.localId === 3)!;
    let others = 0;
    requestIrq(bench.m.genirq, other.virq, () => { others++; return IRQ_HANDLED; }, 0, 'other', other);
    // Identity 2 of CPU 1 is taken, so the device will be given 3, as the other one has on CPU 0.
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    irqDomainFreeIrqs(bench.m.domains, all.find(({ vector }) => vector.cpu === 1 && vector.localId === 3)?.virq ?? all[4]!.virq, 1);
    const write = device.messages.push.bind(device.messages);
    device.messages.push = (msg): number => {
      if (msg.addressLo === 0x28000000 && msg.data === 3) other.raise();
      return write(msg);
    };
    device.raise();
    bench.m.settle();
    bench.advance(JIFFY);
    expect([at(device), others]).toEqual(['CPU1 id 3', 1]);
    // The device's handler runs once more than it raised: the file cannot tell whose message it was.
    expect(runs).toEqual([0, 1]);
  });

  test('force_complete_move gives the old vector up', () => {
    const { bench, device } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(2));
    bench.advance(JIFFY);
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    const { matrix } = bench.imsic.state!;
    const { irqData } = irqToDesc(bench.m.genirq, device.virq)!;
    irqForceCompleteMove(irqData); // not on the old CPU: nothing happens
    expect(matrix.allocated(2)).toBe(1);
    bench.m.smp.cpus.runOn(2, () => irqForceCompleteMove(irqData));
    expect(matrix.allocated(2)).toBe(0);
    expect(bench.m.log()).toContain(`riscv-imsic: IRQ fixup: irq ${device.virq} move in progress, old vector cpu 2 local_id 2`);
  });

  test('when its CPU goes offline the interrupt moves to another one', () => {
    const { bench, device, runs } = rig();
    irqSetAffinity(bench.m.genirq, device.virq, to(1));
    bench.advance(JIFFY);
    bench.m.cpuhp.cpuDown(1);
    expect(device.vector.cpu).not.toBe(1);
    bench.advance(JIFFY);
    device.raise();
    bench.m.settle();
    expect(runs).toEqual([device.vector.cpu]);
  });
});

test('freeing the interrupt gives its identity back', () => {
  const { bench, device } = rig();
  freeIrq(bench.m.genirq, device.virq, device);
  irqDomainFreeIrqs(bench.m.domains, device.virq, 1);
  expect([bench.imsic.state!.matrix.totalAllocated, bench.hw.file(0).isEnabled(2), bench.imsic.state!.vectorOf(0, 2)!.irq]).toEqual([0, false, 0]);
});
