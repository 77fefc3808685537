import { Bench, CONTRACTS } from './bench.ts';

const EDGES = [0, 31, 32, 63];

describe.each(CONTRACTS)('%s contract, 64 vIPIs', (contract) => {
  function wide(nrCpus = 4): Bench {
    const bench = new Bench({ nrCpus });
    bench.create(contract, 64);
    return bench;
  }

  test.each(EDGES)('vIPI %i: mask, unmask, pending and dispatch touch no other, on no other CPU', (hwirq) => {
    const bench = wide();
    const others = EDGES.filter((other) => other !== hwirq);
    for (const edge of EDGES) bench.request(edge);
    bench.enable(1, ...EDGES);
    bench.disable(1, hwirq);
    expect([bench.enabled(0), bench.enabled(1), bench.enabled(2)]).toEqual([[], others, []]);
    bench.send(hwirq, [1]);
    expect([bench.pending(0), bench.pending(1), bench.pending(2), bench.rung]).toEqual([[], [hwirq], [], []]);
    for (const other of others) bench.send(other, [1]);
    expect(bench.rung).toEqual([1, 1, 1]);
    bench.settle();
    expect([bench.taken().ran, bench.pending(1)]).toEqual([others.map((other) => `${other}@CPU1`), [hwirq]]);
    bench.enable(1, hwirq);
    expect([bench.enabled(1), bench.rung]).toEqual([EDGES, [1]]);
    bench.settle();
    expect([bench.taken().ran, bench.pending(1)]).toEqual([[`${hwirq}@CPU1`], []]);
  });

  test('order is by number, whatever the order of the sends', () => {
    const bench = wide();
    for (const edge of EDGES) bench.request(edge);
    bench.enable(2, ...EDGES);
    for (const edge of [32, 63, 0, 31]) bench.send(edge, [2]);
    expect(bench.pending(2)).toEqual(EDGES);
    expect([bench.settle(), bench.ran]).toEqual([1, EDGES.map((edge) => `${edge}@CPU2`)]);
  });

  test('all 64 at once: each once, ascending', () => {
    const bench = wide();
    const all = Array.from({ length: 64 }, (_, hwirq) => hwirq);
    for (const hwirq of all) bench.request(hwirq);
    bench.enable(3, ...all);
    for (const hwirq of [...all].reverse()) bench.send(hwirq, [3]);
    expect([bench.settle(), bench.ran]).toEqual([1, all.map((hwirq) => `${hwirq}@CPU3`)]);
  });

  test('the last CPU of 4,096 has words of its own', () => {
    const bench = wide(4096);
    for (const edge of EDGES) bench.request(edge);
    for (const cpu of [0, 4094, 4095]) bench.enable(cpu, ...EDGES);
    for (const edge of EDGES) bench.send(edge, [0, 4095]);
    expect([bench.pending(0), bench.pending(1), bench.pending(4094), bench.pending(4095)]).toEqual([EDGES, [], [], EDGES]);
    expect(bench.rung).toEqual(EDGES.flatMap(() => [0, 4095]));
    if (contract === 'patch') expect(bench.masks).toEqual(EDGES.map(() => '0,4095'));
    bench.disable(4095, 32);
    expect([bench.enabled(0), bench.enabled(4094), bench.enabled(4095)]).toEqual([EDGES, EDGES, [0, 31, 63]]);
    bench.settle();
    expect(bench.ran).toEqual([...EDGES.map((edge) => `${edge}@CPU0`), '0@CPU4095', '31@CPU4095', '63@CPU4095']);
    expect(bench.pending(4095)).toEqual([32]);
  });

  test('a broadcast to 4,096 CPUs reaches each once', () => {
    const bench = wide(4096);
    bench.request(63);
    const cpus = Array.from({ length: 4096 }, (_, cpu) => cpu);
    for (const cpu of cpus) bench.enable(cpu, 63);
    bench.send(63, cpus, 17);
    expect(bench.rung).toEqual(cpus);
    for (const cpu of cpus) bench.take(cpu);
    expect(bench.ran).toEqual(cpus.map((cpu) => `63@CPU${cpu}`));
  });
});

describe.each([1, 31, 32, 33, 63])('a mux of %i', (nrIpi) => {
  test.each(CONTRACTS)('%s contract: its last vIPI works on two neighbouring CPUs', (contract) => {
    const bench = new Bench();
    bench.create(contract, nrIpi);
    const last = nrIpi - 1;
    bench.request(last);
    bench.enable(1, last);
    bench.enable(2, last);
    bench.send(last, [1, 2]);
    expect([bench.pending(0), bench.pending(1), bench.pending(2), bench.pending(3)]).toEqual([[], [last], [last], []]);
    expect([bench.settle(), bench.ran]).toEqual([2, [`${last}@CPU1`, `${last}@CPU2`]]);
  });
});
