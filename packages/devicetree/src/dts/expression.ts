import { ALL_ONES, readCharacter, readNumber } from './literal.ts';
import { isWordCode, type Scanner } from './scanner.ts';

const MAX_NESTING = 64;

/** Operators that bind alike, weakest first; the longer spelling before the shorter one. */
const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<=', '>=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

/**
 * Reads an integer expression of dts source up to what cannot belong to it. As in dtc, numbers are unsigned, have 64 bits and wrap around.
 * @throws EINVAL with line and column.
 */
export function readExpression(scanner: Scanner): bigint {
  return new ExpressionReader(scanner).ternary();
}

/** A number, a character or an expression in parentheses: what stands in a cell. */
export function readOperand(scanner: Scanner): bigint {
  return new ExpressionReader(scanner).primary();
}

class ExpressionReader {
  private nesting = 0;

  constructor(private readonly scanner: Scanner) {}

  ternary(): bigint {
    const condition = this.binary(0);
    if (this.operator(['?']) === undefined) return condition;
    this.enter();
    const yes = this.ternary();
    this.scanner.expect(':', 'between the two outcomes of "?"');
    const no = this.ternary();
    this.nesting--;
    return condition !== 0n ? yes : no;
  }

  private binary(level: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const at = this.scanner.at;
      const operator = this.operator(operators);
      if (operator === undefined) return left;
      const right = this.binary(level + 1);
      if (right === 0n && (operator === '/' || operator === '%')) throw this.scanner.error('EINVAL', 'division by zero', at);
      left = apply(operator, left, right);
    }
  }

  private unary(): bigint {
    const operator = this.operator(['-', '~', '!']);
    if (operator === undefined) return this.primary();
    this.enter();
    const value = this.unary();
    this.nesting--;
    if (operator === '!') return value === 0n ? 1n : 0n;
    return BigInt.asUintN(64, operator === '-' ? -value : ~value);
  }

  primary(): bigint {
    const { scanner } = this;
    const character = scanner.peek();
    if (scanner.take('(')) {
      this.enter();
      const value = this.ternary();
      scanner.expect(')', 'at the end of the expression');
      this.nesting--;
      return value;
    }
    if (scanner.take("'")) return readCharacter(scanner);
    if (character >= '0' && character <= '9') return readNumber(scanner);
    const start = scanner.at;
    const macro = scanner.run(isWordCode);
    throw macro !== ''
      ? scanner.error('EINVAL', `"${macro.slice(0, 40)}" is no number and macros are not expanded here: write its value, or run cpp first`, start)
      : scanner.error('EINVAL', `expected a number, a reference or an expression in parentheses, found ${scanner.found}`, start);
  }

  /** Takes the operator of `operators` that stands here, unless it is the beginning of a longer one. */
  private operator(operators: readonly string[]): string | undefined {
    const { scanner } = this;
    scanner.skip();
    const { text, at } = scanner;
    const operator = operators.find((candidate) => text.startsWith(candidate, at));
    if (operator === undefined) return undefined;
    const next = text[at + operator.length];
    if (operator.length === 1 && (('|&<>'.includes(operator) && next === operator) || ('<>!'.includes(operator) && next === '='))) return undefined;
    scanner.at += operator.length;
    return operator;
  }

  private enter(): void {
    if (++this.nesting > MAX_NESTING) throw this.scanner.error('EINVAL', `an expression nested more than ${MAX_NESTING} levels deep; write it more simply`);
  }
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  const truth = (value: boolean): bigint => (value ? 1n : 0n);
  switch (operator) {
    case '||': return truth(left !== 0n || right !== 0n);
    case '&&': return truth(left !== 0n && right !== 0n);
    case '|': return left | right;
    case '^': return left ^ right;
    case '&': return left & right;
    case '==': return truth(left === right);
    case '!=': return truth(left !== right);
    case '<=': return truth(left <= right);
    case '>=': return truth(left >= right);
    case '<': return truth(left < right);
    case '>': return truth(left > right);
    case '<<': return right < 64n ? (left << right) & ALL_ONES : 0n;
    case '>>': return right < 64n ? left >> right : 0n;
    case '+': return (left + right) & ALL_ONES;
    case '-': return BigInt.asUintN(64, left - right);
    case '*': return (left * right) & ALL_ONES;
    case '/': return left / right;
    default: return left % right;
  }
}
