import { dirname, join } from 'node:path';
import { writing } from '../archive/inner-folder.ts';
import { META_FILE, type RunMeta } from '../archive/layout.ts';
import { syncFile, writeFileAtomic } from '../codec/atomic.ts';
import { encodeWithFunctions } from '../codec/json.ts';
import type { Secrets } from './secrets.ts';

/** The metadata of a run on disk, without its secrets; written only when they changed. */
export class MetadataFile {
  readonly #path: string;
  readonly #secrets: Secrets;
  #text = '';

  constructor(folder: string, secrets: Secrets) {
    this.#path = join(folder, META_FILE);
    this.#secrets = secrets;
  }

  /** @throws ComexError `E_STORAGE` */
  write(meta: RunMeta, options: { readonly sync?: boolean } = {}): void {
    const whole: unknown = JSON.parse(encodeWithFunctions(meta, 'metadata'));
    // What was derived from a secret holds it, too.
    const clean = (_: string, value: unknown): unknown =>
      typeof value === 'string' ? this.#secrets.scrub(value) : value;
    const text = `${JSON.stringify(whole, this.#secrets.texts.size > 0 ? clean : undefined, 2)}\n`;
    writing(dirname(this.#path), () => {
      if (text !== this.#text) writeFileAtomic(this.#path, text, options);
      else if (options.sync === true) syncFile(this.#path);
    });
    this.#text = text;
  }
}
