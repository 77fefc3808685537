import { IrqError } from '@irqchip/smp';

const CHUNK = 4096;

/** @throws IrqError `EINVAL` for bytes that are compressed, or no UTF-8. */
export function toText(input: string | Uint8Array, name: string): string {
  if (typeof input === 'string') return input;
  if (input[0] === 0x1f && input[1] === 0x8b) throw new IrqError('EINVAL', `${name}: this is compressed by gzip; decompress it first.`);
  const parts: string[] = [];
  for (let at = 0; at < input.length; at += CHUNK) parts.push(String.fromCharCode(...input.subarray(at, at + CHUNK)));
  return decodeUtf8(parts.join(''), name);
}

/** From one character a byte. */
function decodeUtf8(text: string, name: string): string {
  try {
    return text.replace(/[\x80-\xff]+/g, (run) => decodeURIComponent([...run].map((byte) => `%${byte.charCodeAt(0).toString(16)}`).join('')));
  } catch (error) {
    throw new IrqError('EINVAL', `${name}: this is not UTF-8 text, so it is no recording.`, { cause: error });
  }
}
