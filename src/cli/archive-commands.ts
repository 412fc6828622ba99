import { type ListOptions, list } from './list.ts';
import { type LookOptions, lookScope } from './look-scope.ts';
import { show } from './show.ts';
import { tree } from './tree.ts';

export function listCommand(given: LookOptions & ListOptions): Promise<number> {
  const { query, status, tag, namespace, job, since, sort, limit, children, columns, groupBy, metric } = given;
  const asked = { query, status, tag, namespace, job, since, sort, limit, children, columns, groupBy, metric };
  return list({ ...asked, ...lookScope(given) });
}

export function showCommand(selector: string, given: LookOptions): number {
  return show(selector, lookScope(given));
}

export function treeCommand(selector: string, given: LookOptions): number {
  return tree(selector, lookScope(given));
}
