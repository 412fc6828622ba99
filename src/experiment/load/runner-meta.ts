import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'node-addons', 'default']);

/** The `import.meta` of a file that is no entry point of Node's. */
export function createMeta(path: string, known: (specifier: string) => string | undefined): Record<string, unknown> {
  const url = pathToFileURL(path).href;
  const meta = {
    dirname: dirname(path),
    filename: path,
    main: false,
    resolve: (specifier: unknown): string => {
      const text = `${specifier}`;
      return known(text) ?? resolveUrl(text, path, url);
    },
    url,
  };
  Object.defineProperty(meta, IN_RUN, { value: true });
  return Object.setPrototypeOf(meta, null) as Record<string, unknown>;
}

/** Marks the `import.meta` of a file that is evaluated as a part of a run; by a common symbol, for all copies of comex. */
const IN_RUN = Symbol.for('comex.in-run');

/** Whether an `import.meta` belongs to a file that is evaluated as a part of a run. */
export function isInRun(meta: object): boolean {
  return IN_RUN in meta;
}

/** The URL that an ES module's import names, found as Node finds it. */
function resolveUrl(specifier: string, path: string, url: string): string {
  if (/^\.{0,2}\//.test(specifier) || /^[a-z][a-z\d+.-]*:/i.test(specifier)) return new URL(specifier, url).href;
  const found = specifier.startsWith('#') ? packageImport(specifier, path) : installed(specifier, path);
  if (found !== undefined) return pathToFileURL(found).href;
  const error = new Error(`Cannot find package '${specifier}' imported from ${path}`);
  throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
}

function* foldersAbove(path: string): Generator<string> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

function packageImport(specifier: string, path: string): string | undefined {
  for (const folder of foldersAbove(path)) {
    const manifest = readManifest(folder);
    if (manifest === undefined) continue;
    const target = entryOf(manifest.imports, specifier);
    if (target === undefined) return undefined;
    return target.startsWith('./') ? join(folder, target) : fileURLToPath(resolveUrl(target, path, ''));
  }
  return undefined;
}

function installed(specifier: string, path: string): string | undefined {
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  for (const above of foldersAbove(path)) {
    const own = readManifest(above);
    const isSelf = own?.name === name && own.exports !== undefined;
    const folder = isSelf ? above : join(above, 'node_modules', name);
    const manifest = isSelf ? own : readManifest(folder);
    if (manifest === undefined) continue;
    if (manifest.exports !== undefined && manifest.exports !== null) {
      const target = entryOf(subpaths(manifest.exports), `.${rest ?? ''}`);
      return target === undefined ? undefined : join(folder, target);
    }
    if (rest !== undefined) return join(folder, rest);
    const { main } = manifest;
    const tried = typeof main === 'string' ? [main, `${main}.js`, `${main}/index.js`, 'index.js'] : ['index.js'];
    return tried.map((each) => join(folder, each)).find((each) => /\.\w+$/.test(each) && existsSync(each));
  }
  return undefined;
}

/** `exports` of a manifest by subpath: a lone target is that of `.`. */
function subpaths(exports: unknown): unknown {
  const isTable = typeof exports === 'object' && exports !== null && !Array.isArray(exports);
  return isTable && Object.keys(exports).every((key) => key.startsWith('.')) ? exports : { '.': exports };
}

function entryOf(table: unknown, subpath: string): string | undefined {
  const entries = Object.entries((table ?? {}) as Record<string, unknown>);
  const exact = entries.find(([key]) => key === subpath && !key.includes('*'));
  if (exact !== undefined) return targetOf(exact[1]);
  const longestFirst = entries.sort(([a], [b]) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  for (const [key, value] of longestFirst) {
    const [before = '', after] = key.split('*');
    if (after === undefined || !subpath.startsWith(before) || !subpath.endsWith(after)) continue;
    if (subpath.length < key.length) continue;
    return targetOf(value)?.replaceAll('*', () => subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

function targetOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(targetOf).find((target) => target !== undefined);
  for (const [condition, inner] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    if (!CONDITIONS.has(condition)) continue;
    const target = targetOf(inner);
    if (target !== undefined) return target;
  }
  return undefined;
}

function readManifest(folder: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
