import type { Segment } from './index-segment.ts';
import { loadRun } from './load.ts';
import { type SummarySource, summaryFields } from './summary-source.ts';

/** Whoever keeps the fields that are worked out later. */
interface Keeper {
  changed(source: IndexedSource): void;
}

/** The fields of a run's summary: read from its folder just now, or a row of the index. */
export class IndexedSource implements SummarySource {
  readonly folder: string;
  readonly child: boolean;
  #fields: Record<string, unknown> | undefined;
  #segment: Segment | undefined;
  #row = -1;
  readonly #keeper: Keeper;

  constructor(folder: string, child: boolean, keeper: Keeper) {
    this.folder = folder;
    this.child = child;
    this.#keeper = keeper;
  }

  /** Gives it fields of its own. */
  own(fields: Record<string, unknown>): this {
    this.#fields = fields;
    return this;
  }

  /** Makes it a row of the index. */
  refer(segment: Segment, row: number): this {
    this.#fields = undefined;
    this.#segment = segment;
    this.#row = row;
    return this;
  }

  /** The row of the index that it is. */
  get origin(): { readonly segment: Segment; readonly row: number } | undefined {
    return this.#segment === undefined ? undefined : { segment: this.#segment, row: this.#row };
  }

  get(field: string): unknown {
    const own = this.#fields?.[field];
    if (own !== undefined || this.#segment === undefined) return own;
    try {
      return this.#segment.get(this.#row, field);
    } catch {
      // The index turned out to be damaged after it was opened.
      this.prefetch();
      return this.#fields?.[field];
    }
  }

  add(more: Readonly<Record<string, unknown>>): void {
    this.#fields = Object.assign(this.#fields ?? Object.create(null), more);
    this.#keeper.changed(this);
  }

  /** Reads the run's folder, which takes less than reading all columns of the index for the sake of a few runs. */
  prefetch(): void {
    if (this.#segment === undefined) return;
    const known = this.#fields;
    try {
      this.#fields = Object.assign(summaryFields(loadRun(this.folder), this.child), known);
    } catch {
      // Deleted meanwhile: what is known stays.
      this.#fields = known ?? (Object.create(null) as Record<string, unknown>);
    }
    this.#segment = undefined;
  }

  /** All its fields. */
  fields(): Readonly<Record<string, unknown>> {
    const fields: Record<string, unknown> = Object.create(null);
    for (const name of this.#segment?.names ?? []) {
      const value = this.get(name);
      if (value !== undefined) fields[name] = value;
    }
    return Object.assign(fields, this.#fields);
  }
}
