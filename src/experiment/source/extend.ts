import type { Program } from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import type { ExtendReference } from '../definition.ts';
import { findExported, literalText } from './exported.ts';
import type { Library } from './library.ts';
import type { Locator } from './location.ts';
import type { Scopes } from './scopes.ts';
import { unwrap } from './tree.ts';
import type { TypeImports } from './type-imports.ts';

/**
 * The parent that `export default extend('./parent.ts')` names.
 *
 * @throws ComexError `E_EXPERIMENT` for a path that is no literal, and for a call of `extend` elsewhere.
 */
export function findExtend(
  program: Program,
  scopes: Scopes,
  library: Library,
  types: TypeImports,
  at: Locator,
): ExtendReference | undefined {
  if (library.isEmpty) return undefined;
  const exported = findExported(program, scopes, 'default')?.expression;
  const called = exported === undefined ? undefined : library.call(exported);
  const call = called?.name === 'extend' ? called : undefined;
  const other = library.uses(program).find(({ name, start }) => name === 'extend' && start !== call?.start);
  if (other !== undefined) {
    throw new ComexError(
      'E_EXPERIMENT',
      `${at.place(other.start)}: Expected extend() once, as the default export, got another use of it; ` +
        `write: export default extend('./parent.ts').`,
    );
  }
  if (call === undefined) return undefined;
  const { node, argument } = call;
  const specifier = literalText(argument);
  if (specifier === undefined || specifier === '') {
    const got = node.arguments.length === 0 ? 'none' : specifier === '' ? 'an empty one' : 'a computed one';
    throw new ComexError(
      'E_EXPERIMENT',
      `${at.place(node.arguments[0]?.start ?? node.start)}: Expected extend() to be given a literal path, got ${got}; ` +
        `write the parent's file, relative to this one: extend('./parent.ts').`,
    );
  }
  const main = node.arguments[1];
  const isMissing = main === undefined || (main.type === 'Identifier' && main.name === 'undefined');
  const [parent] = node.typeArguments?.params ?? [];
  const typed = parent === undefined ? undefined : types.pathOf(parent);
  return {
    specifier,
    line: at.line(node.start),
    hasMain: !isMissing,
    ...(typed === undefined ? {} : { typed }),
  };
}

/** The path that a module names itself by, in `type Self = typeof import('./x.ts')` or in the type of its main's `e`. */
export function findSelfImport(
  program: Program,
  scopes: Scopes,
  library: Library,
  types: TypeImports,
): { readonly specifier: string; readonly line: number } | undefined {
  const alias = types.pathOfAlias('Self');
  if (alias !== undefined) return alias;
  const main = program.body.find((node) => node.type === 'ExportDefaultDeclaration')?.declaration;
  const given = findExported(program, scopes, 'default')?.expression;
  const call = given === undefined ? undefined : library.call(given);
  const own = call?.name === 'extend' ? call.node.arguments[1] : (given ?? main);
  if (own === undefined || own.type === 'SpreadElement') return undefined;
  const inner = own.type === 'FunctionDeclaration' ? own : unwrap(own as never);
  if (!('params' in inner) || !Array.isArray(inner.params)) return undefined;
  const [e] = inner.params;
  const type = e?.type === 'Identifier' ? e.typeAnnotation?.typeAnnotation : undefined;
  const [self] = type?.type === 'TSTypeReference' ? (type.typeArguments?.params ?? []) : [];
  return self === undefined ? undefined : types.pathOf(self);
}
