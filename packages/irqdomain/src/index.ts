export { domainDebugFiles, domainDebugShow, domainIrqDebugShow, type DebugFile } from './debugfs/domain-show.ts';
export {
  irqDomainCreateHierarchy, irqDomainCreateLegacy, irqDomainCreateLinear, irqDomainCreateNomap, irqDomainCreateSimple, irqDomainCreateTree,
} from './domain/create.ts';
export { DOMAIN_BUS, IRQ_DOMAIN_FLAG } from './domain/flags.ts';
export { FwNode, NUMA_NO_NODE, ofFwnode, ofNodeFullName, softwareFwnode, type FwNodeKind } from './domain/fwnode.ts';
export { HWIRQ_NO_LIMIT, irqDomainInstantiate, irqDomainRemove, type IrqDomainInfo } from './domain/instantiate.ts';
export { IrqDomain, type IrqDomainInit, type IrqDomainOps, type IrqFwspec, type IrqTranslation, type WiredMapping } from './domain/irq-domain.ts';
export { IRQ_DOMAINS, IrqDomains } from './domain/irq-domains.ts';
export { irqFindHost, irqFindMatchingFwnode, irqFindMatchingFwspec, irqFindMatchingHost } from './domain/match.ts';
export { irqDomainUpdateBusToken } from './domain/names.ts';
export { makeProbeContext, releaseProbe, type ProbeBase, type ProbeContext } from './driver/context.ts';
export { asIrqchipDriver, Irqchip, type DecoratedIrqchip } from './driver/decorator.ts';
export {
  defineIrqchip, type IrqchipClass, type IrqchipProbe, type IrqchipSpec, type ServicesOf, type ServiceTokens,
} from './driver/define-irqchip.ts';
export { createLines, Lines } from './driver/lines.ts';
export type { IrqchipNode, ParentInterrupt } from './driver/node.ts';
export { ParentIrq } from './driver/parent-irq.ts';
export { IRQCHIP_DRIVER, type IrqchipDriver, type IrqchipStage } from './driver/token.ts';
export { irqDomainAllocIrqs, irqDomainAllocIrqsAt, irqDomainAllocIrqsParent } from './hierarchy/alloc.ts';
export {
  irqDomainFreeIrqs, irqDomainFreeIrqsCommon, irqDomainFreeIrqsParent, irqDomainFreeIrqsTop, irqDomainResetIrqData,
} from './hierarchy/free.ts';
export { irqDomainDisconnectHierarchy, irqDomainGetIrqData } from './hierarchy/irq-data.ts';
export { irqDomainPopIrq, irqDomainPushIrq } from './hierarchy/push-pop.ts';
export { irqDomainSetHwirqAndChip, irqDomainSetInfo } from './hierarchy/set-info.ts';
export { irqDestroyIpi, irqReserveIpi } from './ipi/reserve.ts';
export { irqDomainAllocDescs } from './mapping/alloc-descs.ts';
export { irqDomainAssociate, irqDomainAssociateMany, irqDomainDisassociate } from './mapping/associate.ts';
export { irqCreateDirectMapping, irqCreateMapping, irqDisposeMapping } from './mapping/create-mapping.ts';
export { irqCreateFwspecMapping, irqCreateOfMapping } from './mapping/fwspec.ts';
export { mappingRefused } from './mapping/refused.ts';
export { genericHandleDomainIrq, genericHandleDomainIrqSafe, irqFindMapping, irqResolveMapping } from './mapping/resolve.ts';
export {
  irqDomainTranslate, irqDomainTranslateOnecell, irqDomainTranslateTwocell, irqDomainTranslateTwothreecell,
  irqDomainXlateOnecell, irqDomainXlateOnetwocell, irqDomainXlateTwocell, irqDomainXlateTwothreecell,
} from './mapping/translate.ts';
export { IrqMatrix, MatrixCpu, type MatrixBit } from './matrix/irq-matrix.ts';

// What nearly every driver needs besides, so that a simple one has a single import.
export {
  dataUpdateEffectiveAffinity, handleEdgeIrq, handleFasteoiIrq, handleLevelIrq, handlePercpuDevidIrq, handlePercpuIrq, handleSimpleIrq,
  IRQ_SET_MASK, IRQ_TYPE, setHandlerLocked, type IrqChip, type IrqData, type IrqDesc, type IrqFlowHandler,
} from '@irqchip/genirq-core';
export { bits, IrqError, type MmioRegion } from '@irqchip/smp';
