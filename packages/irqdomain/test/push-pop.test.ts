import { allocDescs, getIrqData, IRQ_HANDLED, requestIrq } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import {
  irqDomainAllocIrqs, irqDomainCreateHierarchy, irqDomainCreateLinear, irqDomainPopIrq, irqDomainPushIrq, irqDomainSetHwirqAndChip, irqFindMapping, type IrqDomain,
} from '../src/index.ts';
import { codeOf, spyChip, warnings } from './bench.ts';
import { tower } from './tower.ts';

function stack(t: ReturnType<typeof tower>, fails: boolean = false): IrqDomain {
  return irqDomainCreateHierarchy(t.device, 0, 8, null, {
    alloc: (d, virq) => {
      if (fails) throw new IrqError('ENOSPC', 'no');
      irqDomainSetHwirqAndChip(d, virq, 6, spyChip('top chip'), null);
    },
    free: () => undefined,
  }, null);
}

test('push puts a level outside the others, pop takes it off again', () => {
  const t = tower();
  const top = stack(t);
  const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
  const data = getIrqData(t.genirq, virq)!;
  const before = { ...data };
  irqDomainPushIrq(top, virq, null);
  expect([data.chip.name, data.hwirq, data.domain, data.parentData?.chip.name, data.parentData?.domain]).toEqual(['top chip', 6, top, 'device chip', t.device]);
  expect([irqFindMapping(top, 6), irqFindMapping(t.device, 0)]).toEqual([virq, virq]);
  irqDomainPopIrq(top, virq);
  expect([{ ...data }, irqFindMapping(top, 6), top.mapcount]).toEqual([before, 0, 0]);
});

test('a push that fails leaves the interrupt as it was', () => {
  const t = tower();
  const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
  const before = { ...getIrqData(t.genirq, virq)! };
  expect(codeOf(() => irqDomainPushIrq(stack(t, true), virq, null))).toBe('ENOSPC');
  t.smp.faults.fail('irq_data');
  expect(codeOf(() => irqDomainPushIrq(stack(t), virq, null))).toBe('ENOMEM');
  expect({ ...getIrqData(t.genirq, virq)! }).toEqual(before);
});

test('push refuses', () => {
  const t = tower();
  const top = stack(t);
  const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
  expect(codeOf(() => irqDomainPushIrq(top, 60, null))).toBe('EINVAL');
  expect(codeOf(() => irqDomainPushIrq(top, irqDomainAllocIrqs(t.root, 1, -1, null), null))).toBe('EINVAL');
  expect(warnings(t.smp)).toEqual([]);
  expect(codeOf(() => irqDomainPushIrq(irqDomainCreateLinear(t.domains, null, 4, {}, null), virq, null))).toBe('EINVAL');
  requestIrq(t.genirq, virq, () => IRQ_HANDLED, 0, 'dev', t);
  expect(codeOf(() => irqDomainPushIrq(top, virq, null))).toBe('EBUSY');
  expect(codeOf(() => irqDomainPopIrq(t.device, virq))).toBe('EBUSY');
  expect(warnings(t.smp)).toHaveLength(3);
});

test('pop refuses what is not the outermost of several levels', () => {
  const t = tower();
  const virq = irqDomainAllocIrqs(t.device, 1, -1, null);
  expect([codeOf(() => irqDomainPopIrq(t.middle, virq)), codeOf(() => irqDomainPopIrq(t.root, irqDomainAllocIrqs(t.root, 1, -1, null)))]).toEqual(['EINVAL', 'EINVAL']);
  allocDescs(t.genirq, 50, 50, 1, -1);
  expect(codeOf(() => irqDomainPopIrq(t.device, 51))).toBe('EINVAL');
  expect(warnings(t.smp)).toHaveLength(2);
});
