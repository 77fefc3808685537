import { IRQCHIP, IRQD, irqForceAffinity, irqSetAffinity } from '@irqchip/irqdesc';
import { irqMoveIrq, irqMoveMaskedIrq } from '../src/affinity/move.ts';
import { bench, codeOf, has, irqsOff } from './affinity-fixture.ts';

const DEFERRED = { flags: IRQCHIP.MOVE_DEFERRED, linux: '7.2' } as const;

test('a chip that defers moves is programmed at the next arrival, masked around it', () => {
  const b = bench(DEFERRED);
  irqSetAffinity(b.genirq, b.irq, b.mask(2));
  expect(b.chip.calls).toEqual([]);
  expect(b.desc.common.affinity.toList()).toBe('0-3');
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING) && has(b.desc, IRQD.AFFINITY_SET)).toBe(true);
  irqsOff(b, 0, () => irqMoveIrq(b.desc.irqData));
  expect(b.chip.calls).toEqual(['mask', 'affinity 2', 'unmask']);
  expect(b.desc.common.affinity.toList()).toBe('2');
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
  expect(b.desc.pendingMask?.isEmpty()).toBe(true);
  irqsOff(b, 0, () => irqMoveIrq(b.desc.irqData));
  expect(b.chip.calls).toHaveLength(3);
});

test('a masked line is moved without touching the mask, a disabled one is not moved', () => {
  const b = bench(DEFERRED);
  irqSetAffinity(b.genirq, b.irq, b.mask(2));
  b.desc.common.state |= IRQD.IRQ_DISABLED;
  irqMoveIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual([]);
  b.desc.common.state = (b.desc.common.state & ~IRQD.IRQ_DISABLED) | IRQD.IRQ_MASKED;
  irqMoveIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual(['affinity 2']);
});

test('the last wish wins', () => {
  const b = bench(DEFERRED);
  irqSetAffinity(b.genirq, b.irq, b.mask(1));
  irqSetAffinity(b.genirq, b.irq, b.mask(3));
  irqMoveMaskedIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual(['affinity 3']);
});

test('7.2: a busy chip makes the move pending; what follows queues behind it until it is done', () => {
  const b = bench({ linux: '7.2' });
  b.chip.failures.push('EBUSY', 'EBUSY');
  irqSetAffinity(b.genirq, b.irq, b.mask(1));
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(true);
  irqSetAffinity(b.genirq, b.irq, b.mask(2));
  expect(b.chip.calls).toEqual(['affinity 1']);
  irqMoveMaskedIrq(b.desc.irqData);
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(true);
  expect(b.desc.pendingMask?.toList()).toBe('2');
  irqMoveMaskedIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual(['affinity 1', 'affinity 2', 'affinity 2']);
  expect(b.desc.common.affinity.toList()).toBe('2');
});

test('a forced change is never deferred for a busy chip', () => {
  const b = bench({ linux: '7.2' });
  b.chip.failures.push('EBUSY');
  expect(codeOf(() => irqForceAffinity(b.genirq, b.irq, b.mask(1)))).toBe('EBUSY');
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
});

test('6.12 has no pending moves: a busy chip is EBUSY', () => {
  const b = bench();
  b.chip.failures.push('EBUSY');
  expect(codeOf(() => irqSetAffinity(b.genirq, b.irq, b.mask(1)))).toBe('EBUSY');
});

test('a pending move without an online target is dropped', () => {
  const b = bench(DEFERRED);
  irqSetAffinity(b.genirq, b.irq, b.mask(3));
  b.smp.cpus.online.clear(3);
  irqMoveMaskedIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual([]);
  expect(has(b.desc, IRQD.SETAFFINITY_PENDING)).toBe(false);
});

test('a per-CPU interrupt with a pending move is reported and not moved', () => {
  const b = bench(DEFERRED);
  irqSetAffinity(b.genirq, b.irq, b.mask(3));
  b.desc.common.state |= IRQD.PER_CPU;
  irqMoveMaskedIrq(b.desc.irqData);
  expect(b.chip.calls).toEqual([]);
  expect(b.smp.diagnostics.take('warn')).toHaveLength(1);
});
