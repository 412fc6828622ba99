import { join, relative, sep } from 'node:path';
import { listModules } from '../experiment/modules.ts';
import { EXPERIMENTS_FOLDER, findModule, nearestPackage } from '../experiment/project.ts';
import { attempt } from '../experiment/refuse.ts';
import { checkFile } from './validate-file.ts';
import { type Problem, Problems } from './validate-problems.ts';

/** What is wrong with experiments that were not run. */
export interface Validation {
  /** Sorted by file and line; one that several files have in common is there once. */
  readonly problems: readonly Problem[];
  /** What was checked: each file with its own problems and those of what it extends and includes. */
  readonly files: readonly CheckedFile[];
}

interface CheckedFile {
  readonly file: string;
  readonly errors: number;
  readonly warnings: number;
}

/**
 * Checks experiments and mixins without running anything of them, and finds all problems at once.
 *
 * @param names Paths, or names below `experiments/`; none for all that is there, mixins and templates included. Helpers,
 * modules that are neither, are passed over then.
 * @param cwd Absolute path of the working directory; messages name files relative to it.
 *
 * @example
 * ```ts
 * const { problems } = await validate(['experiments/digits.ts'], process.cwd());
 * for (const { file, line, message } of problems) console.log(`${file}:${line}: ${message}`);
 * ```
 */
export async function validate(names: readonly string[], cwd: string): Promise<Validation> {
  const files: CheckedFile[] = [];
  const all = new Map<string, Problem>();
  const add = (file: string, found: Problems): void => {
    for (const [key, problem] of found.all) all.set(key, problem);
    const severities = [...found.all.values()].map(({ severity }) => severity);
    const errors = severities.filter((severity) => severity === 'error').length;
    files.push({ file, errors, warnings: severities.length - errors });
  };
  const shown = (path: string): string => relative(cwd, path).split(sep).join('/');
  const paths = new Set<string>();
  for (const name of names) {
    const found = new Problems(name, cwd);
    attempt(() => paths.add(findModule(name, cwd)), found.refuse);
    if (found.all.size > 0) add(name, found);
  }
  const isNamed = names.length > 0;
  if (!isNamed) {
    const folder = join(nearestPackage(cwd) ?? cwd, EXPERIMENTS_FOLDER);
    for (const path of listModules(folder, ['mixins', 'templates'])) paths.add(path);
  }
  for (const path of paths) {
    const found = await checkFile(path, cwd, isNamed);
    if (found !== undefined) add(shown(path), found);
  }
  return { problems: [...all.values()].sort(byPlace), files };
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
