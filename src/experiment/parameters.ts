import { relative, sep } from 'node:path';
import { ComexError, didYouMean } from '../errors.ts';
import type { Chain } from './chain.ts';
import { markerOf } from './compose.ts';
import type { ConfigParameter } from './config/source.ts';
import type { Declaration, ModuleSource, ParameterType, StaticValue } from './definition.ts';
import { unknownParameter } from './given.ts';
import { contributing, isOptional, type Level, type Parameter } from './parameter.ts';
import { effectiveType } from './parameter-type.ts';
import { attempt, type Refuse, throwProblem } from './refuse.ts';
import { checkValue } from './source/check.ts';
import { isPlainObject } from './source/patch.ts';
import { typeText } from './source/type-text.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from './special.ts';

/**
 * Converts and checks a value of a YAML experiment; passed in, because YAML is loaded only where it is used. Undefined
 * for a value that is of no use, where its problems were not thrown.
 */
export type ConvertConfig = (
  parameter: ConfigParameter,
  type: ParameterType,
  file: string,
) => { readonly value: unknown } | undefined;

/**
 * The parameters of an experiment: its own in the order declared, those that its parents and mixins add, then the
 * special ones.
 *
 * @throws ComexError `E_PARAMETER` for an `inherit` of what no parent has, and for a special one that is no literal;
 * `E_PARAMETER_TYPE` for a child that changes a type; `E_PARAMETER_NAME` for an unknown name in a YAML experiment.
 */
export function collectParameters(
  chain: Chain,
  convert: ConvertConfig,
  cwd: string,
  refuse: Refuse = throwProblem,
): Map<string, Parameter> {
  const place = (file: string, line: number): string => `${relative(cwd, file).split(sep).join('/')}:${line}`;
  const sources = [
    ...chain.modules.map((module) => ({ module, kind: 'module' as const })),
    ...chain.mixins.toReversed().map(({ module }) => ({ module, kind: 'mixin' as const })),
  ];
  const byName = new Map<
    string,
    { readonly module: ModuleSource; readonly kind: 'module' | 'mixin'; readonly declaration: Declaration }[]
  >();
  for (const { module, kind } of sources) {
    for (const declaration of module.parameters) {
      const { name } = declaration;
      const where = place(module.path, declaration.line);
      if (isSpecialName(name) && !attempt(() => checkSpecial(declaration, where), refuse)) continue;
      byName.set(name, [...(byName.get(name) ?? []), { module, kind, declaration }]);
    }
  }
  for (const { path, parameters } of chain.configs) {
    for (const { name, line } of parameters) {
      if (byName.has(name) || SPECIAL_PARAMETERS[name] !== undefined || chain.isPartial === true) continue;
      const names = [...byName.keys(), ...Object.keys(SPECIAL_PARAMETERS)];
      const error = unknownParameter(name, names);
      refuse(new ComexError('E_PARAMETER_NAME', `${place(path, line)}: ${error.message}`));
    }
  }

  const importedAs = importedParameters(chain, byName);
  const collected = new Map<string, Parameter>();
  for (const [name, declared] of byName) {
    if (isSpecialName(name)) continue;
    const type = effectiveType(name, declared, place, refuse);
    const levels = [
      ...configLevels(chain, name, type.type, convert),
      ...declared.map(({ module, kind, declaration }): Level => {
        const uses = [...declaration.uses, ...importedAs(module, declaration)];
        const text = declaration.defaultText === undefined ? {} : { text: declaration.defaultText };
        return { file: module.path, line: declaration.line, kind, form: declaration.form, declaration, uses, ...text };
      }),
    ];
    if (chain.isPartial !== true) attempt(() => refuseInherit(name, levels, byName.keys(), chain, place), refuse);
    collected.set(name, combined(name, type, levels));
  }
  for (const [name, special] of Object.entries(SPECIAL_PARAMETERS)) {
    const declared = byName.get(name) ?? [];
    const levels = [
      ...configLevels(chain, name, special.type, convert),
      ...declared.flatMap(({ module, kind, declaration }): Level[] => {
        const known = declaration.defaultValue;
        const problem = known.known ? checkValue(known.value, special.type) : undefined;
        if (problem !== undefined) {
          const where = place(module.path, declaration.line);
          refuse(new ComexError('E_PARAMETER_TYPE', `${where}: Wrong value for ${name}: ${problem}.`));
          return [];
        }
        const text = declaration.defaultText ?? '';
        return [{ file: module.path, line: declaration.line, kind, form: 'plain', declaration, uses: [], text }];
      }),
    ];
    const own = levels[0]?.text ?? JSON.stringify(special.default);
    collected.set(name, {
      name,
      line: declared[0]?.declaration.line ?? 0,
      column: declared[0]?.declaration.column ?? 0,
      type: special.type,
      typeText: typeText(special.type),
      doc: special.doc,
      tags: {},
      defaultText: own,
      defaultValue: levels[0] === undefined ? { known: true, value: special.default } : defaultValueOf(levels[0]),
      awaits: false,
      uses: [],
      levels,
    });
  }
  return collected;
}

