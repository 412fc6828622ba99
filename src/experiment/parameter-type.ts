import { ComexError } from '../errors.ts';
import type { Declaration, ModuleSource, ParameterType } from './definition.ts';
import type { Refuse } from './refuse.ts';
import { assignable } from './source/assignable.ts';
import { checkValue, shown } from './source/check.ts';

/** A parameter as one module of a chain declares it. */
export interface Declared {
  readonly module: ModuleSource;
  readonly kind: 'module' | 'mixin';
  readonly declaration: Declaration;
}

/**
 * The type of a parameter: that of the nearest declaration with an annotation, which must fit what its parents declare;
 * else that of the root, whose code uses it.
 */
export function effectiveType(
  name: string,
  declared: readonly Declared[],
  place: (file: string, line: number) => string,
  refuse: Refuse,
): { readonly type: ParameterType; readonly text: string } {
  const { declaration: weakest } = declared.at(-1)!;
  let type = weakest.type;
  let text = weakest.typeText;
  let owner = declared.at(-1)!;
  for (const each of declared.slice(0, -1).toReversed()) {
    const { declaration, module } = each;
    const wrong = mismatch(declaration, type);
    if (wrong !== undefined) {
      const where = place(module.path, declaration.line);
      const by = place(owner.module.path, owner.declaration.line);
      const sentence = `Expected ${name} to be ${text}, as ${by} declares it, got ${wrong}.`;
      refuse(new ComexError('E_PARAMETER_TYPE', `${where}: ${sentence}`));
      continue;
    }
    if (declaration.annotated && declaration.form !== 'fields' && isNarrower(declaration.type, type)) {
      type = declaration.type;
      text = declaration.typeText;
      owner = each;
    }
  }
  return { type, text };
}

/** Whether a type that fits another says more than it. */
function isNarrower(type: ParameterType, parent: ParameterType): boolean {
  if (type.kind === 'opaque' || type.kind === 'any') return false;
  const hasLiterals = (each: ParameterType): boolean =>
    each.kind === 'literal' || (each.kind === 'union' && each.members.some(hasLiterals));
  return hasLiterals(type) || !assignable(parent, type);
}

/** What a declaration is instead of the type that its parents declare; undefined when it fits. */
function mismatch(declaration: Declaration, parent: ParameterType): string | undefined {
  const { type, typeText: text, form, annotated, defaultValue } = declaration;
  if (form === 'fields') return assignable(type, parent, { partial: true }) ? undefined : text;
  const fits = !annotated || assignable(type, parent);
  if (form === 'inherit') return fits ? undefined : text;
  if (!defaultValue.known) return assignable(type, parent) ? undefined : text;
  if (checkValue(defaultValue.value, parent) !== undefined) return shown(defaultValue.value);
  return fits ? undefined : text;
}
