import { ByteSink } from '../src/bytes.ts';

/** Files made to cost as much as they can for their size. */

interface Parts { struct: ByteSink; strings: ByteSink; reserve: ByteSink }

/** A file around the three blocks; the header is right. */
export function file({ struct, strings, reserve }: Partial<Parts>): Uint8Array {
  const rsv = (reserve ?? new ByteSink()).take();
  const body = (struct ?? new ByteSink()).take();
  const names = (strings ?? new ByteSink()).take();
  const structAt = 40 + rsv.length + 16;
  const out = new ByteSink(structAt + body.length + names.length);
  for (const word of [0xd00dfeed, structAt + body.length + names.length, structAt, structAt + body.length, 40, 17, 16, 0, names.length, body.length]) out.u32(word);
  out.append(rsv);
  for (let i = 0; i < 4; i++) out.u32(0);
  out.append(body);
  out.append(names);
  return out.take();
}

export function begin(struct: ByteSink, name: string): void {
  struct.u32(1);
  struct.ascii(name);
  struct.u8(0);
  struct.align(4);
}

export function end(struct: ByteSink): void {
  struct.u32(2);
}

export function prop(struct: ByteSink, nameOffset: number, value: Uint8Array = new Uint8Array(0)): void {
  struct.u32(3);
  struct.u32(value.length);
  struct.u32(nameOffset);
  struct.append(value);
  struct.align(4);
}

/** The n-th of 93³ names of three characters. */
export function shortName(n: number): string {
  return String.fromCharCode(nameCode(n), nameCode(Math.floor(n / 93)), nameCode(Math.floor(n / 8649)));
}

/** From `!` to `~`, without `/`. */
function nameCode(n: number): number {
  return 0x21 + n % 93 + (n % 93 >= 14 ? 1 : 0);
}

function block(build: (struct: ByteSink) => void): ByteSink {
  const struct = new ByteSink(1 << 16);
  begin(struct, '');
  build(struct);
  end(struct);
  struct.u32(9);
  return struct;
}

function namesOf(count: number, name: (n: number) => string): ByteSink {
  const strings = new ByteSink(1 << 16);
  for (let n = 0; n < count; n++) {
    strings.ascii(name(n));
    strings.u8(0);
  }
  return strings;
}

export const HOSTILE: Readonly<Record<string, (n: number) => Uint8Array>> = {
  'nodes of twelve bytes': (n) => file({ struct: block((struct) => {
    for (let i = 0; i < n; i++) {
      begin(struct, shortName(i));
      end(struct);
    }
  }) }),
  'nodes with one empty property': (n) => file({ strings: namesOf(1, () => 'p'), struct: block((struct) => {
    for (let i = 0; i < n; i++) {
      begin(struct, shortName(i));
      prop(struct, 0);
      end(struct);
    }
  }) }),
  'nodes with one child': (n) => file({ struct: block((struct) => {
    for (let i = 0; i < n; i++) {
      begin(struct, shortName(i));
      begin(struct, 'c');
      end(struct);
      end(struct);
    }
  }) }),
  'empty properties in one node': (n) => file({ strings: namesOf(n, shortName), struct: block((struct) => {
    for (let i = 0; i < n; i++) prop(struct, 4 * i);
  }) }),
  'empty properties named by every ending of long names': (n) => {
    const name = (i: number): string => (shortName(i) + 'x'.repeat(251) + shortName(i)).slice(0, 255);
    return file({ strings: namesOf(Math.ceil(n / 200), name), struct: block((struct) => {
      for (let i = 0; i < n; i++) {
        if (i % 200 === 0 && i > 0) end(struct);
        if (i % 200 === 0) begin(struct, shortName(i));
        prop(struct, 256 * Math.floor(i / 200) + i % 200);
      }
      end(struct);
    }) });
  },
  'properties that share one long name': (n) => file({ strings: namesOf(1, () => 'x'.repeat(255)), struct: block((struct) => {
    for (let i = 0; i < n; i++) {
      begin(struct, shortName(i));
      prop(struct, 0);
      end(struct);
    }
  }) }),
  'deep paths with many leaves': (n) => file({ struct: block((struct) => {
    for (let i = 0; i < 61; i++) begin(struct, 'y'.repeat(255));
    for (let i = 0; i < n; i++) {
      begin(struct, shortName(i));
      end(struct);
    }
    for (let i = 0; i < 61; i++) end(struct);
  }) }),
  'NOPs only': (n) => file({ struct: block((struct) => {
    for (let i = 0; i < 3 * n; i++) struct.u32(4);
  }) }),
  'memory reservations': (n) => {
    const reserve = new ByteSink(1 << 16);
    for (let i = 1; i <= n; i++) {
      reserve.u64(i * 0x1_0000_0000);
      reserve.u64(0x1_2345_6789);
    }
    return file({ reserve, struct: block(() => undefined) });
  },
};
