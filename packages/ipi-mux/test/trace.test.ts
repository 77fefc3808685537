import { Bench, CONTRACTS } from './bench.ts';

describe.each(CONTRACTS)('%s contract', (contract) => {
  test('who watches sees for every send whether it was merged and whether it rang, and every entry before its handler', () => {
    const bench = new Bench();
    bench.create(contract);
    const seen: string[] = [];
    bench.mux.trace = {
      raise: (cpu, hwirq, merged, rang) => void seen.push(`raise ${hwirq}@${cpu}${merged ? ' merged' : ''}${rang ? ' rang' : ''}`),
      entry: (cpu, hwirq) => void seen.push(`entry ${hwirq}@${cpu}`),
    };
    for (const hwirq of [2, 5]) bench.request(hwirq, () => void seen.push('handler'));
    bench.enable(1, 2);
    bench.enable(3, 2, 5);
    bench.send(2, [1]);
    bench.send(2, [1, 3]);
    bench.send(5, [1]);
    bench.send(5, [3]);
    expect(seen.splice(0)).toEqual(['raise 2@1 rang', 'raise 2@1 merged', 'raise 2@3 rang', 'raise 5@1', 'raise 5@3 rang']);
    bench.settle();
    expect(seen).toEqual(['entry 2@1', 'handler', 'entry 2@3', 'handler', 'entry 5@3', 'handler']);
    bench.mux.trace = null;
    bench.send(2, [1]);
    expect(seen).toHaveLength(6);
  });

  test('the interrupts of a mux are allocated at once: none can be reserved besides', () => {
    const bench = new Bench();
    bench.create(contract);
    const irqDomain = bench.mux.domain;
    expect(() => irqDomain.ops.alloc!(irqDomain, 40, 1, null)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  });
});
