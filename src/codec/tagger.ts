import { types } from 'node:util';
import { ComexError } from '../errors.ts';
import { setField } from './own-field.ts';
import { typedName, typedToBase64 } from './typed.ts';

/** Objects inside objects; more would endanger the stack of whoever reads it. */
const MAX_DEPTH = 1000;

/** What the four encoders differ in. */
export interface Style {
  /** Write functions as their source text instead of refusing them. */
  readonly functions: boolean;
  /** One text per value: sorted keys and entries, one NaN. */
  readonly canonical: boolean;
}

/** One step from a container to a value in it. */
type Step = string | number | { readonly code: string };

/**
 * Turns a value into one that JSON.stringify writes as it stands. What needs no change is not copied, since most data
 * has no tags in it.
 */
export class Tagger {
  readonly #where: string;
  readonly #style: Style;
  /** The containers around the value at hand, and the step taken in each. */
  readonly #around: object[] = [];
  readonly #steps: Step[] = [];

  constructor(where: string, style: Style) {
    this.#where = where;
    this.#style = style;
  }

  tag(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return isPlainNumber(value) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) };
      case 'undefined':
        return { $undefined: true };
      case 'bigint':
        return { $bigint: String(value) };
      case 'function':
        if (this.#style.functions) return { $function: Function.prototype.toString.call(value) };
        throw this.#refusal('it is a function. Store its name, or what it returns');
      case 'symbol':
        throw this.#refusal('it is a symbol. Store its description');
      default:
        return value === null ? null : this.#object(value as object);
    }
  }

  #object(value: object): unknown {
    const plain = isPlain(value);
    if (!plain) {
      if (types.isDate(value)) return { $date: dateText(value) };
      const typed = typedName(value);
      if (typed !== undefined) return { $typed: typed, data: typedToBase64(value, typed, this.#style.canonical) };
      if (types.isBoxedPrimitive(value)) return this.tag(value.valueOf());
      const reason = whyNoData(value);
      if (reason !== undefined) throw this.#refusal(reason);
    }
    this.#enter(value);
    const tagged = plain ? this.#content(value) : this.#instance(value);
    this.#around.pop();
    return tagged;
  }

  #instance(value: object): unknown {
    if (types.isMap(value)) return { $map: this.#map(value) };
    if (types.isSet(value)) return { $set: this.#set(value) };
    if (types.isNativeError(value) || value instanceof Error) return { $error: this.#error(value) };
    return this.#content(value);
  }

  #content(value: object): unknown {
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function') return this.#replacement(value, toJSON as (key: string) => unknown);
    return this.#ownContent(value, false);
  }

  #ownContent(value: object, copied: boolean): unknown {
    return Array.isArray(value) ? this.#array(value, copied) : this.#fields(value, copied || this.#style.canonical);
  }

  #array(value: readonly unknown[], copied: boolean): unknown {
    const depth = this.#around.length - 1;
    let copy: unknown[] | undefined = copied ? [] : undefined;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      this.#steps[depth] = i;
      const tagged = isPlainNumber(item) ? item : this.tag(item);
      if (copy === undefined && tagged !== item) copy = firstItems(value, i);
      if (copy !== undefined) copy.push(tagged);
    }
    return copy ?? value;
  }

  #fields(value: object, copied: boolean): unknown {
    const depth = this.#around.length - 1;
    const keys = Object.keys(value);
    if (this.#style.canonical) keys.sort();
    let copy: Record<string, unknown> | undefined = copied ? {} : undefined;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const item = (value as Record<string, unknown>)[key];
      this.#steps[depth] = key;
      const tagged = this.tag(item);
      if (copy === undefined && (tagged !== item || key.startsWith('$'))) copy = firstFields(value, keys, i);
      if (copy !== undefined) setField(copy, key.startsWith('$') ? `$${key}` : key, tagged);
    }
    return copy ?? value;
  }

  #map(value: ReadonlyMap<unknown, unknown>): unknown {
    const depth = this.#around.length - 1;
    const entries: unknown[] = [];
    for (const [key, item] of value) {
      this.#steps[depth] = { code: `.keys()[${entries.length}]` };
      const taggedKey = this.tag(key);
      this.#steps[depth] = {
        code: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${entries.length}]`,
      };
      entries.push([taggedKey, this.tag(item)]);
    }
    return this.#style.canonical ? sortedByText(entries) : entries;
  }

  #set(value: ReadonlySet<unknown>): unknown {
    const depth = this.#around.length - 1;
    const items: unknown[] = [];
    for (const item of value) {
      this.#steps[depth] = { code: `.values()[${items.length}]` };
      items.push(this.tag(item));
    }
    return this.#style.canonical ? sortedByText(items) : items;
  }

  #error(value: Error): unknown {
    const { name, message, stack, cause } = value;
    const record: Record<string, unknown> = { name: String(name), message: String(message) };
    if (typeof stack === 'string') record.stack = stack;
    this.#steps[this.#around.length - 1] = 'cause';
    if (cause !== undefined) record.cause = this.tag(cause);
    return record;
  }

  /** What toJSON gives, copied, so that JSON.stringify finds no toJSON to call a second time. */
  #replacement(value: object, toJSON: (key: string) => unknown): unknown {
    const depth = this.#around.length - 1;
    const step = this.#steps[depth - 1];
    const given = toJSON.call(value, typeof step === 'object' || step === undefined ? '' : String(step));
    if (given === value) return this.#ownContent(value, true);
    this.#steps[depth] = { code: '.toJSON()' };
    return this.tag(given);
  }

  #enter(value: object): void {
    if (this.#around.includes(value)) {
      throw this.#refusal('it contains itself. Store the part that has an end, or refer to it by a name');
    }
    if (this.#around.length >= MAX_DEPTH) {
      throw this.#refusal(`it is nested more than ${MAX_DEPTH} levels deep. Store it flat, as a list`);
    }
    this.#around.push(value);
  }

  #refusal(reason: string): ComexError {
    const path = this.#steps.slice(0, this.#around.length).map(stepText).join('');
    return new ComexError('E_DATA', `Cannot store ${this.#where}${shortened(path)}: ${reason}.`);
  }
}

