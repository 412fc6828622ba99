import { expect } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import { readConfig, readConfigProblems } from '../../../src/experiment/config/read.ts';
import type { ConfigSource } from '../../../src/experiment/config/source.ts';
import { configValue } from '../../../src/experiment/config/value.ts';
import type { ParameterType } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export const read = (text: string, env: Env = {}): ConfigSource => readConfig('/x/sub/a.yml', text, env, '/x');

/** A file with these lines below `parameters`, which begins at line 2. */
export const withParameters = (lines: string): string =>
  `extend: ./a.ts\nparameters:\n${lines.replace(/^(?=.)/gm, '  ')}\n`;

/** The values as the file has them, by name. */
export const values = (lines: string, env: Env = {}): Record<string, unknown> =>
  Object.fromEntries(read(withParameters(lines), env).parameters.map(({ name, value }) => [name, value]));

/** The sentence of a refusal: code, place and message. */
export const refusalOf = (call: () => unknown): { code: string; message: string } => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    const { code, message } = error as ComexError;
    return { code, message };
  }
  throw new Error('nothing was refused');
};

export const refused = (text: string, env: Env = {}): string => {
  const { code, message } = refusalOf(() => read(text, env));
  expect(code).toBe('E_CONFIG');
  expect(message).not.toContain('\n');
  return message;
};

export const problems = (text: string, env: Env = {}): string[] =>
  readConfigProblems('/x/sub/a.yml', text, env).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );

export const typeOf = (annotation: string): ParameterType =>
  readModule('/x/a.ts', `export let A: ${annotation};`).parameters[0]!.type;

/** The value of parameter A, which the lines give, for a type. */
export const converted = (annotation: string, lines: string, env: Env = {}): unknown =>
  configValue(read(withParameters(lines), env).parameters[0]!, typeOf(annotation), 'sub/a.yml');
