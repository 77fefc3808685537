import {
  disableIrq, enableIrq, freeIrq, Genirq, getIrqchipState, IRQ_HANDLED, IRQ_NONE, IRQ_TYPE, IRQF, requestIrq, runPendingResend, setIrqchipState, setIrqType,
} from '@irqchip/genirq-core';
import { irqCreateMapping, irqDisposeMapping, IrqDomains } from '@irqchip/irqdomain';
import { IrqError, Smp } from '@irqchip/smp';
import { irqDomainCreateSim, irqDomainRemoveSim, type IrqSimOptions } from '../src/index.ts';

function bench(options: IrqSimOptions = {}) {
  const smp = new Smp({ nrCpus: 2 });
  const genirq = new Genirq(smp);
  const domains = new IrqDomains(genirq);
  const domain = irqDomainCreateSim(domains, domains.allocNamedFwnode('sim'), 4, options);
  const virqs = [0, 1, 2, 3].map((hwirq) => irqCreateMapping(domain, hwirq));
  const events: string[] = [];
  const request = (line: number, handler: () => unknown = () => undefined, flags = 0): void => {
    requestIrq(genirq, virqs[line]!, () => {
      events.push(`line ${line}${smp.cpus.inHardirq() ? '' : ' outside hard irq'}`);
      return (handler() as number | undefined) ?? IRQ_HANDLED;
    }, flags, 'test', line);
  };
  const pend = (line: number): void => setIrqchipState(genirq, virqs[line]!, 'PENDING', true);
  const wire = (line: number, high: boolean): void => setIrqchipState(genirq, virqs[line]!, 'LINE_LEVEL', high);
  return { smp, genirq, domains, domain, virqs, events, request, pend, wire };
}

const code = (expected: string) => expect.objectContaining({ code: expected });

test('a pending line runs its handler once, in hard irq context', () => {
  const { pend, request, events } = bench();
  request(2);
  pend(2);
  pend(2);
  expect(events).toEqual(['line 2', 'line 2']);
});

test('with interrupts off it waits until they are on', () => {
  const { pend, request, events, smp, genirq, virqs } = bench();
  request(1);
  const flags = smp.cpus.localIrqSave();
  pend(1);
  pend(1);
  expect(events).toEqual([]);
  expect(getIrqchipState(genirq, virqs[1]!, 'PENDING')).toBe(true);
  smp.cpus.localIrqRestore(flags);
  expect(events).toEqual(['line 1']);
  expect(getIrqchipState(genirq, virqs[1]!, 'PENDING')).toBe(false);
});

test('lines that wait together run lowest first; one below that a handler makes pending runs in the next round', () => {
  const { pend, request, events, smp } = bench();
  let once = true;
  request(0);
  request(1, () => { if (once) pend(0); once = false; });
  request(3);
  const flags = smp.cpus.localIrqSave();
  pend(3);
  pend(1);
  smp.cpus.localIrqRestore(flags);
  expect(events).toEqual(['line 1', 'line 3', 'line 0']);
});

test('a line that nobody requested, and one not yet unmasked, forgets', () => {
  const { pend, request, events, genirq, virqs } = bench();
  pend(0);
  expect(getIrqchipState(genirq, virqs[0]!, 'PENDING')).toBe(false);
  request(0);
  expect(events).toEqual([]);
});

test('of the edges while disabled one is replayed on enable', () => {
  const { pend, request, events, genirq, virqs } = bench();
  request(0);
  disableIrq(genirq, virqs[0]!);
  pend(0);
  pend(0);
  expect(events).toEqual([]);
  enableIrq(genirq, virqs[0]!);
  runPendingResend(genirq);
  expect(events).toHaveLength(1);
});

test('clearing PENDING before it runs takes it back', () => {
  const { pend, request, events, smp, genirq, virqs } = bench();
  request(0);
  const flags = smp.cpus.localIrqSave();
  pend(0);
  setIrqchipState(genirq, virqs[0]!, 'PENDING', false);
  smp.cpus.localIrqRestore(flags);
  expect(events).toEqual([]);
});

test.each([IRQ_TYPE.EDGE_RISING, IRQ_TYPE.EDGE_FALLING, IRQ_TYPE.EDGE_BOTH])('trigger %i is accepted', (type) => {
  const { genirq, virqs } = bench();
  expect(() => setIrqType(genirq, virqs[0]!, type)).not.toThrow();
});

