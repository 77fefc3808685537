import {
  disablePercpuIrq, enablePercpuIrq, irqToDesc, requestPercpuIrq, setChainedHandler, chainedIrqEnter, chainedIrqExit, IRQ_HANDLED,
  type IrqDesc,
} from '@irqchip/genirq-core';
import { IRQ_DOMAIN_FLAG, irqCreateFwspecMapping, irqCreateMapping, irqFindHost, type IrqDomain } from '@irqchip/irqdomain';
import { STORM_LIMIT } from '@irqchip/drivers-intc';
import { PerCpu } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';

const dev = new PerCpu<number>((cpu) => cpu);

describe('one domain for the machine', () => {
  test('the running hart\'s node makes it, whichever hart that is; the others are accepted and make none', () => {
    const b = new Bench({ hartids: [2, 0, 1, 3] });
    expect(b.probe(0)).toBeNull();
    const domain = b.probe(2)!;
    expect(b.probe(3)).toBeNull();
    expect([domain.name, domain.flags]).toEqual([':cpus:cpu@2:interrupt-controller', IRQ_DOMAIN_FLAG.HIERARCHY | IRQ_DOMAIN_FLAG.NAME_ALLOCATED]);
    expect(irqFindHost(b.domains, b.fwnodes.get(0)!)).toBeNull();
    expect(b.harts.intcFwnode).toBe(b.fwnodes.get(2));
    expect(b.log()).toEqual(['riscv-intc: 64 local interrupts mapped']);
  });

  test('a node that lies in no cpu node is warned about and accepted', () => {
    const b = new Bench();
    expect(b.probe(0, 'acme,cpu')).toBeNull();
    expect(b.log()).toEqual(['riscv-intc: unable to find hart id for /cpus/cpu@0/interrupt-controller']);
  });

  test('a hart that Linux does not run on is accepted', () => {
    expect(new Bench().probe(7)).toBeNull();
  });

  test('no memory for the domain is ENXIO and leaves nothing', () => {
    const b = new Bench();
    b.smp.faults.fail('irq_domain');
    expect(codeOf(() => b.probe(0))).toBe('ENXIO');
    expect([b.log(), b.harts.intcFwnode, b.genirq.hasRootHandler]).toEqual([['riscv-intc: unable to add IRQ domain'], null, false]);
    expect(b.probe(0)).not.toBeNull();
  });

  test('a root handler of somebody else is EBUSY and leaves no domain', () => {
    const b = new Bench();
    b.genirq.setHandleIrq(() => undefined);
    expect(codeOf(() => b.probe(0))).toBe('EBUSY');
    expect([irqFindHost(b.domains, b.fwnodes.get(0)!), b.harts.intcFwnode]).toEqual([null, null]);
  });

  test.each([
    ['S', 'rv64imafdc_ssaia', 'riscv-intc: 64 local interrupts mapped using AIA'],
    ['M', 'rv64imafdc_ssaia', 'riscv-intc: 64 local interrupts mapped'],
    ['M', 'rv64imafdc_smaia', 'riscv-intc: 64 local interrupts mapped using AIA'],
    ['S', 'rv64imafdc_smaia', 'riscv-intc: 64 local interrupts mapped'],
  ] as const)('%s-mode on %s', (mode, isa, line) => {
    const b = new Bench({ mode, isa });
    b.probe(0);
    expect(b.log()).toEqual([line]);
  });

  test('RV32 has 32 interrupts, 64 with AIA', () => {
    for (const [aia, line] of [[false, 'riscv-intc: 32 local interrupts mapped'], [true, 'riscv-intc: 64 local interrupts mapped using AIA']] as const) {
      const b = new Bench({ xlen: 32, aia });
      b.probe(0);
      expect(b.log()).toEqual([line]);
    }
  });
});

