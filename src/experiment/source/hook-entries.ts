import type { Comment, Program } from 'oxc-parser';
import type { HookEntry } from '../definition.ts';
import { docBefore } from './comments.ts';
import { findExported, followed } from './exported.ts';
import type { Library } from './library.ts';
import type { Locator } from './location.ts';
import type { Scopes } from './scopes.ts';
import { keyName } from './tree.ts';

/** What `export const hooks = {...}` registers, and whether that is all of it. */
export function findHookEntries(
  program: Program,
  text: string,
  comments: readonly Comment[],
  scopes: Scopes,
  library: Library,
  at: Locator,
): { readonly entries: readonly HookEntry[]; readonly known: boolean } {
  const exported = findExported(program, scopes, 'hooks');
  if (exported === undefined) return { entries: [], known: true };
  if (exported.expression?.type !== 'ObjectExpression') return { entries: [], known: false };
  const entries = new Map<string, HookEntry>();
  let known = !exported.isMutated;
  for (const property of exported.expression.properties) {
    const name = property.type === 'SpreadElement' ? undefined : keyName(property.key, property.computed);
    const isPrototype = name === '__proto__' && property.type === 'Property' && !property.shorthand;
    if (property.type === 'SpreadElement' || name === undefined || isPrototype) {
      known = false;
      continue;
    }
    const doc = docBefore(property.start, text, comments);
    entries.delete(name);
    entries.set(name, {
      name,
      line: at.line(property.start),
      mode: property.kind === 'init' ? modeOf(library.call(followed(property.value, scopes))?.name) : 'plain',
      ...(doc === undefined ? {} : { doc }),
    });
  }
  return { entries: [...entries.values()], known };
}

function modeOf(called: string | undefined): HookEntry['mode'] {
  if (called === 'hookPoint') return 'point';
  return called === 'append' || called === 'prepend' || called === 'replace' ? called : 'plain';
}
