import { IRQ_TYPE } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { FwNode } from '../domain/fwnode.ts';
import type { IrqDomain, IrqFwspec, IrqTranslation } from '../domain/irq-domain.ts';

function needCells(domain: IrqDomain, param: readonly number[], least: number): void {
  if (param.length >= least) return;
  const message = `${domain.name}: an interrupt needs ${least} cell${least > 1 ? 's' : ''}, this one has ${param.length}`;
  domain.domains.smp.diagnostics.report('warn', message);
  throw new IrqError('EINVAL', `${message}; compare its specifier with the controller's #interrupt-cells.`);
}

/** `<hwirq>`; further cells are ignored. @throws IrqError `EINVAL` @kernel irq_domain_translate_onecell */
export function irqDomainTranslateOnecell(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation {
  return irqDomainXlateOnecell(domain, null, fwspec.param);
}

/** `<hwirq type>`. @throws IrqError `EINVAL` @kernel irq_domain_translate_twocell */
export function irqDomainTranslateTwocell(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation {
  return irqDomainXlateTwocell(domain, null, fwspec.param);
}

/** `<hwirq type>` or `<space hwirq type>`. @throws IrqError `EINVAL` for any other number of cells. @kernel irq_domain_translate_twothreecell */
export function irqDomainTranslateTwothreecell(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation {
  return irqDomainXlateTwothreecell(domain, null, fwspec.param);
}

/** @throws IrqError `EINVAL` @kernel irq_domain_xlate_onecell */
export function irqDomainXlateOnecell(domain: IrqDomain, _node: FwNode | null, intspec: readonly number[]): IrqTranslation {
  needCells(domain, intspec, 1);
  return { hwirq: intspec[0]!, type: IRQ_TYPE.NONE };
}

/** @throws IrqError `EINVAL` @kernel irq_domain_xlate_twocell */
export function irqDomainXlateTwocell(domain: IrqDomain, _node: FwNode | null, intspec: readonly number[]): IrqTranslation {
  needCells(domain, intspec, 2);
  return { hwirq: intspec[0]!, type: intspec[1]! & IRQ_TYPE.SENSE_MASK };
}

/** `<hwirq>` or `<hwirq type>`. @throws IrqError `EINVAL` @kernel irq_domain_xlate_onetwocell */
export function irqDomainXlateOnetwocell(domain: IrqDomain, _node: FwNode | null, intspec: readonly number[]): IrqTranslation {
  needCells(domain, intspec, 1);
  return { hwirq: intspec[0]!, type: intspec.length > 1 ? intspec[1]! & IRQ_TYPE.SENSE_MASK : IRQ_TYPE.NONE };
}

/** @throws IrqError `EINVAL` for anything but two or three cells. @kernel irq_domain_xlate_twothreecell */
export function irqDomainXlateTwothreecell(domain: IrqDomain, _node: FwNode | null, intspec: readonly number[]): IrqTranslation {
  if (intspec.length === 2) return irqDomainXlateTwocell(domain, null, intspec);
  if (intspec.length === 3) return { hwirq: intspec[1]!, type: intspec[2]! & IRQ_TYPE.SENSE_MASK };
  throw new IrqError('EINVAL', `${domain.name}: an interrupt has two or three cells here, not ${intspec.length}.`);
}

/** What `fwspec` means in `domain`: its `translate`, its `xlate`, or the first cell as it is. @kernel irq_domain_translate */
export function irqDomainTranslate(domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation {
  const { ops } = domain;
  if (ops.translate) return ops.translate(domain, fwspec);
  if (ops.xlate) return ops.xlate(domain, fwspec.fwnode?.kind === 'of' ? fwspec.fwnode : null, fwspec.param);
  return { hwirq: fwspec.param[0] ?? 0, type: IRQ_TYPE.NONE };
}
