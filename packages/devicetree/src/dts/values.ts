import { ByteSink } from '../bytes.ts';
import type { Piece } from './draft.ts';
import { readOperand } from './expression.ts';
import { ALL_ONES, readByteString, readString } from './literal.ts';
import type { Scanner } from './scanner.ts';

/** Reads the value of a property, after `=` and up to `;`. */
export function readValue(scanner: Scanner): Piece[] {
  return new ValueReader(scanner).read();
}

class ValueReader {
  private readonly pieces: Piece[] = [];
  private readonly sink = new ByteSink(16);

  constructor(private readonly scanner: Scanner) {}

  read(): Piece[] {
    do {
      this.labels();
      this.item();
      this.labels();
    } while (this.scanner.take(','));
    this.scanner.expect(';', 'at the end of the property');
    this.flush();
    return this.pieces;
  }

  private item(): void {
    const { scanner } = this;
    if (scanner.take('"')) readString(scanner, this.sink);
    else if (scanner.take('[')) readByteString(scanner, this.sink);
    else if (scanner.take('&')) this.reference('path');
    else if (scanner.take('/bits/')) this.sizedCells();
    else if (scanner.take('<')) this.cells(32);
    else if (scanner.take('/incbin/')) throw scanner.error('EOPNOTSUPP', '/incbin/ is not read here; write the bytes as [..]');
    else throw scanner.error('EINVAL', `expected a value ("text", <cells>, [bytes] or &label), found ${scanner.found}`);
  }

  private sizedCells(): void {
    const { scanner } = this;
    scanner.skip();
    const start = scanner.at;
    const bits = Number(readOperand(scanner));
    if (![8, 16, 32, 64].includes(bits)) throw scanner.error('EINVAL', `/bits/ ${bits}: a cell has 8, 16, 32 or 64 bits`, start);
    scanner.expect('<', 'after /bits/');
    this.cells(bits);
  }

  private cells(bits: number): void {
    const { scanner } = this;
    for (;;) {
      this.labels();
      if (scanner.take('>')) return;
      if (scanner.take('&')) {
        if (bits !== 32) throw scanner.error('EINVAL', `a reference needs a cell of 32 bits, this one has ${bits}`);
        this.reference('phandle');
      } else {
        this.cell(bits);
      }
    }
  }

  private cell(bits: number): void {
    const start = this.scanner.at;
    const value = readOperand(this.scanner);
    const mask = (1n << BigInt(bits)) - 1n;
    // As in dtc: all higher bits set is a negative number, cut to the cell.
    if (value > mask && (value | mask) !== ALL_ONES) {
      throw this.scanner.error('ERANGE', `0x${value.toString(16)} does not fit into a cell of ${bits} bits; split it into two cells or use /bits/ 64`, start);
    }
    for (let shift = bits - 8; shift >= 0; shift -= 8) this.sink.u8(Number((value >> BigInt(shift)) & 0xffn));
  }

  private reference(kind: 'phandle' | 'path'): void {
    const at = this.scanner.at - 1;
    const target = this.scanner.reference();
    this.flush();
    this.pieces.push({ kind, target, at });
  }

  private flush(): void {
    if (this.sink.length > 0) this.pieces.push(this.sink.take(true));
  }

  private labels(): void {
    while (this.scanner.label() !== undefined);
  }
}
