import { flowSymbol, type IrqData, type IrqDesc } from '@irqchip/irqdesc';
import { injectInterrupt } from '../manage/inject.ts';
import { CHIP_BITS, DSTATE_BITS, ISTATE_BITS, SETTINGS_BITS, type BitNames } from './debug-bits.ts';
import { irqCommonDataGetNode } from './node.ts';

/** What a domain adds for one interrupt at its level: lines without indentation. @kernel irq_domain_ops.debug_show */
export type DomainDebugShow = (data: IrqData) => readonly string[];

/**
 * The text of debugfs' `irq/irqs/N`: the descriptor, then each level of the hierarchy, indented by four more than the one before.
 * @param domainDebugShow - called for each level, after the chip's own `debugShow`
 * @kernel irq_debug_show
 */
export function irqDebugShow(desc: IrqDesc, domainDebugShow?: DomainDebugShow): string {
  const { common, genirq } = desc;
  const lines = [
    `handler:  ${flowSymbol(desc.handleIrq)}`,
    `device:   ${desc.deviceName ?? '(null)'}`,
    `status:   ${hex8(desc.settings)}`, ...bitLines(desc.settings, SETTINGS_BITS, 0),
    `istate:   ${hex8(desc.istate)}`, ...bitLines(desc.istate, ISTATE_BITS, 0),
    `ddepth:   ${desc.depth}`,
    `wdepth:   ${desc.wakeDepth}`,
    `dstate:   ${hex8(common.state)}`, ...bitLines(common.state, DSTATE_BITS, 0),
    `node:     ${irqCommonDataGetNode(common)}`,
    `affinity: ${common.affinity.toList()}`,
    `effectiv: ${common.effectiveAffinity.toList()}`,
  ];
  // RISC-V kernels have pending moves since 7.x.
  if (genirq.linux !== '6.12') lines.push(`pending:  ${desc.pendingMask?.toList() ?? ''}`);
  appendLevel(lines, desc.irqData, 0, domainDebugShow);
  return `${lines.join('\n')}\n`;
}

/**
 * What a write to debugfs' `irq/irqs/N` does: `trigger`, or any beginning of it, injects the interrupt; other text is taken and
 * ignored. Task context.
 * @throws IrqError what injecting throws, `EINVAL` for a level interrupt that its chip cannot set pending among them.
 * @kernel irq_debug_write
 */
export function irqDebugWrite(desc: IrqDesc, text: string): void {
  if ('trigger'.startsWith(text.slice(0, 7))) injectInterrupt(desc.genirq, desc.irq);
}

function appendLevel(lines: string[], data: IrqData, indent: number, domainDebugShow: DomainDebugShow | undefined): void {
  const { chip } = data;
  const pad = ' '.repeat(indent);
  const flags = chip.flags ?? 0;
  lines.push(
    `${pad}domain:  ${data.domain?.name ?? ''}`,
    `${pad} hwirq:   0x${data.hwirq.toString(16)}`,
    `${pad} chip:    ${chip.irqPrintChip?.(data) ?? chip.name}`,
    `${pad}  flags:   0x${flags.toString(16)}`, ...bitLines(flags, CHIP_BITS, indent + 1),
  );
  for (const line of chip.debugShow?.(data) ?? []) lines.push(indented(pad, line));
  for (const line of domainDebugShow?.(data) ?? []) lines.push(indented(pad, line));
  if (data.parentData === null) return;
  lines.push(`${pad} parent:`);
  appendLevel(lines, data.parentData, indent + 4, domainDebugShow);
}

/** A level's own lines stand one column in; an empty one stays empty. */
function indented(pad: string, line: string): string {
  return line === '' ? '' : `${pad} ${line}`;
}

/** @kernel irq_debug_show_bits */
function bitLines(state: number, names: BitNames, indent: number): string[] {
  return names.filter(([mask]) => (state & mask) !== 0).map(([, name]) => `${' '.repeat(indent + 12)}${name}`);
}

function hex8(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
