import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { newId, plannedFolder } from '../../archive/folder.ts';
import type { Status } from '../../archive/layout.ts';
import { makeFolders } from '../../codec/folders.ts';
import { isSafeRelativePath } from '../../codec/names.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError, isComexError } from '../../errors.ts';
import { IMPORT_PREFIX, moveIn, outerRun } from '../bundle-import.ts';
import { removeFolder } from '../folder-tree.ts';
import type { FoundRun, Refused } from './found.ts';
import { type AdoptedRun, adoptedRun, type Known } from './known.ts';
import { readPyComex } from './pycomex.ts';
import { type Candidate, findCandidates } from './pycomex-find.ts';
import { writeRunFolder } from './write.ts';

/** What became of one folder. */
export interface Adoption {
  /** Absolute path of the original. */
  readonly from: string;
  readonly outcome: 'adopted' | 'same' | 'refused';
  /** Why it was refused. */
  readonly reason?: string;
  readonly format?: FoundRun['format'];
  readonly id?: string;
  readonly namespace?: string;
  readonly status?: Status;
  /** Absolute path of the run folder, or where it would be. */
  readonly folder?: string;
  /** Absolute path of the folder that it was made of, when that is another one with the same contents. */
  readonly original?: string;
  /** What is in it in another way than in the original. */
  readonly remarks: readonly string[];
  /** What of the original could not be taken. */
  readonly problems: readonly string[];
}

