import { JSONPathEnvironment, type JSONPathQuery } from 'json-p3';

/** Objects and lists inside of each other that `$..name` goes through. */
const DEEPEST = 1000;

const environment = new JSONPathEnvironment({ maxRecursionDepth: DEEPEST });

/** Reads a JSONPath. @throws JSONPathError */
export function compileJsonPath(path: string): JSONPathQuery {
  return environment.compile(path);
}

/** Why a text is no JSONPath; undefined when it is one. */
export function refuseJsonPath(path: string): string | undefined {
  try {
    compileJsonPath(path);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/ \('.*$/s, '');
  }
}
