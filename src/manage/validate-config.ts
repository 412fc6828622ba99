import { ComexError } from '../errors.ts';
import { namesIn } from '../experiment/config/interpolate.ts';
import { readConfigProblems, shownPath } from '../experiment/config/read.ts';
import type { ConfigParameter, ConfigProblem, ConfigSource } from '../experiment/config/source.ts';
import { configValueProblems } from '../experiment/config/value.ts';
import type { ParameterType } from '../experiment/definition.ts';
import type { Problems } from './validate-problems.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads YAML experiments as a run does, and notes all that is wrong with them. An environment variable that is not set
 * here may be set where the experiment runs: that is a warning, and the values that need it are passed over.
 */
export class ConfigCheck {
  readonly #problems: Problems;
  readonly #cwd: string;
  readonly #env: Environment;
  readonly #unset = new Set<string>();

  constructor(problems: Problems, cwd: string, env: Environment = process.env) {
    this.#problems = problems;
    this.#cwd = cwd;
    this.#env = env;
  }

  /** @throws ComexError for a file that nothing more can be said of; its problems are noted. */
  readonly read = (path: string, text: string): ConfigSource => {
    const { source, problems } = readConfigProblems(path, text, this.#env);
    this.#note(problems, path);
    const unset = problems.flatMap((problem) => (problem.unset === undefined ? [] : [problem.unset]));
    for (const name of unset) this.#unset.add(name);
    const placeholders = Object.fromEntries(unset.map((name) => [name, '']));
    const read = unset.length === 0 ? source : readConfigProblems(path, text, { ...this.#env, ...placeholders }).source;
    if (read !== undefined) return read;
    const { line, column, code, message } = problems[0]!;
    throw new ComexError(code, `${shownPath(path, this.#cwd)}:${line}:${column}: ${message}`);
  };

  readonly convert = (
    parameter: ConfigParameter,
    type: ParameterType,
    file: string,
  ): { readonly value: unknown } | undefined => {
    const texts = [...parameter.places.values()].map(({ written }) => written ?? '');
    if (texts.some((text) => namesIn(text).some((name) => this.#unset.has(name)))) return undefined;
    const { value, problems } = configValueProblems(parameter, type);
    this.#note(problems, file);
    return problems.length === 0 ? { value } : undefined;
  };

  #note(problems: readonly ConfigProblem[], file: string): void {
    for (const { line, column, code, message, unset } of problems) {
      this.#problems.add(message, code, unset === undefined ? 'error' : 'warning', { file, line, column });
    }
  }
}
