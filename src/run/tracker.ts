import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MEDIA_FOLDER, type SeriesSummary, type TrackHeader } from '../archive/layout.ts';
import type { ChartConfiguration } from '../chart/configuration.ts';
import type { AppendLog } from '../codec/append.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { encode } from '../codec/json.ts';
import { encodeName } from '../codec/names.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import type { Step } from './experiment.ts';
import { imageType } from './images.ts';
import { NumberList } from './number-list.ts';

interface SeriesState {
  /** The beginning of each of its lines: `["name",`. */
  readonly prefix: string;
  next: number;
  /** Its values while they are all numbers, for reading back; texts and images are read from the file. */
  numbers: NumberList | undefined;
  kind: SeriesSummary['kind'];
  count: number;
  last: unknown;
  min: number;
  max: number;
  firstStep: number;
  lastStep: number;
}

/** Records the series of one attempt: a line a point, in the order of the calls. */
export class Tracker {
  readonly #file: AppendLog;
  readonly #folder: string;
  readonly #origin: number;
  readonly #series = new Map<string, SeriesState>();

  constructor(file: AppendLog, folder: string, header: TrackHeader) {
    this.#file = file;
    this.#folder = folder;
    this.#origin = performance.now();
    file.write(JSON.stringify(header));
  }

  get names(): readonly string[] {
    return [...this.#series.keys()];
  }

  /** Number of points recorded. */
  count(name: string): number {
    return this.#series.get(name)?.count ?? 0;
  }

  /** The numbers of a series in the order they were tracked; undefined when it holds anything else. */
  numbers(name: string): number[] | undefined {
    return this.#series.get(name)?.numbers?.toArray();
  }

  number(name: string, value: number, step: Step | undefined): void {
    const series = this.#series.get(name) ?? this.#begin(name);
    const plain = value - value === 0 && (value !== 0 || !Object.is(value, -0));
    this.#point(series, step, plain ? JSON.stringify(value) : encode(value), value);
    series.numbers?.push(value);
    if (value < series.min) series.min = value;
    if (value > series.max) series.max = value;
  }

  text(name: string, value: string, step: Step | undefined): void {
    const series = this.#series.get(name) ?? this.#begin(name);
    this.#becomes(series, 'text');
    this.#point(series, step, JSON.stringify(value), value);
  }

  /** Stores the bytes of a picture under `media/` and records a reference to them. */
  image(name: string, bytes: Uint8Array, step: Step | undefined): void {
    const type = imageType(bytes);
    if (type === undefined) {
      throw new ComexError(
        'E_TRACK',
        `Expected the bytes of a PNG, JPEG, GIF, WebP or SVG for "${name}", got other bytes.`,
      );
    }
    const series = this.#series.get(name) ?? this.#begin(name);
    const at = this.#stepOf(series, step);
    const path = `${MEDIA_FOLDER}/${encodeName(name)}/${at}.${type}`;
    const folder = join(this.#folder, MEDIA_FOLDER, encodeName(name));
    try {
      mkdirSync(folder, { recursive: true });
    } catch (cause) {
      throw storageError(cause, 'create', folder);
    }
    writeFileAtomic(join(this.#folder, path), bytes);
    this.#becomes(series, 'image');
    this.#point(series, step, JSON.stringify({ $image: path }), path);
  }

  /** Renders a chart at once, and records it as the picture of the step that it was tracked at. */
  async chart(name: string, chart: ChartConfiguration, step: Step | undefined): Promise<void> {
    const series = this.#series.get(name) ?? this.#begin(name);
    const at = typeof step === 'object' ? { ...step, step: this.#stepOf(series, step) } : this.#stepOf(series, step);
    series.next = Math.max(series.next, (typeof at === 'number' ? at : at.step) + 1);
    const { renderChart } = await import('../chart/render.ts');
    this.image(name, await renderChart(chart), at);
  }

  summaries(): Record<string, SeriesSummary> {
    const summaries: Record<string, SeriesSummary> = Object.create(null);
    for (const [name, series] of this.#series) {
      if (series.count === 0) continue;
      const { kind, count, last, min, max, firstStep, lastStep } = series;
      summaries[name] = {
        count,
        kind,
        last: kind === 'image' ? null : last,
        ...(min <= max ? { min, max } : {}),
        firstStep,
        lastStep,
      };
    }
    return summaries;
  }

  #begin(name: string): SeriesState {
    if (typeof name !== 'string' || name === '') {
      throw new ComexError(
        'E_TRACK',
        `Expected the name of a series, got ${name === '' ? 'an empty text' : typeof name}.`,
      );
    }
    const series: SeriesState = {
      prefix: `[${JSON.stringify(name)},`,
      next: 0,
      numbers: new NumberList(),
      kind: 'number',
      count: 0,
      last: null,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      firstStep: Number.POSITIVE_INFINITY,
      lastStep: Number.NEGATIVE_INFINITY,
    };
    this.#series.set(name, series);
    return series;
  }

  #becomes(series: SeriesState, kind: 'text' | 'image'): void {
    series.numbers = undefined;
    series.kind = series.count === 0 || series.kind === kind ? kind : 'mixed';
  }

  #point(series: SeriesState, step: Step | undefined, encoded: string, value: unknown): void {
    const now = performance.now();
    const at =
      typeof step === 'number' || step === undefined ? checkStep(step ?? series.next) : this.#stepOf(series, step);
    const time = Math.round((now - this.#origin) * 1000) / 1000;
    const axes = typeof step === 'object' ? encodeAxes(step) : '';
    // Not by String(): it keeps the texts of numbers in a cache, where a million of them take 40 MB.
    this.#file.write(`${series.prefix}${JSON.stringify(at)},${JSON.stringify(time)},${encoded}${axes}]`, now);
    series.next = Math.max(series.next, at + 1);
    series.count++;
    series.last = value;
    if (at < series.firstStep) series.firstStep = at;
    if (at > series.lastStep) series.lastStep = at;
  }

  #stepOf(series: SeriesState, step: Step | undefined): number {
    if (typeof step !== 'object' || step === null || Array.isArray(step))
      return checkStep(step === undefined ? series.next : step);
    return checkStep(step.step ?? series.next);
  }
}

function checkStep(step: unknown): number {
  if (typeof step === 'number' && step - step === 0) return step;
  throw new ComexError('E_TRACK', `Expected the step of a point to be a finite number, got ${String(step)}.`);
}

function encodeAxes(step: Readonly<Record<string, number>>): string {
  const axes = Object.entries(step).filter(([name]) => name !== 'step');
  for (const [name, value] of axes) {
    if (typeof value !== 'number') {
      throw new ComexError('E_TRACK', `Expected the axis "${name}" of a point to be a number, got ${typeof value}.`);
    }
  }
  return axes.length === 0 ? '' : `,${encode(Object.fromEntries(axes))}`;
}
