import type {
  ExportNamedDeclaration,
  ExportSpecifier,
  Node,
  Program,
  VariableDeclaration,
  VariableDeclarator,
} from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import { attempt } from '../refuse.ts';
import type { Locator } from './location.ts';
import type { Binding, Scopes } from './scopes.ts';
import { exportedName, isParameterName } from './tree.ts';

/** The declaration of a parameter in the tree of its module. */
export interface ParameterNode {
  readonly name: string;
  readonly declaration: VariableDeclaration;
  readonly declarator: VariableDeclarator;
}

interface ExportList {
  /** In source order. */
  readonly parameters: readonly ParameterNode[];
  /** Names of the other exported values. */
  readonly others: readonly string[];
  readonly stars: readonly string[];
}

/**
 * Finds the parameters of a module and its other exports.
 *
 * @throws ComexError `E_PARAMETER` for a form that cannot be a parameter, `E_SYNTAX` for a name declared twice or not
 * at all.
 */
export function findExports(program: Program, scopes: Scopes, at: Locator): ExportList {
  const parameters = new Map<string, ParameterNode>();
  const others = new Set<string>();
  const stars: string[] = [];

  const add = (parameter: ParameterNode): void => {
    const { name, declarator } = parameter;
    const again = parameters.has(name)
      ? undefined
      : scopes.top.get(name)?.find(({ start }) => start !== declarator.id.start);
    if (parameters.has(name) || again !== undefined) {
      const place = at.exactPlace(again?.start ?? declarator.id.start);
      throw new ComexError(
        'E_SYNTAX',
        `${place}: ${name} is declared or exported twice; keep one of the declarations.`,
      );
    }
    parameters.set(name, parameter);
  };

  const declared = (
    node: ExportNamedDeclaration,
    declaration: NonNullable<ExportNamedDeclaration['declaration']>,
  ): void => {
    if (declaration.type === 'VariableDeclaration') {
      for (const declarator of declaration.declarations) {
        for (const { name, start } of boundNames(declarator.id)) {
          if (!isParameterName(name)) {
            if (!declaration.declare) others.add(name);
            continue;
          }
          attempt(() => {
            refuseForm(name, start, declaration, declarator, at);
            add({ name, declaration, declarator });
          }, at.refuse);
        }
      }
    } else if (declaration.type === 'TSImportEqualsDeclaration') {
      const { name } = declaration.id;
      if (declaration.importKind === 'type') return;
      if (isParameterName(name)) throw reExport(name, node.start, at);
      others.add(name);
    } else if (declaration.type !== 'TSTypeAliasDeclaration' && declaration.type !== 'TSInterfaceDeclaration') {
      const { id } = declaration;
      // Overloads without a body and `declare` export nothing at run time.
      if (id?.type === 'Identifier' && scopes.top.has(id.name)) others.add(id.name);
    }
  };

  const specified = (specifier: ExportSpecifier): void => {
    const name = exportedName(specifier.exported);
    const local = exportedName(specifier.local);
    const binding = scopes.top.get(local)?.[0];
    if (binding === undefined) {
      if (isParameterName(name)) refuseUndeclared(name, local, specifier, scopes, at);
    } else if (!isParameterName(name) || (binding.kind !== 'variable' && binding.kind !== 'import')) others.add(name);
    else add(specifiedParameter(name, local, specifier, binding, at));
  };

  const exported = (node: Program['body'][number]): void => {
    if (node.type === 'ExportDefaultDeclaration') {
      if (node.declaration.type !== 'TSInterfaceDeclaration') others.add('default');
    } else if (node.type === 'ExportAllDeclaration' && node.exportKind !== 'type') {
      const name = node.exported === null ? undefined : exportedName(node.exported);
      if (name === undefined) stars.push(node.source.value);
      else if (isParameterName(name)) throw reExport(name, node.start, at);
      else others.add(name);
    } else if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration !== null) declared(node, node.declaration);
      for (const specifier of node.specifiers) {
        if (node.exportKind === 'type' || specifier.exportKind === 'type') continue;
        attempt(() => {
          if (node.source === null) return specified(specifier);
          const name = exportedName(specifier.exported);
          if (isParameterName(name)) throw reExport(name, specifier.start, at);
          others.add(name);
        }, at.refuse);
      }
    }
  };
  for (const node of program.body) attempt(() => exported(node), at.refuse);
  const inOrder = [...parameters.values()].sort((a, b) => a.declarator.start - b.declarator.start);
  return { parameters: inOrder, others: [...others], stars };
}

