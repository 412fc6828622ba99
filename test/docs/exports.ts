import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE } from '../project.ts';

/** Something that the package exports, with the example in its JSDoc. */
export interface PublicName {
  readonly name: string;
  readonly kind: 'value' | 'type';
  /** Of the entry that exports it: `comex`, `comex/archive`, `comex/chart`. */
  readonly entry: string;
  readonly example: string | undefined;
}

const ENTRIES: Readonly<Record<string, string>> = {
  comex: 'src/index.ts',
  'comex/archive': 'src/archive/index.ts',
  'comex/chart': 'src/chart/index.ts',
};

/** Every name that the package exports. */
export function publicNames(): PublicName[] {
  return Object.entries(ENTRIES).flatMap(([entry, index]) => {
    const statements = read(index).matchAll(/^export (type )?\{([^}]*)\} from '([^']+)';/gm);
    return [...statements].flatMap(([, onlyTypes, list, from]) => {
      const names = list!.split(',').map((each) => each.trim());
      return names
        .filter((each) => each !== '')
        .map((each) => {
          const isType = onlyTypes !== undefined || each.startsWith('type ');
          const name = each.replace(/^type /, '');
          const kind = isType ? ('type' as const) : ('value' as const);
          return { name, kind, entry, example: exampleOf(name, join(dirname(index), from!)) };
        });
    });
  });
}

/** The codes of errors, as their type lists them. */
export function errorCodes(): string[] {
  return [...read('src/errors.ts').matchAll(/^ {2}\| '(E_\w+)'/gm)].map(([, code]) => code!);
}

/** The example in the JSDoc of a declaration; of one that a file only passes on, that of its origin. */
function exampleOf(name: string, file: string): string | undefined {
  const text = read(file);
  const declaration = new RegExp(
    `\\/\\*\\*((?:(?!\\*\\/)[\\s\\S])*)\\*\\/\\s*export (?:async )?(?:function|class|interface|type|const) ${name}\\b`,
  );
  const doc = declaration.exec(text)?.[1];
  const code = doc === undefined ? undefined : /@example\s*\n[ *]*```ts\n([\s\S]*?)\n[ *]*```/.exec(doc)?.[1];
  return code === undefined ? undefined : `${code.replace(/^ *\* ?/gm, '')}\n`;
}

function read(path: string): string {
  return readFileSync(join(PACKAGE, path), 'utf8');
}
