import { IrqError, type Errno } from '@irqchip/smp';
import { DEFAULT_LIMITS } from '../name.ts';

const BLANK = ' \n\t\r\f\v\ufeff';
const DIRECTIVE = /^#[ \t]*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|pragma|error|warning)(?=[\s<"]|$)/;
const LINE_MARKER = /^#[ \t]*(?:line[ \t]+)?[0-9]+[ \t]*(?:"|$)/;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

/** Letters, digits and `_`: what labels and macros are made of. */
export function isWordCode(code: number): boolean {
  return isLetter(code) || isDigit(code);
}

/** Letters, digits and `,._+*#?@-`: what names are made of. */
function isDtsNameCode(code: number): boolean {
  return isWordCode(code) || ',._+*#?@-'.includes(String.fromCharCode(code));
}

/** Walks through dts source: white space, comments, names; knows line and column for errors. */
export class Scanner {
  at = 0;

  constructor(readonly text: string) {}

  /** An error that begins with line and column of `at`. */
  error(code: Errno, what: string, at: number = this.at): IrqError {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    return new IrqError(code, `${line}:${at - before.lastIndexOf('\n')}: ${what}`);
  }

  /** What stands at the cursor, for errors. */
  get found(): string {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) return 'the end of the source';
    const word = this.text.slice(this.at, this.at + 24).match(/^[\w,.+*#?@-]+/);
    return `"${word?.[0] ?? String.fromCodePoint(code)}"`;
  }

  /** Goes over white space, comments and the line markers that cpp leaves. */
  skip(): void {
    for (;;) {
      const character = this.text[this.at];
      if (character === '/' && this.text[this.at + 1] === '/') this.at = this.endOfLine();
      else if (character === '/' && this.text[this.at + 1] === '*') this.comment();
      else if (character === '#' && this.atLineStart()) {
        if (!this.cppLine()) return;
      } else if (character !== undefined && BLANK.includes(character)) this.at++;
      else return;
    }
  }

  /** After white space: takes `token` if it stands here. */
  take(token: string): boolean {
    this.skip();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** @throws EINVAL when `token` does not stand here. */
  expect(token: string, context: string): void {
    if (!this.take(token)) throw this.error('EINVAL', `expected "${token}" ${context}, found ${this.found}`);
  }

  /** The character after white space; empty at the end. */
  peek(): string {
    this.skip();
    return this.text[this.at] ?? '';
  }

  /** The longest run of characters that `accepts`, from the cursor on. */
  run(accepts: (code: number) => boolean): string {
    const start = this.at;
    while (this.at < this.text.length && accepts(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(start, this.at);
  }

  /** Name of a node or property; empty if none stands here. */
  name(): string {
    this.skip();
    const start = this.at;
    const name = this.run(isDtsNameCode);
    if (name.length > DEFAULT_LIMITS.maxNameLength) throw this.error('EINVAL', `a name of ${name.length} characters; at most ${DEFAULT_LIMITS.maxNameLength} are modelled`, start);
    return name;
  }

  /** Takes `label:` if it stands here, and returns its name. */
  label(): string | undefined {
    this.skip();
    const start = this.at;
    const word = isLetter(this.text.charCodeAt(start)) ? this.run(isWordCode) : '';
    if (word !== '' && this.text[this.at] === ':') {
      this.at++;
      return word;
    }
    this.at = start;
    return undefined;
  }

  /** Takes what follows `&`: a label, or a path in braces. */
  reference(): string {
    const start = this.at;
    const braces = this.text[start] === '{';
    if (braces) this.at++;
    const target = this.run(braces ? (code) => code === 0x2f || isDtsNameCode(code) : isWordCode);
    if (target === '' || (braces && (!target.startsWith('/') || this.text[this.at++] !== '}'))) {
      throw this.error('EINVAL', 'a reference is &label or &{/full/path}', start);
    }
    return target;
  }

  private endOfLine(): number {
    const end = this.text.indexOf('\n', this.at);
    return end < 0 ? this.text.length : end;
  }

  private comment(): void {
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0) throw this.error('EINVAL', 'this comment has no end; close it with */');
    this.at = end + 2;
  }

  private atLineStart(): boolean {
    let before = this.at - 1;
    while (before >= 0 && ' \t\ufeff'.includes(this.text[before]!)) before--;
    return before < 0 || this.text[before] === '\n';
  }

  /** Passes a line marker; refuses a directive; returns false for a name that begins with `#`. */
  private cppLine(): boolean {
    const line = this.text.slice(this.at, Math.min(this.endOfLine(), this.at + 80));
    if (DIRECTIVE.test(line)) throw this.error('EINVAL', `"${line.trim()}": there is no preprocessor here; run the source through cpp -nostdinc -undef -x assembler-with-cpp first`);
    if (!LINE_MARKER.test(line)) return false;
    this.at = this.endOfLine();
    return true;
  }
}