/** Refuses assignments to parameters by their bare names, and a file that uses a name of the rewriter's own. */
export function refuseConflicts(parameters: readonly ParameterNode[], scopes: Scopes, at: Locator): void {
  const names = new Set(parameters.map(({ name }) => name));
  for (const { name, start, write } of scopes.references) {
    if (!write || !names.has(name)) continue;
    at.refuse(
      new ComexError(
        'E_PARAMETER',
        `${at.place(start)}: Expected no assignment to the parameter ${name} by its bare name; ` +
          `write e.${name} = value in a function that has e, or rename a variable that is no parameter.`,
      ),
    );
  }
  for (const name of ['__comex', '__comexUse']) {
    const own = scopes.top.get(name)?.[0];
    if (own === undefined) continue;
    const problem = `Expected no declaration of ${name}, a name that comex uses itself; rename it.`;
    at.refuse(new ComexError('E_PARAMETER', `${at.place(own.start)}: ${problem}`));
  }
}

/** Names that a binding pattern introduces. */
export function boundNames(node: Node | null): { readonly name: string; readonly start: number }[] {
  switch (node?.type) {
    case 'Identifier':
      return [{ name: node.name, start: node.start }];
    case 'ObjectPattern':
      return node.properties.flatMap((property) =>
        boundNames(property.type === 'Property' ? property.value : property),
      );
    case 'ArrayPattern':
      return node.elements.flatMap((element) => boundNames(element));
    case 'RestElement':
      return boundNames(node.argument);
    case 'AssignmentPattern':
      return boundNames(node.left);
    default:
      return [];
  }
}

function specifiedParameter(
  name: string,
  local: string,
  specifier: ExportSpecifier,
  binding: Binding,
  at: Locator,
): ParameterNode {
  if (binding.kind !== 'variable') throw reExport(name, specifier.start, at);
  if (name !== local) {
    throw new ComexError(
      'E_PARAMETER',
      `${at.place(specifier.start)}: Expected the parameter ${name} to be exported under the name of its variable, ` +
        `got "${local} as ${name}"; rename the variable to ${name}.`,
    );
  }
  refuseForm(name, binding.start, binding.declaration, binding.declarator, at);
  return { name, declaration: binding.declaration, declarator: binding.declarator };
}

function refuseForm(
  name: string,
  start: number,
  declaration: VariableDeclaration,
  declarator: VariableDeclarator,
  at: Locator,
): void {
  const refuse = (form: string): ComexError =>
    new ComexError(
      'E_PARAMETER',
      `${at.place(start)}: Expected the parameter ${name} to be declared by "export const ${name} = ...", ` +
        `got ${form}; declare it on its own.`,
    );
  if (declaration.declare) throw refuse('"declare", which gives it no value');
  if (declarator.id.type !== 'Identifier') throw refuse('a destructuring declaration');
  if (declaration.kind !== 'const' && declaration.kind !== 'let') throw refuse(`"${declaration.kind}"`);
}

function reExport(name: string, start: number, at: Locator): ComexError {
  return new ComexError(
    'E_PARAMETER',
    `${at.place(start)}: Expected the parameter ${name} to be declared in this module, got a re-export; ` +
      'write "export const" here, or take it over from a parent experiment with extend().',
  );
}

function refuseUndeclared(name: string, local: string, specifier: ExportSpecifier, scopes: Scopes, at: Locator): void {
  if (!scopes.typeNames.has(local)) {
    const place = at.exactPlace(specifier.start);
    throw new ComexError('E_SYNTAX', `${place}: ${local} is exported but not declared; declare it or drop the export.`);
  }
  if (!scopes.ambientVariables.has(local)) return;
  throw new ComexError(
    'E_PARAMETER',
    `${at.place(specifier.start)}: Expected the parameter ${name} to be declared by "export const ${name} = ...", ` +
      'got "declare", which gives it no value; declare it on its own.',
  );
}