export interface AdoptOptions {
  /** Absolute path of the archive. */
  readonly results: string;
  /** What is in it, by `knownRuns`: for all folders that are adopted one after the other. */
  readonly known: Known;
  /** Namespace of all runs that are made, instead of their own. */
  readonly into?: string | undefined;
  /** Look only. */
  readonly dryRun: boolean;
  /** How to read folders that PyComex did not write. */
  readonly reader?: ((root: string) => AsyncIterable<FoundRun | Refused>) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** `k3v9x2ab`: so that the same folder gives the same id, whoever adopts it. */
const ID_LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 8;
/** How long another process is waited for that has taken a name, and how often it is looked for. */
const [PATIENCE_MS, LOOK_MS] = [2000, 20];

/**
 * Makes run folders of results that other programs wrote, one after the other, in the order of their paths. A folder of
 * which none can be made is named, and the rest goes on. The originals are only read. A run appears when it is whole.
 *
 * @param folder absolute path: a run of another program, or a tree of them
 * @throws ComexError `E_FILE` when there is no such folder, or nothing to adopt in it; `E_NAME` for a wrong namespace
 */
export async function* adoptFolder(folder: string, options: AdoptOptions): AsyncGenerator<Adoption, void, undefined> {
  const { results, known, into, now, reader } = options;
  if (into !== undefined) plannedFolder({ results, namespace: into, prefix: '', debug: false, now: new Date(now) });
  let count = 0;
  for await (const found of reader === undefined ? pyComexRuns(folder, results, now) : reader(folder)) {
    count += 1;
    yield 'reason' in found ? refusal(found) : place(found, known, options);
  }
  if (count > 0) return;
  const advice = 'Other results need --map RULES, which says how to read them.';
  throw new ComexError(
    'E_FILE',
    `Expected runs of PyComex in ${folder}, but no folder in it has an experiment_meta.json. ${advice}`,
  );
}

function* pyComexRuns(root: string, results: string, now: number): Generator<FoundRun | Refused, void, undefined> {
  for (const candidate of findCandidates(root)) {
    const { folder } = candidate;
    const isInArchive = folder !== root && folder.startsWith(join(resolve(results), '/'));
    // The archive of comex may lie in the same folder as that of PyComex.
    if (candidate.kind === 'comex' && isInArchive) continue;
    yield understood(candidate, now);
  }
}

function understood(candidate: Candidate, now: number): FoundRun | Refused {
  const { folder } = candidate;
  if (candidate.kind === 'broken') return { folder, reason: candidate.reason };
  if (candidate.kind === 'comex') {
    return {
      folder,
      reason: 'it is a comex run already; "comex compress" and "comex import" bring it into an archive',
    };
  }
  try {
    return readPyComex(candidate, now);
  } catch (error) {
    return { folder, reason: reasonOf(error, 'read', folder) };
  }
}

function place(found: FoundRun, known: Known, options: AdoptOptions): Adoption {
  const { folder: from, format, report, hash } = found;
  const before = known.ofHash(hash);
  if (before !== undefined) return sameAs(before, found);
  const twin = known.ofOrigin(found.origin);
  // When it lies no more where it was, it is this one.
  const changed = known.ofFolder(from) ?? (twin !== undefined && !existsSync(twin.from) ? twin : undefined);
  if (changed !== undefined) {
    const what = format === 'map' ? 'it or the rules have changed since' : 'it has changed since';
    const advice = `"comex delete ${changed.id}" first, to adopt it as it is now`;
    return refusal({ folder: from, reason: `it was adopted before as ${changed.id}, and ${what}; ${advice}` });
  }
  if (twin !== undefined) {
    report.remarks.push(`it has the metadata of ${twin.id}, which was made of ${twin.from}, and other files`);
  }
  let wanted: string | undefined;
  try {
    const namespace = options.into ?? found.namespace;
    const { id, folder } = newPlace(found, namespace, known, options.results);
    wanted = folder;
    if (!options.dryRun) build(found, { id, name: basename(folder), namespace }, folder, options.results);
    known.add({ id, from, hash, origin: found.origin, folder, namespace });
    const status = found.status === 'running' ? 'killed' : found.status;
    const { remarks, problems } = report;
    return { from, outcome: 'adopted', format, id, namespace, status, folder, remarks, problems };
  } catch (error) {
    if (wanted === undefined || (error as NodeJS.ErrnoException).code !== 'EEXIST') {
      return refusal({ folder: from, reason: reasonOf(error, 'adopt', from) });
    }
    const other = madeMeanwhile(wanted);
    if (other?.hash === hash) {
      known.add(other);
      return sameAs(other, found);
    }
    return refusal({ folder: from, reason: `its place ${wanted} is taken by something else; move that away` });
  }
}

function sameAs({ id, namespace, folder, from: original }: AdoptedRun, { folder: from, format }: FoundRun): Adoption {
  const elsewhere = original === from ? {} : { original };
  return { from, outcome: 'same', format, id, namespace, folder, ...elsewhere, remarks: [], problems: [] };
}

/** The run that another process is putting, or has put, into a folder: its name is taken a moment before it is there. */
function madeMeanwhile(folder: string): AdoptedRun | undefined {
  const lock = new Int32Array(new SharedArrayBuffer(4));
  const end = Date.now() + PATIENCE_MS;
  let run = adoptedRun(folder);
  while (run === undefined && Date.now() < end) {
    Atomics.wait(lock, 0, 0, LOOK_MS);
    run = adoptedRun(folder);
  }
  return run;
}

function newPlace(found: FoundRun, namespace: string, known: Known, results: string): { id: string; folder: string } {
  if (!isSafeRelativePath(namespace) || /\p{Cc}/u.test(namespace)) {
    const what = `its namespace is ${JSON.stringify(namespace)}, which can be no path in an archive`;
    throw new ComexError('E_NAME', `${what}. Give another: --into NAMESPACE`);
  }
  const request = { results, namespace, prefix: '', debug: false, now: found.startedAt };
  const planned = plannedFolder(request).slice(0, -ID_LENGTH);
  let id = idOf(found.hash);
  while (known.ids.has(id)) id = newId();
  const folder = planned + id;
  const around = outerRun(folder, resolve(results));
  if (around === undefined) return { id, folder };
  throw new ComexError('E_NAME', `its place would be inside of the run in ${around}. Use --into NAMESPACE.`);
}

function build(
  found: FoundRun,
  name: { readonly id: string; readonly name: string; readonly namespace: string },
  folder: string,
  results: string,
): void {
  const staging = join(results, `${IMPORT_PREFIX}${process.pid}-${Date.now()}-${name.id}`);
  try {
    makeFolders(staging);
    writeRunFolder(staging, found, name);
    moveIn(staging, folder);
  } finally {
    removeFolder(staging);
  }
}

function idOf(hash: string): string {
  let bits = BigInt(`0x${hash.slice(0, 16)}`);
  let id = '';
  for (let i = 0; i < ID_LENGTH; i++) {
    id += ID_LETTERS[Number(bits % 32n)]!;
    bits /= 32n;
  }
  return id;
}

function refusal({ folder, reason }: Refused): Adoption {
  return { from: folder, outcome: 'refused', reason, remarks: [], problems: [] };
}

function reasonOf(error: unknown, action: string, path: string): string {
  const { message } = isComexError(error) ? error : storageError(error, action, path);
  return message.replace(/\.$/, '');
}
