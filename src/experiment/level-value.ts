import { relative, sep } from 'node:path';
import { ComexError, isComexError } from '../errors.ts';
import { markerOf } from './compose.ts';
import { type GivenParameter, withFields } from './given.ts';
import { contributing, type Level, type Parameter } from './parameter.ts';
import { mergeValue } from './source/patch.ts';

/**
 * The value that the levels of a parameter come to, with what was given from outside.
 *
 * A given value takes the place of the nearest level that is no `inherit`; the `inherit` levels above it apply. Object
 * literals set fields of what is below them. Levels that do not contribute are not asked for.
 *
 * @param own What a level says: its initialiser called. A promise is waited for when the parameter awaits; then the
 * value is a promise, too.
 */
export function levelValue(
  parameter: Parameter,
  given: GivenParameter | undefined,
  own: (level: Level) => unknown,
): unknown {
  const { name, type, levels, awaits } = parameter;
  const next = (value: unknown, then: (value: unknown) => unknown): unknown =>
    awaits && value instanceof Promise ? value.then(then) : then(value);

  const said = (level: Level): unknown =>
    next(own(level), (raw) => {
      const value = unreplaced(raw);
      if (level.form === 'inherit' || markerOf(value) === undefined) return value;
      throw new ComexError(
        'E_PARAMETER',
        `${level.file}:${level.line}: Expected inherit(…) to stand directly behind "export const ${name} =".`,
      );
    });

  const inherited = (level: Level, parent: unknown): unknown =>
    next(said(level), (value) => {
      const marker = markerOf(value);
      const transform = marker?.kind === 'inherit' ? marker.transform : undefined;
      return transform === undefined ? parent : next(parent, transform as (value: unknown) => unknown);
    });

  const merged = (level: Level, base: unknown, over: unknown): unknown => {
    try {
      return mergeValue(base, over, type, name);
    } catch (error) {
      if (!isComexError(error)) throw error;
      const file = relative(process.cwd(), level.file).split(sep).join('/');
      throw new ComexError(error.code, `${file}:${level.line}: ${error.message}`);
    }
  };

  const made = ([level, ...rest]: readonly Level[]): unknown => {
    if (level === undefined) return undefined;
    if (level.form === 'inherit') return inherited(level, made(rest));
    if (level.form !== 'fields') return said(level);
    return next(made(rest), (base) => next(said(level), (over) => merged(level, base, over)));
  };

  const { above, below } = contributing(levels);
  const base = given?.whole === undefined ? made(below) : given.whole.value;
  const patched = next(base, (value) => withFields(value, given, type, name));
  return above.toReversed().reduce((value: unknown, level) => inherited(level, value), patched);
}

function unreplaced(value: unknown): unknown {
  const marker = markerOf(value);
  return marker?.kind === 'replace' ? marker.value : value;
}
