import { createHash, type Hash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  createReadStream,
  fchmodSync,
  futimesSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { META_FILE } from '../archive/layout.ts';
import {
  type BundleHead,
  HEAD_FILE,
  isSafePath,
  parseHead,
  parseSums,
  RUNS_PREFIX,
  rootsOf,
  SUMS_FILE,
} from './bundle-format.ts';
import { pathInside } from './folder-tree.ts';
import { TarReader } from './tar-read.ts';
import type { TarEntry } from './tar-write.ts';

/** Of what is read into memory. */
const LONGEST_HEAD = 64 * 1024 * 1024;
const LONGEST_SUMS = 1024 * 1024 * 1024;

/** A file that was read to its end, and whose checksums are right. */
export interface Unpacked {
  readonly head: BundleHead;
  /** SHA-256 of the files by their path relative to the archive. */
  readonly sums: ReadonlyMap<string, string>;
  /** Targets of links by their path. */
  readonly links: ReadonlyMap<string, string>;
  readonly bytes: number;
}

/**
 * Reads a file that `comex compress` made, and compares all checksums.
 *
 * @param target an empty folder that gets what is below `runs/`; undefined to look only
 * @throws Error when anything in it is not as it must be: then what is in the folder is worth nothing
 */
export async function unpackBundle(file: string, target: string | undefined): Promise<Unpacked> {
  const unpacker = new Unpacker(target);
  let problem: unknown;
  try {
    const reader = new TarReader(unpacker);
    await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), createGunzip(), async (pieces) => {
      for await (const piece of pieces) {
        try {
          reader.push(piece as Buffer);
        } catch (error) {
          problem = error;
          throw error;
        }
      }
    });
    reader.finish();
    return unpacker.finish();
  } catch (error) {
    // A stream that is given up early may say no more than that.
    throw problem ?? error;
  } finally {
    unpacker.close();
  }
}

class Unpacker {
  readonly #target: string | undefined;
  readonly #found = new Map<string, string>();
  readonly #links = new Map<string, TarEntry>();
  readonly #folders = new Map<string, TarEntry>();
  #head: BundleHead | undefined;
  #sums: Map<string, string> | undefined;
  #bytes = 0;
  #entry: TarEntry | undefined;
  #hash: Hash | undefined;
  #text: Buffer[] | undefined;
  #file: number | undefined;

  constructor(target: string | undefined) {
    this.#target = target;
  }