describe('mapping', () => {
  const fwspec = (b: Bench, hwirq: number): number => irqCreateFwspecMapping(b.domains, { fwnode: b.fwnodes.get(0)!, param: [hwirq] });

  test('both ways of mapping give a per-CPU interrupt of the chip', () => {
    const b = new Bench();
    const domain = b.probe(0)!;
    expect(irqCreateMapping(domain, 9)).toBe(9);
    expect(fwspec(b, 5)).toBe(1);
    for (const virq of [9, 1]) {
      const desc = irqToDesc(b.genirq, virq)!;
      expect([desc.irqData.chip.name, desc.handleIrq.name, desc.percpuEnabled?.isEmpty()]).toEqual(['RISC-V INTC', 'handlePercpuDevidIrq', true]);
    }
    expect(domain.mapcount).toBe(2);
  });

  test('a firmware description outside the range is refused, a direct mapping is not checked', () => {
    const b = new Bench();
    const domain = b.probe(0)!;
    expect([fwspec(b, 63) > 0, fwspec(b, 64), fwspec(b, 256)]).toEqual([true, 0, 0]);
    expect(irqCreateMapping(domain, 64)).toBeGreaterThan(0);
  });

  test('the Andes window starts at 256 and is as wide as a register', () => {
    const b = new Bench({ compatible: ['andestech,cpu-intc', 'riscv,cpu-intc'] });
    b.probe(0);
    expect(b.log()).toEqual(['riscv-intc: 64 local interrupts mapped', 'riscv-intc: 64 custom local interrupts mapped']);
    expect([fwspec(b, 64), fwspec(b, 255), fwspec(b, 256) > 0, fwspec(b, 319) > 0, fwspec(b, 320)]).toEqual([0, 0, true, true, 0]);
  });
});

describe('mask and unmask', () => {
  function toggled(b: Bench, hwirq: number, cpu = 0): string[] {
    const domain = b.probe(0)!;
    const virq = irqCreateMapping(domain, hwirq);
    requestPercpuIrq(b.genirq, virq, () => IRQ_HANDLED, 'test', dev);
    b.smp.cpus.runOn(cpu, () => {
      enablePercpuIrq(b.genirq, virq, 0);
      disablePercpuIrq(b.genirq, virq);
    });
    return b.csr.accesses;
  }

  test('hit the executing hart', () => {
    expect(toggled(new Bench(), 9, 1)).toEqual(['cpu1 set 104 0:200', 'cpu1 clear 104 0:200']);
    expect(toggled(new Bench({ mode: 'M' }), 11)).toEqual(['cpu0 set 304 0:800', 'cpu0 clear 304 0:800']);
  });

  test('bit 31 and the upper half', () => {
    expect(toggled(new Bench(), 31)).toEqual(['cpu0 set 104 0:80000000', 'cpu0 clear 104 0:80000000']);
    expect(toggled(new Bench(), 35)).toEqual(['cpu0 set 104 8:0', 'cpu0 clear 104 8:0']);
  });

  test('RV32 keeps the upper half in a register of its own', () => {
    expect(toggled(new Bench({ xlen: 32, aia: true }), 35)).toEqual(['cpu0 set 114 0:8', 'cpu0 clear 114 0:8']);
  });

  test('Andes keeps custom interrupts in slie', () => {
    const compatible = ['andestech,cpu-intc', 'riscv,cpu-intc'];
    expect(toggled(new Bench({ compatible }), 256 + 18)).toEqual(['cpu0 set 9c4 0:40000', 'cpu0 clear 9c4 0:40000']);
    expect(toggled(new Bench({ compatible }), 256 + 40)).toEqual(['cpu0 set 9c4 100:0', 'cpu0 clear 9c4 100:0']);
    expect(toggled(new Bench({ compatible }), 9)).toEqual(['cpu0 set 104 0:200', 'cpu0 clear 104 0:200']);
    expect(toggled(new Bench({ compatible, xlen: 32 }), 256 + 18)).toEqual(['cpu0 set 9c4 0:40000', 'cpu0 clear 9c4 0:40000']);
  });

  test('a child\'s chained handler masks nothing around itself', () => {
    const b = new Bench();
    const virq = irqCreateMapping(b.probe(0)!, 9);
    let ran = 0;
    setChainedHandler(b.genirq, virq, (desc: IrqDesc) => {
      chainedIrqEnter(desc.irqData.chip, desc);
      ran++;
      chainedIrqExit(desc.irqData.chip, desc);
    });
    expect(b.csr.accesses).toEqual(['cpu0 set 104 0:200']);
    b.trap(0, 9);
    expect([ran, b.csr.accesses.length]).toEqual([1, 1]);
  });
});

