import { IrqError } from '@irqchip/smp';
import type { ConsumerSpec } from './spec.ts';

type Check = (value: unknown) => string | null;

const flag: Check = (value) => (typeof value === 'boolean' ? null : 'is true or false');
const text: Check = (value) => (typeof value === 'string' && value !== '' ? null : 'is a text that is not empty');
const whole = (low: number, high: number): Check => (value) =>
  (Number.isInteger(value) && (value as number) >= low && (value as number) <= high ? null : `is a whole number from ${low} to ${high}`);
const list = (of: Check, what: string): Check => (value) =>
  (Array.isArray(value) && value.length <= MAX_VECTORS && value.every((item) => of(item) === null) ? null : `is a list of at most ${MAX_VECTORS} ${what}`);
const path: Check = (value) => (typeof value === 'string' && value.startsWith('/') ? null : 'is the path of a node, which begins with a slash');
const address: Check = (value) =>
  (typeof value === 'string' && PCI_ADDRESS.test(value) ? null : 'is an address such as 0000:00:01.0, on bus 0');

/** An MSI-X table has at most so many entries (PCI 3.0, 6.8.2.3). */
const MAX_VECTORS = 2048;
/** Domain, bus 0, device, function: what is behind bridges is not modelled. */
export const PCI_ADDRESS: RegExp = /^([0-9a-f]{4}):00:([01][0-9a-f])\.([0-7])$/;

const FLAGS = { shared: flag, noprobe: flag };
const NODE: Readonly<Record<string, Check>> = { node: path, index: whole(0, 65535), names: list(text, 'names'), ...FLAGS };
const PCI: Readonly<Record<string, Check>> = {
  pci: address, host: path, pin: whole(1, 4), intx: list(text, 'names'), msix: (value) => (isObject(value) ? null : 'is an object'), ...FLAGS,
};
const MSIX: Readonly<Record<string, Check>> = {
  names: list((name) => (name === null ? null : text(name)), 'names and nulls'), affinity: (value) => (isObject(value) ? null : 'is an object'),
  first: whole(0, MAX_VECTORS),
};
const AFFINITY: Readonly<Record<string, Check>> = { pre: whole(0, MAX_VECTORS), post: whole(0, MAX_VECTORS) };

/**
 * Consumers as somebody wrote them, checked.
 * @throws IrqError `EINVAL` for what is no list of consumers, saying which entry and what is expected.
 */
export function checkConsumers(value: unknown): readonly ConsumerSpec[] {
  if (!Array.isArray(value)) throw new IrqError('EINVAL', 'Consumers are a list: [{ "node": "/soc/serial@10000000", "names": ["ttyS0"] }, { "pci": "0000:00:01.0", … }].');
  value.forEach(checkOne);
  return value as ConsumerSpec[];
}

function checkOne(entry: unknown, index: number): void {
  const where = `consumers[${index}]`;
  if (!isObject(entry) || ('node' in entry) === ('pci' in entry)) throw new IrqError('EINVAL', `${where}: a consumer names either a node of the device tree ("node") or a PCI device ("pci").`);
  if ('node' in entry) return checkFields(entry, NODE, where);
  checkFields(entry, PCI, where);
  const { msix } = entry;
  if (!isObject(msix)) return;
  checkFields(msix, MSIX, `${where}.msix`);
  if (!Array.isArray(msix['names']) || msix['names'].length === 0) throw new IrqError('EINVAL', `${where}.msix: names gives one entry for each vector; at least one.`);
  const { affinity } = msix;
  if (!isObject(affinity)) return;
  checkFields(affinity, AFFINITY, `${where}.msix.affinity`);
  const kept = Number(affinity['pre'] ?? 0) + Number(affinity['post'] ?? 0);
  if (kept >= msix['names'].length) throw new IrqError('EINVAL', `${where}.msix.affinity: pre and post keep ${kept} of ${msix['names'].length} vectors, so none is left to spread; leave affinity out.`);
}

function checkFields(entry: Record<string, unknown>, checks: Readonly<Record<string, Check>>, where: string): void {
  for (const [key, value] of Object.entries(entry)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw new IrqError('EINVAL', `${where}: there is no "${key}"; known are ${Object.keys(checks).join(', ')}.`);
    const wrong = check(value);
    if (wrong !== null) throw new IrqError('EINVAL', `${where}.${key} ${wrong}, not ${JSON.stringify(value)}.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
