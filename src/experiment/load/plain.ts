import { extname } from 'node:path';
import type { Closure, ProjectFile } from './closure.ts';
import type { Tsconfigs } from './resolve.ts';

/**
 * Why the files of an experiment need tsx to load, or undefined when the short way serves: TypeScript that a single-file
 * transform turns into the same program whatever the tsconfig says.
 */
export function needsTsx(closure: Closure, tsconfigs: Tsconfigs): string | undefined {
  for (const file of closure.values()) {
    const reason = unusual(file, tsconfigs);
    if (reason !== undefined) return `${file.path}: ${reason}`;
  }
  return undefined;
}

function unusual(file: ProjectFile, tsconfigs: Tsconfigs): string | undefined {
  const extension = extname(file.path);
  if (extension === '.json') return undefined;
  if (!['.ts', '.mts', '.js', '.mjs'].includes(extension)) return `its extension is ${extension}`;
  if (file.path.endsWith('.d.ts')) return undefined;
  if (!file.isModule && file.text.trim() !== '' && extension !== '.mjs') return 'it has no import or export statement';
  if (file.computed.length > 0) return 'it has a computed import';
  if (/\brequire\s*\(|\bmodule\.exports\b|\bexport\s*=|\bimport\s+\w+\s*=/.test(file.text))
    return 'it has CommonJS syntax';
  if (/(^|[(,;{}])\s*@[A-Za-z_]/m.test(file.text)) return 'it may have decorators';
  if (/\bclass\b/.test(file.text) && extension !== '.js' && extension !== '.mjs') {
    const { useDefineForClassFields, target } = tsconfigs.options(file.path);
    const old = target !== undefined && !/^es(2022|2023|2024|2025|next)$/i.test(target);
    if (useDefineForClassFields === false || (useDefineForClassFields === undefined && old)) {
      return 'its class fields are assigned, not defined';
    }
  }
  return undefined;
}
