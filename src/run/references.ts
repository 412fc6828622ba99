import { statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { ReferenceRecord } from '../archive/layout.ts';
import { ComexError, kindOf } from '../errors.ts';

const LONGEST_NAME = 200;

/** The files outside of its folder that belong to a run: named, with what identifies them, and not copied. */
export class References {
  readonly #root: string;
  readonly #records = new Map<string, ReferenceRecord>();

  constructor(root: string) {
    this.#root = root;
  }

  get records(): readonly ReferenceRecord[] {
    return [...this.#records.values()];
  }

  /**
   * Records a file under a name, in the place of the one before of that name; relative paths from the project root.
   *
   * @returns its absolute path
   * @throws ComexError `E_NAME`; `E_FILE` when it is no file, or is being written; `E_STORAGE`
   */
  async add(name: string, path: string): Promise<string> {
    if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
      const got = typeof name === 'string' ? JSON.stringify(name.slice(0, 60)) : kindOf(name);
      throw new ComexError('E_NAME', `Expected e.reference to get a name such as "checkpoint" first, got ${got}.`);
    }
    if (typeof path !== 'string' || path === '') {
      throw new ComexError(
        'E_FILE',
        `Expected e.reference('${name}', …) to get the path of a file, got ${kindOf(path)}.`,
      );
    }
    const absolute = resolve(this.#root, path);
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) {
      const what = stats === undefined ? 'there is none' : 'that is no file';
      const where = isAbsolute(path) ? '' : ' Relative paths begin at the project root.';
      throw new ComexError('E_FILE', `Expected a file at ${absolute} for the reference "${name}", ${what}.${where}`);
    }
    const { Content } = await import('./harvest/content.ts');
    const content = new Content(absolute);
    for await (const _ of content.chunks());
    const inside = relative(this.#root, absolute);
    const isInside = !/^\.\.(?:[\\/]|$)/.test(inside) && !isAbsolute(inside);
    const shown = isInside ? inside.split(sep).join('/') : absolute;
    this.#records.set(name, { name, path: shown, bytes: content.bytes, sha256: content.sha256() });
    return absolute;
  }
}
