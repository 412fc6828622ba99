import { join } from 'node:path';
import { decode } from '../codec/json.ts';
import { readJsonLines } from '../codec/lines.ts';
import { readText } from '../codec/read-text.ts';
import { storageError } from '../codec/storage.ts';
import { isComexError } from '../errors.ts';
import { DataTree, isPlainObject } from './data-tree.ts';
import { DATA_FILE, DATA_JOURNAL_FILE, type HarvestedValue } from './layout.ts';

export { DataTree } from './data-tree.ts';

/** The data of a run as they were last. */
export interface ReplayedData {
  readonly tree: DataTree;
  /** Lines of the journal that could not be read or applied, and the whole tree's file when it could not be read. */
  readonly damaged: number;
}

/**
 * The data of a run folder: from the file of the whole tree when it is there and whole, else from the journal. So
 * whoever takes up a run that has ended writes its tree into the journal and removes that file before going on.
 *
 * @throws ComexError `E_STORAGE` when a file cannot be read
 */
export function replayData(folder: string): ReplayedData {
  const whole = readWhole(join(folder, DATA_FILE));
  if (whole instanceof DataTree) return { tree: whole, damaged: 0 };
  const tree = new DataTree();
  let refused = 0;
  const { damaged } = readJsonLines(join(folder, DATA_JOURNAL_FILE), (entry) => {
    if (!apply(tree, entry)) refused += 1;
  });
  return { tree, damaged: damaged + refused + (whole === 'damaged' ? 1 : 0) };
}

/**
 * Lays what was harvested over the data of a run. One that has no place in it is left out, whoever harvests says so, and one
 * that would take the place of other harvested ones, below it.
 */
export function withHarvested(tree: DataTree, harvested: Readonly<Record<string, HarvestedValue>>): DataTree {
  const paths = Object.keys(harvested);
  for (const [path, { value }] of Object.entries(harvested)) {
    if (paths.some((other) => other.startsWith(`${path}/`))) continue;
    try {
      tree.set(path, value);
    } catch (error) {
      if (!isComexError(error)) throw error;
    }
  }
  return tree;
}

function readWhole(path: string): DataTree | 'missing' | 'damaged' {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw storageError(error, 'read', path);
  }
  try {
    const value = decode(text);
    return isPlainObject(value) ? DataTree.from(value) : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** Whether an entry of the journal could be applied; one of a kind that this version does not know is passed over. */
function apply(tree: DataTree, entry: unknown): boolean {
  if (!Array.isArray(entry)) return true;
  const [path, value, mode] = entry as unknown[];
  if (typeof path !== 'string' || entry.length < 2 || (mode !== undefined && mode !== 'append')) return true;
  try {
    if (mode === 'append') tree.append(path, value);
    else tree.set(path, value);
    return true;
  } catch (error) {
    if (isComexError(error)) return false;
    throw error;
  }
}
