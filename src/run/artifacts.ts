import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeInnerFolder, unlessTakenAway } from '../archive/inner-folder.ts';
import { ANALYSIS_FILE, OWN_FOLDERS, OWN_PREFIX } from '../archive/layout.ts';
import type { ChartConfiguration } from '../chart/configuration.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { encodePretty } from '../codec/json.ts';
import { refuseUnsafePath } from '../codec/names.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { imageType } from './images.ts';

/** The files that a run puts into its folder: checked names, whole files. */
export class Artifacts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  json(name: string, value: unknown): string {
    const text = `${encodePretty(value, name)}\n`;
    return this.raw(withExtension(name, '.json'), text);
  }

  raw(name: string, content: string | Uint8Array): string {
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw new ComexError(
        'E_DATA',
        `Expected the content of "${name}" to be a text or bytes, got ${typeof content}. Use e.commitJson for values.`,
      );
    }
    const path = this.place(name);
    writeFileAtomic(path, content);
    return path;
  }

  async figure(
    name: string,
    figure: ChartConfiguration | Uint8Array | string,
    size: { readonly width?: number; readonly height?: number } = {},
  ): Promise<string> {
    const named = withExtension(name, '.png');
    this.place(named); // a wrong name is an error at the call, before anything is drawn
    if (figure instanceof Uint8Array || typeof figure === 'string') {
      const bytes = typeof figure === 'string' ? Buffer.from(figure) : figure;
      if (imageType(bytes) === undefined) {
        throw new ComexError(
          'E_CHART',
          `Expected a chart.js configuration or the bytes of a picture for "${name}", got other bytes.`,
        );
      }
      return this.raw(named, bytes);
    }
    const format = extname(named).slice(1).toLowerCase();
    if (format !== 'png' && format !== 'svg') {
      throw new ComexError('E_NAME', `Expected the name of a chart to end in .png or .svg, got "${name}".`);
    }
    const { renderChart } = await import('../chart/render.ts');
    return this.raw(named, await renderChart(figure, { ...size, format }));
  }

  /** @throws ComexError `E_STORAGE`; what Node throws for flags that are none */
  async open(name: string, flags: string): Promise<FileHandle> {
    const path = this.place(name);
    try {
      return await open(path, flags);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall === undefined ? error : storageError(error, 'open', path);
    }
  }

  /** The absolute path for an artifact; its folders are made. Refuses names that leave the folder or belong to comex. */
  place(name: string): string {
    refuseUnsafePath(name, 'the name of an artifact');
    const segments = name.split('/');
    if (isOwn(segments[0]!)) throw kept(name, segments[0]!);
    const path = join(this.#folder, ...segments);
    const folder = dirname(path);
    try {
      this.#refuseOutside(folder, name);
      makeInnerFolder(folder, this.#folder);
      this.#refuseOutside(folder, name);
      this.#refuseOutside(path, name);
    } catch (cause) {
      throw unlessTakenAway(storageError(cause, 'create', path), this.#folder);
    }
    return path;
  }

  /** Follows links as far as the path exists: what lies behind them must be in the run folder, and the user's. */
  #refuseOutside(path: string, name: string): void {
    const root = realpathSync(this.#folder);
    let known = path;
    let real = realPath(known);
    while (real === undefined) {
      known = dirname(known);
      real = realPath(known);
    }
    const inside = relative(root, real);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw new ComexError('E_NAME', `"${name}" leaves the run folder through a link. Choose another name.`);
    }
    const first = inside.split(sep)[0]!;
    if (isOwn(first)) throw kept(name, first);
  }
}

/** Whether a name at the top of a run folder belongs to comex, also where case makes no difference. */
function isOwn(name: string): boolean {
  const folded = name.toLowerCase();
  return OWN_FOLDERS.includes(folded) || folded.startsWith(OWN_PREFIX) || folded === ANALYSIS_FILE;
}

function kept(name: string, own: string): ComexError {
  return new ComexError(
    'E_NAME',
    `"${name}" is kept for comex: ${own} belongs to the run folder. Choose another name.`,
  );
}

/** The path without links; undefined where there is nothing. A link that leads nowhere counts by its target. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? resolve(realpathSync(dirname(path)), readlinkSync(path))
    : undefined;
}

/** A name with an extension; one that names no file stays as it is, and is refused for that. */
function withExtension(name: string, extension: string): string {
  return extname(name) === '' && /(^|\/)(?!\.{0,2}$)[^/]*$/.test(name) ? name + extension : name;
}
