import { SourceMap, type SourceMapPayload } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { type Node, type Program, parseSync } from 'oxc-parser';
import { transformSync } from 'oxc-transform';
import { ComexError } from '../../errors.ts';
import { pinnedUrl } from './plan.ts';
import { type ColumnEdit, shiftColumns } from './runner-map.ts';
import { DEFAULT, type ModuleSyntax, readSyntax } from './runner-syntax.ts';

/** What a module reads of others: for each imported name a function that gives its value of the moment. */
export type Imports = Record<string, () => unknown>;

/** What a module's body and the runner hand to each other. */
export interface ModuleHandle {
  /** Set by the body: for each export a function that gives its value of the moment. */
  cells: Readonly<Record<string, () => unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  load(specifier: unknown, options?: unknown): Promise<unknown>;
  /** Gives an anonymous default function its name. */
  named(value: object): void;
}

/** A module's body: runs to where its functions and exports are there, then, resumed, to its end. */
export type Body = (imports: Imports, handle: ModuleHandle) => Generator<void, void> | AsyncGenerator<void, void>;

/** A module, compiled once for all instances of its program. */
export interface CompiledModule extends Pick<ModuleSyntax, 'requests' | 'imports' | 'exports' | 'stars' | 'awaits'> {
  readonly path: string;
  /** Whether an export has the same value from the end of the module's evaluation on. */
  isConstant(name: string): boolean;
  /**
   * The body with free variables set.
   *
   * @param constants Imported names that it may read once, at its start; the same at every call.
   */
  body(globals: Readonly<Record<string, unknown>>, constants: ReadonlySet<string>): Body;
  /** Where a request or an imported name stands in the source, as `line:column`, both from 1. */
  place(of: { readonly start: number }): string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** In two pieces, so that no tool takes this file's own text for a source map. */
const SOURCE_MAP = ['//# source', 'MappingURL=data:application/json;base64,'].join('');

/**
 * Makes a module the body of a generator function. Lines and, by a source map, columns in stacks are the source's.
 *
 * @param text TypeScript or JavaScript.
 * @throws ComexError `E_SYNTAX` when it cannot be parsed.
 */
export function compileModule(path: string, text: string, keepImports: boolean): CompiledModule {
  const isJavaScript = /\.m?js$/.test(path);
  const { code, map, errors } = transformSync(path, text, {
    lang: isJavaScript ? 'js' : 'ts',
    sourceType: 'module',
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: keepImports },
  });
  const error = errors[0];
  if (error !== undefined) throw new ComexError('E_SYNTAX', `${path}: ${error.message}`);
  const { program } = parseSync('module.js', code, { lang: 'js', sourceType: 'module' });
  const syntax = readSyntax(program);
  const names = new OwnNames(code);
  const fixed = fixedEdits(program, code, syntax, names);
  const makers = new Map<string, (...values: unknown[]) => Body>();
  return {
    ...syntax,
    path,
    isConstant: (name) => {
      const exported = syntax.exports.get(name);
      return exported !== undefined && 'local' in exported && !syntax.written.has(exported.local);
    },
    body: (globals, constants) => {
      const free = Object.keys(globals).join(',');
      let make = makers.get(free);
      if (make === undefined) {
        // Marked as what an instance evaluates, and so that no map of the file as Node loads it is taken for this one.
        const url = pinnedUrl(path, 'program');
        const edits = [...fixed, ...useEdits(syntax, names, constants)].sort((a, b) => a.start - b.start);
        const mappings = shiftColumns(map!.mappings, columnEdits(code, edits));
        registerSourceMap(url, { ...map, mappings, sources: [pathToFileURL(path).href], sourcesContent: [text] });
        const source = `(function(${free}){${prologue(syntax, names, constants)}\n${apply(code, edits)}\n}})`;
        // The line in front is line 0.
        make = new Script(source, { filename: url, lineOffset: -1 }).runInThisContext() as (
          ...values: unknown[]
        ) => Body;
        makers.set(free, make);
      }
      return make(...Object.values(globals));
    },
    place: ({ start }) => {
      const before = code.slice(0, start).split('\n');
      const found = new SourceMap(map as SourceMapPayload).findEntry(before.length - 1, before.at(-1)!.length);
      return 'originalLine' in found ? `${found.originalLine + 1}:${found.originalColumn + 1}` : '1:1';
    },
  };
}

/** Names for what the body is given, such as the module does not use. */
class OwnNames {
  readonly imports: string;
  readonly handle: string;
  readonly default: string;
  readonly constant: string;

  constructor(code: string) {
    const unused = (name: string): string => (code.includes(name) ? unused(`${name}_`) : name);
    this.imports = unused('imported');
    this.handle = unused('__module');
    this.default = unused('__default');
    this.constant = unused('__constant');
  }
}

