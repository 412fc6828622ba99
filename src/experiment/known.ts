import { isComexError } from '../errors.ts';
import type { Chain } from './chain.ts';
import { marked } from './compose.ts';
import type { ModuleSource, StaticValue } from './definition.ts';
import type { Given } from './given.ts';
import { levelValue } from './level-value.ts';
import { contributing, type Parameter } from './parameter.ts';
import { type Refuse, throwProblem } from './refuse.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from './special.ts';

/** Thrown inside a computation that needs what only a run tells. */
const UNKNOWN = Symbol('unknown');

/**
 * The value of each parameter as far as the sources alone tell it: of its levels, with what was given, derived ones
 * included.
 *
 * @throws ComexError for fields that do not fit, `E_PARAMETER_NAME` or `E_PARAMETER_TYPE`
 */
export function knownValues(
  { modules, mixins }: Chain,
  parameters: ReadonlyMap<string, Parameter>,
  given: Given,
  refuse: Refuse = throwProblem,
): ReadonlyMap<string, StaticValue> {
  const sources = [...modules, ...mixins.map(({ module }) => module)];
  const byFile = new Map(sources.map((module) => [module.path, module]));
  const known = new Map<string, unknown>();
  // A pass for each link of the longest chain of values; the order of the passes does not matter.
  for (let progress = true; progress; ) {
    progress = false;
    const overrides = new Map<ModuleSource, ReadonlyMap<string, unknown>>();
    const withheld = new Map<ModuleSource, ReadonlySet<string>>();
    const values = new Map<ModuleSource, ReadonlyMap<string, StaticValue>>();
    for (const module of sources) {
      // One that was refused is none.
      const names = module.parameters.map(({ name }) => name).filter((name) => parameters.has(name));
      const foreign = names.filter((name) => !isLocal(parameters.get(name)!, module, given));
      overrides.set(module, new Map(names.filter((name) => known.has(name)).map((name) => [name, known.get(name)])));
      withheld.set(module, new Set(foreign.filter((name) => !known.has(name))));
      values.set(module, module.evaluate(overrides.get(module)!, withheld.get(module)!));
    }
    for (const parameter of parameters.values()) {
      const { name } = parameter;
      if (known.has(name)) continue;
      const special = SPECIAL_PARAMETERS[name];
      if (special !== undefined && parameter.levels.length === 0 && !given.has(name)) known.set(name, special.default);
      else {
        const value = attempt(parameter, given, byFile, overrides, withheld, values, refuse);
        if (value === undefined) continue;
        known.set(name, value.value);
      }
      progress = true;
    }
  }
  return new Map(
    [...parameters.keys()].map((name) => [
      name,
      known.has(name) ? { known: true, value: known.get(name) } : { known: false },
    ]),
  );
}

/** Whether the module alone says what the parameter is. */
function isLocal({ name, levels }: Parameter, module: ModuleSource, given: Given): boolean {
  if (given.has(name) || levels.length === 0) return false;
  const { above, below } = contributing(levels);
  return (
    above.length === 0 &&
    below.length === 1 &&
    below[0]!.file === module.path &&
    (isSpecialName(name) || levels[0] === below[0])
  );
}

function attempt(
  parameter: Parameter,
  given: Given,
  byFile: ReadonlyMap<string, ModuleSource>,
  overrides: ReadonlyMap<ModuleSource, ReadonlyMap<string, unknown>>,
  withheld: ReadonlyMap<ModuleSource, ReadonlySet<string>>,
  values: ReadonlyMap<ModuleSource, ReadonlyMap<string, StaticValue>>,
  refuse: Refuse,
): { readonly value: unknown } | undefined {
  const { name } = parameter;
  try {
    const value = levelValue({ ...parameter, awaits: false }, given.get(name), (level) => {
      if (level.kind === 'config') return level.value;
      const module = byFile.get(level.file)!;
      if (level.form === 'inherit') {
        const transform = (parent: unknown): unknown =>
          orUnknown(module.inherited(name, parent, overrides.get(module)!, withheld.get(module)!));
        return marked({ kind: 'inherit', transform: transform as (parent: never) => unknown });
      }
      if (level.declaration?.defaultText === undefined) throw UNKNOWN;
      return orUnknown(values.get(module)!.get(name) ?? { known: false });
    });
    return { value };
  } catch (error) {
    if (isComexError(error)) refuse(error);
    return undefined;
  }
}

function orUnknown(value: StaticValue): unknown {
  if (value.known) return value.value;
  throw UNKNOWN;
}
