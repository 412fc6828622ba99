import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { writeFileAtomic } from '../../codec/atomic.ts';
import { storageError } from '../../codec/storage.ts';
import { withMember } from './json-text.ts';
import { type ExportOptions, OPTION_KEYS } from './views.ts';

/**
 * Keeps options as a view in a configuration file; what else the file says stays as it is written.
 *
 * @param path of `comex.config.json`; it is made where there is none
 * @throws ComexError `E_STORAGE`
 */
export function saveView(path: string, name: string, options: ExportOptions): void {
  const text = existsSync(path) ? readText(path) : '{}\n';
  const view: Record<string, unknown> = {};
  for (const key of OPTION_KEYS) {
    const value = options[key];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) view[key] = value;
  }
  const target = existsSync(path) ? realpathSync(path) : path;
  writeFileAtomic(target, withMember(text, ['views', name], view), { keepMode: true });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
