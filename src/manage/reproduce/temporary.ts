import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { onProcess } from '../../run/process-events.ts';
import { removeFolder } from '../folder-tree.ts';

/** A folder for one reproduction, readable by its owner alone. */
export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => void;
}

/** Makes a folder that is removed at the latest when the process exits. @throws ComexError `E_STORAGE` */
export function makeTemporary(): TemporaryFolder {
  let path: string;
  try {
    path = realpathSync(mkdtempSync(join(tmpdir(), 'comex-reproduce-')));
  } catch (error) {
    throw storageError(error, 'create', tmpdir());
  }
  const remove = (): void => {
    forget();
    removeFolder(path);
  };
  const forget = onProcess('exit', remove);
  return { path, remove };
}
