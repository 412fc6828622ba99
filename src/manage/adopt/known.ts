import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { META_FILE } from '../../archive/layout.ts';
import { walkRuns } from '../../archive/walk.ts';
import { type Fields, fieldsOf, textOf } from './fields.ts';

/** A run of the archive that was adopted before. */
export interface AdoptedRun {
  readonly id: string;
  readonly folder: string;
  readonly namespace: string;
  readonly from: string;
  readonly hash: string;
  readonly origin?: string | undefined;
}

/** What the archive has already. Whoever adopts a run adds it. */
export class Known {
  readonly #byHash = new Map<string, AdoptedRun>();
  readonly #byOrigin = new Map<string, AdoptedRun>();
  readonly #byFolder = new Map<string, AdoptedRun>();
  /** Of all runs, as their folders name them. */
  readonly ids = new Set<string>();

  /** A run that was made of the same results, wherever they lay. */
  ofHash(hash: string): AdoptedRun | undefined {
    return this.#byHash.get(hash);
  }

  /** The run that was made of a folder, when that had the same results or others. */
  ofFolder(from: string): AdoptedRun | undefined {
    return this.#byFolder.get(realOf(from));
  }

  /** A run of the same metadata. */
  ofOrigin(origin: string | undefined): AdoptedRun | undefined {
    return origin === undefined ? undefined : this.#byOrigin.get(origin);
  }

  add(run: AdoptedRun): void {
    this.ids.add(run.id);
    if (!this.#byHash.has(run.hash)) this.#byHash.set(run.hash, run);
    const { origin } = run;
    if (origin !== undefined && !this.#byOrigin.has(origin)) this.#byOrigin.set(origin, run);
    const real = realOf(run.from);
    if (!this.#byFolder.has(real)) this.#byFolder.set(real, run);
  }
}

/** Looks through an archive. Folders that cannot be read are passed over: nothing is put over them. */
export function knownRuns(results: string): Known {
  const known = new Known();
  for (const { kind, path } of walkRuns(results)) {
    known.ids.add(path.slice(path.lastIndexOf('_') + 1));
    if (kind !== 'run') continue;
    const run = adoptedRun(path);
    if (run !== undefined) known.add(run);
  }
  return known;
}

/** What a run folder was made of; undefined when it was not adopted, and when it is none. */
export function adoptedRun(folder: string): AdoptedRun | undefined {
  const meta = adoptedMeta(join(folder, META_FILE));
  const adopted = fieldsOf(meta?.adopted);
  const [id, from, hash] = [textOf(meta?.id), textOf(adopted?.from), textOf(adopted?.hash)];
  if (id === undefined || from === undefined || hash === undefined) return undefined;
  return { id, from, hash, origin: textOf(adopted?.origin), folder, namespace: textOf(meta?.namespace) ?? '' };
}

/** However links lead to it. One that is gone has its name alone. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function adoptedMeta(path: string): Fields | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    // Most runs were not adopted: theirs are not worth parsing.
    return text.includes('"adopted"') ? fieldsOf(JSON.parse(text)) : undefined;
  } catch {
    return undefined;
  }
}
