import { relative } from 'node:path';
import { findGarbage, removeGarbage } from '../manage/gc.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { bytesText, countText, groupedText } from './quantity.ts';

/** `comex gc [--apply]`: what nobody needs. Returns the exit status. */
export function gcCommand(given: ManageOptions & { readonly apply: boolean }): number {
  const scope = new ManageScope(given);
  const { garbage, broken } = findGarbage(scope.results);
  for (const { reason } of broken) scope.failed(reason);
  const dropped = given.apply
    ? scope.each(garbage, (item) => {
        removeGarbage(item);
        return item;
      })
    : garbage;
  const bytes = dropped.reduce((sum, item) => sum + item.bytes, 0);
  const inodes = dropped.reduce((sum, item) => sum + item.inodes, 0);
  if (scope.json) {
    scope.print({ applied: given.apply, failed: scope.failures, bytes, inodes, garbage: dropped });
    return scope.status;
  }
  if (dropped.length === 0) {
    scope.say(garbage.length === 0 ? 'Nothing to drop.' : 'Nothing was dropped.');
    return scope.status;
  }
  scope.table(
    [
      { head: 'size', align: 'right' },
      { head: 'inodes', align: 'right' },
      { head: 'what' },
      { head: 'path', shrink: true, min: 10 },
    ],
    dropped.map((item) => [
      bytesText(item.bytes),
      groupedText(item.inodes),
      item.kind,
      relative(scope.results, item.path),
    ]),
  );
  const what = `${countText(dropped.length, 'thing')}, ${bytesText(bytes)}`;
  const left = garbage.length - dropped.length;
  const rest = left === 0 ? '' : ` ${countText(left, 'thing')} could not be.`;
  scope.say(
    given.apply ? `${what} dropped.${rest}` : `${what} can be dropped. This was a dry run: give --apply to do it.`,
  );
  return scope.status;
}
