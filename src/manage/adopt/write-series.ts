import { join } from 'node:path';
import { FORMAT, MEDIA_FOLDER, type SeriesSummary, type TrackHeader, trackFile } from '../../archive/layout.ts';
import { FileStream } from '../../codec/atomic-stream.ts';
import { encode } from '../../codec/json.ts';
import { encodeName } from '../../codec/names.ts';
import type { FoundPoint } from './found.ts';
import { pictureType } from './pycomex-series.ts';

/** Programs that keep no times: every point is at the start of the run. */
const TIME = 0;

/**
 * Writes the series of a run as a track segment, and gives their summaries.
 *
 * @param copy copies a picture to a path below the run folder
 * @param scrub takes the secrets out of a text
 * @throws ComexError `E_STORAGE`
 */
export function writeSeries(
  folder: string,
  startedAt: Date,
  series: ReadonlyMap<string, readonly FoundPoint[]>,
  copy: (source: string, path: string) => void,
  scrub: (text: string) => string,
): Record<string, SeriesSummary> {
  const summaries: Record<string, SeriesSummary> = Object.create(null);
  if (series.size === 0) return summaries;
  const textOf = (name: string, { step, value }: FoundPoint): string => {
    // An artifact reference is written as it stands: the codec would take its key for one of the data.
    if (typeof value === 'object') return JSON.stringify({ $image: place(name, step, value.picture, copy) });
    return encode(typeof value === 'string' ? scrub(value) : value);
  };
  const file = new FileStream(join(folder, trackFile(1)));
  try {
    const header: TrackHeader = { format: FORMAT, attempt: 1, origin: startedAt.toISOString() };
    file.write(`${JSON.stringify(header)}\n`);
    for (const [name, points] of series) {
      const prefix = `[${JSON.stringify(name)},`;
      for (const point of points) {
        const more = point.axes === undefined ? '' : `,${encode(point.axes)}`;
        file.write(`${prefix}${JSON.stringify(point.step)},${TIME},${textOf(name, point)}${more}]\n`);
      }
      // The metadata are written without secrets.
      summaries[name] = summaryOf(points);
    }
    file.place();
  } finally {
    file.discard();
  }
  return summaries;
}

function place(name: string, step: number, picture: string, copy: (source: string, path: string) => void): string {
  const path = `${MEDIA_FOLDER}/${encodeName(name)}/${step}.${pictureType(picture) ?? 'png'}`;
  copy(picture, path);
  return path;
}

function summaryOf(points: readonly FoundPoint[]): SeriesSummary {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [firstStep, lastStep] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let kind: SeriesSummary['kind'] | undefined;
  for (const { step, value } of points) {
    const own = typeof value === 'object' ? 'image' : typeof value === 'string' ? 'text' : 'number';
    kind = kind === undefined || kind === own ? own : 'mixed';
    if (typeof value === 'number' && value < min) min = value;
    if (typeof value === 'number' && value > max) max = value;
    if (step < firstStep) firstStep = step;
    if (step > lastStep) lastStep = step;
  }
  const last = points.at(-1)?.value;
  return {
    count: points.length,
    kind: kind ?? 'number',
    last: typeof last === 'object' ? null : last,
    ...(min <= max ? { min, max } : {}),
    firstStep,
    lastStep,
  };
}
