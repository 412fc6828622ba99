import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPathsMatcher, getTsconfig, type TsConfigResult } from 'get-tsconfig';

const TRIED = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
/** What TypeScript writes for a source file, and what that source may be. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
  '.jsx': ['.tsx', '.ts', '.jsx', '.js'],
  '.mjs': ['.mts', '.mjs'],
  '.cjs': ['.cts', '.cjs'],
};

/** The tsconfig that holds for a file, read once a folder. */
export class Tsconfigs {
  readonly #cache = new Map<string, { config: TsConfigResult; match: (specifier: string) => string[] } | null>();
  readonly #files = new Map<string, never>();

  /** Candidates that `paths` of the tsconfig gives for a specifier. */
  candidates(specifier: string, fromFile: string): readonly string[] {
    return this.#of(fromFile)?.match(specifier) ?? [];
  }

  options(fromFile: string): NonNullable<TsConfigResult['config']['compilerOptions']> {
    return this.#of(fromFile)?.config.config.compilerOptions ?? {};
  }

  #of(file: string) {
    const folder = dirname(file);
    let known = this.#cache.get(folder);
    if (known === undefined) {
      const config = getTsconfig(folder, 'tsconfig.json', this.#files);
      known = config === null ? null : { config, match: createPathsMatcher(config) ?? (() => []) };
      this.#cache.set(folder, known);
    }
    return known;
  }
}

/** Whether a path belongs to the project rather than to an installed package. */
export function isProjectPath(path: string): boolean {
  return !path.includes(`${sep}node_modules${sep}`);
}

/**
 * The project file that an import names, as TypeScript's bundlers find it (with or without extension, `.js` for a
 * `.ts`, a folder's index, tsconfig `paths`, package `imports`); undefined for packages and for what is not there.
 */
export function resolveImport(specifier: string, fromFile: string, tsconfigs: Tsconfigs): string | undefined {
  if (specifier.startsWith('node:') || specifier.startsWith('data:')) return undefined;
  if (specifier.startsWith('file:')) return existing(fileURLToPath(specifier));
  if (/^\.{0,2}(\/|\\)|^\.{1,2}$/.test(specifier)) {
    return existing(resolve(dirname(fromFile), decode(specifier.replace(/[?#].*$/, ''))));
  }
  for (const candidate of tsconfigs.candidates(specifier, fromFile)) {
    const path = existing(candidate);
    if (path !== undefined) return path;
  }
  if (specifier.startsWith('#')) return packageImport(specifier, fromFile);
  return undefined;
}

function packageImport(specifier: string, fromFile: string): string | undefined {
  try {
    const path = createRequire(fromFile).resolve(specifier);
    return isProjectPath(path) && isFile(path) ? path : undefined;
  } catch {
    return undefined; // left to the loader, which says what is missing
  }
}

function existing(path: string): string | undefined {
  const extension = extname(path);
  const sources = SOURCES[extension];
  if (sources !== undefined) {
    const stem = path.slice(0, -extension.length);
    for (const source of sources) if (isFile(stem + source)) return stem + source;
  }
  if (isFile(path)) return path;
  for (const tried of TRIED) if (isFile(path + tried)) return path + tried;
  for (const tried of TRIED) if (isFile(resolve(path, `index${tried}`))) return resolve(path, `index${tried}`);
  return undefined;
}

function decode(specifier: string): string {
  try {
    return decodeURIComponent(specifier);
  } catch {
    return specifier;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false; // too long, in a circle of links, or behind a closed folder: the loader says what it makes of it
  }
}
