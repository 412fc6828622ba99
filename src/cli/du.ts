import { relative } from 'node:path';
import { measureDisk, outermost, type Usage } from '../manage/disk.ts';
import { partDamaged } from './damaged-runs.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { bytesText, groupedText } from './quantity.ts';
import type { SelectionOptions } from './selection.ts';

interface DuOptions extends ManageOptions, SelectionOptions {
  readonly by?: 'namespace' | 'kind' | 'run' | undefined;
}

/** `comex du [RUN...]`: what is on the disk. Without runs, the whole archive with its trash. Returns the exit status. */
export async function duCommand(words: readonly string[], given: DuOptions): Promise<number> {
  const scope = new ManageScope(given);
  const isAll = words.length === 0 && !FILTERS.some((name) => given[name] !== undefined);
  const { damaged, others } = partDamaged(words, scope);
  const chosen = isAll || (damaged.length > 0 && others.length === 0) ? [] : await scope.chosen(others, given);
  const folders = isAll ? undefined : outermost([...damaged, ...chosen.map(({ path }) => path)]);
  const { bytes, inodes, namespaces, kinds, runs, broken } = measureDisk(scope.results, folders);
  for (const { reason } of broken) scope.failed(reason);
  const named = runs.map(({ name, ...usage }) => ({ name: relative(scope.results, name), ...usage }));
  const groups = { namespace: namespaces, kind: kinds, run: named };
  const shown = given.by === undefined ? (['namespace', 'kind'] as const) : [given.by];
  if (scope.json) {
    scope.print({ bytes, inodes, ...Object.fromEntries(shown.map((by) => [by, groups[by]])) });
    return scope.status;
  }
  for (const by of shown) {
    const total = { name: 'total', bytes, inodes };
    scope.table(
      [
        { head: scope.tty ? 'size' : 'bytes', align: 'right' },
        { head: 'inodes', align: 'right' },
        { head: by, shrink: true, min: 10 },
      ],
      [...groups[by], total].map(scope.tty ? row : exactRow),
    );
    if (by !== shown.at(-1)) scope.say('');
  }
  return scope.status;
}

const FILTERS = ['status', 'tag', 'namespace', 'job', 'since', 'limit'] as const;

function row({ name, bytes, inodes }: Usage & { readonly name: string }): string[] {
  return [bytesText(bytes), groupedText(inodes), name];
}

function exactRow({ name, bytes, inodes }: Usage & { readonly name: string }): string[] {
  return [String(bytes), String(inodes), name];
}
