import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { extname } from 'node:path';
import { type Node, type Program, parseSync } from 'oxc-parser';
import { storageError } from '../../codec/storage.ts';
import type { ImportReference } from '../definition.ts';
import { eachChild } from '../source/tree.ts';
import { isProjectPath, resolveImport, type Tsconfigs } from './resolve.ts';

/** One file of the project that an experiment consists of. */
export interface ProjectFile {
  readonly path: string;
  /** The bytes as they were read: what the snapshot keeps is what runs. */
  readonly bytes: Buffer;
  readonly text: string;
  /** Whether it has import or export statements. */
  readonly isModule: boolean;
  /** Project files that its imports name, by specifier. */
  readonly resolved: ReadonlyMap<string, string>;
  /** Packages that are loaded when it runs, as far as imports name them. */
  readonly packages: readonly string[];
  /** Lines of imports whose specifier is computed at run time. */
  readonly computed: readonly number[];
  /** What is wrong with it before anything runs: a syntax error, else relative imports of what is not there. */
  readonly faults: readonly Fault[];
}

interface Fault {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The project files that a module reaches by imports, in the order found; the module itself is the first. */
export type Closure = ReadonlyMap<string, ProjectFile>;

/** Reads a module and every project file that it imports, directly or through others; packages are left out. */
export function readClosure(entry: string, tsconfigs: Tsconfigs): Closure {
  const files = new Map<string, ProjectFile>();
  const waiting = [entry];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (files.has(path)) continue;
    const file = readProjectFile(path, tsconfigs);
    files.set(path, file);
    waiting.push(...file.resolved.values());
  }
  return files;
}

/** Reads one project file and resolves what it imports. */
export function readProjectFile(path: string, tsconfigs: Tsconfigs): ProjectFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw storageError(cause, 'read', path);
  }
  const text = bytes.toString('utf8');
  if (!/^\.[cm]?[jt]sx?$/.test(extname(path))) {
    return { path, bytes, text, isModule: false, resolved: new Map(), packages: [], computed: [], faults: [] };
  }
  const { imports, isModule, fault } = scanImports(path, text);
  const missing: Fault[] = [];
  const resolved = new Map<string, string>();
  const computed: number[] = [];
  const packages = new Set<string>();
  for (const { specifier, line, kind, typeOnly } of imports) {
    if (specifier === null) computed.push(line);
    else {
      const target = resolveImport(specifier, path, tsconfigs);
      if (target !== undefined && isProjectPath(target)) resolved.set(specifier, target);
      else if (target === undefined && kind === 'static' && !typeOnly && /^\.{1,2}\//.test(specifier)) {
        missing.push({ line, column: 1, text: `Cannot find the module "${specifier}" that it imports` });
      } else if (!typeOnly && !/^[./\\#]|^\w+:/.test(specifier) && !isBuiltin(specifier)) {
        packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
      }
    }
  }
  const faults = fault === undefined ? missing : [fault];
  return { path, bytes, text, isModule, resolved, packages: [...packages], computed, faults };
}

/** Where a name stands in a program. */
function namesOf(name: string, program: Program): Set<number> {
  const starts = new Set<number>();
  const visit = (node: Node): void => {
    if (node.type === 'Identifier' && node.name === name) starts.add(node.start);
    eachChild(node, visit);
  };
  visit(program);
  return starts;
}

/** What a source imports, as far as it could be read, and its first syntax error. */
function scanImports(path: string, text: string): { imports: ImportReference[]; isModule: boolean; fault?: Fault } {
  const parsed = parseSync(path, text);
  const { module, errors } = parsed;
  const error = errors.find(({ severity }) => severity === 'Error');
  const imports: ImportReference[] = [];
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  for (const found of module.staticImports) {
    const typeOnly = found.entries.length > 0 && found.entries.every((entry) => entry.isType);
    imports.push({ specifier: found.moduleRequest.value, kind: 'static', typeOnly, line: lineOf(found.start) });
  }
  for (const found of module.staticExports) {
    for (const entry of found.entries) {
      if (entry.moduleRequest === null || entry.moduleRequest === undefined) continue;
      const specifier = entry.moduleRequest.value;
      imports.push({ specifier, kind: 'static', typeOnly: entry.isType, line: lineOf(found.start) });
    }
  }
  for (const found of module.dynamicImports) {
    const literal = /^(['"`])((?:(?!\1|\\|\$\{).)*)\1$/s.exec(
      text.slice(found.moduleRequest.start, found.moduleRequest.end),
    );
    imports.push({ specifier: literal?.[2] ?? null, kind: 'dynamic', typeOnly: false, line: lineOf(found.start) });
  }
  const required = [...text.matchAll(/\brequire\(\s*(['"])([^'"\n]+)\1\s*\)/g)];
  // The tree is only made for the few that need it.
  const calls = required.length === 0 ? new Set() : namesOf('require', parsed.program);
  for (const found of required) {
    // Otherwise it stands in a text or a comment. Of what is no syntax there is no tree.
    if (error === undefined && !calls.has(found.index)) continue;
    imports.push({ specifier: found[2]!, kind: 'require', typeOnly: false, line: lineOf(found.index) });
  }
  if (error === undefined) return { imports, isModule: module.hasModuleSyntax };
  const before = text.slice(0, error.labels[0]?.start ?? 0).split('\n');
  const fault = { line: before.length, column: before.at(-1)!.length + 1, text: error.message.replace(/\.$/, '') };
  return { imports, isModule: module.hasModuleSyntax, fault };
}
