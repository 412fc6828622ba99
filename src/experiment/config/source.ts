import type { ErrorCode } from '../../errors.ts';

/** A YAML experiment, read but not yet laid over what it extends. */
export interface ConfigSource {
  /** As it was given. */
  readonly path: string;
  readonly text: string;
  /** Relative to the folder of the YAML's file. */
  readonly extend: ConfigPath;
  readonly name?: string;
  readonly description?: string;
  /** With forward slashes. */
  readonly namespace?: string;
  readonly note?: string;
  readonly tags: readonly string[];
  /** Mixins, relative to the folder of the YAML's file. */
  readonly include: readonly ConfigPath[];
  /** In the order of the file. */
  readonly parameters: readonly ConfigParameter[];
  /** Names of all environment variables that the texts refer to, set or not; in alphabetical order. */
  readonly variables: readonly string[];
}

export interface ConfigPath {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * What a YAML experiment says about one parameter. The places inside of the value are JSON pointers (RFC 6901): `''` is
 * the whole value, `/layers/0/units` is below it.
 */
export interface ConfigParameter {
  readonly name: string;
  /** 1-based place of its key; of the first one when several dotted keys set its fields. */
  readonly line: number;
  readonly column: number;
  /** With the environment variables in place. A mapping gives fields, unless it is among `replaced`. */
  readonly value: unknown;
  /** Pointers of texts that environment variables went into: they are yet to be converted by the parameter's type. */
  readonly texts: ReadonlySet<string>;
  /** Pointers of the mappings that are tagged `!replace`. */
  readonly replaced: ReadonlySet<string>;
  /** By pointer, for every value. */
  readonly places: ReadonlyMap<string, ConfigPlace>;
}

export interface ConfigPlace {
  /** 1-based place of the key, or of the item in a list. */
  readonly line: number;
  readonly column: number;
  /** A scalar as the file has it, without quotes, and with its environment variables by name. */
  readonly written?: string;
}

/** Something that is wrong with a YAML experiment. */
export interface ConfigProblem {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly code: ErrorCode;
  /** One sentence or two, without the place. */
  readonly message: string;
  /** The environment variable that is not set, when that is the problem. */
  readonly unset?: string;
}

/** The JSON pointer of what is directly below another. */
export function pointerBelow(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
