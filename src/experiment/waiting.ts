import { ComexError } from '../errors.ts';

/** What a module holds in place of a value that a parent has to give first: any use of it says so. */
export function waitingValue(name: string): object {
  const refuse = (): never => {
    throw tooEarly(name);
  };
  const get = (_: object, key: string | symbol): unknown => {
    // What `await` and devtools ask of any object.
    if (key === 'then' || key === Symbol.toStringTag) return undefined;
    return refuse();
  };
  const traps = {
    get,
    apply: refuse,
    construct: refuse,
    ownKeys: refuse,
    has: refuse,
    set: refuse,
    deleteProperty: refuse,
  };
  return new Proxy(() => {}, traps);
}

/** The error for a value that is used before the parents have been evaluated. */
export function tooEarly(name: string, file?: string): ComexError {
  const where = file === undefined ? '' : ` in ${file}`;
  return new ComexError(
    'E_PARAMETER_EARLY',
    `${name} has no value yet: it waits for a parent of the experiment, but top-level code${where} uses it. Use it in a function, or in the declaration of another parameter.`,
  );
}
