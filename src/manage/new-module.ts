import { extname } from 'node:path';
import type { Definition } from '../experiment/define.ts';
import { knownValues } from '../experiment/known.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isSecret } from '../run/parameters-record.ts';
import { type HookUse, hookStub, hookUses } from './new-hooks.ts';
import { sampleOf } from './new-sample.ts';
import { annotation, commented, docComment, flat, literal, quoted, SIMPLE } from './new-source.ts';
import type { NewValue } from './new-values.ts';

const WIDTH = 120;
/** More of a default helps nobody. */
const MAX_DEFAULT = 2000;

/** How a new module is written. */
export interface ModuleContent {
  /** Its own file, and the files that it names, as imports of it name them: `./child.ts`. */
  readonly self: string;
  readonly description?: string;
  readonly include?: readonly string[];
}

/**
 * A module that extends another: with the given values, and in comments the other parameters of its parent and stubs of
 * the hooks that it applies.
 *
 * @param specifier The parent, as the new file imports it.
 */
export function childText(
  parent: Definition,
  specifier: string,
  values: readonly NewValue[],
  { self, description, include = [] }: ModuleContent,
): string {
  const typed = isTyped(parent);
  const known = knownValues(parent.chain, parent.declared, new Map());
  const given = new Set(values.map(({ parameter }) => parameter.name));
  const own = values.map(({ parameter, value, whole }) => declaration(parameter, { value }, whole, typed));
  const others = [...parent.declared.values()].filter(({ name }) => !isSpecialName(name) && !given.has(name));
  const defaults = others.map((parameter) => defaultDeclaration(parameter, known.get(parameter.name), typed));
  const uses = hookUses(parent.chain);
  const names = ['extend', ...importsOf(own.join('\n'))];
  const hooksType = typed ? 'Hooks<Self, Parent>' : 'Hooks';
  const later = importsOf(defaults.join('\n')).filter((name) => !names.includes(name));
  const laterImport = later.length === 0 ? [] : [importText(later)];
  return blocks([
    description === undefined ? '' : docComment(description),
    importText(names),
    typed ? `type Self = typeof import(${quoted(self)});\ntype Parent = typeof import(${quoted(specifier)});` : '',
    include.length === 0 ? '' : `export const include = [${include.map(quoted).join(', ')}];`,
    own.join('\n'),
    defaults.length === 0
      ? ''
      : `// More parameters of the parent, as they are there:\n${commented([...laterImport, ...defaults].join('\n'))}`,
    uses.length === 0
      ? ''
      : `// Hooks that the parent applies:\n${commented(`${HOOKS_IMPORT}\n${hooksText(uses, hooksType, () => false)}`)}`,
    `export default extend${typed ? '<Parent, Self>' : ''}(${quoted(specifier)});`,
  ]);
}

/** A mixin; with stubs of the hooks of an experiment, where one is named. */
export function mixinText(
  content: ModuleContent,
  parent?: { readonly definition: Definition; readonly specifier: string },
): string {
  const typed = parent !== undefined && isTyped(parent.definition);
  const uses = parent === undefined ? [] : hookUses(parent.definition.chain);
  const type = typed ? 'Hooks<Self, Parent>' : 'Hooks<Self>';
  return blocks([
    docComment(content.description ?? 'What experiments that include this file do besides.'),
    HOOKS_IMPORT,
    `type Self = typeof import(${quoted(content.self)});${typed ? `\ntype Parent = typeof import(${quoted(parent.specifier)});` : ''}`,
    uses.length === 0 ? runnerHooks(type) : hooksText(uses, type, ({ returns }) => returns),
  ]);
}

const HOOKS_IMPORT = "import type { Hooks } from 'comex';";

/** What comex itself calls in every run. */
function runnerHooks(type: string): string {
  return `export const hooks: ${type} = {
  /** Before the main function. */
  before_run(e) {
    e.log('begins:', e.id);
  },
  /** After the main function, also when it failed. */
  after_run(e, { status }) {
    e.log('ended:', status);
  },
};`;
}

