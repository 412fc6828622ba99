import { extname } from 'node:path';
import { transformSync } from 'oxc-transform';
import { ComexError } from '../../errors.ts';

/** A module as Node takes it from a load hook. */
export interface LoadedSource {
  readonly format: 'module' | 'json';
  readonly source: string;
}

/** In two pieces, so that no tool takes this file's own text for a source map. */
const SOURCE_MAP = ['//# source', 'MappingURL=data:application/json;base64,'].join('');

/** Turns the text of a plain file into JavaScript, with an inline source map so that stacks show its own lines. */
export function transformPlain(path: string, text: string, keepImports: boolean): LoadedSource {
  const extension = extname(path);
  if (extension === '.json') return { format: 'json', source: text };
  if (extension === '.js' || extension === '.mjs') return { format: 'module', source: text };
  const { code, map, errors } = transformSync(path, text, {
    lang: 'ts',
    sourceType: 'module',
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: keepImports },
  });
  const error = errors[0];
  if (error !== undefined) throw new ComexError('E_SYNTAX', `${path}: ${error.message}`);
  const inline = Buffer.from(JSON.stringify({ ...map, sources: [path], sourcesContent: [text] })).toString('base64');
  return { format: 'module', source: `${code}\n${SOURCE_MAP}${inline}` };
}

/**
 * Source with the names that CommonJS files have for granted, where it uses them without declaring them. They are set
 * on the first line, so that no line moves.
 */
export function withCommonNames(text: string): string {
  const names = ['__dirname', '__filename', 'require'].filter(
    (name) =>
      new RegExp(`(?<![.\\w$])${name}\\b`).test(text) &&
      !new RegExp(`\\b(?:const|let|var|function)\\s+(?:\\{[^}]*)?${name}\\b|\\b${name}\\b[^;\\n]*\\bfrom\\b`).test(
        text,
      ),
  );
  if (names.length === 0) return text;
  const values: Readonly<Record<string, string>> = {
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    require: '__comexCreateRequire(import.meta.filename)',
  };
  const needs = names.includes('require') ? "import{createRequire as __comexCreateRequire}from'node:module';" : '';
  const prefix = `${needs}const ${names.map((name) => `${name}=${values[name]}`).join(',')};`;
  const hashbang = /^#![^\n]*\n/.exec(text)?.[0] ?? '';
  return hashbang + prefix + text.slice(hashbang.length);
}
