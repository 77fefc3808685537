import { IrqError } from '@irqchip/smp';

/** What a driver provides: lines with wires, the CPUs' IPIs, or messages. */
export type DriverKind = 'wired' | 'ipi' | 'msi';
/** How a wired line asks for attention. */
export type LineTrigger = 'edge' | 'level';

/** A driver that is to be written. */
export interface DriverSpec {
  /** Of the driver, its chip and its files: `mux8`, or `liointc-2-0`. */
  readonly name: string;
  /** What its device-tree node says: `acme,mux8`, or `loongson,liointc-2.0`. */
  readonly compatible: string;
  readonly kind: DriverKind;
  /** Lines, or messages; 0 for IPIs. */
  readonly lines: number;
  /** Of wired lines. */
  readonly trigger: LineTrigger;
}

/** Answers as they come from a command line or a terminal. */
export interface Answers {
  /** `mux8`, or as in a device tree: `acme,mux8`. */
  readonly name: string;
  /** Default: wired. */
  readonly kind?: string;
  /** Default: 8. */
  readonly lines?: string;
  /** Default: edge. */
  readonly trigger?: string;
}

/** The registers have a bit a line. */
export const MAX_LINES = 32;

/** A compatible string, vendor and comma left out or not. */
const NAME = /^(?:([a-z0-9]+(?:[._+-][a-z0-9]+)*),)?([a-z][a-z0-9]*(?:[._+-][a-z0-9]+)*)$/i;

/** Words that a module cannot export. */
const RESERVED = new Set(['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'eval', 'export',
  'extends', 'false', 'finally', 'for', 'function', 'if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private', 'protected',
  'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield', 'bits', 'registers']);

/** @throws IrqError `EINVAL` with a sentence that says what is wrong with an answer and what would be right. */
export function driverSpec({ name, kind = 'wired', lines, trigger }: Answers): DriverSpec {
  const [, vendor = 'acme', device] = NAME.exec(name) ?? [];
  if (device === undefined) refuse(`A name, behind its vendor if it has one, starts with a letter and goes on with letters and digits, with single hyphens, dots, _ or + between them, as in mux8, acme,mux8 or loongson,liointc-2.0; '${name}' is not.`);
  const own = device.toLowerCase().replace(/[^a-z0-9]/g, '-');
  if (RESERVED.has(own)) refuse(`'${own}' is a word of the language; call the driver something else, such as ${own}8.`);
  if (kind !== 'wired' && kind !== 'ipi' && kind !== 'msi') refuse(`A driver's kind is wired, ipi or msi; '${kind}' is none of them.`);
  if (kind === 'ipi' && lines !== undefined) refuse('A provider of IPIs has a doorbell a CPU and no lines: leave the number of lines out.');
  if (kind !== 'wired' && trigger !== undefined) refuse(`Only wired lines have a trigger: leave it out for ${kind}.`);
  if (trigger !== undefined && trigger !== 'edge' && trigger !== 'level') refuse(`A line's trigger is edge or level; '${trigger}' is neither.`);
  const count = kind === 'ipi' ? 0 : Number(lines ?? 8);
  if (kind !== 'ipi' && (!/^\d+$/.test(lines ?? '8') || count < 1 || count > MAX_LINES)) refuse(`The number of lines is a whole number from 1 to ${MAX_LINES}, a bit a line; '${lines}' is not.`);
  return { name: own, compatible: `${vendor},${device}`, kind, lines: count, trigger: trigger === 'level' ? 'level' : 'edge' };
}

function refuse(sentence: string): never {
  throw new IrqError('EINVAL', sentence);
}
