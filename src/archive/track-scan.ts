import { readLines } from '../codec/lines.ts';
import { ComexError } from '../errors.ts';
import { readAttempt } from './attempts.ts';
import { FORMAT, trackFile } from './layout.ts';
import { readMeta } from './read-meta.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { TrackLineParser } from './track-line.ts';

/** Takes one point; time in milliseconds since the start of the run. */
type PointVisitor = (
  name: string,
  step: number,
  time: number,
  value: unknown,
  axes: Readonly<Record<string, number>> | undefined,
) => void;

interface SegmentVisitor {
  /** Takes the wall-clock origin of the segment, in milliseconds since the epoch. */
  readonly origin?: (ms: number) => void;
  readonly point: PointVisitor;
  /** Takes the series of a damaged line, where that much can be read. */
  readonly damaged?: (name: string | undefined) => void;
}

/** What a scan reads and whom it tells. */
export interface TrackScan {
  /** The one series to read; all of them when it is left out. */
  readonly only?: string | undefined;
  readonly point: PointVisitor;
  readonly damaged?: (name: string | undefined) => void;
}

/**
 * Gives the points of a run in the order of writing, its attempts merged: for each series, a later attempt replaces what
 * earlier ones recorded from its first step on. A torn last line is passed over; a damaged line costs that line.
 *
 * @throws ComexError `E_STORAGE` when a file cannot be read, `E_RUN_FORMAT` when a newer comex wrote it
 */
export function scanTrack(folder: string, scan: TrackScan): void {
  const segments = segmentsOf(folder, trackFile);
  const cuts = segments.slice(1).map((segment) => firstSteps(segment, scan.only));
  const clock = new RunClock(folder);
  for (const [index, segment] of segments.entries()) {
    const later = cuts.slice(index);
    clock.begin(segment.attempt);
    const { point } = scan;
    scanSegment(segment, scan.only, {
      origin: (ms) => clock.setOrigin(ms),
      point: (name, step, time, value, axes) => {
        if (later.length === 0 || !isReplaced(name, step, later)) point(name, step, time + clock.offset, value, axes);
      },
      ...(scan.damaged === undefined ? {} : { damaged: scan.damaged }),
    });
  }
}

function isReplaced(name: string, step: number, later: ReadonlyArray<ReadonlyMap<string, number>>): boolean {
  return later.some((firsts) => step >= (firsts.get(name) ?? Number.POSITIVE_INFINITY));
}

function firstSteps(segment: Segment, only: string | undefined): Map<string, number> {
  const firsts = new Map<string, number>();
  scanSegment(segment, only, {
    point: (name, step) => {
      if (!firsts.has(name)) firsts.set(name, step);
    },
  });
  return firsts;
}

function scanSegment(segment: Segment, only: string | undefined, visitor: SegmentVisitor): void {
  const parser = new TrackLineParser(only);
  // Whether a line is the torn tail is known only when nothing comes behind it.
  let suspect: string | undefined;
  const tell = (line: string | undefined): void => {
    if (line === undefined) return;
    const name = parser.damagedName(line);
    if (name === undefined || only === undefined || name === only) visitor.damaged?.(name);
  };
  const onLine = (line: string): void => {
    if (suspect !== undefined) tell(suspect);
    suspect = undefined;
    switch (parser.parse(line)) {
      case 'point':
        visitor.point(parser.name, parser.step, parser.time, parser.value, parser.axes);
        break;
      case 'object':
        readHeader(parser.object, segment, visitor);
        break;
      case 'damaged':
        if (line.trim() !== '') suspect = line;
        break;
      default:
    }
  };
  const { tornTail } = readLines(segment.path, onLine, { includeTail: true });
  if (!tornTail) tell(suspect);
}

function readHeader(record: unknown, segment: Segment, visitor: SegmentVisitor): void {
  if (typeof record !== 'object' || record === null) return;
  const { format, origin } = record as { readonly format?: unknown; readonly origin?: unknown };
  if (typeof format === 'number' && format > FORMAT) {
    const what = `${segment.path} has format ${format}, and this comex reads formats up to ${FORMAT}`;
    throw new ComexError('E_RUN_FORMAT', `${what}: it was written by a newer version. Update comex to read it.`);
  }
  const ms = typeof origin === 'string' ? Date.parse(origin) : Number.NaN;
  if (!Number.isNaN(ms)) visitor.origin?.(ms);
}

/** Lays the times of the segments, each of which counts from its own origin, onto one axis: that of the first attempt. */
class RunClock {
  readonly #folder: string;
  #attempt = 1;
  #start: number | undefined;
  #offset: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Milliseconds to add to the times of the segment at hand. */
  get offset(): number {
    // Without a header, the time at which the attempt claimed the run is the nearest there is.
    if (this.#offset === undefined) this.setOrigin(claimedAt(this.#folder, this.#attempt) ?? this.#startMs() ?? 0);
    return this.#offset as number;
  }

  begin(attempt: number): void {
    this.#attempt = attempt;
    this.#offset = attempt === 1 ? 0 : undefined;
  }

  /** @param ms wall-clock origin of the segment at hand, in milliseconds since the epoch */
  setOrigin(ms: number): void {
    if (this.#attempt === 1) this.#start ??= ms;
    else this.#offset ??= ms - (this.#startMs() ?? ms);
  }

  #startMs(): number | undefined {
    this.#start ??= claimedAt(this.#folder, 1) ?? writtenStart(this.#folder);
    return this.#start;
  }
}

function claimedAt(folder: string, attempt: number): number | undefined {
  const ms = Date.parse(readAttempt(folder, attempt)?.record?.startedAt ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function writtenStart(folder: string): number | undefined {
  try {
    return Date.parse(readMeta(folder).startedAt);
  } catch {
    return undefined;
  }
}
