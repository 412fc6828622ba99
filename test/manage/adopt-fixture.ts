import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Adoption, adoptFolder } from '../../src/manage/adopt/adopt.ts';
import { knownRuns } from '../../src/manage/adopt/known.ts';
import { walkTree } from '../../src/manage/folder-tree.ts';
import { temporaryFolder } from '../cli/run-folders.ts';

/** What PyComex left of four runs. */
export const ARCHIVE = fileURLToPath(new URL('../fixtures/pycomex/archive', import.meta.url));
export const DONE = 'line/17_11_2025__09_20__kQ3z';
export const KILLED = 'line/17_11_2025__09_30__pW8b';
export const NANS = 'line/17_11_2025__09_40__Zt1m';
export const FAILED = 'line/small__17_11_2025__09_50__aR7x';

/** A copy of one of the runs, for harm to be done to it. */
export function copyOf(run: string): string {
  const folder = join(temporaryFolder(), run);
  cpSync(join(ARCHIVE, run), folder, { recursive: true });
  return folder;
}

export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Changes the metadata of a copy. */
export function edit(folder: string, change: Readonly<Record<string, unknown>>): void {
  const path = join(folder, 'experiment_meta.json');
  const meta = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...meta, ...change }));
}

export async function adopt(
  folder: string,
  results: string,
  more: Partial<Parameters<typeof adoptFolder>[1]> = {},
): Promise<Adoption[]> {
  const adoptions: Adoption[] = [];
  const known = knownRuns(results);
  for await (const each of adoptFolder(folder, { results, known, dryRun: false, now: Date.now(), ...more }))
    adoptions.push(each);
  return adoptions;
}

/** All names, bytes, modes and times of a folder. */
export function fingerprint(folder: string): unknown[] {
  return [...walkTree(folder)].map(({ path, name, kind }) => {
    const { mode, mtimeMs, ino } = lstatSync(path);
    const hash = kind === 'file' ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    return [name, kind, mode, mtimeMs, ino, hash];
  });
}
