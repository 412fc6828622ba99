import { statSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { InputRecord } from '../archive/layout.ts';
import { sha256OfFile } from '../codec/hash.ts';
import { ComexError } from '../errors.ts';
import { isSecretFile } from './redact.ts';
import type { Snapshot } from './snapshot.ts';

/** Files up to this size are copied into the run folder. */
const COPY_LIMIT = 10 * 1024 * 1024;

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
    const kept: Buffer[] = [];
    let bytes = 0;
    const sha256 = sha256OfFile(absolute, (piece) => {
      bytes += piece.length;
      if (copies) kept.push(Buffer.from(piece));
    });
    const place = isInside ? inside : `.inputs/${sha256.slice(0, 8)}-${basename(absolute)}`;
    const shown = isInside ? inside.split('\\').join('/') : absolute;
    const copy = copies ? this.#snapshot.put(place, Buffer.concat(kept), shown) : undefined;
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
