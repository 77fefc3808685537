import { irqPercpuDisable } from '../chip/mask.ts';
import type { IrqAction, IrqDesc } from '../desc/irq-desc.ts';
import { handleIrqEventPercpu } from './handle-event.ts';

/** A per-CPU interrupt with one device id for all CPUs. Takes no lock, touches no state. @kernel handle_percpu_irq */
export function handlePercpuIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  const { chip } = data;
  desc.countThisCpu();
  if (chip.irqAck) chip.irqAck(data);
  handleIrqEventPercpu(desc);
  if (chip.irqEoi) chip.irqEoi(data);
}

/**
 * A per-CPU interrupt with a device id a CPU: runs the action that serves this CPU, with this CPU's slot. Takes no lock, and
 * looks at neither depth nor DISABLED: the chip's own mask is the switch.
 * @kernel handle_percpu_devid_irq
 */
export function handlePercpuDevidIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  const { chip } = data;
  const cpu = desc.cpus.current;
  desc.countThisCpu();
  if (chip.irqAck) chip.irqAck(data);
  const action = actionFor(desc, cpu);
  if (action !== null) runOnCpu(desc, action, cpu);
  else spurious(desc, cpu);
  if (chip.irqEoi) chip.irqEoi(data);
}

function actionFor(desc: IrqDesc, cpu: number): IrqAction | null {
  let action = desc.action;
  while (action !== null && action.affinity !== null && !action.affinity.test(cpu)) action = action.next;
  return action;
}

function runOnCpu(desc: IrqDesc, action: IrqAction, cpu: number): void {
  const { trace } = desc.genirq;
  if (trace !== null) trace.handlerEntry(desc.irq, action.name);
  const result = action.handler(desc.irq, (action.percpuDevId === null ? null : action.percpuDevId.get(cpu)) as never);
  if (trace !== null) trace.handlerExit(desc.irq, result);
}

function spurious(desc: IrqDesc, cpu: number): void {
  const enabled = desc.percpuEnabled !== null && desc.percpuEnabled.test(cpu);
  if (enabled) irqPercpuDisable(desc, cpu);
  desc.genirq.smp.log.once('handle_percpu_devid_irq', 'err', `Spurious${enabled ? ' and unmasked' : ''} percpu IRQ${desc.irq} on CPU${cpu}`);
}
