import { CpuMask, IrqError } from '@irqchip/smp';

/**
 * CPUs from the hexadecimal text that `smp_affinity` takes: groups of up to eight digits, separated by commas, the last one the
 * lowest 32 CPUs (`f`, `1,00000000`).
 * @throws IrqError `EINVAL` for anything else; `EOVERFLOW` for a group of more than 32 bits, or a CPU that cannot exist.
 * @kernel cpumask_parse_user
 */
export function parseCpuHex(text: string, size: number): CpuMask {
  const mask = new CpuMask(size);
  const groups = text.trim().split(',').reverse();
  groups.forEach((group, index) => addGroup(mask, group.trim(), index, text));
  return mask;
}

function addGroup(mask: CpuMask, group: string, index: number, text: string): void {
  if (!/^[0-9a-f]+$/i.test(group)) throw new IrqError('EINVAL', `"${text.trim()}" is not a CPU mask in hexadecimal.`);
  const word = BigInt(`0x${group}`);
  if (word >> 32n !== 0n) throw new IrqError('EOVERFLOW', `"${text.trim()}": "${group}" has more than 32 bits; separate groups by commas.`);
  for (let bit = 0; bit < 32; bit++) {
    if (((word >> BigInt(bit)) & 1n) === 0n) continue;
    const cpu = index * 32 + bit;
    if (cpu >= mask.size) throw new IrqError('EOVERFLOW', `"${text.trim()}" names CPU ${cpu}; this machine has CPUs 0 to ${mask.size - 1}.`);
    mask.set(cpu);
  }
}

const RANGE = /^(all(?=$|:)|(?:N|\d+)(?=$|-))(?:-(N|\d+))?(?::(\d+)\/(\d+))?$/;

/**
 * CPUs from the list that `smp_affinity_list` takes: `0-3,8`, `all`, `N` for the last CPU, and `0-15:2/4` for the first two of
 * every four, also of `all`.
 * @throws IrqError `EINVAL` for anything else; `ERANGE` for a CPU that cannot exist.
 * @kernel cpumask_parselist_user
 */
export function parseCpuList(text: string, size: number): CpuMask {
  const mask = new CpuMask(size);
  for (const item of text.trim().split(/[\s,]+/)) if (item !== '') addRange(mask, item);
  return mask;
}

function addRange(mask: CpuMask, item: string): void {
  const match = RANGE.exec(item);
  if (match === null) throw new IrqError('EINVAL', `"${item}" is not a CPU or a range of CPUs.`);
  const [, from, to, used, group] = match;
  const first = from === 'all' ? 0 : cpuNumber(from!, mask.size);
  const last = from === 'all' ? mask.size - 1 : to === undefined ? first : cpuNumber(to, mask.size);
  const groupSize = group === undefined ? last - first + 1 : Number(group);
  const usedSize = used === undefined ? groupSize : Number(used);
  if (first > last || groupSize === 0 || usedSize > groupSize) throw new IrqError('EINVAL', `"${item}" is not a range of CPUs.`);
  if (last >= mask.size) throw new IrqError('ERANGE', `"${item}" names CPU ${last}; this machine has CPUs 0 to ${mask.size - 1}.`);
  for (let cpu = first; cpu <= last; cpu++) if ((cpu - first) % groupSize < usedSize) mask.set(cpu);
}

function cpuNumber(text: string, size: number): number {
  return text === 'N' ? size - 1 : Number(text);
}
