import type { ImportAttribute, Node, Program } from 'oxc-parser';
import { analyseScopes, type Reference } from '../source/scopes.ts';
import { eachChild, exportedName } from '../source/tree.ts';

/** What a module asks for of another: a specifier and its attributes, as `with { type: 'json' }`. */
interface ModuleRequest {
  readonly specifier: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where its statement stands in the generated code. */
  readonly start: number;
}

/** A name that stands for an export of another module; `*` is the module's namespace. */
export interface ImportedName {
  readonly specifier: string;
  readonly name: string;
  readonly start: number;
}

/** An export: the name of a local variable, or a name of another module. */
type ExportedName = { readonly local: string } | ImportedName;

/** The places of a module that have to change for it to become the body of a function. */
export interface ModuleSyntax {
  /** In source order, each specifier once. */
  readonly requests: readonly ModuleRequest[];
  readonly imports: ReadonlyMap<string, ImportedName>;
  readonly exports: ReadonlyMap<string, ExportedName>;
  /** Specifiers of `export * from`. */
  readonly stars: readonly string[];
  /** Whether it exports a function without a name as its default. */
  readonly namelessDefault: boolean;
  /** Names of the module's own that are assigned to somewhere, apart from where they are declared. */
  readonly written: ReadonlySet<string>;
  /** Whether there is an `await` outside functions. */
  readonly awaits: boolean;
  /** Uses of imported names. */
  readonly uses: readonly Reference[];
  /** Offsets of names in `{ name }`, and of those that begin what `new` calls. */
  readonly shorthands: ReadonlySet<number>;
  readonly constructed: ReadonlySet<number>;
  readonly metas: readonly Node[];
  readonly dynamicImports: readonly Node[];
}

/** The local name that `export default` gets where it has none of its own. */
export const DEFAULT = '*default*';

/** Reads the imports and exports of a JavaScript module, and where it uses them. */
export function readSyntax(program: Program): ModuleSyntax {
  const statements = readStatements(program);
  const places = readPlaces(program);
  const { references } = analyseScopes(program);
  const { exports, imports } = statements;
  for (const [name, exported] of exports) {
    const imported = 'local' in exported ? imports.get(exported.local) : undefined;
    if (imported !== undefined) exports.set(name, imported);
  }
  const uses = references.filter(({ name }) => imports.has(name));
  const written = new Set(references.filter(({ write }) => write).map(({ name }) => name));
  return { ...statements, ...places, uses, written };
}

function readStatements(program: Program) {
  const requests = new Map<string, ModuleRequest>();
  const imports = new Map<string, ImportedName>();
  const exports = new Map<string, ExportedName>();
  const stars: string[] = [];
  let namelessDefault = false;
  const request = (specifier: string, attributes: readonly ImportAttribute[], start: number): void => {
    if (requests.has(specifier)) return;
    const given = attributes.map(({ key, value }) => [key.type === 'Literal' ? key.value : key.name, value.value]);
    requests.set(specifier, { specifier, attributes: Object.fromEntries(given), start });
  };
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      const specifier = node.source.value;
      request(specifier, node.attributes, node.start);
      for (const entry of node.specifiers) {
        const { start } = entry;
        if (entry.type === 'ImportNamespaceSpecifier') imports.set(entry.local.name, { specifier, name: '*', start });
        else if (entry.type === 'ImportDefaultSpecifier') {
          imports.set(entry.local.name, { specifier, name: 'default', start });
        } else imports.set(entry.local.name, { specifier, name: exportedName(entry.imported), start });
      }
    } else if (node.type === 'ExportAllDeclaration') {
      const specifier = node.source.value;
      request(specifier, node.attributes, node.start);
      if (node.exported === null) stars.push(specifier);
      else exports.set(exportedName(node.exported), { specifier, name: '*', start: node.start });
    } else if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node;
      const isNamed = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
      exports.set('default', { local: (isNamed ? declaration.id?.name : undefined) ?? DEFAULT });
      namelessDefault = declaration.type === 'FunctionDeclaration' && declaration.id === null;
    } else if (node.type === 'ExportNamedDeclaration') {
      const { source, declaration } = node;
      if (source !== null) request(source.value, node.attributes, node.start);
      for (const { local, exported, start } of node.specifiers) {
        const name = exportedName(local);
        exports.set(
          exportedName(exported),
          source === null ? { local: name } : { specifier: source.value, name, start },
        );
      }
      if (declaration?.type === 'VariableDeclaration') {
        for (const { id } of declaration.declarations) eachName(id, (name) => exports.set(name, { local: name }));
      } else if (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration') {
        exports.set(declaration.id!.name, { local: declaration.id!.name });
      }
    }
  }
  return { requests: [...requests.values()], imports, exports, stars, namelessDefault };
}

/** The names that a binding pattern declares. */
function eachName(node: Node | null, found: (name: string) => void): void {
  switch (node?.type) {
    case 'Identifier':
      found(node.name);
      return;
    case 'ObjectPattern':
      for (const property of node.properties) eachName(property.type === 'Property' ? property.value : property, found);
      return;
    case 'ArrayPattern':
      for (const element of node.elements) eachName(element, found);
      return;
    case 'RestElement':
      eachName(node.argument, found);
      return;
    case 'AssignmentPattern':
      eachName(node.left, found);
      return;
    default:
  }
}

function readPlaces(program: Program) {
  const shorthands = new Set<number>();
  const constructed = new Set<number>();
  const metas: Node[] = [];
  const dynamicImports: Node[] = [];
  let awaits = false;
  const visit = (node: Node, nested: boolean): void => {
    let inside = nested;
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        inside = true;
        break;
      case 'AwaitExpression':
        awaits ||= !nested;
        break;
      case 'ForOfStatement':
        awaits ||= node.await && !nested;
        break;
      case 'VariableDeclaration':
        awaits ||= node.kind === 'await using' && !nested;
        break;
      case 'Property':
        if (node.shorthand) shorthands.add(node.value.start);
        break;
      case 'NewExpression':
        constructed.add(firstOf(node.callee).start);
        break;
      case 'MetaProperty':
        if (node.meta.name === 'import') metas.push(node);
        break;
      case 'ImportExpression':
        dynamicImports.push(node);
        break;
      default:
    }
    eachChild(node, (child) => visit(child, inside));
  };
  visit(program, false);
  return { shorthands, constructed, metas, dynamicImports, awaits };
}

/** `a` of `a.b.c` and of a template that `a` tags. */
function firstOf(callee: Node): Node {
  let first = callee;
  while (first.type === 'MemberExpression' || first.type === 'TaggedTemplateExpression') {
    first = first.type === 'MemberExpression' ? first.object : first.tag;
  }
  return first;
}
