import type { Expression } from 'oxc-parser';
import type { StaticValue } from '../definition.ts';
import type { Library } from './library.ts';
import type { ParameterNode } from './parameters.ts';
import { resolvedMarkers } from './patch.ts';
import type { Scopes } from './scopes.ts';
import { type StaticNames, staticValue } from './static.ts';
import { unwrap } from './tree.ts';

const UNKNOWN: StaticValue = { known: false };

/** What the evaluation of a module's parameters needs of it. */
export interface EvaluatedModule {
  readonly parameters: readonly ParameterNode[];
  readonly scopes: Scopes;
  readonly library: Library;
}

/**
 * The values of all parameters of a module, as far as the source alone tells them, when some are overridden. A name
 * that is used above its declaration is not known: the run would throw. Of a withheld name the value of its own
 * initialiser is told, but not to others that use it.
 */
export function evaluateParameters(
  module: EvaluatedModule,
  overrides: ReadonlyMap<string, unknown>,
  withheld: ReadonlySet<string> = new Set(),
): Map<string, StaticValue> {
  const evaluation = new ModuleEvaluation(module, overrides, withheld);
  return new Map(module.parameters.map(({ name }) => [name, evaluation.parameter(name)]));
}

/** The value of a constant of the top, as far as the source alone tells it; parameters have their defaults. */
export function constantValue(module: EvaluatedModule, name: string): StaticValue {
  return new ModuleEvaluation(module, new Map(), new Set()).valueOf(name, Number.POSITIVE_INFINITY);
}

/** What `inherit(fn)` of a parameter gives for a value of the parent, when the source alone tells it. */
export function inheritedValue(
  module: EvaluatedModule,
  name: string,
  parent: unknown,
  overrides: ReadonlyMap<string, unknown>,
  withheld: ReadonlySet<string> = new Set(),
): StaticValue {
  const init = module.parameters.find((parameter) => parameter.name === name)?.declarator.init ?? null;
  const call = init === null ? undefined : module.library.call(init);
  if (call?.name !== 'inherit') return UNKNOWN;
  if (call.node.arguments.length === 0) return { known: true, value: parent };
  const transform = call.argument === undefined ? undefined : unwrap(call.argument);
  if (transform?.type !== 'ArrowFunctionExpression' || transform.async) return UNKNOWN;
  const [argument, ...others] = transform.params;
  if (others.length > 0 || transform.body.type === 'BlockStatement') return UNKNOWN;
  if (argument !== undefined && argument.type !== 'Identifier') return UNKNOWN;
  const names = new ModuleEvaluation(module, overrides, new Set([...withheld, name]));
  return staticValue(transform.body, {
    isGlobal: (used) => used !== argument?.name && names.isGlobal(used),
    valueOf: (used) => {
      if (used === argument?.name) return { known: true, value: parent };
      // It is called once all modules have been evaluated: what stands below it is there.
      return used === name ? UNKNOWN : names.valueOf(used, Number.POSITIVE_INFINITY);
    },
  });
}

class ModuleEvaluation implements StaticNames {
  private readonly module: EvaluatedModule;
  private readonly nodes: ReadonlyMap<string, ParameterNode['declarator']>;
  private readonly overrides: ReadonlyMap<string, unknown>;
  private readonly withheld: ReadonlySet<string>;
  private readonly values = new Map<string, StaticValue>();

  constructor(module: EvaluatedModule, overrides: ReadonlyMap<string, unknown>, withheld: ReadonlySet<string>) {
    this.module = module;
    this.nodes = new Map(module.parameters.map((parameter) => [parameter.name, parameter.declarator]));
    this.overrides = overrides;
    this.withheld = withheld;
  }

  parameter(name: string): StaticValue {
    if (this.overrides.has(name)) return { known: true, value: this.overrides.get(name) };
    const init = this.nodes.get(name)?.init ?? null;
    const call = init === null ? undefined : this.module.library.call(init);
    if (call?.name === 'inherit') return UNKNOWN;
    return this.evaluated(name, call?.name === 'replace' ? (call.argument ?? null) : init);
  }

  isGlobal(name: string): boolean {
    const { scopes } = this.module;
    return !scopes.top.has(name) && !scopes.typeNames.has(name);
  }

  valueOf(name: string, offset: number): StaticValue {
    const { scopes } = this.module;
    const parameter = this.nodes.get(name);
    if (parameter !== undefined) {
      if (parameter.end > offset) return UNKNOWN;
      if (this.overrides.has(name)) return this.parameter(name);
      return this.withheld.has(name) ? UNKNOWN : this.settled(this.parameter(name), name);
    }
    const bindings = scopes.top.get(name);
    const [binding] = bindings ?? [];
    if (binding?.kind !== 'variable' || bindings?.length !== 1 || binding.declaration.kind !== 'const') return UNKNOWN;
    const { declarator } = binding;
    if (declarator.id.type !== 'Identifier' || declarator.end > offset) return UNKNOWN;
    const value = this.evaluated(name, declarator.init);
    const isObject = value.known && typeof value.value === 'object' && value.value !== null;
    return isObject && scopes.mutated.has(name) ? UNKNOWN : value;
  }

  replaced(expression: Expression): Expression | undefined {
    const call = this.module.library.call(expression);
    return call?.name === 'replace' ? call.argument : undefined;
  }

  private evaluated(name: string, init: Expression | null): StaticValue {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    // While it is being worked out, for a name that needs itself.
    this.values.set(name, UNKNOWN);
    const value = init === null ? UNKNOWN : staticValue(init, this);
    this.values.set(name, value);
    return value;
  }

  /** The value as the module sees it: without the markers that its fields may be. */
  private settled(value: StaticValue, name: string): StaticValue {
    if (!value.known || this.module.library.isEmpty) return value;
    return { known: true, value: resolvedMarkers(value.value, name) };
  }
}