/** The export `hooks`, with its import; stubs that are not to be called are in comments. */
function hooksText(uses: readonly HookUse[], type: string, isCommented: (use: HookUse) => boolean): string {
  const stubs = uses.map((use) =>
    isCommented(use) ? commented(hookStub(use), '  //').replace(/^ {2}\/\/ {3}/gm, '  // ') : hookStub(use),
  );
  return `export const hooks: ${type} = {\n${stubs.join('\n')}\n};`;
}

/** Only TypeScript tells its types. */
function isTyped({ module }: Definition): boolean {
  return /\.m?ts$/.test(extname(module.path));
}

function blocks(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`.replace(/^(\/\*\*[\s\S]*?\*\/)\n\n(?=import)/, '$1\n');
}

function importText(names: readonly string[]): string {
  const sorted = [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const [only] = sorted;
  if (sorted.length === 1 && only === 'ParametersOf') return "import type { ParametersOf } from 'comex';";
  return `import { ${sorted.map((name) => (name === 'ParametersOf' ? 'type ParametersOf' : name)).join(', ')} } from 'comex';`;
}

function importsOf(code: string): string[] {
  return ['inherit', 'ParametersOf', 'replace'].filter((name) => new RegExp(`[=:] ${name}[(<]`).test(code));
}

/** A parameter as the parent has it; what has no literal is taken over by `inherit()`. */
function defaultDeclaration(
  parameter: Parameter,
  known: { readonly known: boolean; readonly value?: unknown } | undefined,
  typed: boolean,
): string {
  const sample = known?.known === true ? { value: known.value } : undefined;
  const needed = parameter.defaultText === undefined && sample === undefined ? sampleOf(parameter.type) : undefined;
  const value = isSecret(parameter) ? undefined : (sample ?? needed);
  const remarks = [
    ...(needed === undefined ? [] : ['It has no default.']),
    ...(parameter.uses.length === 0 ? [] : [`Follows ${parameter.uses.join(', ')} in the parent.`]),
  ];
  return declaration(parameter, value, false, typed, remarks);
}

/** `export const NAME = value; // what it is`. */
function declaration(
  { name, type, doc, levels }: Parameter,
  given: { readonly value: unknown } | undefined,
  whole: boolean,
  typed: boolean,
  remarks: readonly string[] = [],
): string {
  const value = given?.value;
  const isFields = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const needsType = !SIMPLE.has(type.kind) && (!isFields || whole) && !isPlainList(value, type);
  // What only a mixin declares is not in the parent's type.
  const isNamed = typed && levels.some(({ kind }) => kind === 'module');
  const told = annotation(type) ?? (isNamed && type.kind !== 'any' ? `ParametersOf<Parent>['${name}']` : undefined);
  const beside = needsType && told !== undefined && !isSpecialName(name) ? `: ${told}` : '';
  const text = given === undefined ? undefined : literal(value, type, beside !== '' || !typed);
  const isUsable = text !== undefined && text.length <= (whole ? Number.POSITIVE_INFINITY : MAX_DEFAULT);
  const right = !isUsable ? 'inherit()' : isFields && whole ? `replace(${text})` : text;
  const line = `export const ${name}${isUsable ? beside : ''} = ${right};`;
  const said = [doc ?? '', ...remarks].filter((part) => part !== '').join('\n');
  const short = flat(said);
  if (said === '') return line;
  const fits = !said.includes('\n') && !line.includes('\n') && line.length + short.length + 8 <= WIDTH;
  return fits && !/^[@#]/.test(short) ? `${line} // ${short}` : `${docComment(said)}\n${line}`;
}

/** A list whose type the compiler infers from its items. */
function isPlainList(value: unknown, type: Parameter['type']): boolean {
  return Array.isArray(value) && value.length > 0 && type.kind === 'array' && SIMPLE.has(type.element.kind);
}