function combined(
  name: string,
  { type, text }: { readonly type: ParameterType; readonly text: string },
  levels: readonly Level[],
): Parameter {
  const declarations = levels.flatMap(({ declaration }) => (declaration === undefined ? [] : [declaration]));
  const [first] = declarations;
  const doc = declarations.find((each) => each.doc !== undefined)?.doc;
  const { above, below } = contributing(levels);
  const used = [...above, ...below];
  return {
    name,
    line: first!.line,
    column: first!.column,
    type,
    typeText: text,
    ...(doc === undefined ? {} : { doc }),
    tags: Object.assign({}, ...declarations.toReversed().map(({ tags }) => tags)),
    ...(levels[0]!.text === undefined ? {} : { defaultText: levels[0]!.text }),
    defaultValue: defaultValueOf(levels[0]!),
    awaits: used.some(({ declaration }) => declaration?.awaits === true),
    uses: [...new Set(used.flatMap(({ uses }) => uses))].filter((each) => each !== name),
    levels,
  };
}

function defaultValueOf({ declaration, value }: Level): StaticValue {
  return declaration?.defaultValue ?? { known: true, value };
}

/** The values that the YAML experiments give a parameter. */
function configLevels(chain: Chain, name: string, type: ParameterType, convert: ConvertConfig): Level[] {
  return chain.configs.flatMap((config) => {
    const parameter = config.parameters.find((each) => each.name === name);
    if (parameter === undefined) return [];
    const converted = convert(parameter, type, config.path);
    if (converted === undefined) return [];
    const { value } = converted;
    const marker = markerOf(value);
    const isFields = isPlainObject(value) && marker === undefined && !isSpecialName(name);
    const shownValue = marker !== undefined && 'value' in marker ? marker.value : value;
    return [
      {
        file: config.path,
        line: parameter.line,
        kind: 'config' as const,
        form: isFields ? ('fields' as const) : ('plain' as const),
        value,
        text:
          JSON.stringify(shownValue, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ??
          String(shownValue),
        uses: [],
      },
    ];
  });
}

/** An `inherit` needs a level below it that has a value. */
function refuseInherit(
  name: string,
  levels: readonly Level[],
  names: Iterable<string>,
  chain: Chain,
  place: (file: string, line: number) => string,
): void {
  const last = levels.at(-1)!;
  if (last.form !== 'inherit') return;
  const parent = chain.modules[chain.modules.findIndex(({ path }) => path === last.file) + 1];
  const where = place(last.file, last.line);
  if (parent === undefined) {
    const advice =
      last.kind === 'mixin'
        ? 'A mixin gives fallback values only.'
        : 'Write export default extend(…), or give it a value.';
    throw new ComexError(
      'E_PARAMETER',
      `${where}: Expected a parent that ${name} is inherited from, but the module extends none. ${advice}`,
    );
  }
  const others = [...names].filter((each) => each !== name && !isSpecialName(each));
  throw new ComexError(
    'E_PARAMETER',
    `${where}: Expected ${name} to be a parameter of ${place(parent.path, 1).replace(/:1$/, '')}, which inherit() takes it from.${didYouMean(name, others)}`,
  );
}

function checkSpecial({ name, defaultValue, form }: Declaration, where: string): void {
  if (SPECIAL_PARAMETERS[name] === undefined) {
    const near = didYouMean(name, Object.keys(SPECIAL_PARAMETERS));
    throw new ComexError(
      'E_PARAMETER',
      `${where}: ${name} is no special parameter of comex.${near} Names in __ are kept for comex.`,
    );
  }
  if (!defaultValue.known || form === 'inherit') {
    throw new ComexError(
      'E_PARAMETER',
      `${where}: Expected ${name} to be a literal: it steers the run before the module runs.`,
    );
  }
}

/** For each declaration, the parameters that its initialiser names through imports from files of the chain. */
function importedParameters(
  chain: Chain,
  names: ReadonlyMap<string, unknown>,
): (module: ModuleSource, declaration: Declaration) => string[] {
  const owners = new Set([...chain.modules, ...chain.mixins.map(({ module }) => module)].map(({ path }) => path));
  return (module, declaration) =>
    declaration.usesImported
      .filter(({ specifier, name }) => {
        const target = chain.closure.get(module.path)?.resolved.get(specifier);
        return target !== undefined && owners.has(target) && names.has(name);
      })
      .map(({ name }) => name);
}

/** A parameter without a value and without a default is refused before anything runs. */
export function refuseMissing({ name, levels, type, typeText: text, line }: Parameter): void {
  const { below } = contributing(levels);
  const last = below.at(-1);
  const hasValue = last === undefined || last.kind === 'config' || last.declaration?.defaultText !== undefined;
  if (hasValue || isOptional(type)) return;
  throw new ComexError(
    'E_PARAMETER_MISSING',
    `Expected --${name} (${text}): it has no default (line ${line}). Give it a value.`,
  );
}
