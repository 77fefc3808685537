import { getIrqData, irqdSetHandleEnforceIrqctx, setChipAndHandler } from '@irqchip/genirq-core';
import {
  genericHandleDomainIrq, irqCreateMapping, irqDomainCreateLinear, irqDomainTranslateOnecell, irqDomainTranslateTwocell, irqDomainTranslateTwothreecell,
} from '../src/index.ts';
import { bench, codeOf, spyChip, warnings } from './bench.ts';

describe('translate refuses the wrong number of cells with EINVAL', () => {
  test.each([
    ['onecell', [], 1, irqDomainTranslateOnecell],
    ['twocell', [], 1, irqDomainTranslateTwocell],
    ['twocell', [1], 1, irqDomainTranslateTwocell],
    ['twothreecell', [], 0, irqDomainTranslateTwothreecell],
    ['twothreecell', [1], 0, irqDomainTranslateTwothreecell],
    ['twothreecell', [1, 2, 3, 4], 0, irqDomainTranslateTwothreecell],
  ] as const)('%s given the cells %j, with %i warnings', (_name, param, warned, translate) => {
    const { domains, smp } = bench();
    const fwnode = domains.allocNamedFwnode('pic');
    expect(codeOf(() => translate(irqDomainCreateLinear(domains, fwnode, 4, {}, null), { fwnode, param }))).toBe('EINVAL');
    expect(warnings(smp)).toHaveLength(warned);
  });
});

test('outside hard irq a hwirq that insists on that context is -EPERM, with one warning, and its flow does not run', () => {
  const { domains, genirq, smp } = bench();
  let runs = 0;
  const domain = irqDomainCreateLinear(domains, domains.allocNamedFwnode('pic'), 4, {}, null);
  const virq = irqCreateMapping(domain, 3);
  setChipAndHandler(genirq, virq, spyChip(), () => { runs++; });
  irqdSetHandleEnforceIrqctx(getIrqData(genirq, virq)!);
  expect([genericHandleDomainIrq(domain, 3), genericHandleDomainIrq(domain, 3), runs]).toEqual([-1, -1, 0]);
  expect(warnings(smp)).toEqual([`irq ${virq} may only be handled in hard irq context`]);
});
