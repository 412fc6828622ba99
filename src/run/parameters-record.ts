import { relative, sep } from 'node:path';
import type { ParameterRecord } from '../archive/layout.ts';
import { encodeWithFunctions } from '../codec/json.ts';
import { hasSeveralFiles } from '../experiment/chain.ts';
import type { Resolved } from '../experiment/define.ts';
import { contributing, type Level, type Parameter } from '../experiment/parameter.ts';
import type { ParameterScope } from '../experiment/scope.ts';
import { isSecretName, REDACTED, redactText, redactValue } from './redact.ts';

/** The parameters as the metadata keeps them, and what was blotted out of them. */
export interface RecordedParameters {
  readonly parameters: Record<string, ParameterRecord>;
  readonly redacted: readonly string[];
  /** The secret texts themselves, so that logs can be kept clean of them. Never stored. */
  readonly secrets: ReadonlySet<string>;
}

/** Puts together what is known of each parameter at this moment. */
export function recordParameters(resolved: Resolved, scope: ParameterScope): RecordedParameters {
  const found = { paths: [] as string[], texts: new Set<string>() };
  const parameters: Record<string, ParameterRecord> = Object.create(null);
  const { chain, project } = resolved.definition;
  const several = hasSeveralFiles(chain);
  const place = (path: string): string => relative(project.root, path).split(sep).join('/');
  for (const [name, declaration] of resolved.definition.declared) {
    const before = found.paths.length;
    const secret = isSecret(declaration);
    const peeked = scope.peek(name);
    const known = resolved.known.get(name);
    const value = peeked ?? known?.value;
    const given = resolved.given.get(name);
    const clean = (raw: unknown, path: string, hidden = secret): unknown =>
      storable(redactValue(raw, path, found, hidden));
    const record: ParameterRecord = {
      ...(value === undefined ? {} : { value: clean(value.value, `parameters.${name}`) }),
      ...(given?.whole === undefined ? {} : { given: clean(given.whole.value, `parameters.${name}`) }),
      ...(given === undefined || given.fields.size === 0
        ? {}
        : {
            givenFields: Object.fromEntries(
              [...given.fields].map(([field, raw]) => [
                field,
                clean(raw, `parameters.${name}.${field}`, secret || field.split('.').some(isSecretName)),
              ]),
            ),
          }),
      ...(declaration.defaultText === undefined
        ? {}
        : { default: secret ? REDACTED : redactText(declaration.defaultText).text }),
      type: declaration.typeText,
      ...(declaration.doc === undefined ? {} : { doc: declaration.doc }),
      source: peeked?.source ?? known?.source ?? 'default',
      ...(several ? placesOf(declaration, (level) => `${place(level.file)}:${level.line}`) : {}),
      ...(found.paths.length > before ? { redacted: true } : {}),
    };
    parameters[name] = record;
  }
  return { parameters, redacted: [...new Set(found.paths)], secrets: found.texts };
}

/** Where a value stands, and the declarations that made of it what it is. */
function placesOf({ levels }: Parameter, place: (level: Level) => string): Pick<ParameterRecord, 'from' | 'through'> {
  const { above, below } = contributing(levels);
  const [source] = below;
  return {
    ...(source === undefined ? {} : { from: place(source) }),
    ...(above.length === 0 ? {} : { through: above.toReversed().map(place) }),
  };
}

/** Whether a parameter's name or JSDoc says that it is a secret. */
export function isSecret(declaration: Pick<Parameter, 'name' | 'tags'>): boolean {
  return isSecretName(declaration.name) || 'secret' in declaration.tags;
}

/** A value as it is, or its text where the codec has no form for it (a class with a cycle, a promise). */
function storable(value: unknown): unknown {
  try {
    encodeWithFunctions([[[value]]], 'parameter'); // as deep as the metadata hold it
    return value;
  } catch {
    return { $text: String(value) };
  }
}
