import { mkdirSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
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
    return this.raw(extname(name) === '' ? `${name}.json` : name, text);
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
    const named = extname(name) === '' ? `${name}.png` : name;
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

  open(name: string, flags: string): Promise<FileHandle> {
    return open(this.place(name), flags);
  }

  /** The absolute path for an artifact; its folders are made. Refuses names that leave the folder or belong to comex. */
  place(name: string): string {
    refuseUnsafePath(name, 'the name of an artifact');
    const segments = name.split('/');
    const first = segments[0]!;
    const folded = first.toLowerCase();
    if (OWN_FOLDERS.includes(folded) || folded.startsWith(OWN_PREFIX) || folded === ANALYSIS_FILE) {
      throw new ComexError(
        'E_NAME',
        `"${name}" is kept for comex: ${first} belongs to the run folder. Choose another name.`,
      );
    }
    const path = join(this.#folder, ...segments);
    const folder = dirname(path);
    this.#refuseOutside(folder, name);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (cause) {
      throw storageError(cause, 'create', folder);
    }
    this.#refuseOutside(folder, name);
    this.#refuseOutside(path, name);
    return path;
  }

  /** Follows links as far as the path exists: what lies behind them must be in the run folder. */
  #refuseOutside(path: string, name: string): void {
    const root = realpathSync(this.#folder);
    let known = path;
    for (;;) {
      try {
        const inside = relative(root, realpathSync(known));
        if (inside === '..' || inside.startsWith(`..${sep}`)) {
          throw new ComexError('E_NAME', `"${name}" leaves the run folder through a link. Choose another name.`);
        }
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        known = dirname(known);
      }
    }
  }
}
