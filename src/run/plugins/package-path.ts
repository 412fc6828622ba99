import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The conditions of a package's `exports` that hold for an import. */
const CONDITIONS = new Set(['import', 'node', 'module-sync', 'default']);

/** The file that a project imports a package's name from; undefined where it is not installed or exports nothing so. */
export function packagePath(specifier: string, root: string): string | undefined {
  try {
    return createRequire(join(root, 'package.json')).resolve(specifier);
  } catch {
    return importPath(specifier, root);
  }
}

/** `require.resolve` finds no package that is there for imports only; Node has no other way to ask for a parent. */
function importPath(specifier: string, root: string): string | undefined {
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  for (let folder = root; ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return exportedPath(manifest, `.${rest ?? ''}`);
    if (dirname(folder) === folder) return undefined;
  }
}

function exportedPath(manifest: string, entry: string): string | undefined {
  const exported: unknown = (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly exports?: unknown }).exports;
  const named = typeof exported === 'object' && exported !== null && Object.keys(exported).some(isEntry);
  const target = pick(named ? (exported as Readonly<Record<string, unknown>>)[entry] : entry === '.' && exported);
  return target === undefined ? undefined : join(dirname(manifest), target);
}

function isEntry(key: string): boolean {
  return key.startsWith('.');
}

/** The first target whose conditions hold. */
function pick(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = Array.isArray(target) || CONDITIONS.has(condition) ? pick(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
