import type { ProbeContext } from '@irqchip/irqdomain';
import { ofParentHartid, type Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { SSWI_MAX_HARTS, SSWI_STRIDE } from '../registers.ts';

/** The register of one CPU. */
export interface SswiRegister { readonly cpu: number; readonly offset: number }

/**
 * Reads from the node which register belongs to which CPU. Nothing is changed.
 * @throws IrqError `EINVAL` without wires, and for a hart without a register; `ENODEV` for a wire that does not end at a hart;
 * `ENOTSUPP` for a wire that is not the software interrupt of the kernel's mode; `ENOENT` for a hart that is no CPU of this
 * machine, which the kernel does not check; what the tree's parser reported of a wire that does not resolve.
 * @kernel aclint_sswi_parse_irq
 */
export function registersOf(ctx: ProbeContext, harts: Harts): SswiRegister[] {
  const { node, parents, parentErrors, smp } = ctx;
  const contexts = parents.length + parentErrors.length;
  if (contexts === 0) {
    smp.log.err(`irq_aclint_sswi: ${node.name}: no ACLINT SSWI context available`);
    throw new IrqError('EINVAL', `${node.path}: no wires; interrupts-extended must list software interrupt ${harts.irq.soft} of each hart.`);
  }
  if (parentErrors[0]) throw parentErrors[0];
  const registers = parents.map(({ node: intc, args }, position) => {
    const hartid = ofParentHartid(intc);
    if (hartid === null) throw new IrqError('ENODEV', `${node.path}: wire ${position} ends at ${intc.path}, which is in no cpu node.`);
    if (args[0] !== harts.irq.soft) {
      throw new IrqError('ENOTSUPP', `${node.path}: wire ${position} is local interrupt ${args[0] ?? 'nothing'}; a ${harts.mode}-mode kernel takes software interrupts as ${harts.irq.soft}.`);
    }
    return { cpu: cpuOf(ctx, harts, hartid, position), offset: SSWI_STRIDE * hartIndex(ctx, position) };
  });
  smp.log.info(`irq_aclint_sswi: ${node.name}: register ${contexts} CPU${contexts === 1 ? '' : 's'}`);
  return registers;
}

function cpuOf({ node }: ProbeContext, harts: Harts, hartid: number, position: number): number {
  try {
    return harts.hartidToCpuid(hartid);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    throw new IrqError(error.code, `${node.path}: wire ${position} ends at hart ${hartid}. ${error.message} Leave the wire out.`, { cause: error });
  }
}

/** Which register a wire's hart has: `riscv,hart-indexes` says, else its position. */
function hartIndex({ node, regs, smp }: ProbeContext, position: number): number {
  const index = node.has('riscv,hart-indexes') ? node.u32('riscv,hart-indexes', position) : position;
  if (index === undefined) {
    smp.log.warn(`irq_aclint_sswi: ${node.name}: hart index [${position}] not found`);
    throw new IrqError('EINVAL', `${node.path}: riscv,hart-indexes has no entry for wire ${position}; it needs one for each.`);
  }
  if (index >= SSWI_MAX_HARTS || SSWI_STRIDE * (index + 1) > regs.size) {
    throw new IrqError('EINVAL', `${node.path}: hart index ${index} of wire ${position} has no register: there are ${Math.min(SSWI_MAX_HARTS, Math.floor(regs.size / SSWI_STRIDE))}.`);
  }
  return index;
}