  onEntry(entry: TarEntry): void {
    const { name, kind } = entry;
    if (this.#sums !== undefined) throw new Error(`it has entries behind ${SUMS_FILE}`);
    this.#entry = entry;
    if (kind === 'file') this.#hash = createHash('sha256');
    if (name === HEAD_FILE || name === SUMS_FILE) {
      const limit = name === HEAD_FILE ? LONGEST_HEAD : LONGEST_SUMS;
      if (kind !== 'file' || entry.size > limit) throw new Error(`${name} in it is no list`);
      this.#text = [];
      return;
    }
    if (this.#head === undefined)
      throw new Error(`it does not begin with ${HEAD_FILE}: "comex compress" did not make it`);
    if (kind === 'folder' && this.#isAbove(name)) return;
    const place = this.#placeOf(name);
    if (kind === 'folder') this.#makeFolder(place, entry);
    else if (kind === 'link') this.#links.set(place, entry);
    else if (this.#target !== undefined) this.#file = this.#create(place, entry.mode);
  }

  onData(bytes: Buffer): void {
    this.#hash?.update(bytes);
    this.#text?.push(Buffer.from(bytes));
    if (this.#file === undefined) return;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at);
  }

  onEnd(): void {
    const { name, kind, size, mtime, mode } = this.#entry!;
    const sha256 = this.#hash?.digest('hex');
    const text = this.#text === undefined ? undefined : Buffer.concat(this.#text).toString();
    this.#hash = undefined;
    this.#text = undefined;
    if (this.#file !== undefined) {
      fchmodSync(this.#file, mode);
      futimesSync(this.#file, mtime, mtime);
      this.close();
    }
    if (kind !== 'file') return;
    if (name === SUMS_FILE) {
      this.#sums = parseSums(text!);
      return;
    }
    if (this.#found.has(name)) throw new Error(`it has ${JSON.stringify(name)} twice`);
    this.#found.set(name, sha256!);
    this.#bytes += size;
    if (name === HEAD_FILE) this.#head = parseHead(text!);
  }

  finish(): Unpacked {
    const sums = this.#sums;
    if (sums === undefined || this.#head === undefined) throw new Error(`it has no ${SUMS_FILE}`);
    for (const [name, sha256] of this.#found) {
      if (sums.get(name) !== sha256) throw new Error(`the checksum of ${JSON.stringify(name)} is wrong`);
    }
    for (const name of sums.keys()) if (!this.#found.has(name)) throw new Error(`${JSON.stringify(name)} is missing`);
    for (const { path } of this.#head.runs) {
      if (!this.#found.has(`${RUNS_PREFIX}${path}/${META_FILE}`))
        throw new Error(`the run ${path} has no ${META_FILE}`);
    }
    if (this.#target !== undefined) this.#finishTree(this.#target);
    const files = [...sums].filter(([name]) => name !== HEAD_FILE);
    return {
      head: this.#head,
      sums: new Map(files.map(([name, sha256]) => [name.slice(RUNS_PREFIX.length), sha256])),
      links: new Map([...this.#links].map(([place, { target }]) => [place, target ?? ''])),
      bytes: this.#bytes,
    };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** A folder on the way to the runs: who packs the file again with another program gives those, too. */
  #isAbove(folder: string): boolean {
    const roots = rootsOf(this.#head!).map((root) => `${RUNS_PREFIX}${root}/`);
    return !roots.some((root) => `${folder}/`.startsWith(root)) && roots.some((root) => root.startsWith(`${folder}/`));
  }

  /** Where an entry goes, relative to the archive. Refuses what leaves the folders of the runs. */
  #placeOf(name: string): string {
    const place = name.startsWith(RUNS_PREFIX) ? name.slice(RUNS_PREFIX.length) : '';
    const isOfRun = rootsOf(this.#head!).some((root) => place === root || place.startsWith(`${root}/`));
    if (isSafePath(place) && isOfRun) return place;
    throw new Error(`the entry ${JSON.stringify(name.slice(0, 200))} leads out of its runs`);
  }

  #makeFolder(place: string, entry: TarEntry): void {
    this.#folders.set(place, entry);
    if (this.#target !== undefined) mkdirSync(join(this.#target, place), { recursive: true });
  }

  /** Links are made last, so no file is written through one; and of no name twice. */
  #create(place: string, mode: number): number {
    const path = join(this.#target!, place);
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'wx', mode | 0o600);
  }

  #finishTree(target: string): void {
    for (const [place, { target: leadsTo = '', mtime }] of this.#links) {
      const path = join(target, place);
      // The real folder: an earlier link may stand on the way.
      mkdirSync(dirname(path), { recursive: true });
      const root = rootsOf(this.#head!).find((each) => place.startsWith(`${each}/`)) ?? place;
      const inside = join(realpathSync(dirname(path)), leadsTo);
      const isOut = leadsTo.startsWith('/') || /^[A-Za-z]:|^\\/.test(leadsTo) || leadsTo === '';
      const real = realpathSync(join(target, root));
      if (
        isOut ||
        realpathSync(dirname(path)) !== join(realpathSync(target), dirname(place)) ||
        !isWithin(inside, real)
      ) {
        throw new Error(`the link ${JSON.stringify(place)} leads out of its run, to ${JSON.stringify(leadsTo)}`);
      }
      symlinkSync(leadsTo, path);
      lutimesSync(path, mtime, mtime);
    }
    this.#checkLinks(target);
    // From the inside out, since a folder's time changes with what is put into it.
    for (const [place, { mode, mtime }] of [...this.#folders].reverse()) {
      // A folder that may not be written cannot be moved to its place.
      chmodSync(join(target, place), rootsOf(this.#head!).includes(place) ? mode | 0o700 : mode);
      utimesSync(join(target, place), mtime, mtime);
    }
  }

  /** Where links really lead, now that all are there: one may go through another. */
  #checkLinks(target: string): void {
    for (const place of this.#links.keys()) {
      const root = rootsOf(this.#head!).find((each) => place.startsWith(`${each}/`)) ?? place;
      const reached = realpathOf(join(target, place));
      if (reached !== undefined && !isWithin(reached, realpathSync(join(target, root)))) {
        throw new Error(`the link ${JSON.stringify(place)} leads out of its run`);
      }
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || pathInside(path, folder) !== undefined;
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
