import { createHash } from 'node:crypto';

/** The hash of a snapshot: SHA-256 of the names of its files, sorted, each with the SHA-256 of its bytes. */
export function snapshotHash(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) hash.update(`${name}\0${files.get(name)}\n`);
  return hash.digest('hex');
}