test.each([IRQ_TYPE.LEVEL_HIGH, IRQ_TYPE.LEVEL_LOW, IRQ_TYPE.LEVEL_HIGH | IRQ_TYPE.EDGE_RISING])('trigger %i is EINVAL on the kernel\'s chip', (type) => {
  const { genirq, virqs, request } = bench();
  expect(() => setIrqType(genirq, virqs[0]!, type)).toThrow(code('EINVAL'));
  if (type === IRQ_TYPE.LEVEL_HIGH) expect(() => request(0, undefined, IRQF.TRIGGER_HIGH)).toThrow(code('EINVAL'));
});

test('states other than PENDING are EINVAL', () => {
  const { genirq, virqs } = bench();
  for (const which of ['ACTIVE', 'MASKED', 'LINE_LEVEL'] as const) {
    expect(() => setIrqchipState(genirq, virqs[0]!, which, true)).toThrow(code('EINVAL'));
    expect(() => getIrqchipState(genirq, virqs[0]!, which)).toThrow(code('EINVAL'));
  }
});

test('whoever stands behind the lines hears of requests and may refuse them', () => {
  const heard: string[] = [];
  const { request, genirq, virqs } = bench({
    data: 'mine',
    ops: {
      irqSimIrqRequested: (_domain, hwirq, data) => {
        if (hwirq === 3) throw new IrqError('EBUSY', 'taken');
        heard.push(`requested ${hwirq} ${String(data)}`);
      },
      irqSimIrqReleased: (_domain, hwirq) => heard.push(`released ${hwirq}`),
    },
  });
  request(1);
  expect(() => request(3)).toThrow('taken');
  freeIrq(genirq, virqs[1]!, 1);
  expect(heard).toEqual(['requested 1 mine', 'released 1']);
});

test('without memory nothing is left behind', () => {
  for (const site of ['irq_sim', 'irq_domain']) {
    const { domains, smp } = bench();
    const before = domains.list.length;
    smp.faults.fail(site);
    expect(() => irqDomainCreateSim(domains, domains.allocNamedFwnode('other'), 2)).toThrow(code('ENOMEM'));
    expect(domains.list.length).toBe(before);
  }
});

test('a domain whose mappings are disposed of goes without a finding', () => {
  const { domains, domain, virqs, genirq, smp } = bench();
  for (const virq of virqs) irqDisposeMapping(domains, virq);
  irqDomainRemoveSim(domain);
  expect([...genirq.descs].filter(({ irq }) => virqs.includes(irq))).toEqual([]);
  expect(domains.list).not.toContain(domain);
  expect(smp.diagnostics.open).toEqual([]);
});

describe('level lines', () => {
  test('a held line runs until its handler lowers it', () => {
    const { request, wire, events } = bench({ levelLines: true });
    let work = 3;
    request(0, () => { if (--work <= 0) wire(0, false); }, IRQF.TRIGGER_HIGH);
    wire(0, true);
    expect(events).toHaveLength(3);
    wire(0, true);
    expect(events).toHaveLength(4);
  });

  test('a low-active line is served while it is low', () => {
    const { request, wire, events } = bench({ levelLines: true });
    wire(1, true);
    request(1, () => wire(1, true), IRQF.TRIGGER_LOW);
    expect(events).toEqual([]);
    wire(1, false);
    expect(events).toEqual(['line 1']);
  });

  test('raised while disabled it runs on enable; raised and lowered while disabled it does not', () => {
    const { request, wire, events, genirq, virqs } = bench({ levelLines: true });
    request(0, () => wire(0, false), IRQF.TRIGGER_HIGH);
    disableIrq(genirq, virqs[0]!);
    wire(0, true);
    expect(events).toEqual([]);
    enableIrq(genirq, virqs[0]!);
    expect(events).toEqual(['line 0']);
    disableIrq(genirq, virqs[0]!);
    wire(0, true);
    wire(0, false);
    enableIrq(genirq, virqs[0]!);
    expect(events).toEqual(['line 0']);
  });

  test('a line that nobody lowers is a storm, and the error says so', () => {
    const { request, wire } = bench({ levelLines: true });
    request(0, undefined, IRQF.TRIGGER_HIGH);
    expect(() => wire(0, true)).toThrow(code('EDEADLK'));
  });

  test('a line that nobody cares for is switched off', () => {
    const { request, wire, smp, events } = bench({ levelLines: true });
    request(0, () => IRQ_NONE, IRQF.TRIGGER_HIGH);
    wire(0, true);
    expect(events.length).toBe(100_000);
    expect(smp.log.records.some(({ text }) => /nobody cared/.test(text))).toBe(true);
  });
});
