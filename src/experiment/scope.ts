import type { ParameterSource } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import type { Declaration } from './definition.ts';
import { deepFreeze } from './freeze.ts';
import { checked, type Given, unknownParameter, withFields } from './given.ts';

type Thunk = () => unknown;

interface Slot {
  readonly declaration: Declaration;
  readonly setters: Array<(value: unknown) => void>;
  thunk?: Thunk;
  value?: { readonly value: unknown };
  source: ParameterSource;
}

/** A change of a parameter while the run goes on. */
export interface ParameterChange {
  readonly name: string;
  readonly before: unknown;
  readonly value: unknown;
  readonly source: ParameterSource;
  /** Whether the value replaces one that was given from outside. */
  readonly overGiven: boolean;
}

/**
 * The values of the parameters of one run, and the bindings of its modules that show them. The rewritten modules
 * declare their parameters here as they are evaluated; whoever sets a value later sets it in every binding.
 */
export class ParameterScope {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #given: Given;
  /** Called after each change that `assign` makes, the recomputed parameters included. */
  onChange: ((change: ParameterChange) => void) | undefined;
  /** Called with each value as soon as it is known, before any code can use it. */
  onValue: ((name: string, value: unknown) => void) | undefined;

  constructor(declared: ReadonlyMap<string, Declaration>, given: Given) {
    this.#slots = new Map(
      [...declared].map(([name, declaration]) => [
        name,
        { declaration, setters: [], source: 'default' as ParameterSource },
      ]),
    );
    this.#given = given;
    for (const [name, slot] of this.#slots) {
      const whole = given.get(name)?.whole;
      if (whole !== undefined)
        this.#settle(slot, withFields(whole.value, given.get(name), slot.declaration.type, name), 'given');
    }
  }

  get names(): Iterable<string> {
    return this.#slots.keys();
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** Sets a value that is known without running a module, such as a special parameter's default. */
  preset(name: string, value: unknown, source: ParameterSource): void {
    const slot = this.#slot(name);
    if (slot.value === undefined) this.#settle(slot, value, source);
  }

  /** What a rewritten declaration calls: the value for its binding; a promise of it when the initialiser awaits. */
  declare(name: string, thunk: Thunk | undefined, setter: (value: unknown) => void): unknown {
    const slot = this.#slot(name);
    slot.setters.push(setter);
    if (thunk !== undefined && slot.thunk === undefined) slot.thunk = thunk;
    if (slot.value !== undefined) return slot.value.value;
    if (thunk === undefined) return this.#missing(slot);
    const first = thunk();
    const settle = (base: unknown): unknown => this.#settleDefault(slot, base);
    return slot.declaration.awaits ? Promise.resolve(first).then(settle) : settle(first);
  }

  /** @throws ComexError `E_PARAMETER_NAME` when there is no such parameter, `E_PARAMETER_EARLY` before it has a value. */
  get(name: string): unknown {
    const slot = this.#slot(name);
    if (slot.value !== undefined) return slot.value.value;
    throw new ComexError(
      'E_PARAMETER_EARLY',
      `${name} has no value yet: its declaration in line ${slot.declaration.line} has not been evaluated. Read it later.`,
    );
  }

  /** The value and where it came from, or undefined while it has none. */
  peek(name: string): { readonly value: unknown; readonly source: ParameterSource } | undefined {
    const slot = this.#slots.get(name);
    return slot?.value === undefined ? undefined : { value: slot.value.value, source: slot.source };
  }

  /**
   * Sets the final value of a parameter in every binding. Each parameter that nobody set and whose initialiser names a
   * changed one is computed again, unless it awaits.
   */
  assign(name: string, value: unknown, source: 'assigned' | 'testing'): void {
    const slot = this.#slot(name);
    const fitting = checked(value, slot.declaration.type, name);
    const before = slot.value?.value;
    const changed = new Set([name]);
    const overGiven = this.#given.has(name) && (slot.source === 'given' || slot.source === 'derived');
    this.#bind(slot, fitting, source);
    this.onChange?.({ name, before, value: slot.value!.value, source, overGiven });
    for (const dependent of this.#inOrder()) this.#follow(dependent, changed);
  }

  #follow(slot: Slot, changed: Set<string>): void {
    const { declaration, thunk } = slot;
    const { name } = declaration;
    const isSet = slot.source === 'assigned' || slot.source === 'testing' || this.#given.get(name)?.whole !== undefined;
    if (changed.has(name) || isSet || thunk === undefined || declaration.awaits) return;
    if (!declaration.uses.some((used) => changed.has(used))) return;
    const before = slot.value?.value;
    this.#bind(slot, withFields(thunk(), this.#given.get(name), declaration.type, name), 'derived');
    changed.add(name);
    this.onChange?.({ name, before, value: slot.value!.value, source: 'derived', overGiven: false });
  }

  /** Slots such that each stands behind those that its initialiser names. */
  *#inOrder(): Iterable<Slot> {
    const seen = new Set<string>();
    const slots = this.#slots;
    function* visit(name: string): Iterable<Slot> {
      const slot = slots.get(name);
      if (slot === undefined || seen.has(name)) return;
      seen.add(name);
      for (const used of slot.declaration.uses) yield* visit(used);
      yield slot;
    }
    for (const name of slots.keys()) yield* visit(name);
  }

  #settleDefault(slot: Slot, base: unknown): unknown {
    const { name, type, uses } = slot.declaration;
    const given = this.#given.get(name);
    const source = given !== undefined ? 'given' : uses.length > 0 ? 'derived' : 'default';
    return this.#settle(slot, withFields(base, given, type, name), source);
  }

  #settle(slot: Slot, value: unknown, source: ParameterSource): unknown {
    slot.value = { value: deepFreeze(value) };
    slot.source = source;
    this.onValue?.(slot.declaration.name, value);
    return slot.value.value;
  }

  #bind(slot: Slot, value: unknown, source: ParameterSource): void {
    const bound = this.#settle(slot, value, source);
    for (const setter of slot.setters) setter(bound);
  }

  #missing(slot: Slot): unknown {
    const { name, typeText, type, line } = slot.declaration;
    const optional =
      type.kind === 'undefined' || (type.kind === 'union' && type.members.some((m) => m.kind === 'undefined'));
    if (optional) return this.#settle(slot, undefined, 'default');
    throw new ComexError(
      'E_PARAMETER_MISSING',
      `Expected --${name} (${typeText}): it has no default (line ${line}). Give it on the command line.`,
    );
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw unknownParameter(name, this.#slots.keys());
    return slot;
  }
}
