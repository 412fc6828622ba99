import { readFileSync } from 'node:fs';
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
}

/** What the archive has already. */
export interface Known {
  readonly adopted: AdoptedRun[];
  /** Of all runs, as their folders name them. */
  readonly ids: Set<string>;
}

/** Looks through an archive. Folders that cannot be read are passed over: nothing is put over them. */
export function knownRuns(results: string): Known {
  const known: Known = { adopted: [], ids: new Set() };
  for (const { kind, path } of walkRuns(results)) {
    known.ids.add(path.slice(path.lastIndexOf('_') + 1));
    if (kind !== 'run') continue;
    const meta = adoptedMeta(join(path, META_FILE));
    const adopted = fieldsOf(meta?.adopted);
    const [id, from, hash] = [textOf(meta?.id), textOf(adopted?.from), textOf(adopted?.hash)];
    if (id === undefined || from === undefined || hash === undefined) continue;
    known.adopted.push({ id, from, hash, folder: path, namespace: textOf(meta?.namespace) ?? '' });
  }
  return known;
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
