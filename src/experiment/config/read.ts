import { isAbsolute, relative, sep } from 'node:path';
import { isMap } from 'yaml';
import { ComexError, didYouMean } from '../../errors.ts';
import { isParameterName } from '../source/tree.ts';
import { type ConfigDocument, normalised, parseDocument } from './document.ts';
import { Fields } from './fields.ts';
import type { Environment } from './interpolate.ts';
import { clipped } from './limits.ts';
import { Report } from './report.ts';
import type { ConfigProblem, ConfigSource } from './source.ts';
import { TreeReader } from './tree.ts';

const KEYS = ['extend', 'name', 'description', 'namespace', 'tags', 'include', 'note', 'parameters'];

/**
 * Reads a YAML experiment. Nothing but the text is looked at: whether the files and parameters that it names exist is
 * for others to tell.
 *
 * @param env The environment variables that `${NAME}` refers to.
 * @param cwd Absolute path that messages name the file relative to. Default the working directory.
 * @throws ComexError `E_CONFIG` for the first thing that is wrong, with file:line:column.
 *
 * @example
 * ```ts
 * const config = readConfig('/x/small.yml', 'extend: ./digits.ts\nparameters:\n  EPOCHS: ${N:-2}', process.env);
 * config.parameters[0].value; // '2', to be converted: see configValue
 * ```
 */
export function readConfig(path: string, text: string, env: Environment, cwd = process.cwd()): ConfigSource {
  const { source, problems } = readConfigProblems(path, text, env);
  const [problem] = problems;
  if (problem === undefined && source !== undefined) return source;
  const { line, column, code, message } = problem!;
  throw new ComexError(code, `${shownPath(path, cwd)}:${line}:${column}: ${message}`);
}

/** The same with all that is wrong, in the order of the text. The source is what is right; it needs an `extend`. */
export function readConfigProblems(
  path: string,
  text: string,
  env: Environment,
): { source?: ConfigSource; problems: ConfigProblem[] } {
  const content = normalised(text);
  const report = new Report(content);
  const document = parseDocument(content, report);
  if (document === undefined) return { problems: report.problems() };
  const source = readSource(path, text, document, env, report);
  return { ...(source === undefined ? {} : { source }), problems: report.problems() };
}

/** A file as messages name it: relative to a folder that it is below. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  const outside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return outside ? path : below.split(sep).join('/');
}

function readSource(
  path: string,
  text: string,
  document: ConfigDocument,
  env: Environment,
  report: Report,
): ConfigSource | undefined {
  const reader = new TreeReader(document, env, report);
  const { root } = document;
  if (!isMap(root)) {
    report.add(0, 'Expected a mapping such as "extend: ./experiment.ts", got another value.');
    return undefined;
  }
  const entries = reader.entries(root);
  if (entries === undefined) return undefined;
  for (const [key, { offset }] of entries) if (!KEYS.includes(key)) report.add(offset, unknownKey(key));
  const fields = new Fields(entries, reader, new TreeReader(document, undefined, report), report);
  const [extend] = fields.paths('extend');
  if (!entries.has('extend')) {
    report.add(root.range![0], 'Expected "extend", the path of the experiment that this one varies, found none.');
  }
  const texts = {
    ...fields.text('name'),
    ...fields.text('description'),
    ...fields.text('namespace'),
    ...fields.text('note'),
  };
  const rest = { tags: fields.tags(), include: fields.paths('include'), parameters: fields.parameters() };
  if (extend === undefined) return undefined;
  return { path, text, extend, ...texts, ...rest, variables: [...reader.variables].sort() };
}

function unknownKey(key: string): string {
  const near = didYouMean(key, KEYS);
  const [name] = key.split('.');
  const advice = isParameterName(name!) ? ' Put it below "parameters".' : near || ` The keys are: ${KEYS.join(', ')}.`;
  return `Expected a key of an experiment, got "${clipped(key)}".${advice}`;
}
