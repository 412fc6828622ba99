import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { listArtifacts } from '../../archive/artifacts.ts';
import {
  CODE_FOLDER,
  DATA_FILE,
  FORMAT,
  logFile,
  type ParameterRecord,
  type RunMeta,
  trackFile,
} from '../../archive/layout.ts';
import { snapshotHash } from '../../archive/snapshot-hash.ts';
import { writeFileAtomic } from '../../codec/atomic.ts';
import { FileStream } from '../../codec/atomic-stream.ts';
import { sha256OfFile } from '../../codec/hash.ts';
import { encode, encodePretty } from '../../codec/json.ts';
import { setField } from '../../codec/own-field.ts';
import { identify } from '../../run/identity.ts';
import { MetadataFile } from '../../run/metadata-file.ts';
import { isSecretName, redactValue } from '../../run/redact.ts';
import { Secrets } from '../../run/secrets.ts';
import { version } from '../../version.ts';
import { copyFile, copyReadable } from './copy.ts';
import type { FoundFile, FoundRun } from './found.ts';
import { convertLog } from './source-log.ts';
import { writeSeries } from './write-series.ts';

/** With more values than this, line breaks and indents could make a text longer than one may be. */
const MOST_PRETTY = 32 * 1024 * 1024;
/** Names that people give to the one seed of a run. */
const SEEDS = ['__SEED__', 'SEED', 'RANDOM_SEED'];

/** Under which name a run stands in the archive. */
export interface NewName {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Writes all files of a run folder. The originals are only read.
 *
 * @param folder absolute path of an empty folder
 * @throws ComexError `E_STORAGE`, `E_DATA`: the folder is then not whole
 */
export function writeRunFolder(folder: string, found: FoundRun, { id, name, namespace }: NewName): void {
  const { startedAt, status, log, report } = found;
  const secrets = new Secrets();
  const redacted = { paths: [] as string[], texts: secrets.texts };
  const parameters = recordParameters(found, redacted);
  const more = redactValue(found.more, 'adopted.more', redacted) as Readonly<Record<string, unknown>>;
  const copy = (source: string, path: string): void => copyFile(folder, { source, path });
  const series = writeSeries(folder, startedAt, found.series, copy, secrets.scrub);
  if (writeData(folder, found.data, secrets))
    report.remarks.push(`${DATA_FILE} is without the secrets of its original`);
  if (log !== undefined) writeLog(join(folder, logFile(1)), log.source, startedAt, secrets);
  for (const file of [...found.code, ...found.artifacts]) copyReadable(folder, file, secrets, report);
  const lastMs = found.endedAt?.getTime() ?? log?.lastMs ?? startedAt.getTime();
  for (const file of [logFile(1), trackFile(1)]) setTime(join(folder, file), lastMs);
  const snapshot = snapshotOf(folder, found.code);
  const seed = seedOf(parameters);
  const remarks = [...report.problems, ...report.remarks];
  const meta: RunMeta = {
    format: FORMAT,
    comex: version,
    id,
    name,
    namespace,
    module: '',
    root: '',
    ...(found.title === undefined ? {} : { title: found.title }),
    ...(found.description === undefined ? {} : { description: found.description }),
    status,
    debug: found.debug,
    testing: found.testing,
    attempt: 1,
    startedAt: startedAt.toISOString(),
    ...(found.endedAt === undefined ? {} : { endedAt: found.endedAt.toISOString() }),
    ...(found.durationMs === undefined ? {} : { durationMs: found.durationMs }),
    uid: identify(namespace, snapshot.hash, parameters, seed ?? { value: id, drawn: true }),
    codeHash: snapshot.hash,
    parents: [],
    mixins: [],
    hooks: found.hooks,
    parameters,
    ...(seed === undefined ? {} : { seed }),
    argv: [],
    cwd: '',
    tags: found.tags,
    snapshot,
    inputs: [],
    redacted: [...new Set(redacted.paths)],
    ...(found.error === undefined ? {} : { error: found.error }),
    // Of a run that wrote no end, readers work them out from the files.
    ...(status === 'running' ? {} : { series, artifacts: listArtifacts(folder) }),
    adopted: {
      from: found.folder,
      format: found.format,
      hash: found.hash,
      ...(found.origin === undefined ? {} : { origin: found.origin }),
      at: new Date().toISOString(),
      ...(remarks.length === 0 ? {} : { remarks }),
      ...(found.evidence === undefined ? {} : { evidence: found.evidence }),
      ...(Object.keys(more).length === 0 ? {} : { more }),
    },
  };
  new MetadataFile(folder, secrets).write(meta);
}

function recordParameters(
  { parameters }: FoundRun,
  redacted: { paths: string[]; texts: Set<string> },
): Record<string, ParameterRecord> {
  const records: Record<string, ParameterRecord> = {};
  for (const [name, { type, doc, ...rest }] of parameters) {
    const before = redacted.paths.length;
    const value = redactValue(rest.value, `parameters.${name}`, redacted, isSecretName(name));
    setField(records, name, {
      ...('value' in rest ? { value } : {}),
      ...(type === undefined ? {} : { type }),
      ...(doc === undefined ? {} : { doc }),
      source: 'default',
      ...(redacted.paths.length > before ? { redacted: true } : {}),
    });
  }
  return records;
}

function seedOf(parameters: Readonly<Record<string, ParameterRecord>>): RunMeta['seed'] | undefined {
  for (const name of SEEDS) {
    const value = Object.hasOwn(parameters, name) ? parameters[name]?.value : undefined;
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return { value, drawn: false };
  }
  return undefined;
}

/** Returns whether there were secrets in them. */
function writeData(folder: string, data: Readonly<Record<string, unknown>>, secrets: Secrets): boolean {
  if (Object.keys(data).length === 0) return false;
  const text = encode(data, 'data');
  // Behind the check for depth and cycles.
  const clean = secrets.texts.size === 0 ? data : secrets.clean(data);
  const cleanText = clean === data ? text : encode(clean, 'data');
  const whole = cleanText.length > MOST_PRETTY ? cleanText : encodePretty(clean, 'data');
  writeFileAtomic(join(folder, DATA_FILE), `${whole}\n`);
  return cleanText !== text;
}

function writeLog(path: string, source: string, startedAt: Date, secrets: Secrets): void {
  const file = new FileStream(path);
  try {
    convertLog(source, startedAt, (text) => file.write(`${stripVTControlCharacters(secrets.scrub(text))}\n`));
    file.place();
  } finally {
    file.discard();
  }
}

/** The last sign of life of a run whose end nobody wrote. */
function setTime(path: string, ms: number): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) utimesSync(path, ms / 1000, ms / 1000);
}

/** As a run hashes its own code. */
function snapshotOf(folder: string, code: readonly FoundFile[]): RunMeta['snapshot'] {
  const there = code.filter(({ path }) => statSync(join(folder, path), { throwIfNoEntry: false }) !== undefined);
  const files = there.map(({ path }) => path.slice(CODE_FOLDER.length + 1)).sort();
  const hashes = new Map(files.map((file) => [file, sha256OfFile(join(folder, CODE_FOLDER, file))]));
  return { hash: snapshotHash(hashes), files, skipped: [] };
}
