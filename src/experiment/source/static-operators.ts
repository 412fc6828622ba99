import type { BinaryExpression, UnaryExpression } from 'oxc-parser';
import { NotStatic } from './static-sizes.ts';

/** Bits of a bigint that an operator may make. */
const MAX_BITS = 100_000;

/** What a binary operator makes of two primitives; a TypeError where the run would throw one. */
export function binaryValue(operator: BinaryExpression['operator'], left: unknown, right: unknown): unknown {
  if (typeof left === 'bigint' && typeof right === 'bigint') refuseHuge(operator, left, right);
  // The operators are the language's own on values whose types are not known here.
  const a = left as number;
  const b = right as number;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '>>>':
      return a >>> b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '===':
      return a === b;
    case '!==':
      return a !== b;
    case '==':
      // biome-ignore lint/suspicious/noDoubleEquals: it is what the source says.
      return a == b;
    case '!=':
      // biome-ignore lint/suspicious/noDoubleEquals: it is what the source says.
      return a != b;
    default:
      throw new NotStatic();
  }
}

/** What a unary operator makes of a value. */
export function unaryValue(operator: UnaryExpression['operator'], value: unknown): unknown {
  if (operator === '!') return !value;
  if (operator === 'typeof') return typeof value;
  if (operator === 'void') return undefined;
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') throw new NotStatic();
  switch (operator) {
    case '-':
      return -(value as number);
    case '+':
      return +(value as number);
    case '~':
      return ~(value as number);
    default:
      throw new NotStatic();
  }
}

function refuseHuge(operator: string, left: bigint, right: bigint): void {
  if (operator !== '**' && operator !== '*' && operator !== '<<' && operator !== '>>') return;
  const bits = left.toString(16).length * 4;
  const other = right.toString(16).length * 4;
  const result =
    operator === '*' ? bits + other : operator === '**' ? bits * Number(right) : bits + Math.abs(Number(right));
  if (result > MAX_BITS) throw new NotStatic();
}
