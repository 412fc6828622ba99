import type { Node, Program } from 'oxc-parser';
import type { ImportedName } from '../definition.ts';
import type { Reference } from './scopes.ts';
import { eachChild, exportedName, isParameterName } from './tree.ts';

/** What each imported value is, by its local name; `*` stands for all of a module, `default` for its default export. */
export function importedNames(program: Program): Map<string, ImportedName> {
  const names = new Map<string, ImportedName>();
  for (const node of program.body) {
    if (node.type !== 'ImportDeclaration' || node.importKind === 'type') continue;
    for (const specifier of node.specifiers) {
      if (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type') continue;
      const name =
        specifier.type === 'ImportSpecifier'
          ? exportedName(specifier.imported)
          : specifier.type === 'ImportNamespaceSpecifier'
            ? '*'
            : 'default';
      names.set(specifier.local.name, { specifier: node.source.value, name });
    }
  }
  return names;
}

/**
 * The imported UPPERCASE names that an initialiser names: parameters, where the other module is part of the experiment.
 *
 * @param references Names of the module's top inside the initialiser.
 */
export function usedImports(
  init: Node,
  references: readonly Reference[],
  imported: ReadonlyMap<string, ImportedName>,
): ImportedName[] {
  const used = new Map<string, ImportedName>();
  const add = (specifier: string, name: string): void => {
    if (isParameterName(name) && specifier !== 'comex' && !specifier.startsWith('node:')) {
      used.set(`${name} ${specifier}`, { specifier, name });
    }
  };
  const namespaces = new Map<number, string>();
  for (const { name, start } of references) {
    const source = imported.get(name);
    if (source === undefined) continue;
    if (source.name === '*') namespaces.set(start, source.specifier);
    else add(source.specifier, source.name);
  }
  if (namespaces.size === 0) return [...used.values()];
  const visit = (node: Node): void => {
    if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
      const specifier = namespaces.get(node.object.start);
      if (specifier !== undefined && node.object.type === 'Identifier') add(specifier, node.property.name);
    }
    eachChild(node, visit);
  };
  visit(init);
  return [...used.values()];
}
