import { dirname, join } from 'node:path';
import { ENVIRONMENT_FILE, META_FILE, RUNS_FOLDER, type RunMeta } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import { sha256 } from '../codec/hash.ts';
import { decode } from '../codec/json.ts';
import { readText } from '../codec/read-text.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, didYouMean } from '../errors.ts';
import { type CodeDifference, diffCode, readSnapshot } from './diff-code.ts';
import { ABSENT, allSame, differences, type ValueDifference } from './diff-values.ts';

/** What can be compared, in the order in which it is told. */
export const DIFF_PARTS = ['run', 'parameters', 'code', 'environment', 'git', 'inputs', 'results', 'series'] as const;
export type DiffPart = (typeof DIFF_PARTS)[number];

const ALIASES: Readonly<Record<string, DiffPart>> = { status: 'run', dependencies: 'environment', data: 'results' };

/** What differs between runs. */
export interface RunDiff {
  /** Whether nothing differs. */
  readonly same: boolean;
  /** By part; a part in which all are the same is not there. */
  readonly parts: Readonly<Partial<Record<DiffPart, readonly ValueDifference[]>>>;
  /** Of two runs: the files of their code. */
  readonly code: readonly CodeDifference[];
  /** What could not be read, and so was not compared. */
  readonly problems: readonly string[];
  /** Parameters of which no run keeps the value. */
  readonly secrets: readonly string[];
}

/**
 * The parts that a list such as `parameters,code` names; all without one.
 *
 * @throws ComexError `E_USAGE`
 */
export function diffParts(only: string | undefined): ReadonlySet<DiffPart> {
  if (only === undefined) return new Set(DIFF_PARTS);
  const names = only.split(',').map((name) => name.trim());
  return new Set(
    names.map((name) => {
      const part = ALIASES[name] ?? DIFF_PARTS.find((each) => each === name);
      if (part !== undefined) return part;
      const hint = didYouMean(name, [...DIFF_PARTS, ...Object.keys(ALIASES)]);
      throw new ComexError('E_USAGE', `Expected parts of ${DIFF_PARTS.join(', ')}, got "${name}".${hint}`);
    }),
  );
}

/**
 * Compares runs, two or more. A part of a run that cannot be read is named, the rest is compared.
 *
 * @param wanted the parts to compare
 */
export function diffRuns(runs: readonly LoadedRun[], wanted: ReadonlySet<DiffPart>): RunDiff {
  const problems: string[] = [];
  const parts: Partial<Record<DiffPart, readonly ValueDifference[]>> = {};
  for (const part of DIFF_PARTS) {
    if (!wanted.has(part) || part === 'code') continue;
    const read = readings(runs, READERS[part], problems);
    const found = read === undefined ? [] : differences(read, part === 'results' ? '/' : '.');
    if (found.length > 0) parts[part] = found;
  }
  let code: readonly CodeDifference[] = [];
  if (wanted.has('code')) {
    const files = readings(runs, readSnapshot, problems);
    const [before, after] = files ?? [];
    if (files !== undefined && files.length > 2) {
      const found = fileDifferences(files);
      if (found.length > 0) parts.code = found;
    } else if (before !== undefined && after !== undefined) code = diffCode(before, after);
  }
  const secrets = wanted.has('parameters') ? secretNames(runs) : [];
  return { same: Object.keys(parts).length === 0 && code.length === 0, parts, code, problems, secrets };
}

