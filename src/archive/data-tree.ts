import { setField } from '../codec/own-field.ts';
import { ComexError } from '../errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A branch of the tree. A Map, so that a key such as `__proto__` is a key like any other. */
class Branch extends Map<string, unknown> {}

/**
 * The data of a run: values at paths such as `results/accuracy`. A plain object is a branch, everything else a leaf:
 * after `set('a', { b: 1 })` and `set('a/c', 2)`, `get('a')` is `{ b: 1, c: 2 }`.
 *
 * @example
 * ```ts
 * const tree = new DataTree();
 * tree.set('results', { accuracy: 0.9 });
 * tree.get('results/accuracy'); // 0.9
 * ```
 */
export class DataTree {
  #root = new Branch();

  /** A tree with the fields of an object at its top. The object must not change afterwards. */
  static from(fields: Fields): DataTree {
    const tree = new DataTree();
    tree.#root = branchOf(fields);
    return tree;
  }

  /**
   * Replaces what is at a path. The value belongs to the tree from then on: pass one that nobody else changes.
   *
   * @throws ComexError `E_DATA` when the path has an empty segment or goes through something that is no object
   */
  set(path: string, value: unknown): void {
    const { branch, key } = this.#place(path);
    branch.set(key, nodeOf(value));
  }

  /**
   * Does nothing where `set` would succeed.
   *
   * @throws ComexError `E_DATA` as `set` does
   */
  check(path: string): void {
    const keys = segments(path);
    let branch = this.#root;
    for (let i = 0; i < keys.length - 1; i++) {
      const key = keys[i] as string;
      const next = branch.get(key);
      if (!branch.has(key)) return;
      if (!(next instanceof Branch)) throw notABranch(path, keys.slice(0, i + 1).join('/'), next);
      branch = next;
    }
  }

  /**
   * Appends the items of an array, the letters of a string or the entries of a plain object to what is at a path; where
   * there is nothing, it is set.
   *
   * @throws ComexError `E_DATA` as `set` does, and when the two do not go together
   */
  append(path: string, tail: unknown): void {
    const { branch, key } = this.#place(path);
    const node = branch.get(key);
    if (!branch.has(key)) {
      branch.set(key, nodeOf(tail));
    } else if (Array.isArray(node) && Array.isArray(tail)) {
      for (const item of tail) node.push(item);
    } else if (typeof node === 'string' && typeof tail === 'string') {
      branch.set(key, node + tail);
    } else if (node instanceof Branch && isPlainObject(tail)) {
      for (const name of Object.keys(tail)) node.set(name, nodeOf(tail[name]));
    } else {
      const what = `Cannot append ${describe(tail)} to ${shown(path)}, which holds ${describe(node)}`;
      throw new ComexError('E_DATA', `${what}. Append to it what it consists of, or set it anew.`);
    }
  }

  /**
   * A fresh copy of what is at a path, or undefined when there is nothing.
   *
   * @throws ComexError `E_DATA` when the path has an empty segment
   */
  get(path: string): unknown {
    return copyOf(this.#find(path)?.node);
  }

  /** @throws ComexError `E_DATA` when the path has an empty segment */
  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** The keys right below a path, or at the top, in the order in which they came; none where there is no object. */
  keys(path?: string): string[] {
    const node = path === undefined ? this.#root : this.#find(path)?.node;
    return node instanceof Branch ? [...node.keys()] : [];
  }

  /** A fresh copy of everything, as one plain object. */
  toValue(): Record<string, unknown> {
    return fieldsOf(this.#root, copyOf);
  }

  /** Everything as one plain object, for encoding at once: unlike those of `toValue`, its leaves are the tree's own. */
  toJSON(): Record<string, unknown> {
    return fieldsOf(this.#root, ownOf);
  }

  #find(path: string): { readonly node: unknown } | undefined {
    let node: unknown = this.#root;
    for (const key of segments(path)) {
      if (!(node instanceof Branch) || !node.has(key)) return undefined;
      node = node.get(key);
    }
    return { node };
  }

  /** The branch that a path ends in, with those above it made where they are missing. */
  #place(path: string): { readonly branch: Branch; readonly key: string } {
    const keys = segments(path);
    let branch = this.#root;
    const last = keys.length - 1;
    for (let i = 0; i < last; i++) {
      const key = keys[i] as string;
      let next = branch.get(key);
      if (!branch.has(key)) {
        next = new Branch();
        branch.set(key, next);
      }
      if (!(next instanceof Branch)) throw notABranch(path, keys.slice(0, i + 1).join('/'), next);
      branch = next;
    }
    return { branch, key: keys[last] as string };
  }
}

/** Whether a value is an object without a class of its own: such a one is a branch of the tree. */
export function isPlainObject(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function segments(path: string): string[] {
  const keys = path.split('/');
  if (!keys.includes('')) return keys;
  const advice = 'Use names with one "/" between them, such as "results/accuracy".';
  throw new ComexError('E_DATA', `Expected a data path without empty parts, got ${shown(path)}. ${advice}`);
}

function notABranch(path: string, above: string, value: unknown): ComexError {
  const reason = `${shown(above)} holds ${describe(value)}, which has nothing below it`;
  return new ComexError(
    'E_DATA',
    `Cannot store ${shown(path)}: ${reason}. Use another path, or store an object there.`,
  );
}

function shown(path: string): string {
  return JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}...` : path);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Branch || isPlainObject(value)) return 'an object';
  if (typeof value === 'undefined') return 'undefined';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
}

function nodeOf(value: unknown): unknown {
  return isPlainObject(value) ? branchOf(value) : value;
}

function branchOf(fields: Fields): Branch {
  const branch = new Branch();
  for (const key of Object.keys(fields)) branch.set(key, nodeOf(fields[key]));
  return branch;
}

function fieldsOf(branch: Branch, leaf: (node: unknown) => unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, node] of branch) setField(fields, key, leaf(node));
  return fields;
}

function copyOf(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  return node instanceof Branch ? fieldsOf(node, copyOf) : structuredClone(node);
}

function ownOf(node: unknown): unknown {
  return node instanceof Branch ? fieldsOf(node, ownOf) : node;
}
