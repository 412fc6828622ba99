import type { Expression } from 'oxc-parser';
import type { StaticValue } from '../definition.ts';
import type { ParameterNode } from './parameters.ts';
import type { Scopes } from './scopes.ts';
import { type StaticNames, staticValue } from './static.ts';

const UNKNOWN: StaticValue = { known: false };

/**
 * The values of all parameters of a module, as far as the source alone tells them, when some are overridden. A name
 * that is used above its declaration is not known: the run would throw.
 */
export function evaluateParameters(
  parameters: readonly ParameterNode[],
  scopes: Scopes,
  overrides: ReadonlyMap<string, unknown>,
): Map<string, StaticValue> {
  const nodes = new Map(parameters.map((parameter) => [parameter.name, parameter.declarator]));
  const values = new Map<string, StaticValue>();
  const evaluated = (name: string, init: Expression | null): StaticValue => {
    const known = values.get(name);
    if (known !== undefined) return known;
    // While it is being worked out, for a name that needs itself.
    values.set(name, UNKNOWN);
    const value = init === null ? UNKNOWN : staticValue(init, names);
    values.set(name, value);
    return value;
  };
  const names: StaticNames = {
    isGlobal: (name) => !scopes.top.has(name) && !scopes.typeNames.has(name),
    valueOf(name, offset) {
      const parameter = nodes.get(name);
      if (parameter !== undefined) {
        if (parameter.end > offset) return UNKNOWN;
        return overrides.has(name) ? { known: true, value: overrides.get(name) } : evaluated(name, parameter.init);
      }
      const bindings = scopes.top.get(name);
      const [binding] = bindings ?? [];
      if (binding?.kind !== 'variable' || bindings?.length !== 1 || binding.declaration.kind !== 'const')
        return UNKNOWN;
      const { declarator } = binding;
      if (declarator.id.type !== 'Identifier' || declarator.end > offset) return UNKNOWN;
      const value = evaluated(name, declarator.init);
      const isObject = value.known && typeof value.value === 'object' && value.value !== null;
      return isObject && scopes.mutated.has(name) ? UNKNOWN : value;
    },
  };
  const result = new Map<string, StaticValue>();
  for (const { name, declarator } of parameters) {
    const value = overrides.has(name)
      ? { known: true as const, value: overrides.get(name) }
      : evaluated(name, declarator.init);
    result.set(name, value);
  }
  return result;
}