function prologue(syntax: ModuleSyntax, names: OwnNames, constants: ReadonlySet<string>): string {
  const cells: string[] = [];
  for (const [name, exported] of syntax.exports) {
    if (!('local' in exported)) continue;
    const local = exported.local === DEFAULT ? names.default : exported.local;
    cells.push(`[${JSON.stringify(name)}]:()=>${local}`);
  }
  const head = `'use strict';return ${syntax.awaits ? 'async ' : ''}function*(${names.imports},${names.handle}){`;
  const named = syntax.namelessDefault ? `${names.handle}.named(${names.default});` : '';
  const read = [...constants].map((name) => `${name}=${names.imports}.${name}()`);
  // Assigning to an import throws what assigning to a constant throws.
  if (syntax.uses.some(({ write }) => write)) read.push(`${names.constant}=void 0`);
  const declared = read.length === 0 ? '' : `const ${read.join(',')};`;
  return `${head}${names.handle}.cells={${cells.join(',')}};${named}yield;${declared}`;
}

/** What has to change whatever is imported. */
function fixedEdits(program: Program, code: string, syntax: ModuleSyntax, names: OwnNames): Edit[] {
  const edits: Edit[] = [];
  const blank = (start: number, end: number): void => {
    edits.push({ start, end, text: code.slice(start, end).replace(/[^\n]/g, ' ') });
  };
  if (program.hashbang !== null) blank(program.hashbang.start, program.hashbang.end);
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') blank(node.start, node.end);
    else if (node.type === 'ExportNamedDeclaration') blank(node.start, node.declaration?.start ?? node.end);
    else if (node.type === 'ExportDefaultDeclaration') edits.push(...defaultEdits(node, code, names));
  }
  for (const { start, end } of syntax.metas) edits.push({ start, end, text: `${names.handle}.meta` });
  for (const { start } of syntax.dynamicImports) {
    edits.push({ start, end: start + 'import'.length, text: `${names.handle}.load` });
  }
  return edits;
}

/** Uses of imported names become calls that give their values of the moment. */
function useEdits(syntax: ModuleSyntax, names: OwnNames, constants: ReadonlySet<string>): Edit[] {
  const edits: Edit[] = [];
  for (const { name, start, write } of syntax.uses) {
    if (constants.has(name)) continue;
    const value = write ? names.constant : `${names.imports}.${name}()`;
    let text = syntax.constructed.has(start) ? `(${value})` : value;
    if (syntax.shorthands.has(start)) text = `${name}: ${value}`;
    edits.push({ start, end: start + name.length, text });
  }
  return edits;
}

function defaultEdits(node: Node & { type: 'ExportDefaultDeclaration' }, code: string, names: OwnNames): Edit[] {
  const { start, declaration } = node;
  const isFunction = declaration.type === 'FunctionDeclaration';
  if ((isFunction || declaration.type === 'ClassDeclaration') && declaration.id !== null) {
    return [{ start, end: declaration.start, text: ' '.repeat(declaration.start - start) }];
  }
  if (isFunction) {
    const keyword = /^(?:async\s+)?function\s*\*?/.exec(code.slice(declaration.start))![0];
    const end = declaration.start + keyword.length;
    return [
      { start, end: declaration.start, text: ' '.repeat(declaration.start - start) },
      { start: end, end, text: ` ${names.default}` },
    ];
  }
  // A property gives an anonymous function or class the name that it has natively.
  return [
    { start, end: declaration.start, text: `const ${names.default}={default:` },
    { start: declaration.end, end: declaration.end, text: '}.default;' },
  ];
}

function apply(code: string, edits: readonly Edit[]): string {
  let result = '';
  let last = 0;
  for (const { start, end, text } of edits) {
    result += code.slice(last, start) + text;
    last = end;
  }
  return result + code.slice(last);
}

function columnEdits(code: string, edits: readonly Edit[]): ColumnEdit[] {
  const found: ColumnEdit[] = [];
  let line = 0;
  let lineStart = 0;
  for (const { start, end, text } of edits) {
    if (end - start === text.length) continue;
    for (let next = code.indexOf('\n', lineStart); next >= 0 && next < start; next = code.indexOf('\n', lineStart)) {
      line++;
      lineStart = next + 1;
    }
    found.push({ line, column: start - lineStart, removed: end - start, inserted: text.length });
  }
  return found;
}

/** Node reads the map of generated code that names its source; a script of the same name has that map then. */
function registerSourceMap(url: string, map: object): void {
  process.setSourceMapsEnabled(true);
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  new Function(`//# sourceURL=${url}\n${SOURCE_MAP}${inline}`);
}
