import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '../codec/json.ts';
import { parseLooseJson } from '../codec/loose-json.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { FORMAT, META_FILE, type RunMeta } from './layout.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The metadata of a run folder. It comes from a file that anybody may have written: what names the run is checked, a
 * field of the wrong type is taken as missing, and fields that this version does not know are dropped or ignored.
 *
 * @param folder path of the run folder
 * @throws ComexError `E_RUN_NOT_FOUND` when there is none, `E_RUN_FORMAT` when it cannot be understood or comes from a
 * newer comex, `E_STORAGE` when the file system refuses
 */
export function readMeta(folder: string): RunMeta {
  const path = join(folder, META_FILE);
  const fields = parse(readText(path, folder), path);
  refuseOther(fields, path);
  refuseNewer(fields.format, path);
  const meta: Record<string, unknown> = { ...fields };
  for (const [key, check] of Object.entries(REQUIRED)) {
    meta[key] = check(fields[key]);
    if (meta[key] === undefined) throw formatError(path, `its "${key}" is missing or of the wrong type`);
  }
  for (const [key, check] of Object.entries(OPTIONAL)) {
    if (Object.hasOwn(fields, key) && check(fields[key]) === undefined) delete meta[key];
  }
  for (const [key, orElse] of Object.entries(DEFAULTED)) meta[key] = orElse(fields[key]);
  return meta as unknown as RunMeta;
}

function readText(path: string, folder: string): string {
  try {
    // A pipe in its place would be waited for, without an end.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw storageError(error, 'read', path);
    const advice = 'Give the path of a run folder, or the id of a run.';
    throw new ComexError(
      'E_RUN_NOT_FOUND',
      `Expected a run folder at ${folder}, but it has no ${META_FILE}. ${advice}`,
      {
        cause: error,
      },
    );
  }
}

function parse(source: string, path: string): Fields {
  let value: unknown;
  try {
    value = decode(source);
  } catch (error) {
    refuseOther(looseFields(source), path);
    throw formatError(path, `it is no JSON (${(error as Error).message})`, error);
  }
  const fields = record(value);
  if (fields === undefined) throw formatError(path, 'it holds no object');
  return fields;
}

/** As Python writes it, with NaN in it. */
function looseFields(source: string): Fields {
  try {
    return record(parseLooseJson(source)) ?? {};
  } catch {
    return {};
  }
}

/** The archive of PyComex may lie in the same folder: its metadata have the same name. */
function refuseOther(fields: Fields, path: string): void {
  if ('format' in fields || !('start_time' in fields)) return;
  const advice = '"comex adopt" makes a run of it; then move the folder away.';
  throw new ComexError(
    'E_RUN_FORMAT',
    `Expected ${path} to hold the metadata of comex, but it is of PyComex. ${advice}`,
  );
}

function refuseNewer(format: unknown, path: string): void {
  if (!Number.isSafeInteger(format) || (format as number) < 1) {
    throw formatError(path, `its format is ${shown(format)}, not a whole number from 1 on`);
  }
  if ((format as number) > FORMAT) {
    const what = `${path} has format ${format}, and this comex reads formats up to ${FORMAT}`;
    throw new ComexError('E_RUN_FORMAT', `${what}: it was written by a newer version. Update comex to read it.`);
  }
}

function formatError(path: string, reason: string, cause?: unknown): ComexError {
  const advice = 'Restore the file from a copy, or move the folder away.';
  return new ComexError('E_RUN_FORMAT', `Expected ${path} to hold a run's metadata, but ${reason}. ${advice}`, {
    cause,
  });
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 60) ?? typeof value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Names are printed and joined to paths, so one that leaves its folder is none. */
function name(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^/\\\p{Cc}]+$/u.test(value) && !/^\.\.?$/.test(value) ? value : undefined;
}

function time(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function record(value: unknown): Fields | undefined {
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? (value as Fields) : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter((item) => record(item) !== undefined) : [];
}

function parameters(value: unknown): Fields {
  return Object.fromEntries(Object.entries(record(value) ?? {}).filter(([, item]) => record(item) !== undefined));
}

type Check = (value: unknown) => unknown;

const REQUIRED: Readonly<Record<string, Check>> = { id: name, name, status: name, startedAt: time };

/** What is dropped when it has the wrong type. */
const OPTIONAL: Readonly<Record<string, Check>> = {
  endedAt: time,
  durationMs: finite,
  description: text,
  note: text,
  parent: (value) => name(record(value)?.id),
  included: texts,
  git: record,
  error: record,
  series: record,
  artifacts: (value) => (Array.isArray(value) ? value : undefined),
  resources: record,
  // They are notes on the run, whatever its metadata say.
  harvested: () => undefined,
  harvest: record,
  references: (value) => (Array.isArray(value) && records(value).length === value.length ? value : undefined),
  adopted: (value) => text(record(value)?.from),
};

/** What every run has, and is taken as empty when it has the wrong type. */
const DEFAULTED: Readonly<Record<string, Check>> = {
  comex: (value) => text(value) ?? '',
  namespace: (value) => text(value) ?? '',
  module: (value) => text(value) ?? '',
  root: (value) => text(value) ?? '',
  uid: (value) => text(value) ?? '',
  codeHash: (value) => text(value) ?? '',
  cwd: (value) => text(value) ?? '',
  attempt: (value) => finite(value) ?? 1,
  debug: (value) => value === true,
  testing: (value) => value === true,
  parents: texts,
  mixins: texts,
  argv: texts,
  tags: texts,
  redacted: texts,
  inputs: records,
  hooks: (value) => record(value) ?? {},
  parameters,
};
