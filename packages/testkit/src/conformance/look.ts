import { parseInterrupts } from '@irqchip/devicetree';
import type { IrqData, IrqDesc } from '@irqchip/genirq-core';
import { irqFindMapping } from '@irqchip/irqdomain';
import type { Diagnostic } from '@irqchip/smp';
import type { Bench, RegisterAccess } from '@irqchip/testbench';
import { showAccess } from '@irqchip/testbench/internals';

/** What a flow may call. */
const CALLBACKS = ['irqAck', 'irqMask', 'irqUnmask', 'irqEoi'] as const;

/** A flow handler in a trace, which a trap has led to. */
const FLOW = /^\w*\(\d+\)$/;

type Callback = typeof CALLBACKS[number];

/** What a callback does to the registers: tried on a machine that is not needed any longer. Empty where the bench sees none. */
export function showCallback({ machine, trace, registers }: Bench, data: IrqData, key: Callback): string {
  const { chip, hwirq } = data;
  const last = registers.at(-1);
  if (last === undefined || chip[key] === undefined) return '';
  const { cpus, diagnostics } = machine.smp;
  const [calls, found] = [trace.length, diagnostics.open.length];
  cpus.localIrqDisable();
  try {
    chip[key](data);
  } catch {
    // Thrown in its place, it is the failure.
  }
  (trace as string[]).length = calls;
  (diagnostics.open as Diagnostic[]).length = found;
  const made = (registers as RegisterAccess[]).splice(registers.lastIndexOf(last) + 1).map(showAccess);
  return `\n  ${chip.name}.${key}(${hwirq}): ${made.join(', ') || 'no register access'}`;
}

/** What no line works without: what the callbacks do, and where the controller's output goes. */
export function showPath(b: Bench, desc: IrqDesc | null, storm: boolean): string {
  const raised = b.raised();
  const says = `the controller raises ${raised.join(', ') || 'nothing'}${storm ? '' : parentOf(b)}`;
  // From here on the controller is no longer as it was.
  const shown = desc === null ? [] : CALLBACKS.map((key) => showCallback(b, desc.irqData, key));
  const unmask = desc === null || raised.length > 0 ? [] : unmasksOf(b, desc);
  if (unmask.length > 0 && unmask.every((text) => text.endsWith('no register access'))) return `irqUnmask touches no register: does it switch the line on?${unmask.join('')}`;
  return says + shown.join('');
}

/** What `irqUnmask` does at each level of an interrupt. Not at a device with messages, which may mask them itself and forward nothing. */
function unmasksOf(b: Bench, { irqData }: IrqDesc): string[] {
  const shown: string[] = [];
  for (let data = b.messages === null ? irqData : irqData.parentData; data !== null; data = data.parentData) shown.push(showCallback(b, data, 'irqUnmask'));
  return shown.filter((text) => text !== '');
}

/** What is wrong with the parent interrupt, as far as can be seen. */
function parentOf({ machine: { genirq, domains, tree }, node, raised, trace }: Bench): string {
  const controller = tree.byPath(node);
  const wires = controller === undefined ? [] : parseInterrupts(controller);
  const handled = wires.some(({ args, controller: { path } }) => {
    const domain = domains.list.find(({ fwnode }) => fwnode?.path === path);
    return domain !== undefined && genirq.irqToDesc(irqFindMapping(domain, args[0]!))?.action;
  });
  if (wires.length > 0 && !handled) return '; its parent interrupt has no handler: did the driver call parent.chain(), or setChainedHandler()?';
  // A hart's own interrupt has no end.
  if (raised().some((wire) => / input \d+$/.test(wire)) && trace.some((call) => FLOW.test(call))) {
    return '; it was taken there before, and is not any more: does the chained handler end with chainedIrqExit()?';
  }
  return raised().length > 0 ? '; nobody takes it there. Is that the CPU it was meant for, and is the parent interrupt enabled on it (enablePercpuIrq, in a hotplug state)?' : '';
}

/** Sends, and what is taken of them, among the calls. */
export function traceIpis(b: Bench): void {
  const { muxes, smp: { cpus } } = b.machine;
  const note = (call: string): void => b.note(`${call} on CPU ${cpus.current}`);
  for (const mux of muxes.all) {
    const process = mux.process.bind(mux);
    mux.process = () => { note('process()'); process(); };
    mux.trace = {
      raise: (cpu, ipi, _merged, rang) => note(`IPI${ipi} to CPU ${cpu}, ${rang ? 'send()' : 'no doorbell,'}`),
      entry: (_cpu, ipi) => note(`IPI${ipi}`),
    };
  }
}
