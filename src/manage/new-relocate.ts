import { dirname, extname, relative, resolve, sep } from 'node:path';
import { type Node, parseSync } from 'oxc-parser';
import { isMap, isScalar, isSeq, parseDocument, type Node as YamlNode } from 'yaml';
import { literalText } from '../experiment/source/exported.ts';
import { readModule } from '../experiment/source/read-module.ts';
import { eachChild } from '../experiment/source/tree.ts';
import { docComment, quoted } from './new-source.ts';

/** A piece of a text that is to be replaced by another. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text of a module for another place: imports and other paths by which it names files stay right, and where it names
 * itself it names the new file.
 *
 * @param description Takes the place of the module's own.
 */
export function relocatedModule(text: string, from: string, to: string, description?: string): string {
  const module = readModule(from, text);
  const { program, comments } = parseSync(from, text, { astType: 'ts' });
  const named = new Set(
    [...(module.extend === undefined ? [] : [module.extend]), ...module.include, ...module.runs].map(
      ({ specifier }) => specifier,
    ),
  );
  const paths = new Set<Node>();
  const changes: Change[] = [];
  const visit = (node: Node): void => {
    for (const inner of pathsIn(node)) paths.add(inner);
    const specifier = node.type === 'Literal' || node.type === 'TemplateLiteral' ? literalText(node) : undefined;
    if (specifier !== undefined && /^\.\.?\//.test(specifier) && (paths.has(node) || named.has(specifier))) {
      changes.push({ start: node.start, end: node.end, text: quoted(moved(specifier, from, to)) });
    }
    eachChild(node, visit);
  };
  visit(program);
  if (description !== undefined) {
    const own = comments.find(
      ({ type, start, end }) =>
        type === 'Block' && readModule(from, text.slice(0, start) + text.slice(end)).description !== module.description,
    );
    const start = own?.start ?? /^#!.*\r?\n/.exec(text)?.[0].length ?? 0;
    const comment = docComment(description);
    // With a line between, so that it describes the module and not what comes first in it.
    changes.push({ start, end: own?.end ?? start, text: own === undefined ? `${comment}\n\n` : comment });
  }
  return changed(text, changes);
}

/** The parts of a node that name files, by what the language says. */
function pathsIn(node: Node): Node[] {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return [node.source];
    case 'ExportNamedDeclaration':
      return node.source === null ? [] : [node.source];
    case 'TSExternalModuleReference':
      return [node.expression];
    case 'CallExpression':
      return node.callee.type === 'Identifier' && node.callee.name === 'require' ? node.arguments.slice(0, 1) : [];
    case 'NewExpression': {
      const isUrl = node.callee.type === 'Identifier' && node.callee.name === 'URL' && node.arguments.length === 2;
      return isUrl ? node.arguments.slice(0, 1) : [];
    }
    default:
      return [];
  }
}

/** The same for a YAML experiment. */
export function relocatedConfig(
  text: string,
  from: string,
  to: string,
  extra: { readonly description?: string; readonly tags: readonly string[] },
): string {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return text;
  const changes: Change[] = [];
  const replace = ({ range }: YamlNode, by: string): void => {
    const [start, end] = range!;
    // A block ends with its line; of an empty value there is not even a space.
    const before = text[start - 1] === ':' ? ' ' : '';
    changes.push({ start, end, text: before + by + (text.slice(start, end).endsWith('\n') ? '\n' : '') });
  };
  const path = (node: unknown): void => {
    if (isScalar(node) && typeof node.value === 'string') replace(node, JSON.stringify(moved(node.value, from, to)));
  };
  const fieldOf = (key: string): unknown =>
    contents.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value;
  path(fieldOf('extend'));
  const include = fieldOf('include');
  if (isSeq(include)) include.items.forEach(path);
  else path(include);
  const start = contents.range![0];
  const add = (key: string, value: string): void => {
    const node = fieldOf(key) as YamlNode | undefined;
    if (node?.range) replace(node, value);
    else changes.push({ start, end: start, text: contents.flow === true ? '' : `${key}: ${value}\n` });
  };
  const escaped = (value: string): string => JSON.stringify(value.replaceAll('$', '$$$$'));
  if (extra.description !== undefined) add('description', escaped(extra.description));
  if (extra.tags.length > 0) add('tags', `[${extra.tags.map(escaped).join(', ')}]`);
  return changed(text, changes);
}

/** A relative path in one file, as another names the same; the file itself becomes the other. */
function moved(specifier: string, from: string, to: string): string {
  const target = resolve(dirname(from), specifier);
  if (target === from) return specifierOf(to, to);
  if (target + extname(from) === from) return specifierOf(to.slice(0, -extname(to).length), to);
  return specifierOf(target, to) + (specifier.endsWith('/') ? '/' : '');
}

/** How a file names another in an import: `./parent.ts`. */
export function specifierOf(target: string, from: string): string {
  const path = relative(dirname(from), target).split(sep).join('/');
  return path.startsWith('../') ? path : `./${path}`;
}

function changed(text: string, changes: readonly Change[]): string {
  let result = text;
  for (const { start, end, text: by } of [...changes].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + by + result.slice(end);
  }
  return result;
}