/** Requests `hwirq` on every CPU with a handler that clears it, and returns the order of calls. */
function listen(b: Bench, domain: IrqDomain, hwirqs: number[], clears = true): number[] {
  const order: number[] = [];
  for (const hwirq of hwirqs) {
    const virq = irqCreateMapping(domain, hwirq);
    requestPercpuIrq(b.genirq, virq, () => {
      order.push(hwirq);
      if (clears) b.csr.ip[b.smp.cpus.current]! &= ~(1n << BigInt(hwirq));
      return IRQ_HANDLED;
    }, `local${hwirq}`, dev);
    enablePercpuIrq(b.genirq, virq, 0);
  }
  return order;
}

describe('traps without AIA', () => {
  test('a trap is one interrupt, named by its cause, with or without the interrupt bit', () => {
    const b = new Bench();
    const order = listen(b, b.probe(0)!, [1, 5]);
    b.csr.ip[0] = 0x22n;
    b.trap(0, 5);
    expect(order).toEqual([5]);
    b.trap(0, (1 << 31) | 1);
    expect(order).toEqual([5, 1]);
  });

  test('a cause that nobody mapped is reported, ten times at most at one time', () => {
    const b = new Bench();
    b.probe(0);
    for (let i = 0; i < 20; i++) b.trap(1, 13);
    expect(b.log().filter((line) => line === 'riscv-intc: Failed to handle interrupt (cause: 13)')).toHaveLength(10);
  });
});

describe('traps with AIA', () => {
  const aia = (options = {}): Bench => new Bench({ aia: true, ...options });

  test('a trap is everything that is pending and enabled, best first, whatever its cause', () => {
    const b = aia();
    const order = listen(b, b.probe(0)!, [1, 5, 9]);
    b.csr.ip[0] = 0x222n;
    b.trap(0, 5);
    expect([order, b.csr.topi(0)]).toEqual([[9, 1, 5], 0]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('what becomes pending meanwhile is taken too', () => {
    const b = aia();
    const domain = b.probe(0)!;
    const order = listen(b, domain, [1]);
    const virq = irqCreateMapping(domain, 9);
    requestPercpuIrq(b.genirq, virq, () => { b.csr.ip[0] = 0x2n; order.push(9); return IRQ_HANDLED; }, 'nine', dev);
    enablePercpuIrq(b.genirq, virq, 0);
    b.csr.ip[0] = 0x200n;
    b.trap(0, 9);
    expect(order).toEqual([9, 1]);
  });

  test.each([[13, 64], [40, 64], [40, 32]] as const)('a pending cause %i that nobody mapped is masked at once and reported (RV%i)', (hwirq, xlen) => {
    const b = aia({ xlen });
    const order = listen(b, b.probe(0)!, [5]);
    b.csr.ie[0]! |= 1n << BigInt(hwirq);
    b.csr.ip[0] = (1n << BigInt(hwirq)) | 0x20n;
    b.trap(0, hwirq);
    expect([order, b.csr.topi(0), (b.csr.ie[0]! >> BigInt(hwirq)) & 1n]).toEqual([[5], 0, 0n]);
    expect(b.smp.diagnostics.take('storm').map(({ message }) => message)).toEqual([expect.stringContaining(`interrupt ${hwirq} stays pending and enabled on CPU0, and nobody has mapped it`)]);
  });

  test('a handler that never clears its source is stopped and reported', () => {
    const b = aia();
    const order = listen(b, b.probe(0)!, [9], false);
    b.csr.ip[0] = 0x200n;
    b.trap(0, 9);
    expect(order).toHaveLength(STORM_LIMIT + 1);
    expect(b.csr.topi(0)).toBe(0);
    expect(b.smp.diagnostics.take('storm')).toHaveLength(1);
  });

  test('a trap with nothing pending does nothing', () => {
    const b = aia();
    const order = listen(b, b.probe(0)!, [9]);
    b.trap(0, 9);
    expect(order).toEqual([]);
  });
});
