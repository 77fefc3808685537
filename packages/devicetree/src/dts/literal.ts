import type { ByteSink } from '../bytes.ts';
import { encodeUtf8 } from '../utf8.ts';
import { isWordCode, type Scanner } from './scanner.ts';

const NUMBER = /^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)([uU]?[lL]{0,2}|[lL]{1,2}[uU])$/;
const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
export const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** A number with C's prefixes and suffixes; the cursor is at its first digit. @throws EINVAL, EOVERFLOW above 64 bits */
export function readNumber(scanner: Scanner): bigint {
  const start = scanner.at;
  const word = scanner.run(isWordCode);
  const digits = word.length <= 80 ? NUMBER.exec(word)?.[1] : undefined;
  if (digits === undefined) throw scanner.error('EINVAL', `"${word.slice(0, 40)}" is no number; write it as 10, 0xa or 012`, start);
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value > ALL_ONES) throw scanner.error('EOVERFLOW', `${digits} does not fit into 64 bits`, start);
  return value;
}

/** A character in single quotes; the cursor is behind the first quote. */
export function readCharacter(scanner: Scanner): bigint {
  const start = scanner.at;
  const { text } = scanner;
  const bytes: number[] = [];
  while (text[scanner.at] !== undefined && text[scanner.at] !== "'" && bytes.length < 2) {
    if (text[scanner.at] === '\\') bytes.push(readEscape(scanner));
    else bytes.push(text.charCodeAt(scanner.at++));
  }
  if (bytes.length !== 1 || bytes[0]! > 0xff || text[scanner.at] !== "'") throw scanner.error('EINVAL', "a character literal is one byte between single quotes, as in 'a' or '\\n'", start);
  scanner.at++;
  return BigInt(bytes[0]!);
}

/** A string with its final zero; the cursor is behind the first quote. */
export function readString(scanner: Scanner, sink: ByteSink): void {
  const start = scanner.at - 1;
  const { text } = scanner;
  for (;;) {
    const from = scanner.at;
    scanner.run((code) => code !== 0x22 && code !== 0x5c);
    encodeUtf8(text.slice(from, scanner.at), sink);
    const character = text[scanner.at];
    if (character === undefined) throw scanner.error('EINVAL', 'this string has no end; close it with "', start);
    if (character === '"') break;
    sink.u8(readEscape(scanner));
  }
  scanner.at++;
  sink.u8(0);
}

/** One byte written as an escape; the cursor is at the backslash. */
function readEscape(scanner: Scanner): number {
  const { text } = scanner;
  const start = scanner.at;
  const character = text[start + 1] ?? '';
  const octal = /^[0-7]{1,3}/.exec(text.slice(start + 1, start + 4))?.[0];
  const hexadecimal = character === 'x' ? /^[0-9a-fA-F]{1,2}/.exec(text.slice(start + 2, start + 4))?.[0] : undefined;
  if (character === '' || (character === 'x' && hexadecimal === undefined)) throw scanner.error('EINVAL', 'an unfinished escape; write \\\\ for a backslash');
  if (octal !== undefined) scanner.at += 1 + octal.length;
  else scanner.at += 2 + (hexadecimal?.length ?? 0);
  if (octal !== undefined) return parseInt(octal, 8) & 0xff;
  if (hexadecimal !== undefined) return parseInt(hexadecimal, 16);
  const code = ESCAPES[character] ?? character.charCodeAt(0);
  if (code > 0x7f) throw scanner.error('EINVAL', `"\\${character}" is no escape; write the character without the backslash`, start);
  return code;
}

/** Pairs of hexadecimal digits up to `]`; the cursor is behind `[`. */
export function readByteString(scanner: Scanner, sink: ByteSink): void {
  for (;;) {
    while (scanner.label() !== undefined);
    if (scanner.take(']')) return;
    const pair = /^[0-9a-fA-F]{2}/.exec(scanner.text.slice(scanner.at, scanner.at + 2))?.[0];
    if (pair === undefined) throw scanner.error('EINVAL', `a byte string is made of pairs of hexadecimal digits up to "]", found ${scanner.found}`);
    sink.u8(parseInt(pair, 16));
    scanner.at += 2;
  }
}