/** A number that JSON has a word for. */
export function isPlainNumber(value: unknown): value is number {
  return typeof value === 'number' && value - value === 0 && (value !== 0 || 1 / value > 0);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** Why an object of a built-in class cannot be stored, and what to do; undefined when it can. */
function whyNoData(value: object): string | undefined {
  if (types.isRegExp(value)) return 'it is a RegExp. Store its source text';
  if (types.isPromise(value)) return 'it is a Promise. Store what it gives, with await';
  const name = Object.prototype.toString.call(value).slice(8, -1);
  const weak = types.isWeakMap(value) || types.isWeakSet(value) || name === 'WeakRef';
  if (weak || name === 'FinalizationRegistry') return `it is a ${name}, which keeps nothing. Store what it refers to`;
  const iterator = types.isGeneratorObject(value) || name.endsWith(' Iterator');
  return iterator ? 'it is an iterator. Store what it gives, as an array' : undefined;
}

function dateText(value: Date): string | null {
  return Number.isNaN(Date.prototype.getTime.call(value)) ? null : Date.prototype.toISOString.call(value);
}

function firstItems(value: readonly unknown[], count: number): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0; i < count; i++) copy.push(value[i]);
  return copy;
}

function firstFields(value: object, keys: readonly string[], count: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) setField(copy, keys[i]!, (value as Record<string, unknown>)[keys[i]!]);
  return copy;
}

function sortedByText(tagged: readonly unknown[]): unknown {
  const withText = tagged.map((item) => ({ item, text: JSON.stringify(item) }));
  withText.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return withText.map(({ item }) => item);
}

function stepText(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'object') return step.code;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** A cycle or a chain of a thousand links has a path that nobody reads. */
function shortened(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 120)} ... ${path.slice(-60)}`;
}
