import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DATA_FILE, META_FILE, type WrittenStatus } from '../../archive/layout.ts';
import { parseLooseJson } from '../../codec/loose-json.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError, isComexError } from '../../errors.ts';
import { type Fields, fieldsOf, textOf } from './fields.ts';
import { type FoundRun, Report } from './found.ts';
import { identityOf } from './identity.ts';
import type { Candidate } from './pycomex-find.ts';
import { errorOf, hooksOf, moreOf, namespaceOf, parametersOf, timesOf, titleOf } from './pycomex-meta.ts';
import { seriesOf } from './pycomex-series.ts';
import { asArtifacts, asCode, listFiles, type SourceFile } from './source-files.ts';
import { readLogFacts } from './source-log.ts';

const LOG_FILE = 'experiment_out.log';
const LARGEST_DATA = 256 * 1024 * 1024;
/** A run that has written something so short a time ago may go on. */
const ALIVE_MS = 2 * 60_000;
/** At the top of the folder, these are what was run. */
const CODE = /\.(?:py|ya?ml)$/i;

/**
 * Understands a run folder of PyComex. Nothing of it is executed, nothing in it is changed.
 *
 * @param now milliseconds since the epoch
 * @throws ComexError when it cannot be a run: its message says why
 */
export function readPyComex(
  { folder, text, meta }: Extract<Candidate, { readonly kind: 'pycomex' }>,
  now: number,
): FoundRun {
  const report = new Report();
  const files = listFiles(folder, report);
  const taken = new Set(files.map(({ path }) => path));
  const log = taken.has(LOG_FILE) ? quietly(report, () => readLogFacts(join(folder, LOG_FILE))) : undefined;
  const times = timesOf(meta);
  const lastMs = times.startedAt.getTime() + (log?.spanMs ?? 0);
  const read = readData(join(folder, DATA_FILE), report, taken.has(DATA_FILE));
  const ended = statusOf(meta, read.isThere, now - lastMs);
  if (!read.isThere && ended.status !== 'running') {
    report.problems.push(`its data were left out: there is no ${DATA_FILE}, though it is ${ended.status}`);
  }
  const remark = (text: string): number => report.remarks.push(text);
  const own = new Set([
    META_FILE,
    ...(log === undefined ? [] : [LOG_FILE]),
    ...(read.data === undefined ? [] : [DATA_FILE]),
  ]);
  const { series, data, files: rest } = seriesOf(meta.__track__, read.data ?? {}, files, report);
  const isCode = ({ path }: SourceFile): boolean => !path.includes('/') && CODE.test(path);
  const parameters = parametersOf(meta, remark);
  const flag = (name: string): boolean => parameters.get(name)?.value === true;
  return {
    folder,
    format: 'pycomex',
    hash: identityOf(text, files),
    origin: identityOf(text, []),
    namespace: namespaceOf(meta) ?? basename(dirname(folder)),
    ...times,
    ...ended,
    error: errorOf(meta, log?.error ?? []),
    title: titleOf(basename(folder)),
    description: textOf(meta.description) ?? textOf(meta.short_description),
    tags: [],
    debug: flag('__DEBUG__') || basename(folder) === 'debug',
    testing: flag('__TESTING__'),
    hooks: hooksOf(meta),
    parameters,
    data,
    series,
    ...(log === undefined ? {} : { log: { source: join(folder, LOG_FILE), lastMs } }),
    code: asCode(rest.filter(isCode)),
    artifacts: asArtifacts(
      rest.filter((file) => !isCode(file) && !own.has(file.path)),
      report,
    ),
    more: moreOf(meta),
    report,
  };
}

/** The status as PyComex wrote it; one that it left at `running` belongs to a process that is gone. */
function statusOf(
  meta: Fields,
  hasData: boolean,
  silentMs: number,
): { readonly status: WrittenStatus; readonly evidence?: string } {
  const { status } = meta;
  if (status === 'done' || status === 'failed') return { status };
  if (status !== 'running') {
    throw new ComexError('E_DATA', `its "status" is ${JSON.stringify(status)}, and not running, done or failed`);
  }
  if (silentMs < ALIVE_MS) {
    const seconds = Math.max(0, Math.round(silentMs / 1000));
    throw new ComexError('E_RUN_BUSY', `it may be running still: it wrote something ${seconds} s ago`);
  }
  return { status, evidence: `PyComex wrote "running"${hasData ? '' : ' and no data'}` };
}

interface ReadData {
  readonly isThere: boolean;
  /** Undefined when there are none, or none that can be understood: the file is then an artifact. */
  readonly data: Fields | undefined;
}

/** @param isTaken whether it is a file of the folder, and no link out of it */
function readData(path: string, report: Report, isTaken: boolean): ReadData {
  const lost = (reason: string): ReadData => {
    report.problems.push(`its data were left out: ${DATA_FILE} ${reason}`);
    return { isThere: true, data: undefined };
  };
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { isThere: false, data: undefined };
  if (!stats.isFile()) return lost('is no file');
  if (!isTaken) return lost('is a link that leads out of the folder');
  if (stats.size > LARGEST_DATA) return lost(`has ${stats.size} bytes, more than ${LARGEST_DATA}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return lost(`cannot be read. ${storageError(error, 'read', path).message}`);
  }
  // PyComex empties the file before it finds that a value has no form in JSON.
  if (text.trim() === '') return lost('is empty');
  try {
    const data = fieldsOf(parseLooseJson(text));
    return data === undefined ? lost('holds no object') : { isThere: true, data };
  } catch (error) {
    return lost(`is damaged: ${(error as Error).message}`);
  }
}

function quietly<T>(report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isComexError(error)) throw error;
    report.problems.push(error.message);
    return undefined;
  }
}
