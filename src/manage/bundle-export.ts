import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  createWriteStream,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { encodePretty } from '../codec/json.ts';
import { openFile } from '../codec/read-text.ts';
import { storageError, storageReason } from '../codec/storage.ts';
import { version } from '../version.ts';
import { copiedClaim } from './bundle-claim.ts';
import { bundled, contents } from './bundle-contents.ts';
import { BUNDLE_FORMAT, type BundledRun, HEAD_FILE, RUNS_PREFIX, SUMS_FILE, sumLine } from './bundle-format.ts';
import { outermost } from './disk.ts';
import { isGone, pathInside, walkTree } from './folder-tree.ts';
import { type TarEntry, tarEnd, tarHeader, tarPadding } from './tar-write.ts';

const CHUNK = 256 * 1024;

/** What went into the file. */
export interface Bundle {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** Bytes of the files in it. */
  readonly unpacked: number;
  readonly files: number;
  readonly runs: readonly BundledRun[];
  /** What was left out, and why. */
  readonly left: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

/**
 * Writes run folders into one compressed file, with checksums. Runs inside of a run come with it; a run that is inside of
 * another, which is not chosen, brings the code that it shares with it. Never more than some chunks are in memory.
 *
 * @param folders absolute paths of run folders of that archive
 * @throws ComexError `E_STORAGE`, also when the file exists; `E_USAGE` for runs outside of the archive
 */
export async function writeBundle(folders: readonly string[], results: string, file: string): Promise<Bundle> {
  if (existsSync(file)) throw storageError(Object.assign(new Error('exists'), { code: 'EEXIST' }), 'create', file);
  const runs = outermost(folders).map((folder) => bundled(folder, results));
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    const writer = new BundleWriter(temporary);
    try {
      const head = { format: BUNDLE_FORMAT, comex: version, createdAt: new Date().toISOString(), runs };
      await writer.text(HEAD_FILE, `${encodePretty(head)}\n`);
      for (const path of contents(runs)) await writer.add(join(results, path), `${RUNS_PREFIX}${path}`);
      await writer.finish();
    } catch (error) {
      writer.abort();
      throw error;
    }
    const bytes = lstatSync(temporary).size;
    renameSync(temporary, file);
    return { file, bytes, unpacked: writer.unpacked, files: writer.files, runs, left: writer.left };
  } catch (error) {
    rmSync(temporary, { force: true });
    throw storageError(error, 'write', file);
  }
}

class BundleWriter {
  readonly #gzip = createGzip({ level: 6 });
  readonly #sums: string[] = [];
  readonly #done: Promise<void>;
  readonly #path: string;
  readonly #now = new Date();
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  unpacked = 0;
  files = 0;
  readonly left: { path: string; reason: string }[] = [];

  constructor(path: string) {
    this.#path = path;
    const target = createWriteStream(path, { flags: 'wx' });
    target.on('error', (error) => this.#gzip.destroy(error));
    // Told by `#done`, and by whoever waits for the stream.
    this.#gzip.on('error', () => {});
    this.#done = finished(this.#gzip.pipe(target));
    this.#done.catch(() => {});
  }

  async text(
    name: string,
    text: string,
    like = { mode: 0o644, mtimeMs: Math.floor(Date.now() / 1000) * 1000 },
  ): Promise<void> {
    const bytes = Buffer.from(text);
    if (name !== SUMS_FILE) this.#sums.push(sumLine(createHash('sha256').update(bytes).digest('hex'), name));
    const { mode, mtimeMs } = like;
    const entry: TarEntry = { name, kind: 'file', size: bytes.length, mode, mtime: mtimeMs / 1000 };
    await this.#write(Buffer.concat([tarHeader(entry), bytes, tarPadding(bytes.length)]));
  }

  /** A file, or a folder with all that is in it. */
  async add(root: string, name: string): Promise<void> {
    if (lstatSync(root).isFile()) return await this.#file(root, name);
    const real = realpathSync(root);
    const onBroken = (path: string, error: unknown): void => this.#leave(path, error);
    for (const each of walkTree(root, '', onBroken)) {
      const inner = each.name === '' ? name : `${name}/${each.name}`;
      try {
        if (each.kind === 'file') await this.#file(each.path, inner);
        else if (each.kind === 'folder') await this.#plain(each.path, inner, 'folder');
        else await this.#special(each.path, inner, real, each.kind);
      } catch (error) {
        // A temporary file that has got its name meanwhile.
        if (!isGone(error)) throw storageError(error, 'read', each.path);
      }
    }
  }

  async finish(): Promise<void> {
    await this.text(SUMS_FILE, this.#sums.join(''));
    await this.#write(tarEnd());
    this.#gzip.end();
    await this.#done;
    const file = openSync(this.#path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  abort(): void {
    this.#gzip.destroy();
  }

  async #file(path: string, name: string): Promise<void> {
    const claim = copiedClaim(path, this.#now);
    if (claim !== undefined) return await this.text(name, claim, lstatSync(path));
    const file = this.#opened(path);
    if (file === undefined) return;
    try {
      const { size, mode, mtimeMs } = fstatSync(file);
      await this.#write(tarHeader({ name, kind: 'file', size, mode, mtime: mtimeMs / 1000 }));
      const hash = createHash('sha256');
      for (let at = 0; at < size; ) {
        const read = readSync(file, this.#buffer, 0, Math.min(CHUNK, size - at), at);
        if (read === 0) throw new Error('it was made shorter while it was read');
        const bytes = Buffer.from(this.#buffer.subarray(0, read));
        hash.update(bytes);
        await this.#write(bytes);
        at += read;
      }
      await this.#write(tarPadding(size));
      this.#sums.push(sumLine(hash.digest('hex'), name));
      this.unpacked += size;
      this.files += 1;
    } finally {
      closeSync(file);
    }
  }

  /** Undefined for a file that cannot be read: it is left out before anything of it is written. */
  #opened(path: string): number | undefined {
    let file: number | undefined;
    try {
      file = openFile(path);
      readSync(file, this.#buffer, 0, 1, 0);
      return file;
    } catch (error) {
      if (file !== undefined) closeSync(file);
      if (isGone(error)) throw error;
      this.#leave(path, error);
      return undefined;
    }
  }

  #leave(path: string, error: unknown): void {
    this.left.push({ path, reason: `it cannot be read: ${storageReason(error)}` });
  }

  async #plain(path: string, name: string, kind: 'folder' | 'link', target?: string): Promise<void> {
    const { mode, mtimeMs } = lstatSync(path);
    const entry = { name, kind, size: 0, mode, mtime: mtimeMs / 1000 };
    await this.#write(tarHeader(target === undefined ? entry : { ...entry, target }));
  }

  async #special(path: string, name: string, root: string, kind: string): Promise<void> {
    if (kind !== 'link') {
      this.left.push({ path, reason: 'it is neither a file nor a folder nor a link' });
      return;
    }
    const target = readlinkSync(path);
    const leads = resolve(realpathSync(dirname(path)), target);
    const reached = existsSync(path) ? realpathSync(path) : leads;
    if (isAbsolute(target) || pathInside(leads, root) === undefined || pathInside(reached, root) === undefined) {
      this.left.push({ path, reason: `it is a link that leads out of the run, to ${target}` });
      return;
    }
    await this.#plain(path, name, 'link', target);
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    if (this.#gzip.destroyed) await this.#done;
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, 'drain'), this.#done]);
  }
}
