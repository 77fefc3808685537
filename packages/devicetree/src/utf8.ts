import type { ByteSink } from './bytes.ts';

const CHUNK = 4096;
/** First byte of a sequence with so many further bytes. */
const LEADS: readonly number[] = [0, 0xc0, 0xe0, 0xf0];

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[]));
  }
  return parts.length === 1 ? parts[0]! : parts.join('');
}

/** Writes `text` as UTF-8. */
export function encodeUtf8(text: string, sink: ByteSink): void {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) {
      sink.u8(code);
    } else {
      const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      sink.u8(LEADS[more]! | (code >> (6 * more)));
      for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) sink.u8(0x80 | ((code >> shift) & 0x3f));
    }
  }
}

/** Reads UTF-8; bytes that are none are taken one by one as Latin-1, so that nothing is refused. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return latin1(bytes);
  const characters: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const more = followers(bytes, at);
    let code = more === 0 ? bytes[at]! : bytes[at]! & (0x3f >> more);
    for (let i = 1; i <= more; i++) code = (code << 6) | (bytes[at + i]! & 0x3f);
    characters.push(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');
    at += more + 1;
  }
  return characters.join('');
}

/** How many continuation bytes belong to the byte at `at`; none where the sequence is broken. */
function followers(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const more = lead >= 0xf8 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  for (let i = 1; i <= more; i++) if ((bytes[at + i] ?? 0) >> 6 !== 2) return 0;
  return more;
}
