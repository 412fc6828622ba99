export type Environment = Readonly<Record<string, string | undefined>>;

/** `$$`, `${NAME}` and `${NAME:-default}`; one that the text ends in has no brace. Anything else is text. */
const REFERENCE = /\$\$|\$\{([A-Za-z_]\w*)(?::-([^}]*))?(\}|$)/g;

export interface Interpolated {
  readonly text: string;
  /** Environment variables that the text refers to. */
  readonly names: readonly string[];
  /** Those that are not set and have no default. */
  readonly unset: readonly string[];
  /** The variable whose closing brace is missing. */
  readonly unclosed?: string;
}

/**
 * A text with environment variables in place: `${NAME}`; `${NAME:-default}` takes the default when the variable is not
 * set or empty, as a shell does; `$$` is a dollar sign. A default ends at the first `}`, and nothing in it or in a
 * variable's value is looked at again. `$NAME`, `${1X}` and a single `$` stay as they are.
 */
export function interpolate(text: string, env: Environment): Interpolated {
  const names: string[] = [];
  const unset: string[] = [];
  let unclosed: string | undefined;
  const result = text.replace(REFERENCE, (whole, name: string | undefined, fallback: string | undefined, end) => {
    if (name === undefined) return '$';
    if (end === '') {
      unclosed = name;
      return whole;
    }
    names.push(name);
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value === undefined) unset.push(name);
    return value ?? '';
  });
  return { text: result, names, unset, ...(unclosed === undefined ? {} : { unclosed }) };
}

/** The environment variables that a text refers to. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name])))];
}
