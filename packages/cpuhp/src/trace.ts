/** The text of a `cpuhp_enter` event, from the event name on, as ftrace prints it. @kernel cpuhp_enter */
export function formatCpuhpEnter(cpu: number, target: number, step: number, callback: string): string {
  return `cpuhp_enter: ${entered(cpu, target, step, callback)}`;
}

/** @kernel cpuhp_multi_enter */
export function formatCpuhpMultiEnter(cpu: number, target: number, step: number, callback: string): string {
  return `cpuhp_multi_enter: ${entered(cpu, target, step, callback)}`;
}

/** @kernel cpuhp_exit */
export function formatCpuhpExit(cpu: number, state: number, step: number, ret: number): string {
  return `cpuhp_exit:  cpu: ${pad4(cpu)}  state: ${pad3(state)} step: ${pad3(step)} ret: ${ret}`;
}

function entered(cpu: number, target: number, step: number, callback: string): string {
  return `cpu: ${pad4(cpu)} target: ${pad3(target)} step: ${pad3(step)} (${callback})`;
}

const pad4 = (value: number): string => String(value).padStart(4, '0');
const pad3 = (value: number): string => String(value).padStart(3);
