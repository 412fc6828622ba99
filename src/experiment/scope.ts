import type { ParameterSource } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import { deepFreeze } from './freeze.ts';
import { checked, type Given, unknownParameter } from './given.ts';
import { levelValue } from './level-value.ts';
import { contributing, isOptional, type Level, type Parameter, sourceOf } from './parameter.ts';
import { tooEarly, waitingValue } from './waiting.ts';

type Thunk = () => unknown;

/** A value that needs what has not been evaluated. */
const NOT_YET = Symbol('not yet');

interface Slot {
  readonly parameter: Parameter;
  /** Of the bindings that hold a value, or a stand-in for it. */
  readonly setters: Array<(value: unknown) => void>;
  /** Initialisers by file, as the modules declare them; undefined for a declaration without one. */
  readonly thunks: Map<string, Thunk | undefined>;
  value?: { readonly value: unknown };
  /** What a module was given for a value that is not known yet. */
  waiting?: object;
  /** The work on a value that awaits. */
  promise?: Promise<unknown>;
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
 * declare their parameters here as they are evaluated, the child before its parents: a value that needs a parent waits
 * for it. Whoever sets a value later sets it in every binding.
 */
export class ParameterScope {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #given: Given;
  readonly #waiting = new Set<Slot>();
  /** Called after each change that `assign` makes, the recomputed parameters included. */
  onChange: ((change: ParameterChange) => void) | undefined;
  /** Called with each value as soon as it is known, before any code can use it. */
  onValue: ((name: string, value: unknown) => void) | undefined;

  constructor(parameters: ReadonlyMap<string, Parameter>, given: Given) {
    this.#slots = new Map(
      [...parameters].map(([name, parameter]) => [
        name,
        { parameter, setters: [], thunks: new Map(), source: 'default' as ParameterSource },
      ]),
    );
    this.#given = given;
    for (const slot of this.#slots.values()) {
      const hasValue = slot.parameter.levels.length > 0 || given.get(slot.parameter.name)?.whole !== undefined;
      if (hasValue && this.#needed(slot).every(({ kind }) => kind === 'config')) this.#compute(slot);
    }
  }