/** Undefined when one of the runs cannot be read: to say that it has nothing would be wrong. */
function readings<T>(
  runs: readonly LoadedRun[],
  read: (run: LoadedRun) => T,
  problems: string[],
): readonly T[] | undefined {
  const all: T[] = [];
  for (const run of runs) {
    try {
      all.push(read(run));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return all.length === runs.length ? all : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const READERS: Readonly<Record<Exclude<DiffPart, 'code'>, (run: LoadedRun) => Fields>> = {
  run: runFields,
  parameters: parameterFields,
  environment: environmentFields,
  git: ({ meta: { git } }) => {
    if (typeof git !== 'object' || git === null) return {};
    const { commit, branch, dirty, untracked } = git;
    return fieldsOf({ commit, branch, dirty, untracked });
  },
  inputs: ({ meta }) => named(meta.inputs.map(({ path, sha256 }) => [String(path), sha256])),
  results: ({ result, data }) => fieldsOf({ result, ...named(Object.entries(data)) }),
  series: (run) => {
    const fields: [string, unknown][] = [];
    for (const [name, summary] of Object.entries(run.seriesSummary)) {
      const { count, last, min, max } = Object(summary) as Fields;
      for (const [key, value] of Object.entries(fieldsOf({ count, last, min, max }))) {
        fields.push([`${name}:${key}`, value]);
      }
    }
    return named(fields);
  },
};

function runFields(run: LoadedRun): Fields {
  const { meta } = run;
  const { module, parents, mixins, testing, debug, title, comex, seed } = meta;
  return fieldsOf({
    status: run.status,
    experiment: run.namespace,
    title,
    module,
    parents,
    mixins,
    testing,
    debug,
    seed: seed?.value,
    tags: [...run.tags].sort(),
    error: run.error === undefined ? undefined : `${run.error.name}: ${run.error.message}`,
    comex,
  });
}

/** The value in force; what was given beside it only where that is another. */
function parameterFields({ meta }: LoadedRun): Fields {
  const fields: [string, unknown][] = [];
  for (const [name, record] of Object.entries(meta.parameters)) {
    if (record.redacted === true) continue;
    if (Object.hasOwn(record, 'value')) fields.push([name, record.value]);
    if (Object.hasOwn(record, 'given') && !allSame([record.given, record.value])) {
      fields.push([`${name} (given)`, record.given]);
    }
  }
  return named(fields);
}

function secretNames(runs: readonly LoadedRun[]): string[] {
  const names = runs.flatMap(({ meta }) =>
    Object.entries(meta.parameters).flatMap(([name, { redacted }]) => (redacted === true ? [name] : [])),
  );
  return [...new Set(names)];
}

/** A child run has the environment of the run that it belongs to. */
function environmentFields({ path, meta }: LoadedRun): Fields {
  let folder = path;
  for (;;) {
    const text = readIfThere(join(folder, ENVIRONMENT_FILE));
    if (text !== undefined) return environmentOf(text, join(folder, ENVIRONMENT_FILE), meta);
    const above = dirname(folder);
    const parent = dirname(above);
    const isChild = above.endsWith(RUNS_FOLDER) && readIfThere(join(parent, META_FILE)) !== undefined;
    if (!isChild) return {};
    folder = parent;
  }
}

function environmentOf(text: string, path: string, { loader }: RunMeta): Fields {
  let value: unknown;
  try {
    value = decode(text);
  } catch (error) {
    throw new ComexError('E_RUN_FORMAT', `Expected ${path} to hold JSON, but ${(error as Error).message}.`);
  }
  return typeof value === 'object' && value !== null ? fieldsOf({ ...value, loader }) : {};
}

function readIfThere(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw storageError(error, 'read', path);
  }
}

/** Of many runs, which has which content under a path: as hashes. */
function fileDifferences(files: ReadonlyArray<ReadonlyMap<string, Buffer>>): ValueDifference[] {
  const paths = [...new Set(files.flatMap((each) => [...each.keys()]))].sort();
  const all = paths.map((name) => {
    const values = files.map((each) => {
      const bytes = each.get(name);
      return bytes === undefined ? ABSENT : sha256(bytes).slice(0, 12);
    });
    return { name, values };
  });
  return all.filter(({ values }) => !allSame(values));
}

/** Without a prototype, since names are anybody's. */
function named(entries: ReadonlyArray<readonly [string, unknown]>): Fields {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) fields[name] = value;
  return fields;
}

/** Without those that a run does not have. */
function fieldsOf(fields: Fields): Fields {
  return named(Object.entries(fields).filter(([, value]) => value !== undefined));
}
