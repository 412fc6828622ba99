import type { Environment } from '@marcbachmann/cel-js';

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** Lets whole numbers and others meet in arithmetic and comparisons: parameters are numbers of one kind. */
export function mixNumbers(env: Environment): void {
  for (const [operator, compute] of Object.entries(ARITHMETIC)) {
    const mixed = (a: number | bigint, b: number | bigint): number => compute(Number(a), Number(b));
    env.registerOperator(`double ${operator} int: double`, mixed);
    env.registerOperator(`int ${operator} double: double`, mixed);
  }
  env.registerOperator('double % double: double', ARITHMETIC['%']!);
  env.registerOperator('int == double: bool', (a: bigint, b: number) => Number(a) === b);
}
