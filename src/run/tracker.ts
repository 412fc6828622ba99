import { join } from 'node:path';
import { makeInnerFolder } from '../archive/inner-folder.ts';
import { MEDIA_FOLDER, type SeriesSummary, type TrackHeader } from '../archive/layout.ts';
import type { ChartConfiguration } from '../chart/configuration.ts';
import type { AppendLog } from '../codec/append.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { monotonicNow } from '../codec/clock.ts';
import { encode } from '../codec/json.ts';
import { encodeName } from '../codec/names.ts';
import { ComexError } from '../errors.ts';
import type { Step } from './experiment.ts';
import { imageType } from './images.ts';
import { NumberList } from './number-list.ts';

interface SeriesState {
  readonly name: string;
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

/** A point that can be recorded: its series knows nothing of it yet. */
interface Point {
  readonly series: SeriesState;
  readonly at: number;
  readonly line: string;
  readonly kind: SeriesSummary['kind'];
  readonly value: unknown;
  readonly time: number;
  readonly step: Step | undefined;
}

/** Is told of each point that was recorded. */
export type PointListener = (
  name: string,
  step: number,
  time: number,
  value: number | string | { readonly image: string },
  axes?: Readonly<Record<string, number>>,
) => void;

/** Records the series of one attempt: a line a point, in the order of the calls. */
export class Tracker {
  readonly #file: AppendLog;
  readonly #folder: string;
  readonly #origin: number;
  readonly #series = new Map<string, SeriesState>();
  onPoint: PointListener | undefined;

  constructor(file: AppendLog, folder: string, header: TrackHeader) {
    this.#file = file;
    this.#folder = folder;
    this.#origin = monotonicNow();
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
    const now = monotonicNow();
    this.#record(this.#numberPoint(name, value, step, now), now);
  }

  text(name: string, value: string, step: Step | undefined): void {
    const now = monotonicNow();
    this.#record(this.#textPoint(name, value, step, now), now);
  }

  /** Stores the bytes of a picture under `media/` and records a reference to them. */
  image(name: string, bytes: Uint8Array, step: Step | undefined): void {
    const now = monotonicNow();
    this.#record(this.#imagePoint(name, bytes, step, now), now);
  }

  /**
   * Prepares several series at one step, the pictures among them stored already. What it returns records all of them in
   * one append, or none.
   */
  prepare(
    values: ReadonlyArray<readonly [name: string, value: number | string | Uint8Array]>,
    step: Step | undefined,
  ): () => void {
    const now = monotonicNow();
    const points = values.map(([name, value]) => {
      if (typeof value === 'number') return this.#numberPoint(name, value, step, now);
      return typeof value === 'string'
        ? this.#textPoint(name, value, step, now)
        : this.#imagePoint(name, value, step, now);
    });
    return () => {
      if (points.length === 0) return;
      this.#file.write(points.map(({ line }) => line).join('\n'), now);
      for (const point of points) this.#count(point);
    };
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
      name,
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

  #numberPoint(name: string, value: number, step: Step | undefined, now: number): Point {
    const plain = value - value === 0 && (value !== 0 || !Object.is(value, -0));
    return this.#point(name, step, now, 'number', value, plain ? JSON.stringify(value) : encode(value));
  }

  #textPoint(name: string, value: string, step: Step | undefined, now: number): Point {
    return this.#point(name, step, now, 'text', value, JSON.stringify(value));
  }

  #imagePoint(name: string, bytes: Uint8Array, step: Step | undefined, now: number): Point {
    const type = imageType(bytes);
    if (type === undefined) {
      throw new ComexError(
        'E_TRACK',
        `Expected the bytes of a PNG, JPEG, GIF, WebP or SVG for "${name}", got other bytes.`,
      );
    }
    const at = this.#stepOf(this.#series.get(name) ?? this.#begin(name), step);
    const path = `${MEDIA_FOLDER}/${encodeName(name)}/${at}.${type}`;
    const point = this.#point(name, step, now, 'image', path, JSON.stringify({ $image: path }));
    const folder = join(this.#folder, MEDIA_FOLDER, encodeName(name));
    makeInnerFolder(folder, this.#folder);
    writeFileAtomic(join(this.#folder, path), bytes);
    return point;
  }

  #point(
    name: string,
    step: Step | undefined,
    now: number,
    kind: SeriesSummary['kind'],
    value: unknown,
    encoded: string,
  ): Point {
    const series = this.#series.get(name) ?? this.#begin(name);
    const at =
      typeof step === 'number' || step === undefined ? checkStep(step ?? series.next) : this.#stepOf(series, step);
    const time = Math.round((now - this.#origin) * 1000) / 1000;
    const axes = typeof step === 'object' ? encodeAxes(step) : '';
    // Not by String(): it keeps the texts of numbers in a cache, where a million of them take 40 MB.
    const line = `${series.prefix}${JSON.stringify(at)},${JSON.stringify(time)},${encoded}${axes}]`;
    return { series, at, line, kind, value, time, step };
  }

  #record(point: Point, now: number): void {
    this.#file.write(point.line, now);
    this.#count(point);
  }

  /** Only what the disk has taken, or a block, counts. */
  #count({ series, at, kind, value, time, step }: Point): void {
    series.kind = series.count === 0 || series.kind === kind ? kind : 'mixed';
    if (kind === 'number') {
      const number = value as number;
      series.numbers?.push(number);
      if (number < series.min) series.min = number;
      if (number > series.max) series.max = number;
    } else {
      series.numbers = undefined;
    }
    series.next = Math.max(series.next, at + 1);
    series.count++;
    series.last = value;
    if (at < series.firstStep) series.firstStep = at;
    if (at > series.lastStep) series.lastStep = at;
    if (this.onPoint === undefined) return;
    const told = kind === 'image' ? { image: value as string } : (value as number | string);
    this.onPoint(series.name, at, time, told, typeof step === 'object' ? axesOf(step) : undefined);
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

function axesOf(step: Readonly<Record<string, number>>): Readonly<Record<string, number>> | undefined {
  const axes = Object.entries(step).filter(([name]) => name !== 'step');
  return axes.length === 0 ? undefined : Object.fromEntries(axes);
}

function encodeAxes(step: Readonly<Record<string, number>>): string {
  const axes = Object.entries(axesOf(step) ?? {});
  for (const [name, value] of axes) {
    if (typeof value !== 'number') {
      throw new ComexError('E_TRACK', `Expected the axis "${name}" of a point to be a number, got ${typeof value}.`);
    }
  }
  return axes.length === 0 ? '' : `,${encode(Object.fromEntries(axes))}`;
}