  get names(): Iterable<string> {
    return this.#slots.keys();
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** Sets a value that is known without running a module, such as a special parameter's. */
  preset(name: string, value: unknown, source: ParameterSource): void {
    const slot = this.#slot(name);
    if (slot.value === undefined) this.#settle(slot, value, source);
  }

  /**
   * What a rewritten declaration calls: the value for its binding; a promise of it when the initialiser awaits; a
   * stand-in that refuses to be used when it needs a parent that has not been evaluated.
   */
  declare(file: string, name: string, thunk: Thunk | undefined, setter: (value: unknown) => void): unknown {
    const slot = this.#slot(name);
    slot.thunks.set(file, thunk);
    const result = slot.value === undefined ? this.#compute(slot) : slot.value.value;
    // Not before: until the declaration has got its value, its binding cannot be set.
    const bind = (): void => void slot.setters.push(setter);
    if (slot.value !== undefined) {
      bind();
      return slot.value.value;
    }
    const awaits = slot.parameter.levels.find((level) => level.file === file)?.declaration?.awaits === true;
    if (awaits && result !== NOT_YET) return (result as Promise<unknown>).finally(bind);
    bind();
    this.#waiting.add(slot);
    slot.waiting ??= waitingValue(name);
    return slot.waiting;
  }

  /** Refuses what a module does at once with a value that waits for a parent. @throws ComexError `E_PARAMETER_EARLY` */
  use(file: string, names: readonly string[]): void {
    for (const name of names) {
      if (this.#slots.get(name)?.waiting === undefined || this.#slots.get(name)?.value !== undefined) continue;
      throw tooEarly(name, file);
    }
  }

  /** Resolves when every value is known: to be called when all modules have been evaluated. */
  async complete(): Promise<void> {
    for (const { promise } of this.#slots.values()) await promise;
    for (const slot of this.#waiting) {
      if (slot.value !== undefined) continue;
      const others = [...this.#waiting]
        .filter((other) => other.value === undefined)
        .map(({ parameter }) => parameter.name);
      throw new ComexError(
        'E_PARAMETER_EARLY',
        `Expected parameters that can be computed one after the other, but ${others.join(' and ')} wait for one another.`,
      );
    }
  }

  /** @throws ComexError `E_PARAMETER_NAME` when there is no such parameter, `E_PARAMETER_EARLY` before it has a value. */
  get(name: string): unknown {
    const slot = this.#slot(name);
    if (slot.value !== undefined) return slot.value.value;
    throw new ComexError(
      'E_PARAMETER_EARLY',
      `${name} has no value yet: its declaration in line ${slot.parameter.line} has not been evaluated. Read it later.`,
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
    const fitting = checked(value, slot.parameter.type, name);
    const before = slot.value?.value;
    const changed = new Set([name]);
    const overGiven = this.#given.has(name) && slot.source !== 'assigned' && slot.source !== 'testing';
    this.#bind(slot, fitting, source);
    this.onChange?.({ name, before, value: slot.value!.value, source, overGiven });
    for (const dependent of this.#inOrder()) this.#follow(dependent, changed);
  }

  #follow(slot: Slot, changed: Set<string>): void {
    const { name, awaits, uses } = slot.parameter;
    const isSet = slot.source === 'assigned' || slot.source === 'testing' || this.#given.get(name)?.whole !== undefined;
    if (changed.has(name) || isSet || awaits || !uses.some((used) => changed.has(used))) return;
    if (!this.#needed(slot).every((level) => this.#isDeclared(slot, level))) return;
    const before = slot.value?.value;
    this.#bind(slot, this.#finished(slot, this.#value(slot)), 'derived');
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
      for (const used of slot.parameter.uses) yield* visit(used);
      yield slot;
    }
    for (const name of slots.keys()) yield* visit(name);
  }

  /** The levels that make the value, seen what is given. */
  #needed({ parameter }: Slot): readonly Level[] {
    const { above, below } = contributing(parameter.levels);
    return this.#given.get(parameter.name)?.whole === undefined ? [...above, ...below] : above;
  }

  #isDeclared(slot: Slot, level: Level): boolean {
    return level.kind === 'config' || slot.thunks.has(level.file);
  }

  /** Computes a value when all that it needs is there; sets it in the bindings that are there, and wakes who waits for it. */
  #compute(slot: Slot): unknown {
    const needed = this.#needed(slot);
    if (slot.promise !== undefined) return slot.promise;
    if (!needed.every((level) => this.#isDeclared(slot, level))) return NOT_YET;
    for (const used of needed.flatMap(({ uses }) => uses)) {
      const other = this.#slots.get(used);
      if (other !== undefined && other !== slot && other.waiting !== undefined && other.value === undefined)
        return NOT_YET;
    }
    const raw = this.#value(slot);
    const settle = (value: unknown): unknown => {
      this.#bind(slot, this.#finished(slot, value), sourceOf(slot.parameter, this.#given));
      this.#waiting.delete(slot);
      this.#wake();
      return slot.value!.value;
    };
    if (!slot.parameter.awaits || !(raw instanceof Promise)) return settle(raw);
    slot.promise = raw.then(settle);
    slot.promise.catch(() => {}); // who declared it meets it, and so does `complete`
    return slot.promise;
  }

  #wake(): void {
    for (const slot of [...this.#waiting]) if (slot.value === undefined) this.#compute(slot);
  }

  /** The value out of its levels; a promise when one of them awaits. */
  #value(slot: Slot): unknown {
    return levelValue(slot.parameter, this.#given.get(slot.parameter.name), (level) => {
      if (level.kind === 'config') return level.value;
      const thunk = slot.thunks.get(level.file);
      return thunk === undefined ? this.#missing(slot) : thunk();
    });
  }

  #finished(slot: Slot, value: unknown): unknown {
    const { name, type, levels } = slot.parameter;
    return levels.length > 1 ? checked(value, type, name) : value;
  }

  #settle(slot: Slot, value: unknown, source: ParameterSource): unknown {
    slot.value = { value: deepFreeze(value) };
    slot.source = source;
    this.onValue?.(slot.parameter.name, value);
    return slot.value.value;
  }

  #bind(slot: Slot, value: unknown, source: ParameterSource): void {
    const bound = this.#settle(slot, value, source);
    for (const setter of slot.setters) setter(bound);
  }

  #missing({ parameter }: Slot): unknown {
    const { name, typeText, type, line } = parameter;
    if (isOptional(type)) return undefined;
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
