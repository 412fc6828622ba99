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

  // A field that is given takes the place of the level that sets it: functions of `inherit` above that apply to it.
  const fields = given?.whole === undefined ? [...(given?.fields ?? [])] : [];
  const placed = new Set<string>();
  const made = ([level, ...rest]: readonly Level[], open: readonly string[]): unknown => {
    if (level === undefined) return undefined;
    if (level.form === 'inherit') return inherited(level, made(rest, open));
    if (level.form !== 'fields') return said(level);
    return next(said(level), (over) => {
      const transformed = open.filter((path) => inheritsAt(over, path));
      const below = open.filter((path) => transformed.includes(path) || !setsAt(over, path));
      return next(made(rest, below), (base) => {
        const here = new Map(fields.filter(([path]) => transformed.includes(path) && !placed.has(path)));
        for (const path of here.keys()) placed.add(path);
        return merged(level, withFields(base, { fields: here }, type, name), over);
      });
    });
  };

  const { above, below } = contributing(levels);
  const paths = fields.map(([path]) => path);
  const base = given?.whole === undefined ? made(below, paths) : given.whole.value;
  const patched = next(base, (value) => {
    if (given === undefined || placed.size === 0) return withFields(value, given, type, name);
    return withFields(value, { fields: new Map(fields.filter(([path]) => !placed.has(path))) }, type, name);
  });
  return above.toReversed().reduce((value: unknown, level) => inherited(level, value), patched);
}

/** Whether an object literal has an `inherit` at a dotted path, above or below it. */
function inheritsAt(over: unknown, path: string): boolean {
  let current = over;
  for (const segment of path.split('.')) {
    if (markerOf(current)?.kind === 'inherit') return true;
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return false;
    current = (current as Record<string, unknown>)[segment];
  }
  return holdsInherit(current);
}

function holdsInherit(value: unknown): boolean {
  const marker = markerOf(value);
  if (marker !== undefined) return marker.kind === 'inherit';
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInherit);
}

/** Whether an object literal sets what is at a dotted path. */
function setsAt(over: unknown, path: string): boolean {
  let current = over;
  for (const segment of path.split('.')) {
    if (typeof current !== 'object' || current === null || markerOf(current) !== undefined) return true;
    if (!Object.hasOwn(current, segment)) return false;
    current = (current as Record<string, unknown>)[segment];
  }
  return true;
}

function unreplaced(value: unknown): unknown {
  const marker = markerOf(value);
  return marker?.kind === 'replace' ? marker.value : value;
}
