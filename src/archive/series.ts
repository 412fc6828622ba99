import { Columns, type Series, type SeriesPoint } from './columns.ts';
import type { SeriesSummary } from './layout.ts';
import { scanTrack } from './track-scan.ts';

export type { Series, SeriesPoint } from './columns.ts';

/**
 * The series of a run folder, read in one go when the first is asked for.
 *
 * @example
 * ```ts
 * const reader = new SeriesReader('results/digits/2026-01-31__12-00-00__k3v9x2ab');
 * for (const name of reader.names()) console.log(name, reader.get(name)?.count);
 * ```
 */
export class SeriesReader {
  readonly #folder: string;
  #columns: ReadonlyMap<string, Columns> | undefined;
  #damaged = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * In the order in which they were first recorded.
   *
   * @throws ComexError `E_STORAGE` when a file cannot be read
   */
  names(): string[] {
    return [...this.#read().keys()];
  }

  /** The series of that name, or undefined when nothing was recorded under it. */
  get(name: string): Series | undefined {
    return this.#read().get(name)?.finished();
  }

  /** Lines that could not be read, of all series together. */
  get damaged(): number {
    this.#read();
    return this.#damaged;
  }

  #read(): ReadonlyMap<string, Columns> {
    if (this.#columns !== undefined) return this.#columns;
    const all = new Map<string, Columns>();
    const damaged: (string | undefined)[] = [];
    let last: Columns | undefined;
    scanTrack(this.#folder, {
      point: (name, step, time, value, axes) => {
        if (last?.name !== name) {
          last = all.get(name) ?? new Columns(name);
          if (last.count === 0) all.set(name, last);
        }
        last.push(step, time, value, axes);
      },
      damaged: (name) => damaged.push(name),
    });
    this.#damaged = damaged.length;
    for (const columns of all.values()) {
      columns.damaged = damaged.filter((name) => name === undefined || name === columns.name).length;
    }
    this.#columns = all;
    return all;
  }
}

/**
 * Reads one series of a run folder, passing quickly over the others.
 *
 * @returns undefined when nothing was recorded under that name
 * @throws ComexError `E_STORAGE` when a file cannot be read
 */
export function readSeries(folder: string, name: string): Series | undefined {
  const columns = new Columns(name);
  scanTrack(folder, {
    only: name,
    point: (_name, step, time, value, axes) => columns.push(step, time, value, axes),
    damaged: () => {
      columns.damaged += 1;
    },
  });
  return columns.count === 0 ? undefined : columns.finished();
}

/**
 * Gives every point of a run, all series as they were recorded, without keeping them.
 *
 * @throws ComexError `E_STORAGE` when a file cannot be read; what `onPoint` throws
 *
 * @example
 * ```ts
 * import { scanRuns, scanSeries } from 'comex/archive';
 *
 * for (const { path } of scanRuns('results').runs) {
 *   let points = 0;
 *   scanSeries(path, () => points++);
 *   console.log(path, points);
 * }
 * ```
 */
export function scanSeries(folder: string, onPoint: (name: string, point: SeriesPoint) => void): void {
  scanTrack(folder, {
    point: (name, step, time, value, axes) =>
      onPoint(name, axes === undefined ? { step, time, value } : { step, time, value, axes }),
  });
}

/** What the metadata keeps of a series. */
export function summarise(series: Series): SeriesSummary {
  const { count, kind, steps, values } = series;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let numbers = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    numbers += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const last = series.at(-1)?.value;
  return {
    count,
    kind,
    last: typeof last === 'number' ? last : null,
    ...(numbers === 0 ? {} : { min, max }),
    ...(count === 0 ? {} : { firstStep: steps[0]!, lastStep: steps[count - 1]! }),
  };
}
