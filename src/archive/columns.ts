import { isSafeRelativePath } from '../codec/names.ts';
import type { SeriesSummary } from './layout.ts';

/** One point of a series. */
export interface SeriesPoint {
  readonly step: number;
  /** Milliseconds since the run's start. */
  readonly time: number;
  /** A number, a text, or `{ $image: path }`. */
  readonly value: unknown;
  readonly axes?: Readonly<Record<string, number>>;
}

/**
 * One tracked series in columns: index i of each belongs to the i-th point, in the order of recording.
 */
export interface Series {
  readonly name: string;
  readonly kind: SeriesSummary['kind'];
  readonly count: number;
  readonly steps: Float64Array;
  /** Milliseconds since the run's start. */
  readonly times: Float64Array;
  /** NaN where a point is no number. */
  readonly values: Float64Array;
  /** Further step axes such as `epoch`, NaN where a point has none. Has no prototype. */
  readonly axes: Readonly<Record<string, Float64Array>>;
  /** Lines that could not be read and belong, or may belong, to this series. */
  readonly damaged: number;
  /** The texts, null where a point is none. */
  texts(): (string | null)[];
  /** Paths of images relative to the run folder, null where a point is none or its path leaves the folder. */
  images(): (string | null)[];
  /** The point at an index; a negative one counts from the end. */
  at(index: number): SeriesPoint | undefined;
  /** The points one by one. */
  points(): IterableIterator<SeriesPoint>;
}

const FIRST_CAPACITY = 16;

/** Collects the points of one series. A million of them are three arrays, not a million objects. */
export class Columns {
  readonly name: string;
  count = 0;
  damaged = 0;
  #steps = new Float64Array(FIRST_CAPACITY);
  #times = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  /** The values that are no numbers, by index. */
  readonly #others = new Map<number, unknown>();
  readonly #axes = new Map<string, Float64Array>();
  #series: Series | undefined;

  constructor(name: string) {
    this.name = name;
  }

  push(step: number, time: number, value: unknown, axes: Readonly<Record<string, number>> | undefined): void {
    const index = this.count++;
    if (index === this.#steps.length) this.#grow();
    this.#steps[index] = step;
    this.#times[index] = time;
    if (typeof value === 'number') this.#values[index] = value;
    else this.#setOther(index, value);
    if (axes !== undefined) this.#setAxes(index, axes);
  }

  /** The series, once all points are in. */
  finished(): Series {
    this.#series ??= this.#finish();
    return this.#series;
  }

  #setOther(index: number, value: unknown): void {
    this.#values[index] = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : Number.NaN;
    this.#others.set(index, value);
  }

  #setAxes(index: number, axes: Readonly<Record<string, number>>): void {
    for (const [axis, at] of Object.entries(axes)) {
      if (typeof at !== 'number') continue;
      let column = this.#axes.get(axis);
      if (column === undefined) {
        column = new Float64Array(this.#steps.length).fill(Number.NaN);
        this.#axes.set(axis, column);
      }
      column[index] = at;
    }
  }

  #grow(): void {
    const capacity = this.#steps.length * 2;
    this.#steps = grown(this.#steps, capacity, 0);
    this.#times = grown(this.#times, capacity, 0);
    this.#values = grown(this.#values, capacity, 0);
    for (const [axis, column] of this.#axes) this.#axes.set(axis, grown(column, capacity, Number.NaN));
  }

  #finish(): Series {
    const { name, count, damaged } = this;
    const others = this.#others;
    const steps = this.#steps.slice(0, count);
    const times = this.#times.slice(0, count);
    const values = this.#values.slice(0, count);
    const axes: Record<string, Float64Array> = Object.create(null);
    for (const [axis, column] of this.#axes) axes[axis] = column.slice(0, count);
    const point = (index: number): SeriesPoint => {
      const value = others.has(index) ? others.get(index) : values[index];
      const own = axesAt(axes, index);
      const bare = { step: steps[index] as number, time: times[index] as number, value };
      return own === undefined ? bare : { ...bare, axes: own };
    };
    return {
      name,
      kind: kindOf(count, others),
      count,
      steps,
      times,
      values,
      axes,
      damaged,
      texts: () => Array.from(values, (_, index) => textOf(others.get(index))),
      images: () => Array.from(values, (_, index) => imageOf(others.get(index))),
      at: (index) => (index < -count || index >= count ? undefined : point(index < 0 ? count + index : index)),
      *points() {
        for (let index = 0; index < count; index++) yield point(index);
      },
    };
  }
}

function grown(column: Float64Array, capacity: number, fill: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  if (fill !== 0) larger.fill(fill, column.length);
  larger.set(column);
  return larger;
}

function axesAt(
  axes: Readonly<Record<string, Float64Array>>,
  index: number,
): Readonly<Record<string, number>> | undefined {
  let own: Record<string, number> | undefined;
  for (const axis in axes) {
    const at = axes[axis]?.[index] as number;
    if (Number.isNaN(at)) continue;
    own ??= Object.create(null) as Record<string, number>;
    own[axis] = at;
  }
  return own;
}

function kindOf(count: number, others: ReadonlyMap<number, unknown>): SeriesSummary['kind'] {
  const kinds = new Set<SeriesSummary['kind']>();
  if (others.size < count) kinds.add('number');
  for (const value of others.values()) {
    if (typeof value === 'string') kinds.add('text');
    else if (typeof value === 'bigint' || typeof value === 'boolean') kinds.add('number');
    else kinds.add(isImage(value) ? 'image' : 'mixed');
  }
  const [only] = kinds;
  return kinds.size === 1 && only !== undefined ? only : 'mixed';
}

function isImage(value: unknown): value is { readonly $image: string } {
  return typeof value === 'object' && value !== null && typeof (value as { $image?: unknown }).$image === 'string';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Another program may have written the file: a path that leaves the run folder is none. */
function imageOf(value: unknown): string | null {
  return isImage(value) && isSafeRelativePath(value.$image) ? value.$image : null;
}
