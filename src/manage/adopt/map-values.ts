import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { findFiles } from '../../run/harvest/files.ts';
import { harvest } from '../../run/harvest/harvest.ts';
import { compileJsonPath } from '../../run/harvest/json-path.ts';
import type { CheckedRule } from '../../run/harvest/rules.ts';
import type { HarvestSubject } from '../../run/harvest/subject.ts';
import { valueOfText } from '../../run/harvest/values.ts';
import type { Report } from './found.ts';
import type { ValueRule } from './map-rules.ts';

const LARGEST_YAML = 16 * 1024 * 1024;

/** Reads values of one folder by rules. */
export class FolderValues {
  readonly folder: string;
  /** With forward slashes, relative to the folder that was named; its own name when it is that one. */
  readonly #place: string;
  readonly #root: string;
  readonly #report: Report;

  constructor(folder: string, place: string, root: string, report: Report) {
    this.folder = folder;
    this.#place = place;
    this.#root = root;
    this.#report = report;
  }

  /**
   * The value of a rule; undefined where there is none, which the report says unless the rule is optional.
   *
   * @param name what it is a value of, for messages
   */
  async of(rule: ValueRule, name: string): Promise<unknown> {
    try {
      return await this.required(rule, name);
    } catch (error) {
      if (!(error instanceof ComexError)) throw error;
      this.#report.problems.push(error.message);
      return undefined;
    }
  }

  /** The same, but what cannot be read is thrown. @throws ComexError */
  async required(rule: ValueRule, name: string): Promise<unknown> {
    switch (rule.kind) {
      case 'literal':
        return rule.value;
      case 'folder':
        return this.#ofFolder(rule.pattern, name);
      case 'yaml':
        return await this.#ofYaml(rule.file, rule.path, name);
      default:
        return await this.#harvested(rule.rule, name);
    }
  }

  /** The groups of a regular expression in the path of the folder. @throws ComexError `E_DATA` when it does not fit */
  groups(pattern: RegExp, name: string): RegExpExecArray {
    const found = pattern.exec(this.#place);
    if (found !== null) return found;
    throw new ComexError('E_DATA', `${name}: Expected the folder to fit ${pattern}, but it is "${this.#place}".`);
  }

  /** The one file of a pattern. @throws ComexError when there is none, or several */
  async file(pattern: string, name: string): Promise<string> {
    const chosen = { kind: 'file', in: 'run', patterns: [pattern] } as const;
    const files = await this.#named(name, () => findFiles(chosen, this.#subject()));
    if (files.length === 1) return this.#inside(files[0]!.absolute, name);
    const names = files.slice(0, 3).map(({ path }) => path);
    throw new ComexError('E_DATA', `${name}: Expected one file ${JSON.stringify(pattern)}, got ${names.join(', ')}.`);
  }

  #inside(file: string, name: string): string {
    if (realpathSync(file).startsWith(join(realpathSync(this.folder), '/'))) return file;
    throw new ComexError(
      'E_DATA',
      `${name}: Expected files inside of the folder, but ${file} is a link that leaves it.`,
    );
  }

  #ofFolder(pattern: RegExp, name: string): unknown {
    const found = this.groups(pattern, name);
    const text = found.groups?.['value'] ?? found[1];
    return text === undefined ? undefined : typed(text);
  }

  async #ofYaml(pattern: string, path: string, name: string): Promise<unknown> {
    const file = await this.file(pattern, name);
    const { parse } = await import('yaml');
    let document: unknown;
    try {
      const { size } = statSync(file);
      if (size > LARGEST_YAML) throw new Error(`it has ${size} bytes, more than ${LARGEST_YAML}`);
      document = parse(readFileSync(file, 'utf8'), { prettyErrors: true });
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      if (code !== undefined && /^E[A-Z]+$/.test(code)) throw storageError(error, 'read', file);
      const reason = message.split('\n')[0]!.replace(/:$/, '');
      throw new ComexError('E_DATA', `${name}: Expected ${basename(file)} to be YAML, but ${reason}.`);
    }
    if (path === '') return document;
    const found = compileJsonPath(path)
      .query(document as never)
      .values();
    if (found.length === 1) return found[0];
    throw new ComexError(
      'E_DATA',
      `${name}: Expected one value for ${path} in ${basename(file)}, got ${found.length}.`,
    );
  }

  async #harvested(rule: CheckedRule, name: string): Promise<unknown> {
    const { data, failures, remarks } = await harvest([rule], this.#subject());
    for (const remark of remarks) this.#report.remarks.push(remark.replace(/^value/, name));
    const [failure] = failures;
    if (failure !== undefined) throw new ComexError('E_DATA', `${name}: ${ofFolder(failure.message)}`);
    return data[0]?.value;
  }

  async #named<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ComexError)) throw error;
      throw new ComexError('E_DATA', `${name}: ${ofFolder(error.message)}`);
    }
  }

  #subject(): HarvestSubject {
    const name = basename(this.folder);
    return {
      run: { path: this.folder, id: name, name, namespace: this.#place, meta: { parameters: {} } },
      root: this.#root,
    };
  }
}

/** Nobody has made a run of it yet. */
function ofFolder(message: string): string {
  return message.replace('the run folder', 'the folder');
}

/** What a text means: a number, true or false, else itself. */
export function typed(text: string): unknown {
  return valueOfText(text, { take: 'only', type: undefined, decimal: '.' });
}
