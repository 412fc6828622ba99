type Cell = () => unknown;

/** A module namespace: reads the variables of the moment, and cannot be written to (ECMA-262, 10.4.6). */
export function createNamespace(cells: ReadonlyMap<string, Cell>): Readonly<Record<string, unknown>> {
  const target = Object.create(null) as Record<string | symbol, unknown>;
  for (const [name, cell] of cells) {
    Object.defineProperty(target, name, { value: initialValue(cell), writable: true, enumerable: true });
  }
  Object.defineProperty(target, Symbol.toStringTag, { value: 'Module' });
  return new Proxy(Object.preventExtensions(target), new NamespaceHandler(cells));
}

/** A namespace whose variables do not change any more: reads of it cost no more than those of any object. */
export function createFinalNamespace(cells: ReadonlyMap<string, Cell>): Readonly<Record<string, unknown>> {
  const namespace: Record<string, unknown> = {};
  for (const [name, cell] of cells) {
    Object.defineProperty(namespace, name, { value: cell(), writable: false, enumerable: true });
  }
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
  return Object.preventExtensions(Object.setPrototypeOf(namespace, null));
}

/** What is printed of a namespace is what was last read of it: `console.log` looks behind the proxy. */
function initialValue(cell: Cell): unknown {
  try {
    return cell();
  } catch {
    return undefined; // not initialised yet
  }
}

class NamespaceHandler implements ProxyHandler<Record<string | symbol, unknown>> {
  readonly #cells: ReadonlyMap<string, Cell>;

  constructor(cells: ReadonlyMap<string, Cell>) {
    this.#cells = cells;
  }

  get(target: Record<string | symbol, unknown>, name: string | symbol): unknown {
    const cell = this.#cells.get(name as string);
    if (cell === undefined) return target[name];
    const value = cell();
    target[name] = value;
    return value;
  }

  getOwnPropertyDescriptor(
    target: Record<string | symbol, unknown>,
    name: string | symbol,
  ): PropertyDescriptor | undefined {
    const cell = this.#cells.get(name as string);
    if (cell === undefined) return Reflect.getOwnPropertyDescriptor(target, name);
    return { value: cell(), writable: true, enumerable: true, configurable: false };
  }

  set(_target: Record<string | symbol, unknown>, name: string | symbol): boolean {
    const isKnown = typeof name === 'symbol' ? name === Symbol.toStringTag : this.#cells.has(name);
    const text = isKnown
      ? `Cannot assign to read only property '${String(name)}' of object '[object Module]'`
      : `Cannot add property ${String(name)}, object is not extensible`;
    throw new TypeError(text);
  }

  defineProperty(target: Record<string | symbol, unknown>, name: string | symbol, given: PropertyDescriptor): boolean {
    const cell = this.#cells.get(name as string);
    if (cell === undefined) return Reflect.defineProperty(target, name, given);
    // What would change nothing is allowed.
    const { configurable, enumerable, writable } = given;
    if (configurable === true || enumerable === false || writable === false) return false;
    if ('get' in given || 'set' in given) return false;
    return !('value' in given) || Object.is(given.value, cell());
  }
}
