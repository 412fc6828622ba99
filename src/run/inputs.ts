import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { InputRecord } from '../archive/layout.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { isSecretFile } from './redact.ts';
import type { Snapshot } from './snapshot.ts';

/** Files up to this size are copied into the run folder. */
const COPY_LIMIT = 10 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** The files that a run read, with what identifies them. */
export class Inputs {
  readonly #root: string;
  readonly #snapshot: Snapshot;
  readonly #records = new Map<string, InputRecord>();

  constructor(root: string, snapshot: Snapshot) {
    this.#root = root;
    this.#snapshot = snapshot;
  }

  get records(): readonly InputRecord[] {
    return [...this.#records.values()];
  }

  /** Records a file, relative paths from the project root; returns its absolute path. */
  add(path: string): string {
    const absolute = resolve(this.#root, path);
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) {
      const what = stats === undefined ? 'there is none' : 'that is no file';
      throw new ComexError(
        'E_FILE',
        `Expected an input file at ${absolute}, ${what}.${isAbsolute(path) ? '' : ' Relative paths begin at the project root.'}`,
      );
    }
    const inside = relative(this.#root, absolute);
    const isInside = !inside.startsWith('..') && !isAbsolute(inside);
    const copies = stats.size <= COPY_LIMIT && !isSecretFile(absolute);
    const { sha256, bytes, content } = hashFile(absolute, copies);
    const place = isInside ? inside : `.inputs/${sha256.slice(0, 8)}-${basename(absolute)}`;
    const shown = isInside ? inside.split('\\').join('/') : absolute;
    const copy = content === undefined ? undefined : this.#snapshot.put(place, content, shown);
    if (copy === undefined) {
      this.#snapshot.skip(
        shown,
        isSecretFile(absolute) ? 'a file of secrets' : `input larger than ${COPY_LIMIT} bytes`,
      );
    }
    this.#records.set(shown, { path: shown, bytes, sha256, ...(copy === undefined ? {} : { copy }) });
    return absolute;
  }
}

function hashFile(path: string, keep: boolean): { sha256: string; bytes: number; content: Buffer | undefined } {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(CHUNK);
        const read = readSync(file, chunk);
        if (read === 0) break;
        bytes += read;
        hash.update(chunk.subarray(0, read));
        if (keep) kept.push(chunk.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw storageError(cause, 'read', path);
  }
  return { sha256: hash.digest('hex'), bytes, content: keep ? Buffer.concat(kept) : undefined };
}
