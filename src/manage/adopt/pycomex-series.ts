import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { setField } from '../../codec/own-field.ts';
import { imageType } from '../../run/images.ts';
import { type Fields, fieldsOf } from './fields.ts';
import type { FoundPoint, Report } from './found.ts';
import type { SourceFile } from './source-files.ts';

/** `.track/loss_001.png`: the series, and the number of the picture. */
const PICTURE = /^\.track\/(.+)_(\d{3,})\.\w+$/;

/** The tracked series, and what is left of the data and the files without them. */
export interface PyComexSeries {
  readonly series: Map<string, readonly FoundPoint[]>;
  readonly data: Record<string, unknown>;
  readonly files: SourceFile[];
}

/**
 * Takes the tracked series out of the data: PyComex keeps them as lists under their names, pictures as paths. Of a run
 * that was killed there are no data: its pictures are series all the same.
 */
export function seriesOf(names: unknown, data: Fields, files: readonly SourceFile[], report: Report): PyComexSeries {
  const rest: Record<string, unknown> = { ...data };
  const pictures = new Map(files.filter(({ path }) => PICTURE.test(path)).map(({ path, source }) => [path, source]));
  const series = new Map<string, readonly FoundPoint[]>();
  for (const name of new Set(Array.isArray(names) ? names : [])) {
    if (typeof name !== 'string' || name === '') continue;
    const taken = take(rest, name);
    if (taken === undefined) continue;
    const points = pointsOf(name, taken.list, pictures, report);
    if (points === undefined) report.remarks.push(`${name} stays in the data: not all of it are points of a series`);
    else {
      taken.remove();
      if (points.length > 0) series.set(name, points);
      else report.remarks.push(`${name} was tracked and has no points: there is no series of it`);
    }
  }
  for (const [name, points] of lonely(pictures)) {
    if (series.has(name)) continue;
    series.set(name, points);
    for (const { value } of points) if (typeof value === 'object') forget(pictures, value.picture);
    report.remarks.push(`${name} is made of the pictures in .track: the data do not name them`);
  }
  const used = (path: string): boolean => PICTURE.test(path) && !pictures.has(path);
  return { series, data: rest, files: files.filter(({ path }) => !used(path)) };
}

/** A list in the data: under the name itself, or, when it has slashes, at that path. */
function take(data: Record<string, unknown>, name: string) {
  let holder = data;
  let key = name;
  if (!Object.hasOwn(data, name)) {
    const path = name.split('/');
    key = path.pop()!;
    for (const part of path) {
      const inner = Object.hasOwn(holder, part) ? fieldsOf(holder[part]) : undefined;
      if (inner === undefined) return undefined;
      // A copy: the data that were read stay as they are.
      const copy = { ...inner };
      setField(holder, part, copy);
      holder = copy;
    }
  }
  const list = Object.hasOwn(holder, key) ? holder[key] : undefined;
  return Array.isArray(list) ? { list: list as unknown[], remove: () => delete holder[key] } : undefined;
}

/** The points of a list, in its order; undefined when something in it is none. */
function pointsOf(
  name: string,
  list: readonly unknown[],
  pictures: Map<string, string>,
  report: Report,
): FoundPoint[] | undefined {
  const points: FoundPoint[] = [];
  const used: string[] = [];
  for (const [step, item] of list.entries()) {
    const picture = typeof item === 'string' ? pictures.get(item) : undefined;
    if (picture !== undefined && isPicture(picture)) {
      used.push(item as string);
      points.push({ step, value: { picture } });
    } else if (typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint') {
      points.push({ step, value: Number(item) });
    } else if (typeof item === 'string') {
      if (PICTURE.test(item)) {
        const why = picture === undefined ? 'is not there' : 'is no picture';
        report.problems.push(`${name} has a text at step ${step}: ${item} ${why}`);
      }
      points.push({ step, value: item });
    } else return undefined;
  }
  for (const path of used) pictures.delete(path);
  // Only what a double does not hold is read as one.
  if (list.some((item) => typeof item === 'bigint')) {
    report.remarks.push(`${name} has whole numbers beyond 2^53, which are rounded in its series`);
  }
  return points;
}

/** Pictures that no list names, by series, in the order of their numbers. */
function lonely(pictures: ReadonlyMap<string, string>): Map<string, FoundPoint[]> {
  const found = new Map<string, { number: number; picture: string }[]>();
  for (const [path, picture] of pictures) {
    const [, name = '', number] = PICTURE.exec(path) ?? [];
    if (!isPicture(picture)) continue;
    const list = found.get(name) ?? [];
    list.push({ number: Number(number), picture });
    found.set(name, list);
  }
  const points = (list: readonly { number: number; picture: string }[]): FoundPoint[] =>
    list.toSorted((a, b) => a.number - b.number).map(({ picture }, step) => ({ step, value: { picture } }));
  return new Map([...found].map(([name, list]) => [name, points(list)]));
}

function forget(pictures: Map<string, string>, source: string): void {
  for (const [path, each] of pictures) if (each === source) pictures.delete(path);
}

function isPicture(path: string): boolean {
  return pictureType(path) !== undefined;
}

/** `png`, `jpg` and so on by the first bytes of a file; undefined for anything else, and what cannot be read. */
export function pictureType(path: string): string | undefined {
  try {
    const head = Buffer.alloc(Math.min(1024, statSync(path).size));
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
    return imageType(head);
  } catch {
    return undefined;
  }
}
